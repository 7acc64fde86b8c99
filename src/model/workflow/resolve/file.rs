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

/// Whether a file uses any of the keys of reuse.
pub(crate) fn reuses(root: &Node) -> bool {
    let entries = root.mapping().unwrap_or_default();
    let has = |entries: &[Entry], keys: &[&str]| {
        let known = |entry: &Entry| keys.contains(&entry.key.as_str());
        entries.iter().any(known)
    };
    has(entries, TAKEN)
        || jobs(entries).any(|job| {
            let entries = job.value.mapping().unwrap_or_default();
            has(entries, &["abstract", "extends", "overlay"])
                || tools::entry(entries, "steps")
                    .and_then(|steps| steps.value.sequence())
                    .unwrap_or_default()
                    .iter()
                    .any(|step| step.get("use").is_some())
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
    for entry in keys {
        match (entry.key.as_str(), &mut entry.value.value) {
            ("steps", Value::Sequence(_)) => expand(entry, common, tools),
            ("overlay", Value::Sequence(edits)) => {
                for edit in edits {
                    let Value::Mapping(keys) = &mut edit.value else {
                        continue;
                    };
                    for key in keys.iter_mut().filter(|key| key.key == "steps") {
                        expand(key, common, tools);
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

fn expand(entry: &mut Entry, common: &mut Common, tools: &mut Tools) {
    if let Value::Sequence(steps) = &mut entry.value.value {
        *steps = common.expand(std::mem::take(steps), tools);
    }
}
