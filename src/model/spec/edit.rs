//! Edits of a spec's text that change the bytes they are about and no others.
//!
//! Each takes the text and what was read from it, and gives the new text, which the caller reads
//! again before it is written. Comments, unknown keys, quotes and line endings survive.

use crate::base::source::SourceText;
use crate::base::source::Span;
use crate::model::spec::error::EditError;
use crate::model::spec::quoting;
use crate::model::spec::quoting::Context;
use crate::model::spec::quoting::Style;
use crate::model::spec::split::Parts;
use crate::model::spec::types::Criterion;
use crate::model::spec::types::KEYS;
use crate::model::tree::Entry;
use crate::model::tree::Node;
use crate::model::tree::Value;

mod list;

pub(crate) use list::add_item;
pub(crate) use list::remove_item;

/// A file with what was read from it.
#[derive(Clone, Copy)]
pub(crate) struct Draft<'a> {
    /// The file.
    pub(crate) source: &'a SourceText,
    /// Its parts.
    pub(crate) parts: Parts,
    /// Its front matter.
    pub(crate) front: &'a Node,
}

/// A value of a key that is no list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Scalar {
    /// Text, quoted if it has to be.
    Text(String),
    /// A whole number.
    Integer(i64),
}

/// Sets a key to a value: in its place when it is there, else where a new file has it.
///
/// Setting the old value again restores the bytes, except that quotes which are not needed are
/// lost over a value that needs them: the text between does not tell who chose its quotes.
pub(crate) fn set(draft: Draft<'_>, key: &str, value: &Scalar) -> Result<String, EditError> {
    let Some(entry) = entry(draft, key)? else {
        let line = format!("{key}: {}", written(value, Style::Plain));
        return Ok(insert_line(draft, key, &[line]));
    };
    let node = &entry.value;
    let old = draft.source.slice(node.span);
    let new = match &node.value {
        Value::Sequence(_) | Value::Mapping(_) => return Err(wrong_kind(entry, "one value")),
        Value::Null if old.is_empty() => format!(" {}", written(value, Style::Plain)),
        Value::String(text) => written(value, quoting::style_of(old, text, Context::Block)),
        _ => written(value, Style::Plain),
    };
    Ok(replaced(draft.source, node.span, &new))
}

/// Empties a key; where keys have no blank lines between them, or its value has several lines, the
/// key goes away with its lines. Without the key the text stays as it is.
pub(crate) fn unset(draft: Draft<'_>, key: &str) -> Result<String, EditError> {
    let Some(entry) = entry(draft, key)? else {
        return Ok(draft.source.text().to_owned());
    };
    let Some(colon) = kept_colon(draft, entry) else {
        return Ok(replaced(draft.source, entry_lines(draft, entry), ""));
    };
    if entry.value.value == Value::Null {
        return Ok(draft.source.text().to_owned());
    }
    let value = draft.source.slice(Span::new(colon, entry.value.span.end));
    Ok(replaced(
        draft.source,
        Span::new(colon, colon + value.trim_end().len()),
        "",
    ))
}

/// Where the value of a key begins, right after its colon, if the key stays when it gets empty:
/// a key without lines beside it that do not change could not be added on one branch while its
/// neighbour is changed on another.
fn kept_colon(draft: Draft<'_>, entry: &Entry) -> Option<usize> {
    let after = draft.source.slice(Span::new(
        entry.key_span.end,
        entry.value.span.start.max(entry.key_span.end),
    ));
    let colon = entry.key_span.end + after.find(':')? + 1;
    let block = draft.source.slice(entry.value.span).starts_with(['|', '>']);
    let lines = entry_lines(draft, entry);
    let spaced = is_blank_before(draft, lines.start) || is_blank_at(draft, lines.end);
    (spaced && !block).then_some(colon)
}

/// Whether the line that starts here is blank and in the front matter.
fn is_blank_at(draft: Draft<'_>, start: usize) -> bool {
    let line = draft.source.line_span(start);
    start < draft.parts.front.end && draft.source.slice(line).trim().is_empty()
}

/// Whether the line that ends before this place is blank and in the front matter.
fn is_blank_before(draft: Draft<'_>, start: usize) -> bool {
    start > draft.parts.front.start && is_blank_at(draft, draft.source.line_span(start - 1).start)
}

