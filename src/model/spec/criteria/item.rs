//! Reads one list item under the heading of the criteria.

use crate::base::diagnostic::Problem;
use crate::base::ids::CriterionId;
use crate::base::source::SourceText;
use crate::base::source::Span;
use crate::base::text::visible;
use crate::model::spec::criteria::Kind;
use crate::model::spec::criteria::Line;
use crate::model::spec::criteria::markdown::Marker;
use crate::model::spec::criteria::verify;
use crate::model::spec::types::Criterion;

/// What stands in the first line of an item, after its marker.
struct CheckBox {
    ticked: bool,
    tick: Span,
    /// Offset of the text after the box.
    text: usize,
}

/// The lines of an item without what only follows it: blank lines, and after a blank line the
/// paragraphs that are not indented.
pub(super) fn trimmed<'a, 'b>(item: &'a [Line<'b>], content: usize) -> &'a [Line<'b>] {
    let mut end = 1;
    let mut blank = false;
    for (index, line) in item.iter().enumerate().skip(1) {
        if line.kind == Kind::Blank {
            blank = true;
            continue;
        }
        // Lines of a fence belong to the line that opened it.
        let outside = line.indent < content && line.kind != Kind::Literal;
        if outside && (blank || line.kind != Kind::Text) {
            break;
        }
        blank = false;
        end = index + 1;
    }
    item.get(..end).unwrap_or(item)
}

/// Reads an item; one that is no criterion is reported and gives nothing.
pub(super) fn read(
    source: &SourceText,
    item: &[Line<'_>],
    marker: &Marker,
    problems: &mut Vec<Problem>,
) -> Option<Criterion> {
    let (first, rest) = item.split_first()?;
    let last = item.last().unwrap_or(first);
    let span = Span::new(first.span.start, last.span.end);
    let found = check_box(source, first, marker, problems)?;
    let (text, used) = paragraph(first, rest, found.text);
    let verify = verify::read(source, rest.get(used..).unwrap_or(&[]), problems);
    let (text, id) = text_and_id(source, first, &text, problems)?;
    Some(Criterion {
        id,
        text,
        ticked: found.ticked,
        tick: found.tick,
        verify,
        span,
    })
}

fn check_box(
    source: &SourceText,
    first: &Line<'_>,
    marker: &Marker,
    problems: &mut Vec<Problem>,
) -> Option<CheckBox> {
    let content = first.text.get(marker.offset..).unwrap_or("");
    let start = first.span.start + marker.offset;
    let ticked = match content.get(..3) {
        Some("[ ]") => Some(false),
        Some("[x]" | "[X]") => Some(true),
        _ => None,
    };
    let after = content.get(3..).unwrap_or("");
    match ticked {
        Some(ticked) if after.is_empty() || after.starts_with([' ', '\t']) => {
            return Some(CheckBox {
                ticked,
                tick: Span::new(start + 1, start + 2),
                text: marker.offset + 3,
            });
        }
        _ => {}
    }
    if let Some(end) = box_end(content) {
        let span = Span::new(start, start + end);
        let message = "the box of this criterion is neither `[ ]` nor `[x]`";
        problems.push(
            Problem::error("criterion-box", source, span, message)
                .with_hint("write `- [ ] text (ac-1a2b)`, with a space after the box"),
        );
    } else if names_criterion(content) {
        let message = "the criterion has no box";
        problems.push(
            Problem::error("criterion-box", source, first.span, message)
                .with_hint("write `- [ ] text (ac-1a2b)`"),
        );
    } else {
        let message = "this list item is no criterion: it has no box";
        problems.push(
            Problem::warning("item-without-box", source, first.span, message)
                .with_hint("write `- [ ] text (ac-1a2b)`, or move it out of this section"),
        );
    }
    None
}

/// Whether a line ends in the id of a criterion.
pub(super) fn names_criterion(line: &str) -> bool {
    let bracket = line.trim_end().strip_suffix(')');
    bracket
        .and_then(|text| text.rsplit_once('('))
        .is_some_and(|(_, id)| id.to_lowercase().starts_with("ac-") && !id.contains(' '))
}

/// Where a box ends that a text begins with, whatever is in it.
pub(super) fn box_end(text: &str) -> Option<usize> {
    let end = text.find(']').filter(|end| *end <= 3)? + 1;
    let is_link = text.get(end..)?.starts_with(['(', '[']);
    (text.starts_with('[') && !is_link).then_some(end)
}

/// The first paragraph as one line, and how many lines after the first it takes.
fn paragraph(first: &Line<'_>, rest: &[Line<'_>], offset: usize) -> (String, usize) {
    let more = rest
        .iter()
        .take_while(|line| line.kind == Kind::Text && !verify::starts(line.text))
        .count();
    let first = first.text.get(offset..).unwrap_or("");
    let following = rest.iter().take(more).map(|line| line.text);
    let mut text = String::with_capacity(first.len());
    for line in std::iter::once(first).chain(following) {
        for word in line.split_whitespace() {
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(word);
        }
    }
    (text, more)
}

fn text_and_id(
    source: &SourceText,
    first: &Line<'_>,
    paragraph: &str,
    problems: &mut Vec<Problem>,
) -> Option<(String, CriterionId)> {
    let bracket = paragraph
        .strip_suffix(')')
        .and_then(|text| text.rsplit_once('('));
    let Some((text, written)) = bracket.filter(|(_, id)| id.to_lowercase().starts_with("ac-"))
    else {
        let shown = if paragraph.is_empty() {
            "text"
        } else {
            paragraph
        };
        let hint = if paragraph.contains("(ac-") {
            "put the id at the very end of the text".to_owned()
        } else {
            format!(
                "add an id that no other criterion here has: `{} (ac-1a2b)`",
                visible(shown)
            )
        };
        let message = "the criterion has no id at its end";
        problems.push(
            Problem::error("criterion-without-id", source, first.span, message).with_hint(hint),
        );
        return None;
    };
    let text = text.trim_end();
    if text.is_empty() {
        let message = "the criterion has no text";
        problems.push(
            Problem::error("criterion-without-text", source, first.span, message)
                .with_hint("say what must be true, before the id"),
        );
        return None;
    }
    match written.parse() {
        Ok(id) => Some((text.to_owned(), id)),
        Err(error) => {
            let message = error.to_string();
            let message = visible(&message);
            problems.push(
                Problem::error("criterion-id", source, first.span, message)
                    .with_hint("write it in lower case, such as `(ac-1a2b)`"),
            );
            None
        }
    }
}
