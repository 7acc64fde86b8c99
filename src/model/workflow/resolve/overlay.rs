//! Overlays: edits of the steps that a job inherits.
//!
//! The edits of one overlay all name steps as they are inherited, so their order does not matter.

use crate::base::source::Span;
use crate::base::text;
use crate::model::expression::value::fold;
use crate::model::tree::Entry;
use crate::model::tree::Node;
use crate::model::tree::Value;
use crate::model::workflow::keys;
use crate::model::workflow::record::Record;
use crate::model::workflow::resolve::tools;
use crate::model::workflow::resolve::tools::Tools;

/// What becomes of one inherited step.
#[derive(Default)]
struct Slot {
    before: Vec<Node>,
    after: Vec<Node>,
    /// What stands in its place; nothing when it stays.
    instead: Option<Vec<Node>>,
}

/// Applies an overlay to the inherited steps.
pub(crate) fn apply(inherited: Vec<Node>, overlay: &Entry, tools: &mut Tools) -> Vec<Node> {
    let mut slots: Vec<Slot> = inherited.iter().map(|_| Slot::default()).collect();
    for edit in overlay.value.sequence().unwrap_or_default() {
        edit_one(&inherited, &mut slots, edit, tools);
    }
    let mut steps = Vec::with_capacity(inherited.len());
    for (step, slot) in inherited.into_iter().zip(slots) {
        steps.extend(slot.before);
        steps.extend(slot.instead.unwrap_or_else(|| vec![step]));
        steps.extend(slot.after);
    }
    steps
}

fn edit_one(inherited: &[Node], slots: &mut [Slot], edit: &Node, tools: &mut Tools) {
    let at = edit.mapping().and_then(<[_]>::first);
    let at = at.map_or(edit.span, |entry| entry.key_span);
    let report = &mut tools.report;
    let Some(record) = Record::read(edit, &keys::EDIT, at, report) else {
        return;
    };
    let kinds = keys::EDIT_KINDS.iter();
    let mut kinds = kinds.filter_map(|kind| record.entry(kind).map(|entry| (*kind, entry)));
    let Some((kind, target)) = kinds.next() else {
        let known = keys::EDIT_KINDS.iter().any(|kind| record.has(kind));
        if !known && !record.has_unknown {
            let kinds = text::one_of(keys::EDIT_KINDS.iter().copied());
            report.error("edit-kind", at, format!("an edit needs {kinds}"));
        }
        return;
    };
    if let Some((second, entry)) = kinds.next() {
        let message = format!("an edit has either `{kind}` or `{second}`, not both");
        report.error("edit-kind", entry.key_span, message);
        return;
    }
    let steps = record.entry("steps");
    match (kind, steps) {
        ("remove", Some(steps)) => {
            let message = "`steps` cannot stand beside `remove`";
            let hint = "to put others in its place, write `replace`".to_owned();
            report.error_with_hint("misplaced-key", steps.key_span, message, Some(hint));
        }
        ("remove", None) => {}
        (_, None) if !record.has("steps") => {
            let message = format!("`{kind}` needs `steps`");
            report.error("missing-key", target.key_span, message);
        }
        _ => {}
    }
    let Some(index) = find(inherited, target, tools) else {
        return;
    };
    let Some(slot) = slots.get_mut(index) else {
        return;
    };
    let steps = steps.and_then(|steps| steps.value.sequence());
    let steps = steps.unwrap_or_default().to_vec();
    match kind {
        "insert-before" => slot.before.extend(steps),
        "insert-after" => slot.after.extend(steps),
        _ if slot.instead.is_some() => {
            let message = "this step is replaced or removed already";
            tools.report.error("edit-twice", target.value.span, message);
        }
        _ => slot.instead = Some(steps),
    }
}

/// The step that an edit names: by its id, else its name, else its number from 1.
fn find(inherited: &[Node], target: &Entry, tools: &mut Tools) -> Option<usize> {
    let span = tools::place_of(target);
    let (written, number) = match &target.value.value {
        Value::Integer(number) => (number.to_string(), usize::try_from(*number).ok()),
        Value::String(text) => (text.trim().to_owned(), text.trim().parse().ok()),
        _ => return None,
    };
    let text_of = |step: &'_ Node, key| step.get(key).and_then(Node::string).map(str::to_owned);
    let folded = fold(&written);
    let by_id = |step: &Node| text_of(step, "id").is_some_and(|id| fold(&id) == folded);
    if let Some(index) = inherited.iter().position(by_id) {
        return Some(index);
    }
    let by_name = |step: &Node| text_of(step, "name").is_some_and(|name| name.trim() == written);
    let named = inherited.iter().enumerate();
    let named = named.filter(|(_, step)| by_name(step));
    let named: Vec<usize> = named.map(|(index, _)| index).collect();
    match named.as_slice() {
        [only] => return Some(*only),
        [first, second, ..] => {
            let message = format!("more than one inherited step has the name `{written}`");
            let hint = format!("write its number: {} or {}", first + 1, second + 1);
            let report = &mut tools.report;
            report.error_with_hint("ambiguous-step", span, message, Some(hint));
            return None;
        }
        [] => {}
    }
    let index = number.and_then(|number: usize| number.checked_sub(1));
    if let Some(index) = index.filter(|index| *index < inherited.len()) {
        return Some(index);
    }
    unknown(inherited, &written, span, tools);
    None
}

fn unknown(inherited: &[Node], written: &str, span: Span, tools: &mut Tools) {
    let names = ["id", "name"].into_iter().flat_map(|key| {
        let texts = inherited.iter();
        texts.filter_map(move |step| step.get(key).and_then(Node::string))
    });
    let hint = tools.report.near(written, names).unwrap_or_else(|| {
        let count = text::counted(inherited.len(), "step");
        format!("the job inherits {count}; one is named by its id, its name or its number")
    });
    let message = format!("no inherited step is `{written}`");
    tools
        .report
        .error_with_hint("unknown-step", span, message, Some(hint));
}
