//! Reads `concurrency` and `isolation`: what keeps runs and jobs apart.

use crate::model::expression::Scope;
use crate::model::tree::{Entry, Node};
use crate::model::workflow::definition::Guard;
use crate::model::workflow::handlers::StepReader;
use crate::model::workflow::keys;
use crate::model::workflow::policy::{Concurrency, Isolation, MergeBack, OnConflict, Setting};
use crate::model::workflow::record::Record;
use crate::model::workflow::report::Report;
use crate::model::workflow::scalar;

/// Reads `concurrency`: the name of a group, or a mapping.
pub(crate) fn concurrency(entry: &Entry, scope: Scope, report: &mut Report) -> Option<Concurrency> {
    let mut concurrency = Concurrency {
        group: scalar::template(&entry.value, scope, report),
        cancel_in_progress: Setting::Fixed(false),
        queue_all: false,
    };
    if entry.value.mapping().is_none() {
        check_group(&concurrency, &entry.value, report);
        return Some(concurrency);
    }
    let record = Record::read(&entry.value, &keys::CONCURRENCY, entry.key_span, report)?;
    let group = record.node("group")?;
    concurrency.group = scalar::template(group, scope, report);
    check_group(&concurrency, group, report);
    let cancel = record
        .entry("cancel-in-progress")
        .and_then(|entry| scalar::switch(entry, scope, report));
    concurrency.cancel_in_progress = cancel.unwrap_or(Setting::Fixed(false));
    concurrency.queue_all = record.node("queue").and_then(Node::string) == Some("max");
    if concurrency.queue_all
        && matches!(concurrency.cancel_in_progress, Setting::Fixed(true))
        && let Some(queue) = record.entry("queue")
    {
        let message = "`queue: max` keeps all waiting, `cancel-in-progress` lets none wait";
        report.error("bad-concurrency", queue.key_span, message);
    }
    Some(concurrency)
}

fn check_group(concurrency: &Concurrency, node: &Node, report: &mut Report) {
    if concurrency.group.source_text().trim().is_empty() {
        report.error("empty", node.span, "a group needs a name");
    }
}

/// Checks the `isolation` of a whole run: all of it goes to its branch as it is.
pub(crate) fn check_run(isolation: &Isolation, report: &mut Report) {
    if matches!(isolation.merge, MergeBack::Squash | MergeBack::Rebase) {
        let message = "a run keeps its commits: `squash` and `rebase` are for jobs";
        report.error("misplaced-key", isolation.span, message);
    }
    if !matches!(isolation.on_conflict, OnConflict::Fail) {
        let message = "nothing is merged into the work tree of a run but jobs with `isolation`: \
                       `on-conflict` belongs there";
        report.error("misplaced-key", isolation.span, message);
    }
    if isolation.merge == MergeBack::Leave && isolation.into.is_some() {
        let message = "`merge: leave` merges nothing, `into` names where it is to go";
        report.error("misplaced-key", isolation.span, message);
    }
}

/// Reads `isolation`: `worktree`, or a mapping; `count` counts the steps of the whole file.
pub(crate) fn isolation(
    entry: &Entry,
    scope: Scope,
    count: &mut usize,
    report: &mut Report,
) -> Option<Isolation> {
    let mut isolation = Isolation {
        merge: MergeBack::Merge,
        on_conflict: OnConflict::Fail,
        into: None,
        span: entry.key_span,
    };
    if entry.value.mapping().is_none() {
        return Some(isolation);
    }
    let record = Record::read(&entry.value, &keys::ISOLATION, entry.key_span, report)?;
    isolation.merge = match record.node("merge").and_then(Node::string) {
        Some("squash") => MergeBack::Squash,
        Some("rebase") => MergeBack::Rebase,
        Some("leave") => MergeBack::Leave,
        _ => MergeBack::Merge,
    };
    let into = record.node("into");
    isolation.into = into.map(|node| scalar::template(node, scope, report));
    if let Some(entry) = record.entry("on-conflict") {
        isolation.on_conflict = match entry.value.string() {
            Some("ask") => OnConflict::Ask,
            Some(_) => OnConflict::Fail,
            None => {
                let mut steps = StepReader::new(count);
                steps.handler(entry, "on-conflict", Guard::OnConflict, report);
                OnConflict::Steps(steps.finish())
            }
        };
        if isolation.merge == MergeBack::Leave {
            let message = "`merge: leave` merges nothing, so nothing can conflict";
            report.error("misplaced-key", entry.key_span, message);
        }
    }
    Some(isolation)
}
