//! What is nearly a criterion, a heading of criteria or a command, and counts as prose: a warning
//! for each, so that nobody takes a promise for one that is kept.

use crate::base::diagnostic::Problem;
use crate::base::source::SourceText;
use crate::model::spec::criteria::Kind;
use crate::model::spec::criteria::Line;
use crate::model::spec::criteria::item;
use crate::model::spec::criteria::markdown;
use crate::model::spec::criteria::verify;
use crate::model::spec::types::PROBLEMS;

/// Warns about a heading that people take for the one over the criteria.
pub(super) fn heading(source: &SourceText, line: &Line<'_>, problems: &mut Vec<Problem>) {
    if is_near_heading(line.text) {
        warn_heading(source, line, problems);
    }
}

/// Warns about the last of these lines, outside of every section, if it is a criterion, or makes
/// the line above it a heading of criteria.
pub(super) fn outside(source: &SourceText, lines: &[Line<'_>], problems: &mut Vec<Problem>) {
    let Some((line, above)) = lines.split_last() else {
        return;
    };
    if line.kind != Kind::Text || problems.len() > PROBLEMS {
        return;
    }
    if is_underline(line.text) {
        let above = above.last().filter(|above| above.kind == Kind::Text);
        if let Some(above) = above.filter(|above| is_near_heading(above.text)) {
            warn_heading(source, above, problems);
        }
        return;
    }
    let Some(marker) = markdown::list_marker(line) else {
        return;
    };
    let content = line.text.get(marker.offset..).unwrap_or("");
    if content.starts_with('[') && item::names_criterion(content) {
        let message = "this is no criterion: it does not stand under `## Acceptance criteria`";
        problems.push(
            Problem::warning("criterion-outside", source, line.span, message)
                .with_hint("move it there, or take its box or its id away"),
        );
    }
}

/// Warns about a command that stands between criteria.
pub(super) fn verify_outside(source: &SourceText, line: &Line<'_>, problems: &mut Vec<Problem>) {
    if line.kind == Kind::Text && is_near_verify(line.text) {
        let message = "this `verify:` belongs to no criterion: it is not part of a list item";
        problems.push(
            Problem::warning("verify-outside", source, line.span, message)
                .with_hint("indent it as far as the text of its criterion, by two blanks"),
        );
    }
}

/// Warns about the first line of an item that is nearly a command.
pub(super) fn verify_inside(source: &SourceText, lines: &[Line<'_>], problems: &mut Vec<Problem>) {
    let near = |line: &&Line<'_>| {
        let inner = line.text.trim_start_matches([' ', '\t', '-', '>', '+']);
        // One inside of an inner item is told with that item.
        let is_told = line.kind == Kind::Nested && verify::starts(inner);
        let is_text = matches!(line.kind, Kind::Text | Kind::Nested);
        is_text && is_near_verify(line.text) && !is_told
    };
    if let Some(line) = lines.iter().find(near) {
        let message = "this is nearly a `verify:`, and no command is read from it";
        problems.push(
            Problem::warning("near-verify", source, line.span, message)
                .with_hint("write verify: `cargo test` as a paragraph of its own in the list item"),
        );
    }
}

fn warn_heading(source: &SourceText, line: &Line<'_>, problems: &mut Vec<Problem>) {
    let message = "this is not the heading of the criteria, so what is below it counts as prose";
    problems.push(
        Problem::warning("near-heading", source, line.span, message)
            .with_hint("write it as `## Acceptance criteria`"),
    );
}

/// Whether a line reads as a heading over criteria, whatever its level and what follows.
fn is_near_heading(line: &str) -> bool {
    let plain = |character: char| !character.is_alphanumeric();
    let mut words = line.split(plain).filter(|word| !word.is_empty());
    let mut next = |start: &str| {
        words.next().is_some_and(|word| {
            let begin = word.get(..start.len());
            begin.is_some_and(|begin| begin.eq_ignore_ascii_case(start))
        })
    };
    next("acceptance") && next("criteri")
}

/// Whether a line makes the one above it a heading.
fn is_underline(line: &str) -> bool {
    let line = line.trim();
    line.len() >= 3 && (line.bytes().all(|it| it == b'=') || line.bytes().all(|it| it == b'-'))
}

/// Whether a line reads as a command but for its place or its marks.
fn is_near_verify(line: &str) -> bool {
    let text = line.trim_start_matches(|it: char| it.is_whitespace() || "*_->+`".contains(it));
    if verify::starts(text) {
        return true;
    }
    let rest = text.get(.."verify".len());
    let is_word = rest.is_some_and(|word| word.eq_ignore_ascii_case("verify"));
    let rest = text.get("verify".len()..).unwrap_or("");
    let rest = rest.trim_start_matches(|it: char| it.is_whitespace() || "*_`".contains(it));
    is_word && rest.starts_with(':')
}
