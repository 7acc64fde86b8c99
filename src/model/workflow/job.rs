//! Reads one job.

use std::collections::HashSet;

use crate::base::limits;
use crate::model::expression::value::fold;
use crate::model::tree::Entry;
use crate::model::tree::Node;
use crate::model::workflow::definition::Guard;
use crate::model::workflow::definition::Job;
use crate::model::workflow::definition::Step;
use crate::model::workflow::keys;
use crate::model::workflow::needs;
use crate::model::workflow::needs::Need;
use crate::model::workflow::policy::{Defaults, Setting};
use crate::model::workflow::record::Record;
use crate::model::workflow::report::Report;
use crate::model::workflow::scalar;
use crate::model::workflow::step;

/// A job whose `needs` are still names.
#[derive(Debug)]
pub(crate) struct ReadJob {
    /// The job without what it needs.
    pub(crate) job: Job,
    /// What it needs.
    pub(crate) needs: Vec<Need>,
}

/// Reads a job; `steps_before` counts the steps of the whole file.
pub(crate) fn read(entry: &Entry, steps_before: &mut usize, report: &mut Report) -> ReadJob {
    let span = entry.key_span;
    scalar::check_identifier(&entry.key, span, report);
    let mut job = Job {
        id: entry.key.clone(),
        name: None,
        needs: Vec::new(),
        condition: scalar::condition(None, keys::JOB.scope, report),
        guard: Guard::None,
        strategy: None,
        concurrency: None,
        continue_on_error: None,
        isolation: None,
        defaults: Defaults::default(),
        dotenv: Vec::new(),
        env: Vec::new(),
        outputs: Vec::new(),
        artifacts: Vec::new(),
        timeout: None,
        steps: Vec::new(),
        span,
    };
    let mut needs = Vec::new();
    let Some(record) = Record::read(&entry.value, &keys::JOB, span, report) else {
        return ReadJob { job, needs };
    };
    let scope = keys::JOB.scope;
    job.name = record
        .node("name")
        .map(|node| scalar::template(node, scope, report));
    job.condition = scalar::condition(record.node("if"), scope, report);
    job.env = scalar::variables(record.node("env"), scope, report);
    job.timeout = record
        .entry("timeout-minutes")
        .and_then(|entry| scalar::minutes(entry, report))
        .map(Setting::Fixed);
    if let Some(node) = record.node("needs") {
        needs = needs::read(node, report);
    }
    if let Some(entry) = record.entry("steps") {
        job.steps = steps(entry, steps_before, report);
    }
    ReadJob { job, needs }
}

fn steps(entry: &Entry, steps_before: &mut usize, report: &mut Report) -> Vec<Step> {
    let nodes = entry.value.sequence().unwrap_or_default();
    if nodes.is_empty() {
        report.error("empty", entry.value.span, "`steps` has no step");
    }
    let before = *steps_before;
    *steps_before += nodes.len();
    // Reported once, where the limit is passed.
    if before <= limits::STEPS && *steps_before > limits::STEPS {
        let message = format!("a workflow has at most {} steps", limits::STEPS);
        report.error("too-many-steps", entry.key_span, message);
    }
    let left = limits::STEPS.saturating_sub(before);
    let steps: Vec<Step> = nodes
        .iter()
        .take(left)
        .enumerate()
        .filter_map(|(index, node)| step::read(node, index + 1, report))
        .collect();
    duplicate_ids(nodes, report);
    steps
}

/// Reports ids that stand twice; as on GitHub, case makes no difference.
fn duplicate_ids(nodes: &[Node], report: &mut Report) {
    let mut seen = HashSet::new();
    for node in nodes {
        let Some(id) = node.get("id") else { continue };
        if let Some(text) = id.string().filter(|text| !seen.insert(fold(text))) {
            let message = format!("step id `{text}` is there already");
            report.error("duplicate-id", id.span, message);
        }
    }
}
