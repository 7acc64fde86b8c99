//! Reads what a step does.

use crate::base::limits::{CHECKPOINT_MESSAGE_BYTES, CHECKPOINT_OPTIONS};
use crate::base::source::Span;
use crate::base::text;
use crate::model::expression::value::fold;
use crate::model::tree::{Entry, Node};
use crate::model::workflow::data::{self, Data, DataKind};
use crate::model::workflow::definition::{
    CheckpointStep, DEFAULT_OPTIONS, OnTimeout, REJECT, StepKind,
};
use crate::model::workflow::keys::{self, STEP_KINDS, Shape};
use crate::model::workflow::record::Record;
use crate::model::workflow::report::Report;
use crate::model::workflow::{scalar, scopes};

/// Reads what the step does; a checkpoint without a name where that cannot be said.
pub(crate) fn read(record: &Record, span: Span, report: &mut Report) -> StepKind {
    choose(record, span, report);
    if let Some(entry) = record.entry("run") {
        let script = scalar::template(&entry.value, scopes::STEP, report);
        let shell = record
            .entry("shell")
            .map(|entry| scalar::shell(entry, report));
        return StepKind::Run { script, shell };
    }
    if let Some(entry) = record.entry("workflow") {
        return call(entry, record, report);
    }
    if let Some(entry) = record.entry("notify") {
        return StepKind::Notify(notify(entry, report));
    }
    if let Some(entry) = record.entry("git") {
        return StepKind::Git(git(entry, report));
    }
    // The placeholder keeps what else is written in the step under the later checks.
    StepKind::Checkpoint(Box::new(checkpoint(record, report)))
}

/// Reports a step that has no kind or several, and keys that mean something beside others only.
fn choose(record: &Record, span: Span, report: &mut Report) {
    let kinds: Vec<&str> = STEP_KINDS
        .iter()
        .copied()
        .filter(|kind| record.has(kind))
        .collect();
    match kinds.as_slice() {
        // An unknown key may be a misspelt kind, and has been reported.
        [] if !record.has_unknown => {
            let kinds = text::one_of(STEP_KINDS.iter().copied());
            report.error("step-kind", span, format!("a step needs {kinds}"));
        }
        [first, second, ..] => {
            let message = format!("a step has either `{first}` or `{second}`, not both");
            let second = record.entry(second).map_or(span, |entry| entry.key_span);
            report.error("step-kind", second, message);
        }
        [kind] => misplaced(record, kind, report),
        [] => {}
    }
}

fn misplaced(record: &Record, kind: &str, report: &mut Report) {
    for (key, entry) in record.iter() {
        if !key.only_with.is_empty() && !key.only_with.contains(&kind) {
            let others = text::one_of(key.only_with.iter().copied());
            let message = format!("`{}` can stand beside {others} only", key.name);
            report.error("misplaced-key", entry.key_span, message);
        }
    }
}

fn checkpoint(record: &Record, report: &mut Report) -> CheckpointStep {
    let name = record
        .entry("checkpoint")
        .map(|entry| scalar::identifier(entry, report))
        .unwrap_or_default();
    let message = record
        .node("message")
        .map(|node| scalar::template(node, scopes::STEP, report));
    if let (Some(text), Some(entry)) = (&message, record.entry("message"))
        && text.literal_bytes() > CHECKPOINT_MESSAGE_BYTES
    {
        let (found, limit) = (text.literal_bytes(), CHECKPOINT_MESSAGE_BYTES);
        let problem = format!("a message has at most {limit} bytes, this one has {found}");
        let hint = "write it to a file and name the file".to_owned();
        report.error_with_hint("long-message", entry.key_span, problem, Some(hint));
    }
    if let Some(entry) = record
        .entry("on-timeout")
        .filter(|_| !record.has("expires"))
    {
        let message = "`on-timeout` can stand beside `expires` only";
        report.error("misplaced-key", entry.key_span, message);
    }
    CheckpointStep {
        name,
        message,
        options: options(record.entry("options"), report),
        text_required: record.node("text").and_then(Node::string) == Some("required"),
        expires: scalar::duration(record.entry("expires")),
        on_timeout: match record.node("on-timeout").and_then(Node::string) {
            Some("approve") => OnTimeout::Approve,
            Some("fail") => OnTimeout::Fail,
            _ => OnTimeout::Reject,
        },
        approvers: approvers(record.entry("approvers"), report),
    }
}

fn options(entry: Option<&Entry>, report: &mut Report) -> Vec<String> {
    let Some(entry) = entry else {
        return DEFAULT_OPTIONS.map(str::to_owned).to_vec();
    };
    let nodes = entry.value.sequence().unwrap_or_default();
    if nodes.is_empty() || nodes.len() > CHECKPOINT_OPTIONS {
        let message = format!(
            "a checkpoint has 1 to {CHECKPOINT_OPTIONS} options, not {}",
            nodes.len()
        );
        report.error("bad-options", entry.key_span, message);
    }
    let mut options: Vec<String> = Vec::new();
    for node in nodes.iter().take(CHECKPOINT_OPTIONS) {
        let option = scalar::text(node).into_owned();
        scalar::check_identifier(&option, node.span, report);
        if options.iter().any(|known| fold(known) == fold(&option)) {
            let message = format!("option `{option}` is there already");
            report.error("bad-options", node.span, message);
        }
        options.push(option);
    }
    if !options.is_empty() && options.iter().all(|option| option == REJECT) {
        let message = format!("with `{REJECT}` alone nobody can let the run go on");
        report.error("bad-options", entry.key_span, message);
    }
    options
}

