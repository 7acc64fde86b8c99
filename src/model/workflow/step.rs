//! Reads one step.

use crate::base::limits::CHECKPOINT_MESSAGE_BYTES;
use crate::base::source::Span;
use crate::model::expression::Template;
use crate::model::tree::Node;
use crate::model::workflow::definition::{
    CheckpointStep, DEFAULT_OPTIONS, Guard, OnTimeout, Step, StepKind,
};
use crate::model::workflow::keys;
use crate::model::workflow::keys::STEP_KINDS;
use crate::model::workflow::policy::Setting;
use crate::model::workflow::record::Record;
use crate::model::workflow::report::Report;
use crate::model::workflow::scalar;

/// Reads a step; `number` counts from 1. What is wrong with it is reported and replaced by
/// something harmless, so that the rest of the file is checked too.
pub(crate) fn read(node: &Node, number: usize, report: &mut Report) -> Option<Step> {
    let span = node
        .mapping()
        .and_then(<[_]>::first)
        .map_or(node.span, |entry| entry.key_span);
    let record = Record::read(node, &keys::STEP, span, report)?;
    let scope = keys::STEP.scope;
    let kind = kind(&record, span, report);
    let id = record
        .entry("id")
        .map(|entry| scalar::identifier(entry, report));
    Some(Step {
        key: id.clone().unwrap_or_else(|| number.to_string()),
        id,
        name: template(&record, "name", report),
        filled_name: None,
        condition: scalar::condition(record.node("if"), scope, report),
        guard: Guard::None,
        continue_on_error: None,
        retry: None,
        artifacts: Vec::new(),
        problem_matchers: Vec::new(),
        env: scalar::variables(record.node("env"), scope, report),
        working_directory: template(&record, "working-directory", report),
        working_directory_place: record
            .node("working-directory")
            .map(|node| report.place(node.span)),
        timeout: record
            .entry("timeout-minutes")
            .and_then(|entry| scalar::minutes(entry, report))
            .map(Setting::Fixed),
        kind,
        span,
    })
}

fn template(record: &Record, key: &str, report: &mut Report) -> Option<Template> {
    let node = record.node(key)?;
    Some(scalar::template(node, keys::STEP.scope, report))
}

/// What the step does; a checkpoint without a name where that cannot be said.
fn kind(record: &Record, span: Span, report: &mut Report) -> StepKind {
    let kinds: Vec<&str> = STEP_KINDS
        .iter()
        .copied()
        .filter(|kind| record.has(kind))
        .collect();
    match kinds.as_slice() {
        // An unknown key may be a misspelt kind, and has been reported.
        [] if !record.has_unknown => {
            let message = "a step needs `run` or `checkpoint`";
            report.error("step-kind", span, message);
        }
        [first, second, ..] => {
            let message = format!("a step has either `{first}` or `{second}`, not both");
            let second = record.entry(second).map_or(span, |entry| entry.key_span);
            report.error("step-kind", second, message);
        }
        [kind] => misplaced(record, kind, report),
        [] => {}
    }
    if let Some(entry) = record.entry("run") {
        let script = scalar::template(&entry.value, keys::STEP.scope, report);
        let shell = record
            .entry("shell")
            .map(|entry| scalar::shell(entry, report));
        return StepKind::Run { script, shell };
    }
    // The placeholder keeps what else is written in the step under the later checks.
    let name = record
        .entry("checkpoint")
        .map(|entry| scalar::identifier(entry, report))
        .unwrap_or_default();
    let message = template(record, "message", report);
    if let (Some(text), Some(entry)) = (&message, record.entry("message"))
        && text.literal_bytes() > CHECKPOINT_MESSAGE_BYTES
    {
        let (found, limit) = (text.literal_bytes(), CHECKPOINT_MESSAGE_BYTES);
        let problem = format!("a message has at most {limit} bytes, this one has {found}");
        let hint = "write it to a file and name the file".to_owned();
        report.error_with_hint("long-message", entry.key_span, problem, Some(hint));
    }
    StepKind::Checkpoint(Box::new(CheckpointStep {
        name,
        message,
        options: DEFAULT_OPTIONS.map(str::to_owned).to_vec(),
        text_required: false,
        expires: None,
        on_timeout: OnTimeout::Reject,
        approvers: Vec::new(),
    }))
}

/// Reports keys that mean something beside another kind only.
fn misplaced(record: &Record, kind: &str, report: &mut Report) {
    for (key, entry) in record.iter() {
        if let Some(other) = key.only_with.filter(|other| *other != kind) {
            let message = format!("`{}` can stand beside `{other}` only", key.name);
            report.error("misplaced-key", entry.key_span, message);
        }
    }
}
