//! Reads one step.

use crate::model::expression::Template;
use crate::model::tree::Node;
use crate::model::workflow::definition::{Guard, Step};
use crate::model::workflow::keys;
use crate::model::workflow::record::Record;
use crate::model::workflow::report::Report;
use crate::model::workflow::{artifacts, kinds, retry, scalar, scopes};

/// A step with what is written in it.
#[derive(Debug)]
pub(crate) struct ReadStep<'a> {
    /// The step, its handlers left out.
    pub(crate) step: Step,
    /// Its keys.
    pub(crate) record: Record<'a>,
}

/// Reads a step; `key` is what it is called without an id. What is wrong with it is reported and
/// replaced by something harmless, so that the rest of the file is checked too.
pub(crate) fn read<'a>(node: &'a Node, key: &str, report: &mut Report) -> Option<ReadStep<'a>> {
    let span = node
        .mapping()
        .and_then(<[_]>::first)
        .map_or(node.span, |entry| entry.key_span);
    let record = Record::read(node, &keys::STEP, span, report)?;
    let scope = scopes::STEP;
    let kind = kinds::read(&record, span, report);
    let id = record
        .entry("id")
        .map(|entry| scalar::identifier(entry, report));
    let problem_matchers = record.node("problem-matchers");
    let problem_matchers = problem_matchers.map(|node| scalar::templates(node, scope, report));
    let step = Step {
        key: id.clone().unwrap_or_else(|| key.to_owned()),
        id,
        name: template(&record, "name", report),
        filled_name: None,
        condition: scalar::condition(record.node("if"), scopes::STEP_IF, report),
        guard: Guard::None,
        continue_on_error: record
            .entry("continue-on-error")
            .and_then(|entry| scalar::switch(entry, scope, report)),
        retry: record
            .entry("retry")
            .and_then(|entry| retry::read(entry, report)),
        artifacts: artifacts::read(record.node("artifacts"), scope, report),
        problem_matchers: problem_matchers.unwrap_or_default(),
        env: scalar::variables(record.node("env"), scope, report),
        working_directory: template(&record, "working-directory", report),
        working_directory_place: record
            .node("working-directory")
            .map(|node| report.place(node.span)),
        timeout: record
            .entry("timeout-minutes")
            .and_then(|entry| scalar::minutes(entry, scope, report)),
        kind,
        span,
    };
    Some(ReadStep { step, record })
}

fn template(record: &Record, key: &str, report: &mut Report) -> Option<Template> {
    let node = record.node(key)?;
    Some(scalar::template(node, scopes::STEP, report))
}
