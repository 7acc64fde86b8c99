//! One file of a chain, made ready to be merged: checked, and its `use` steps replaced.

use crate::model::tree::Entry;
use crate::model::tree::Node;
use crate::model::tree::Value;
use crate::model::workflow::record::wrong_type;
use crate::model::workflow::resolve::common;
use crate::model::workflow::resolve::common::Common;
use crate::model::workflow::resolve::tools;
use crate::model::workflow::resolve::tools::Tools;

/// Keys of the file that are of no use to what is merged.
const TAKEN: &[&str] = &["abstract", common::KEY, "extends"];

/// Keys of a file and of a job that hold steps.
const LISTS: &[&str] = &["steps", "on-failure", "ensure"];

/// The key below `isolation` that may hold steps.
const CONFLICT: &[&str] = &["on-conflict"];

/// Whether a file uses any of the keys of reuse.
pub(crate) fn reuses(root: &Node) -> bool {
    let entries = root.mapping().unwrap_or_default();
    let has = |entries: &[Entry], keys: &[&str]| {
        let known = |entry: &Entry| keys.contains(&entry.key.as_str());
        entries.iter().any(known)
    };
    has(entries, TAKEN)
        || uses(entries)
        || jobs(entries).any(|job| {
            let entries = job.value.mapping().unwrap_or_default();
            has(entries, &["abstract", "extends", "overlay"]) || uses(entries)
        })
}

/// Whether a list of steps of a file or of a job has a `use`.
fn uses(entries: &[Entry]) -> bool {
    let has_use = |entry: &Entry| {
        entry
            .value
            .sequence()
            .is_some_and(|steps| steps.iter().any(common::uses))
    };
    entries.iter().any(|entry| match entry.key.as_str() {
        "isolation" => {
            let keys = entry.value.mapping().unwrap_or_default();
            keys.iter()
                .any(|entry| CONFLICT.contains(&entry.key.as_str()) && has_use(entry))
        }
        key => LISTS.contains(&key) && has_use(entry),
    })
}

fn jobs(entries: &[Entry]) -> impl Iterator<Item = &Entry> {
    let jobs = tools::entry(entries, "jobs").and_then(|jobs| jobs.value.mapping());
    jobs.unwrap_or_default().iter()
}

/// Checks the keys of reuse in a file and replaces `use`.
pub(crate) fn prepare(root: Node, common: &mut Common, tools: &mut Tools) -> Node {
    let Node { span, value } = root;
    let Value::Mapping(mut entries) = value else {
        return Node { span, value };
    };
    tools::check_flag(&entries, "abstract", &mut tools.report);
    tools::check_once(&entries, "extends", &mut tools.report);
    entries.retain(|entry| !TAKEN.contains(&entry.key.as_str()));
    expand(&mut entries, common, tools);
    for entry in entries.iter_mut().filter(|entry| entry.key == "jobs") {
        let Value::Mapping(jobs) = &mut entry.value.value else {
            continue;
        };
        for job in jobs {
            if let Value::Mapping(keys) = &mut job.value.value {
                prepare_job(keys, common, tools);
            }
        }
    }
    let value = Value::Mapping(entries);
    Node { span, value }
}

fn prepare_job(keys: &mut [Entry], common: &mut Common, tools: &mut Tools) {
    tools::check_flag(keys, "abstract", &mut tools.report);
    tools::check_once(keys, "extends", &mut tools.report);
    tools::check_once(keys, "overlay", &mut tools.report);
    if let (Some(overlay), Some(steps)) =
        (tools::entry(keys, "overlay"), tools::entry(keys, "steps"))
        && overlay.value.value != Value::Null
        && steps.value.value != Value::Null
    {
        let message = "`overlay` changes inherited steps, and this job has `steps` of its own";
        let report = &mut tools.report;
        report.error("misplaced-key", overlay.key_span, message);
    }
    expand(keys, common, tools);
    for entry in keys {
        match (entry.key.as_str(), &mut entry.value.value) {
            ("overlay", Value::Sequence(edits)) => {
                for edit in edits {
                    if let Value::Mapping(keys) = &mut edit.value {
                        common.expand_below(keys, &["steps"], tools);
                    }
                }
            }
            ("overlay", value) if *value != Value::Null => {
                wrong_type(entry, "a list of edits", &mut tools.report);
            }
            ("extends", value) if !matches!(value, Value::String(_) | Value::Null) => {
                wrong_type(entry, "the id of a job", &mut tools.report);
            }
            _ => {}
        }
    }
}

/// Replaces `use` in all lists of steps of a file or of a job.
fn expand(entries: &mut [Entry], common: &mut Common, tools: &mut Tools) {
    common.expand_below(entries, LISTS, tools);
    for entry in entries.iter_mut().filter(|entry| entry.key == "isolation") {
        if let Value::Mapping(keys) = &mut entry.value.value {
            common.expand_below(keys, CONFLICT, tools);
        }
    }
}
