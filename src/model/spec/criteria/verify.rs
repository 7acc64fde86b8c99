//! Reads the command of a criterion.

use crate::base::diagnostic::Problem;
use crate::base::source::SourceText;
use crate::base::source::Span;
use crate::base::text::visible;
use crate::model::spec::criteria::Kind;
use crate::model::spec::criteria::Line;
use crate::model::spec::criteria::markdown;
use crate::model::spec::criteria::near;
use crate::model::spec::types::Verify;
use std::time::Duration;

/// Longest time that a criterion's command may be given.
const LONGEST: Duration = Duration::from_hours(24);

const WORD: &str = "verify:";

/// Whether a line starts the paragraph that names the command.
pub(super) fn starts(line: &str) -> bool {
    line.trim_start()
        .get(..WORD.len())
        .is_some_and(|word| word.eq_ignore_ascii_case(WORD))
}

/// Reads the only `verify:` of the lines; with another one nobody knows what proves the criterion.
pub(super) fn read(
    source: &SourceText,
    lines: &[Line<'_>],
    problems: &mut Vec<Problem>,
) -> Option<Verify> {
    let mut places = lines
        .iter()
        .enumerate()
        .filter(|(_, line)| line.kind == Kind::Text && starts(line.text));
    let Some((index, line)) = places.next() else {
        near::verify_inside(source, lines, problems);
        return None;
    };
    if let Some((_, second)) = places.next() {
        let message = "the criterion has a second `verify:`";
        problems.push(
            Problem::error("second-verify", source, second.span, message)
                .with_hint("join the commands with `&&`, or make two criteria of it"),
        );
        return None;
    }
    let following = lines.get(index + 1..).unwrap_or(&[]);
    match command(source, line, following) {
        Ok(verify) => Some(verify),
        Err(problem) => {
            problems.push(problem);
            None
        }
    }
}

/// What the paragraph of `verify:` says.
struct Parts {
    command: Option<String>,
    timeout: Option<Duration>,
}

fn command(
    source: &SourceText,
    line: &Line<'_>,
    following: &[Line<'_>],
) -> Result<Verify, Problem> {
    let blank = line.text.len() - line.text.trim_start().len();
    let mut parts = Parts {
        command: None,
        timeout: None,
    };
    let rest = line.text.get(blank + WORD.len()..).unwrap_or("");
    parts.take(source, line, rest)?;
    let more = following.iter().take_while(|line| goes_on(line)).count();
    for next in following.iter().take(more) {
        parts.take(source, next, next.text)?;
    }
    let after = following.get(more..).unwrap_or(&[]);
    let (command, after) = match parts.command {
        Some(command) => (command, after),
        None => block(source, line, after)?,
    };
    if command.trim().is_empty() {
        return Err(without_command(source, line));
    }
    if let Some(problem) = behind(source, after) {
        return Err(problem);
    }
    Ok(Verify {
        command,
        timeout: parts.timeout,
    })
}

/// Whether a line goes on with the paragraph above.
fn goes_on(line: &Line<'_>) -> bool {
    let text = line.text.trim();
    let is_rule = ['-', '*', '_']
        .iter()
        .any(|mark| text.len() >= 3 && text.chars().all(|it| it == *mark));
    line.kind == Kind::Text && !text.starts_with('>') && !is_rule
}

impl Parts {
    /// Takes what stands in one line: the command and its timeout, in any order, and nothing else.
    fn take(&mut self, source: &SourceText, line: &Line<'_>, text: &str) -> Result<(), Problem> {
        let mut text = text.trim();
        while !text.is_empty() {
            let words = text.find(')').and_then(|end| text.get(..=end));
            let words = words.filter(|words| words.starts_with('('));
            if let Some((words, time)) = words.and_then(|words| Some((words, timeout(words)?))) {
                if self.timeout.replace(time).is_some() {
                    let message = format!("`{}` beside the command says too much", visible(words));
                    return Err(problem("verify-timeout", source, line, message)
                        .with_hint("write one timeout, such as `(timeout 20m)`"));
                }
                text = text.get(words.len()..).unwrap_or("").trim_start();
            } else if self.command.is_none() && text.starts_with('`') {
                let (command, after) = code_span(text).ok_or_else(|| {
                    let message = "the code span with the command is never closed on its line";
                    problem("verify-command", source, line, message)
                        .with_hint("use a fenced block for a command of several lines")
                })?;
                self.command = Some(command);
                text = after.trim_start();
            } else {
                return Err(self.beside(source, line, words, text));
            }
        }
        Ok(())
    }

    /// Tells what stands in the paragraph and is neither the command nor its timeout.
    fn beside(
        &self,
        source: &SourceText,
        line: &Line<'_>,
        words: Option<&str>,
        text: &str,
    ) -> Problem {
        let has_command = self.command.is_some() || text.contains('`');
        let words = words.unwrap_or(text);
        if has_command && is_near_timeout(words) {
            let message = format!("`{}` beside the command is no timeout", visible(words));
            return problem("verify-timeout", source, line, message)
                .with_hint("write it as `(timeout 20m)`: a number of s, m or h, at most 24h");
        }
        if !has_command {
            let message = "the command after `verify:` is not in back quotes";
            let hint = format!("write verify: `{}`", visible(text));
            return problem("verify-command", source, line, message).with_hint(hint);
        }
        let words = match &self.command {
            Some(_) => text,
            None => text.split('`').next().unwrap_or(text).trim_end(),
        };
        let message = format!(
            "beside the command stands what is not run: {}",
            visible(words)
        );
        problem("verify-command", source, line, message).with_hint(
            "join commands with `&&` inside of the back quotes; other words go in another paragraph",
        )
    }
}

/// Whether words were meant as a timeout.
fn is_near_timeout(words: &str) -> bool {
    let words = words.trim_start_matches('(').trim_start();
    let word = words.get(.."timeout".len()).unwrap_or("");
    word.eq_ignore_ascii_case("timeout") || words.starts_with(|it: char| it.is_ascii_digit())
}

/// Tells a second command, or a timeout, in what follows the paragraph of the command.
fn behind(source: &SourceText, after: &[Line<'_>]) -> Option<Problem> {
    let line = after.iter().find(|line| line.kind != Kind::Blank)?;
    let text = line.text.trim();
    let is_command = line.kind == Kind::Fence
        || line.kind == Kind::Text
            && code_span(text).is_some_and(|(_, rest)| {
                let rest = rest.trim();
                text.starts_with('`') && (rest.is_empty() || timeout(rest).is_some())
            });
    if is_command {
        let message = "this second command of the criterion is not run";
        return Some(problem("verify-command", source, line, message).with_hint(
            "join the commands with `&&`, or write words about it between the two if it is none",
        ));
    }
    let is_timeout = line.kind == Kind::Text && text.starts_with('(') && is_near_timeout(text);
    is_timeout.then(|| {
        let message = "this timeout stands in a paragraph of its own, and counts for nothing";
        problem("verify-timeout", source, line, message)
            .with_hint("write it beside the command, or beside `verify:`")
    })
}

fn problem(
    code: &'static str,
    source: &SourceText,
    line: &Line<'_>,
    message: impl Into<String>,
) -> Problem {
    let blank = line.text.len() - line.text.trim_start().len();
    let span = Span::new(line.span.start + blank, line.span.end);
    Problem::error(code, source, span, message)
}

fn without_command(source: &SourceText, line: &Line<'_>) -> Problem {
    problem("verify-command", source, line, "`verify:` names no command")
        .with_hint("write verify: `cargo test`, or a fenced block below it in the same list item")
}

/// The text of a code span at the start of a line, and what follows it.
fn code_span(rest: &str) -> Option<(String, &str)> {
    let length = rest.bytes().take_while(|byte| *byte == b'`').count();
    let inner = rest.get(length..)?;
    let mut offset = 0;
    while let Some(found) = inner.get(offset..)?.find('`') {
        let start = offset + found;
        let run = inner
            .get(start..)?
            .bytes()
            .take_while(|byte| *byte == b'`')
            .count();
        if run == length {
            let text = inner.get(..start)?;
            let stripped = text
                .strip_prefix(' ')
                .and_then(|text| text.strip_suffix(' '))
                .filter(|_| !text.trim().is_empty());
            return Some((
                stripped.unwrap_or(text).to_owned(),
                inner.get(start + run..)?,
            ));
        }
        offset = start + run;
    }
    None
}

/// The text of the fenced block that follows, where the block ends, and what follows it.
fn block<'a, 'b>(
    source: &SourceText,
    line: &Line<'_>,
    following: &'a [Line<'b>],
) -> Result<(String, &'a [Line<'b>]), Problem> {
    let mut lines = following.iter();
    let next = lines.find(|line| line.kind != Kind::Blank);
    let fence =
        next.filter(|next| next.kind == Kind::Fence)
            .ok_or_else(|| {
                let problem = without_command(source, line);
                match next.filter(|next| next.kind == Kind::Text) {
                    Some(next) if next.text.trim_start().starts_with('`') => problem
                        .with_hint("take away the blank line between `verify:` and its command"),
                    _ => problem,
                }
            })?;
    let marks = fence.text.trim_start();
    let mark = marks.chars().next().unwrap_or('`');
    let length = marks.chars().take_while(|found| *found == mark).count();
    let mut command = String::new();
    while let Some(line) = lines.next() {
        if line.kind != Kind::Literal {
            break;
        }
        if markdown::closes(line.text, mark, length) {
            let command = command.strip_suffix('\n').unwrap_or(&command).to_owned();
            return Ok((command, lines.as_slice()));
        }
        command.push_str(without_indent(line.text, fence.indent));
        command.push('\n');
    }
    Err(problem(
        "verify-command",
        source,
        fence,
        "the fenced block with the command is never closed",
    ))
}

/// The line without as much blank as the fence has before it.
fn without_indent(line: &str, columns: usize) -> &str {
    let blank = line
        .bytes()
        .take(columns)
        .take_while(|byte| *byte == b' ')
        .count();
    line.get(blank..).unwrap_or("")
}

/// The time in `(timeout 20m)`.
fn timeout(words: &str) -> Option<Duration> {
    let inner = words.strip_prefix('(')?.strip_suffix(')')?;
    let value = inner.trim().strip_prefix("timeout")?.trim();
    let unit = value.chars().next_back()?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 60 * 60,
        _ => return None,
    };
    let number = value.strip_suffix(unit)?.trim_end();
    if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let time = Duration::from_secs(number.parse::<u64>().ok()?.checked_mul(seconds)?);
    (!time.is_zero() && time <= LONGEST).then_some(time)
}