/// Ticks or unticks the box of a criterion.
pub(crate) fn tick(source: &SourceText, criterion: &Criterion, ticked: bool) -> String {
    if criterion.ticked == ticked {
        return source.text().to_owned();
    }
    replaced(source, criterion.tick, if ticked { "x" } else { " " })
}

/// The only entry of a key.
fn entry<'a>(draft: Draft<'a>, key: &str) -> Result<Option<&'a Entry>, EditError> {
    let entries: &[Entry] = match &draft.front.value {
        Value::Mapping(entries) => entries,
        Value::Null => &[],
        _ => return Err(EditError::NotBlock),
    };
    if draft.source.slice(draft.front.span).starts_with('{') {
        return Err(EditError::NotBlock);
    }
    let mut named = entries.iter().filter(|entry| entry.key == key);
    let Some(entry) = named.next() else {
        return Ok(None);
    };
    let key = key.to_owned();
    match named.count() {
        0 if draft.source.slice(entry.key_span).starts_with('*') => Err(EditError::Alias { key }),
        0 => Ok(Some(entry)),
        more => Err(EditError::Ambiguous {
            key,
            count: more + 1,
        }),
    }
}

fn wrong_kind(entry: &Entry, expected: &'static str) -> EditError {
    EditError::WrongKind {
        key: entry.key.clone(),
        found: entry.value.kind(),
        expected,
    }
}

fn written(value: &Scalar, style: Style) -> String {
    match value {
        Scalar::Text(text) => quoting::write(text, style, Context::Block),
        Scalar::Integer(number) => number.to_string(),
    }
}

fn replaced(source: &SourceText, span: Span, new: &str) -> String {
    let text = source.text();
    let before = text.get(..span.start).unwrap_or(text);
    let after = text.get(span.end..).unwrap_or("");
    format!("{before}{new}{after}")
}

/// The line ending of the file: that of its first line.
fn line_ending(text: &str) -> &'static str {
    let first = text.find('\n').and_then(|newline| text.get(..newline));
    if first.is_some_and(|line| line.ends_with('\r')) {
        "\r\n"
    } else {
        "\n"
    }
}

/// The whole lines of an entry, their last line ending included.
fn entry_lines(draft: Draft<'_>, entry: &Entry) -> Span {
    let start = draft.source.line_span(entry.key_span.start).start;
    let last = entry.value.span.end.max(entry.key_span.end);
    Span::new(start, next_line(draft.source.text(), last))
}

fn next_line(text: &str, offset: usize) -> usize {
    text.get(offset..)
        .and_then(|rest| rest.find('\n'))
        .map_or(text.len(), |newline| offset + newline + 1)
}

/// Inserts the lines of a new key after the nearest key that stands before it in a new file.
fn insert_line(draft: Draft<'_>, key: &str, lines: &[String]) -> String {
    let entries = match &draft.front.value {
        Value::Mapping(entries) => entries.as_slice(),
        _ => &[],
    };
    let rank = |key: &str| KEYS.iter().position(|known| *known == key);
    let own = rank(key).unwrap_or(KEYS.len());
    // Keys that a `<<` adds have no line of their own.
    let placed = |entry: &&Entry| !draft.source.slice(entry.key_span).starts_with('*');
    let before = entries
        .iter()
        .filter(placed)
        .filter(|entry| rank(&entry.key).is_some_and(|rank| rank < own))
        .max_by_key(|entry| rank(&entry.key));
    let place = match before {
        Some(entry) => entry_lines(draft, entry).end,
        None => draft.parts.front.start,
    };
    let place = place.min(draft.parts.front.end);
    let text = draft.source.text();
    // In a file with blank lines between its keys, the new one gets one on either side.
    let spaced = is_blank_at(draft, place);
    let place = if spaced {
        next_line(text, place).min(draft.parts.front.end)
    } else {
        place
    };
    let gap = spaced && place < draft.parts.front.end && !is_blank_at(draft, place);
    let first = entries.iter().find(placed);
    let indent = first.map_or("", |entry| {
        let line = draft.source.line_span(entry.key_span.start);
        let blank = Span::new(line.start, entry.key_span.start);
        let blank = draft.source.slice(blank);
        if blank.trim().is_empty() { blank } else { "" }
    });
    let end = line_ending(text);
    let new: String = lines
        .iter()
        .flat_map(|line| [indent, line.as_str(), end])
        .chain(gap.then_some(end))
        .collect();
    replaced(draft.source, Span::new(place, place), &new)
}
