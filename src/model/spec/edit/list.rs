//! Items of the lists in the front matter, one a line or in brackets.

use crate::base::source::Span;
use crate::model::spec::edit::Draft;
use crate::model::spec::edit::entry;
use crate::model::spec::edit::entry_lines;
use crate::model::spec::edit::insert_line;
use crate::model::spec::edit::kept_colon;
use crate::model::spec::edit::line_ending;
use crate::model::spec::edit::next_line;
use crate::model::spec::edit::replaced;
use crate::model::spec::edit::unset;
use crate::model::spec::edit::wrong_kind;
use crate::model::spec::error::EditError;
use crate::model::spec::quoting;
use crate::model::spec::quoting::Context;
use crate::model::spec::quoting::Style;
use crate::model::tree::Entry;
use crate::model::tree::Node;
use crate::model::tree::Value;

/// Adds an item to a list; one that is there already changes nothing.
///
/// A list in alphabetical order stays so: two branches that add different items then seldom touch
/// the same lines. Else the item goes to the end.
pub(crate) fn add_item(draft: Draft<'_>, key: &str, item: &str) -> Result<String, EditError> {
    let block = quoting::write(item, Style::Plain, Context::Block);
    let Some(entry) = entry(draft, key)? else {
        let lines = [format!("{key}:"), format!("  - {block}")];
        return Ok(insert_line(draft, key, &lines));
    };
    let nodes = match &entry.value.value {
        Value::Null => {
            let place = entry_lines(draft, entry).end;
            let end = line_ending(draft.source.text());
            let column = column_of(draft, entry.key_span.start);
            let line = format!("{}  - {block}{end}", " ".repeat(column));
            let written = draft.source.slice(entry.value.span);
            let text = replaced(draft.source, Span::new(place, place), &line);
            // A written `null` or `~` gives way to the list.
            return Ok(if written.is_empty() {
                text
            } else {
                let span = entry.value.span;
                let before = text.get(..span.start).unwrap_or("").trim_end_matches(' ');
                format!("{before}{}", text.get(span.end..).unwrap_or(""))
            });
        }
        Value::Sequence(nodes) => nodes,
        _ => return Err(wrong_kind(entry, "a list")),
    };
    if position(draft, nodes, item).is_some() {
        return Ok(draft.source.text().to_owned());
    }
    own_list(draft, entry, nodes)?;
    if is_flow(draft, entry) {
        Ok(add_flow(draft, entry, nodes, item))
    } else {
        Ok(add_block(draft, nodes, item, &block))
    }
}

/// Removes an item from a list, and as [`unset`] does the list when it gets empty; without the item
/// nothing changes.
pub(crate) fn remove_item(draft: Draft<'_>, key: &str, item: &str) -> Result<String, EditError> {
    let unchanged = Ok(draft.source.text().to_owned());
    let Some(entry) = entry(draft, key)? else {
        return unchanged;
    };
    let nodes = match &entry.value.value {
        Value::Null => return unchanged,
        Value::Sequence(nodes) => nodes,
        _ => return Err(wrong_kind(entry, "a list")),
    };
    let Some(index) = position(draft, nodes, item) else {
        return unchanged;
    };
    own_list(draft, entry, nodes)?;
    let Some(node) = nodes.get(index) else {
        return unchanged;
    };
    if is_flow(draft, entry) {
        let span = match (
            index.checked_sub(1).and_then(|index| nodes.get(index)),
            nodes.get(index + 1),
        ) {
            (Some(before), _) => Span::new(before.span.end, node.span.end),
            (None, Some(next)) => Span::new(node.span.start, next.span.start),
            (None, None) => node.span,
        };
        return Ok(replaced(draft.source, span, ""));
    }
    if nodes.len() == 1 && !stays(draft, entry) {
        return unset(draft, key);
    }
    let start = draft.source.line_span(node.span.start).start;
    let end = next_line(draft.source.text(), node.span.end);
    Ok(replaced(draft.source, Span::new(start, end), ""))
}

/// Whether a key stays when its list gets empty: where blank lines stand between the keys, and when
/// comments stand between it and its items.
fn stays(draft: Draft<'_>, entry: &Entry) -> bool {
    let first = draft.source.line_span(entry.key_span.start);
    let last = draft.source.line_span(entry.value.span.start);
    let between = Span::new(first.end, last.start.max(first.end));
    draft.source.slice(between).contains('#') || kept_colon(draft, entry).is_some()
}

/// Where an item stands in a list, by its text or as it is written.
fn position(draft: Draft<'_>, nodes: &[Node], item: &str) -> Option<usize> {
    nodes.iter().position(|node| match &node.value {
        Value::String(text) => text.trim() == item,
        Value::Integer(_) | Value::Float(_) => draft.source.slice(node.span) == item,
        _ => false,
    })
}

/// Refuses a list whose items are written elsewhere.
fn own_list(draft: Draft<'_>, entry: &Entry, nodes: &[Node]) -> Result<(), EditError> {
    let list = entry.value.span;
    let alias = draft.source.slice(list).starts_with('*');
    let outside = nodes
        .iter()
        .any(|node| node.span.start < list.start || node.span.end > list.end);
    if alias || outside {
        let key = entry.key.clone();
        return Err(EditError::Alias { key });
    }
    Ok(())
}

fn is_flow(draft: Draft<'_>, entry: &Entry) -> bool {
    draft.source.slice(entry.value.span).starts_with('[')
}

fn column_of(draft: Draft<'_>, offset: usize) -> usize {
    offset - draft.source.line_span(offset).start
}

/// The index of the item before which a new one goes, if the list is in order.
fn sorted_place(nodes: &[Node], item: &str) -> Option<usize> {
    let texts: Option<Vec<&str>> = nodes.iter().map(Node::string).collect();
    let texts = texts?;
    if !texts.is_sorted() {
        return None;
    }
    let index = texts.partition_point(|text| *text < item);
    (index < texts.len()).then_some(index)
}

fn add_flow(draft: Draft<'_>, entry: &Entry, nodes: &[Node], item: &str) -> String {
    let written = quoting::write(item, Style::Plain, Context::Flow);
    let (place, new) = match (sorted_place(nodes, item), nodes.last()) {
        (Some(index), Some(last)) => {
            let next = nodes.get(index).unwrap_or(last);
            (next.span.start, format!("{written}, "))
        }
        (None, Some(last)) => (last.span.end, format!(", {written}")),
        (_, None) => (entry.value.span.start + 1, written),
    };
    replaced(draft.source, Span::new(place, place), &new)
}

fn add_block(draft: Draft<'_>, nodes: &[Node], item: &str, written: &str) -> String {
    let text = draft.source.text();
    let index = sorted_place(nodes, item);
    let Some(neighbour) = index
        .and_then(|index| nodes.get(index))
        .or_else(|| nodes.last())
    else {
        return text.to_owned();
    };
    let line = draft.source.line_span(neighbour.span.start);
    let prefix = draft
        .source
        .slice(Span::new(line.start, neighbour.span.start));
    // Tags and anchors of the neighbour are its own.
    let dash = prefix.find('-').map_or(prefix.len(), |dash| dash + 1);
    let dash_part = prefix.get(..dash).unwrap_or("");
    let gap = prefix.get(dash..).unwrap_or("");
    let blank = gap.len() - gap.trim_start_matches(' ').len();
    let new = format!(
        "{dash_part}{}{written}{}",
        " ".repeat(blank.max(1)),
        line_ending(text)
    );
    let place = match index {
        Some(_) => line.start,
        None => next_line(text, neighbour.span.end),
    };
    replaced(draft.source, Span::new(place, place), &new)
}
