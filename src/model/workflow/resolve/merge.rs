//! How what a file or a job says is laid over what it extends.

use std::collections::HashMap;

use crate::model::tree::Entry;
use crate::model::tree::Node;
use crate::model::tree::Value;

/// Keys that belong to what they stand in, and are never inherited.
const OWN: &[&str] = &["abstract", "extends", "name"];

/// Lays a workflow over the one that it extends.
pub(crate) fn workflows(parent: Node, child: Node) -> Node {
    over(without_own(parent), child, &|key, parent, child| {
        if key == "jobs" {
            over(parent, child, &|_, parent, child| {
                same_job(parent, child, false)
            })
        } else {
            deep(parent, child)
        }
    })
}

/// Lays a job over the one that it extends; `parent` has been resolved.
pub(crate) fn jobs(parent: Node, child: Node) -> Node {
    same_job(without_own(parent), child, true)
}

/// Lays a job over one. Where the two are one job of two files, the overlays of both stay, those of
/// the parent first; a resolved parent has none left.
fn same_job(parent: Node, child: Node, is_resolved: bool) -> Node {
    let span = child.span;
    let (mut inherited, own) = match (parent.value, child.value) {
        (Value::Mapping(inherited), Value::Mapping(own)) => (inherited, own),
        // What is no mapping is for the validator to report.
        (_, value) => return Node { span, value },
    };
    let (overlays, own): (Vec<Entry>, Vec<Entry>) =
        own.into_iter().partition(|entry| entry.key == "overlay");
    let has_steps = own.iter().any(|entry| entry.key == "steps");
    let removes = |entry: &Entry| entry.value.value == Value::Null;
    let dropped = is_resolved || has_steps || overlays.iter().any(removes);
    let mut all = Vec::new();
    inherited.retain(|entry| {
        let is_overlay = entry.key == "overlay";
        if is_overlay && !dropped {
            all.push(entry.clone());
        }
        !is_overlay
    });
    all.extend(overlays.into_iter().filter(|entry| !removes(entry)));
    let mut entries = mappings(inherited, own, &|_, parent, child| deep(parent, child));
    entries.extend(all);
    let value = Value::Mapping(entries);
    Node { span, value }
}

/// Mappings are merged by key, everything else is replaced.
fn deep(parent: Node, child: Node) -> Node {
    over(parent, child, &|_, parent, child| deep(parent, child))
}

/// Merges two mappings, by `combine` where both have a key; else the child is all there is.
fn over(parent: Node, child: Node, combine: &dyn Fn(&str, Node, Node) -> Node) -> Node {
    match (parent.value, child.value) {
        (Value::Mapping(inherited), Value::Mapping(own)) => Node {
            span: child.span,
            value: Value::Mapping(mappings(inherited, own, combine)),
        },
        (_, value) => Node {
            span: child.span,
            value,
        },
    }
}

/// The inherited keys in their order, then the new ones. A key with nothing removes an inherited one.
///
/// A key that stands twice is kept twice, for the validator to report.
fn mappings(
    inherited: Vec<Entry>,
    own: Vec<Entry>,
    combine: &dyn Fn(&str, Node, Node) -> Node,
) -> Vec<Entry> {
    let mut index: HashMap<String, usize> = HashMap::with_capacity(inherited.len());
    let mut merged: Vec<Option<Entry>> = Vec::with_capacity(inherited.len() + own.len());
    for entry in inherited {
        index.entry(entry.key.clone()).or_insert(merged.len());
        merged.push(Some(entry));
    }
    for entry in own {
        // Taken out, so that a second one of the name is new.
        let known = index.remove(&entry.key).and_then(|at| merged.get_mut(at));
        let Some(place) = known else {
            merged.push(Some(entry));
            continue;
        };
        let Some(parent) = place.take() else {
            continue;
        };
        if entry.value.value != Value::Null {
            *place = Some(Entry {
                value: combine(&entry.key, parent.value, entry.value),
                key: entry.key,
                key_span: entry.key_span,
            });
        }
    }
    merged.into_iter().flatten().collect()
}

/// A mapping without the keys that are never inherited.
fn without_own(node: Node) -> Node {
    let Node { span, value } = node;
    let value = match value {
        Value::Mapping(mut entries) => {
            entries.retain(|entry| !OWN.contains(&entry.key.as_str()));
            Value::Mapping(entries)
        }
        value => value,
    };
    Node { span, value }
}
