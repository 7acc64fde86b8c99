//! Reads `on`: what starts a workflow. The names are checked; what they mean is decided elsewhere.

use crate::base::source::Span;
use crate::base::text;
use crate::model::tree::{Entry, Node};
use crate::model::workflow::record::visible_span;
use crate::model::workflow::report::Report;

/// The events that there are.
pub(crate) const EVENTS: &[&str] = &[
    "commit-msg",
    "file-changed",
    "manual",
    "post-checkout",
    "post-commit",
    "post-merge",
    "post-rewrite",
    "pre-commit",
    "pre-push",
    "prepare-commit-msg",
    "run-finished",
    "schedule",
    "spec-added",
    "spec-changed",
    "spec-status",
    "workflow_call",
    "workflow_dispatch",
];

/// GitHub's events that do not happen here, with the nearest one that does.
const ELSEWHERE: &[(&str, &str)] = &[
    ("branch_protection_rule", ""),
    ("check_run", ""),
    ("check_suite", ""),
    ("create", "post-checkout"),
    ("delete", ""),
    ("deployment", ""),
    ("deployment_status", ""),
    ("discussion", ""),
    ("discussion_comment", ""),
    ("fork", ""),
    ("gollum", ""),
    ("issue_comment", ""),
    ("issues", "spec-changed"),
    ("label", ""),
    ("merge_group", "post-merge"),
    ("milestone", ""),
    ("page_build", ""),
    ("project", ""),
    ("project_card", ""),
    ("project_column", ""),
    ("public", ""),
    ("pull_request", "pre-push"),
    ("pull_request_review", ""),
    ("pull_request_review_comment", ""),
    ("pull_request_target", "pre-push"),
    ("push", "post-commit"),
    ("registry_package", ""),
    ("release", ""),
    ("repository_dispatch", "manual"),
    ("status", ""),
    ("watch", ""),
    ("workflow_run", "run-finished"),
];

/// Reads the events: one name, a list of names, or a mapping of names to what narrows them.
pub(crate) fn read(entry: &Entry, report: &mut Report) {
    let value = &entry.value;
    if let Some(entries) = value.mapping() {
        let mut seen = Vec::new();
        for entry in entries {
            check(&entry.key, entry.key_span, report);
            if seen.contains(&entry.key.as_str()) {
                let message = format!("event `{}` is there already", entry.key);
                report.error("duplicate-key", entry.key_span, message);
            }
            seen.push(entry.key.as_str());
        }
        return;
    }
    for node in value.sequence().unwrap_or(std::slice::from_ref(value)) {
        if let Some(name) = node.string() {
            check(name, node.span, report);
        } else {
            let message = format!("`on` holds names of events, not {}", node.kind());
            let span = visible_span(node, entry.key_span);
            report.error("wrong-type", span, message);
        }
    }
}

/// What stands below an event, for the inputs of `workflow_dispatch` and `workflow_call`.
pub(crate) fn below<'a>(on: &'a Node, event: &str, key: &str) -> Option<&'a Entry> {
    let entries = on.get(event)?.mapping()?;
    entries.iter().find(|entry| entry.key == key)
}

/// The event here that is nearest to one of GitHub's: empty when there is none, nothing when GitHub
/// has no such event.
pub(crate) fn nearest(name: &str) -> Option<&'static str> {
    let found = ELSEWHERE.iter().find(|(known, _)| *known == name);
    found.map(|(_, nearest)| *nearest)
}

fn check(name: &str, span: Span, report: &mut Report) {
    if EVENTS.contains(&name) {
        return;
    }
    if let Some((_, nearest)) = ELSEWHERE.iter().find(|(known, _)| *known == name) {
        let message = format!("`{name}` never happens here: it is an event of GitHub");
        let hint = match *nearest {
            "" => "leave it out; `git mmm run` starts the workflow".to_owned(),
            nearest => format!("the nearest event here is `{nearest}`"),
        };
        report.warning("foreign-event", span, message, Some(hint));
        return;
    }
    let hint = report.near(name, EVENTS.iter().copied());
    let hint =
        hint.unwrap_or_else(|| format!("known here: {}", text::one_of(EVENTS.iter().copied())));
    report.error_with_hint(
        "unknown-event",
        span,
        format!("unknown event `{name}`"),
        Some(hint),
    );
}
