//! Problems and errors as text.

use std::collections::BTreeSet;
use std::error::Error as _;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use anstyle::{AnsiColor, Style};

use crate::app::Error;
use crate::base::diagnostic::{Place, Problem, Severity};
use crate::base::source::{SourceText, Span};
use crate::base::text::{counted, visible};
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
    let errors = problems.iter().filter(|problem| problem.is_error()).count();
    let warnings = problems.len() - errors;
    let counts: Vec<String> = [(errors, "error"), (warnings, "warning")]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, noun)| counted(count, noun))
        .collect();
    if counts.is_empty() {
        return "no problems".to_owned();
    }
    format!("{} in {}", counts.join(", "), counted(files.len(), "file"))
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
        .primary_title(visible(&problem.message))
        .id(problem.code);
    let group = match &problem.place {
        Place::Span(source, span) => {
            title.element(snippet(source, *span, problem.label.as_deref()))
        }
        Place::File(path) => title.element(Origin::path(visible(path))),
    };
    renderer
        .term_width(look.width.unwrap_or(DEFAULT_WIDTH))
        .render(&[with_hint(group, problem.hint.as_deref())])
}

/// The first line of a span, so that a large file costs no more than a small one.
fn snippet<'a>(
    source: &'a SourceText,
    span: Span,
    label: Option<&str>,
) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
    let line = source.line_span(span.start);
    let length = line.end.saturating_sub(line.start);
    let start = span.start.saturating_sub(line.start).min(length);
    let end = span.end.saturating_sub(line.start).clamp(start, length);
    Snippet::source(source.slice(line))
        .path(visible(source.path()))
        .line_start(source.position(span.start).line)
        .annotation(
            AnnotationKind::Primary
                .span(start..end)
                .label(label.map(visible)),
        )
}

fn with_hint<'a>(group: Group<'a>, hint: Option<&str>) -> Group<'a> {
    match hint {
        Some(hint) => group.element(Level::HELP.with_name("hint").message(visible(hint))),
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
        text.push_str(&format!(
            "{} {}\n",
            label("hint", AnsiColor::Cyan),
            visible(hint)
        ));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Look, error, failure, problems, summary};
    use crate::app::Error;
    use crate::app::error::MachineError;
    use crate::base::diagnostic::Problem;
    use crate::base::source::{SourceText, Span};

    fn check(source: &str, span: (usize, usize)) -> String {
        let source = SourceText::new(".mmm/specs/a.md", source);
        let found = Problem::error("bad", &source, Span::new(span.0, span.1), "bad value")
            .with_label("here");
        problems(&[found], Look::default())
    }

    #[test]
    fn problems_show_place_line_caret_and_hint() {
        let source = SourceText::new(".mmm/specs/a.md", "title: x\nownr: ada\nstatus: redy\n");
        let found = [
            Problem::warning(
                "unknown-key",
                &source,
                Span::new(9, 13),
                "unknown key `ownr`",
            )
            .with_label("did you mean `owner`?"),
            Problem::error(
                "unknown-status",
                &source,
                Span::new(27, 31),
                "unknown status `redy`",
            )
            .with_label("one of `draft`, `ready`, `done` or `dropped`")
            .with_hint("run `git mmm spec set a status=ready`"),
            Problem::in_file("not-utf8", ".mmm/specs/b.md", "the file is not UTF-8"),
        ];
        insta::assert_snapshot!(problems(&found, Look::default()), @"
        warning[unknown-key]: unknown key `ownr`
         --> .mmm/specs/a.md:2:1
          |
        2 | ownr: ada
          | ^^^^ did you mean `owner`?

        error[unknown-status]: unknown status `redy`
         --> .mmm/specs/a.md:3:9
          |
        3 | status: redy
          |         ^^^^ one of `draft`, `ready`, `done` or `dropped`
          |
          = hint: run `git mmm spec set a status=ready`

        error[not-utf8]: the file is not UTF-8
        --> .mmm/specs/b.md

        2 errors, 1 warning in 2 files
        ");
    }

    #[test]
    fn hostile_lines_are_drawn_harmlessly() {
        insta::assert_snapshot!(check("a\u{1b}[2Jb: \u{202e}x", (6, 7)), @"
        error[bad]: bad value
         --> .mmm/specs/a.md:1:7
          |
        1 | a␛[2Jb: �x
          |       ^ here

        1 error in 1 file
        ");
        insta::assert_snapshot!(check("é: \"ü\nmore\"\n", (4, 12)), @r#"
        error[bad]: bad value
         --> .mmm/specs/a.md:1:4
          |
        1 | é: "ü
          |    ^^ here

        1 error in 1 file
        "#);
        insta::assert_snapshot!(check("", (0, 0)), @"
        error[bad]: bad value
         --> .mmm/specs/a.md:1:1
          |
        1 |
          | ^ here

        1 error in 1 file
        ");
        insta::assert_snapshot!(check("a\n", (99, 100)), @"
        error[bad]: bad value
         --> .mmm/specs/a.md:2:1
          |
        2 |
          | ^ here

        1 error in 1 file
        ");
        let long = format!("{}x{}", "a".repeat(5_000), "b".repeat(5_000));
        insta::assert_snapshot!(check(&long, (5_000, 5_001)), @"
        error[bad]: bad value
         --> .mmm/specs/a.md:1:5001
          |
        1 | ...aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaxbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb...
          |                                              ^ here

        1 error in 1 file
        ");
    }

    #[test]
    fn the_summary_counts() {
        assert_eq!(summary(&[]), "no problems");
        let found = Problem::in_file("x", "a", "b");
        assert_eq!(summary(&[found.clone(), found]), "2 errors in 1 file");
    }

    #[test]
    fn errors_show_their_causes_and_a_hint() {
        let machine = MachineError::file("write", "a.md", std::io::ErrorKind::StorageFull.into());
        insta::assert_snapshot!(error(&Error::from(machine), Look::default()), @"
        error: cannot write a.md: no storage space
        hint: make room on the disk, then try again: nothing was lost
        ");
        let coloured = Look {
            coloured: true,
            width: None,
        };
        assert_eq!(
            failure("a\u{7}", None, coloured),
            "\u{1b}[1m\u{1b}[31merror:\u{1b}[0m a\\u{7}\n"
        );
    }
}
