//! Problems and errors as text.

use std::collections::BTreeSet;
use std::error::Error as _;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use anstyle::{AnsiColor, Style};

use crate::app::Error;
use crate::base::diagnostic::{Place, Problem, Severity, TOO_MANY_PROBLEMS};
use crate::base::source::{SourceText, Span};
use crate::base::text::{counted, one_line, visible};
use crate::cli::hint;

/// Columns that a problem is drawn in where there is no terminal.
const DEFAULT_WIDTH: usize = 100;

/// How text is drawn.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Look {
    /// Whether to colour.
    pub(crate) coloured: bool,
    /// Columns, where there is a limit.
    pub(crate) width: Option<usize>,
}

/// Each problem with its place, the line, a caret and its hint; then the summary line.
pub(crate) fn problems(problems: &[Problem], look: Look) -> String {
    let mut text = String::new();
    for found in problems {
        text.push_str(&problem(found, look));
        text.push_str("\n\n");
    }
    if !problems.is_empty() {
        text.push_str(&summary(problems));
        text.push('\n');
    }
    text
}

/// `2 errors, 1 warning in 1 file`.
pub(crate) fn summary(problems: &[Problem]) -> String {
    let files: BTreeSet<&str> = problems.iter().map(Problem::file).collect();
    let (rows, shown): (Vec<&Problem>, Vec<&Problem>) = problems
        .iter()
        .partition(|problem| problem.code == TOO_MANY_PROBLEMS);
    let errors = shown.iter().filter(|problem| problem.is_error()).count();
    let warnings = shown.len() - errors;
    let counts: Vec<String> = [(errors, "error"), (warnings, "warning")]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, noun)| counted(count, noun))
        .collect();
    if counts.is_empty() {
        return "no problems".to_owned();
    }
    let more = if rows.is_empty() { "" } else { "more than " };
    let counts = counts.join(", ");
    format!("{more}{counts} in {}", counted(files.len(), "file"))
}

/// One problem, without a final line feed.
pub(crate) fn problem(problem: &Problem, look: Look) -> String {
    let renderer = if look.coloured {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let level = match problem.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level
        .primary_title(one_line(&problem.message))
        .id(problem.code);
    let group = match &problem.place {
        Place::Span(source, span) => {
            title.element(snippet(source, *span, problem.label.as_deref()))
        }
        Place::File(path) => title.element(Origin::path(one_line(path))),
        Place::Line(path, line) => title.element(Origin::path(one_line(path)).line(*line)),
    };
    renderer
        .term_width(look.width.unwrap_or(DEFAULT_WIDTH))
        .render(&[with_hint(group, problem.hint.as_deref())])
}

/// The first line of a span, so that a large file costs no more than a small one.
fn snippet<'a>(
    source: &'a SourceText,
    span: Span,
    label: Option<&'a str>,
) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
    let mut line = source.line_span(span.start);
    if source.slice(line).starts_with('\u{feff}') {
        // Nobody sees a byte-order mark, and `SourceText::position` does not count it either.
        line.start += '\u{feff}'.len_utf8();
    }
    let length = line.end.saturating_sub(line.start);
    let start = span.start.saturating_sub(line.start).min(length);
    let end = span.end.saturating_sub(line.start).clamp(start, length);
    Snippet::source(source.slice(line))
        .path(one_line(source.path_at(span.start)))
        .line_start(source.position(span.start).line)
        .annotation(
            AnnotationKind::Primary
                .span(start..end)
                .label(label.map(one_line)),
        )
}

fn with_hint<'a>(group: Group<'a>, hint: Option<&'a str>) -> Group<'a> {
    match hint {
        Some(hint) => group.element(Level::HELP.with_name("hint").message(one_line(hint))),
        None => group,
    }
}

/// The message of an error with those of its causes: `a: b: c`.
pub(crate) fn chain(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    // A chain of causes is as long as there are layers; the limit ends one that goes round.
    for _ in 0..16 {
        let Some(inner) = cause else { break };
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}

/// An error and its hint, each on its line.
pub(crate) fn error(error: &Error, look: Look) -> String {
    failure(&chain(error), hint::of(error).as_deref(), look)
}

/// `error: …` and `hint: …`, each on its line.
pub(crate) fn failure(message: &str, hint: Option<&str>, look: Look) -> String {
    let label = |word, colour: AnsiColor| {
        if look.coloured {
            let style = Style::new().bold().fg_color(Some(colour.into()));
            format!("{style}{word}:{style:#}")
        } else {
            format!("{word}:")
        }
    };
    let mut text = format!("{} {}\n", label("error", AnsiColor::Red), visible(message));
    if let Some(hint) = hint {
        for part in [
            &label("hint", AnsiColor::Cyan),
            " ",
            &visible(hint),
            "
",
        ] {
            text.push_str(part);
        }
    }
    text
}

#[cfg(test)]
mod tests;