fn approvers(entry: Option<&Entry>, report: &mut Report) -> Vec<String> {
    let Some(entry) = entry else {
        return Vec::new();
    };
    let nodes = entry.value.sequence().unwrap_or_default();
    if nodes.is_empty() {
        let message = "with no approver nobody can answer".to_owned();
        let hint = "leave `approvers` out to let everybody answer".to_owned();
        report.error_with_hint("empty", entry.key_span, message, Some(hint));
    }
    let read = nodes.iter().map(|node| {
        let address = scalar::text(node).trim().to_owned();
        if !address.contains('@') {
            let message = format!("`{address}` is no address, as Git has it in `user.email`");
            report.error("bad-address", node.span, message);
        }
        address
    });
    read.collect()
}

fn call(entry: &Entry, record: &Record, report: &mut Report) -> StepKind {
    let workflow = scalar::plain(entry, report);
    let span = entry.value.span;
    let name = text::file_stem(&workflow);
    if workflow.trim().is_empty() {
        report.error("empty", span, "`workflow` needs the name of a workflow");
    } else if name != workflow {
        let message = format!("`{workflow}` is a path, expected the name of a workflow");
        let hint = format!("write `workflow: {name}`");
        report.error_with_hint("bad-workflow", span, message, Some(hint));
    }
    let with = record
        .node("with")
        .map(|node| data::entries(node, scopes::STEP, report));
    StepKind::Call {
        workflow,
        span,
        with: with.unwrap_or_default(),
    }
}

fn notify(entry: &Entry, report: &mut Report) -> Data {
    let span = entry.key_span;
    if entry.value.mapping().is_some()
        && let Some(record) = Record::read(&entry.value, &keys::NOTIFY, span, report)
    {
        let to = record
            .node("to")
            .and_then(Node::string)
            .unwrap_or("terminal");
        if !["message", "title", "body"]
            .iter()
            .any(|key| record.has(key))
        {
            report.error("missing-key", span, "`notify` needs `message`");
        }
        for (kind, key) in [("webhook", "url"), ("command", "command")] {
            if to == kind && !record.has(key) {
                let message = format!("`notify` with `to: {kind}` needs `{key}`");
                report.error("missing-key", span, message);
            }
        }
        for (key, kind) in [
            ("url", "webhook"),
            ("secret", "webhook"),
            ("headers", "webhook"),
            ("body", "webhook"),
            ("command", "command"),
        ] {
            if let Some(entry) = record.entry(key).filter(|_| to != kind) {
                let message = format!("`{key}` can stand beside `to: {kind}` only");
                report.error("misplaced-key", entry.key_span, message);
            }
        }
        if let Some(secret) = record.entry("secret") {
            scalar::identifier(secret, report);
        }
    }
    data::read(&entry.value, scopes::STEP, report)
}

fn git(entry: &Entry, report: &mut Report) -> Data {
    let empty = Data {
        kind: DataKind::Map(Vec::new()),
        span: entry.value.span,
    };
    let Some(record) = Record::read(&entry.value, &keys::GIT, entry.key_span, report) else {
        return empty;
    };
    let mut verbs = record.iter();
    match (verbs.next(), verbs.next()) {
        (None, _) if !record.has_unknown => {
            let verbs = text::one_of(keys::GIT.names());
            report.error(
                "missing-key",
                entry.key_span,
                format!("`git` needs {verbs}"),
            );
        }
        (Some((first, _)), Some((second, entry))) => {
            let message = format!(
                "`git` does one thing: either `{}` or `{}`",
                first.name, second.name
            );
            let hint = "write a step for each".to_owned();
            report.error_with_hint("step-kind", entry.key_span, message, Some(hint));
        }
        _ => {}
    }
    for (key, entry) in record.iter() {
        verb(key.shape, entry, report);
    }
    data::read(&entry.value, scopes::STEP, report)
}

/// Reads what belongs to one verb of `git`.
fn verb(shape: Shape, entry: &Entry, report: &mut Report) {
    let Shape::Either([_, Shape::Record(place)]) = shape else {
        return;
    };
    if entry.value.mapping().is_none() {
        if scalar::text(&entry.value).trim().is_empty() {
            report.error(
                "empty",
                entry.key_span,
                format!("`{}` needs a text", entry.key),
            );
        }
        return;
    }
    let Some(record) = Record::read(&entry.value, place, entry.key_span, report) else {
        return;
    };
    for (key, entry) in record.iter() {
        if matches!(key.shape, Shape::Switch) {
            scalar::switch(entry, place.scope, report);
        }
    }
    if let (Some(_), Some(all)) = (record.entry("paths"), record.entry("all")) {
        let message = "`git` commits either `paths` or `all`";
        report.error("misplaced-key", all.key_span, message);
    }
}
