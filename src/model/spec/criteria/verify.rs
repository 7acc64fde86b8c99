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

fn command(
    source: &SourceText,
    line: &Line<'_>,
    following: &[Line<'_>],
) -> Result<Verify, Problem> {
    let blank = line.text.len() - line.text.trim_start().len();
    let start = line.span.start + blank;
    let rest = line.text.get(blank + WORD.len()..).unwrap_or("").trim();
    let (before, rest) = time_before(rest);
    // The paragraph may go on in the next line.
    let next = following.first().filter(|next| {
        rest.is_empty() && next.kind == Kind::Text && next.text.trim_start().starts_with('`')
    });
    let place = next.unwrap_or(line);
    let rest = next.map_or(rest, |next| next.text.trim());
    let (command, after, end) = if rest.starts_with('`') {
        let (command, after) = code_span(rest).ok_or_else(|| {
            let message = "the code span with the command is never closed on its line";
            problem("verify-command", source, place, message)
                .with_hint("use a fenced block for a command of several lines")
        })?;
        (command, after.trim(), place.span.end)
    } else if rest.is_empty() {
        let (command, end) = block(source, line, following)?;
        (command, "", end)
    } else {
        let message = "the command after `verify:` is not in back quotes";
        let hint = format!("write verify: `{}`", visible(rest));
        return Err(problem("verify-command", source, line, message).with_hint(hint));
    };
    if command.trim().is_empty() {
        return Err(without_command(source, line));
    }
    let timeout = match (before, after) {
        ("", "") => None,
        ("", words) | (words, "") => Some(timeout(words).ok_or_else(|| {
            let message = format!("`{}` beside the command is no timeout", visible(words));
            problem("verify-timeout", source, line, message)
                .with_hint("write it as `(timeout 20m)`: a number of s, m or h, at most 24h")
        })?),
        (_, words) => {
            let message = format!("`{}` beside the command says too much", visible(words));
            return Err(problem("verify-timeout", source, line, message)
                .with_hint("write one timeout, such as `(timeout 20m)`"));
        }
    };
    Ok(Verify {
        command,
        timeout,
        span: Span::new(start, end),
    })
}

/// What stands in round brackets before the command, and the rest.
fn time_before(rest: &str) -> (&str, &str) {
    match rest.find(')') {
        Some(end) if rest.starts_with('(') => {
            let (words, rest) = rest.split_at(end + 1);
            (words, rest.trim_start())
        }
        _ => ("", rest),
    }
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

/// The text of the fenced block that follows, and where the block ends.
fn block(
    source: &SourceText,
    line: &Line<'_>,
    following: &[Line<'_>],
) -> Result<(String, usize), Problem> {
    let mut lines = following.iter().skip_while(|line| line.kind == Kind::Blank);
    let fence = lines
        .next()
        .filter(|line| line.kind == Kind::Fence)
        .ok_or_else(|| without_command(source, line))?;
    let marks = fence.text.trim_start();
    let mark = marks.chars().next().unwrap_or('`');
    let length = marks.chars().take_while(|found| *found == mark).count();
    let mut command = String::new();
    for line in lines {
        if line.kind != Kind::Literal {
            break;
        }
        if markdown::closes(line.text, mark, length) {
            let command = command.strip_suffix('\n').unwrap_or(&command).to_owned();
            return Ok((command, line.span.end));
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
