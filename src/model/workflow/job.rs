//! Reads one job.

use crate::base::source::Span;
use crate::model::expression::Template;
use crate::model::tree::Entry;
use crate::model::workflow::condition::Condition;
use crate::model::workflow::definition::{Guard, Job};
use crate::model::workflow::handlers::StepReader;
use crate::model::workflow::keys;
use crate::model::workflow::needs;
use crate::model::workflow::needs::Need;
use crate::model::workflow::policy::{Defaults, OnConflict};
use crate::model::workflow::record::Record;
use crate::model::workflow::report::Report;
use crate::model::workflow::{artifacts, defaults, isolation, scalar, scopes, strategy};

/// A job whose `needs` are still names.
#[derive(Debug)]
pub(crate) struct ReadJob {
    /// The job without what it needs.
    pub(crate) job: Job,
    /// What it needs.
    pub(crate) needs: Vec<Need>,
}

/// What jobs are read with.
#[derive(Debug)]
pub(crate) struct Around<'a> {
    /// The defaults of the workflow.
    pub(crate) defaults: &'a Defaults,
    /// The steps of the whole file so far.
    pub(crate) steps: usize,
}

/// A job in which nothing is written.
pub(crate) fn blank(id: &str, span: Span, around: &Around) -> Job {
    Job {
        id: id.to_owned(),
        name: None,
        needs: Vec::new(),
        condition: Condition::default(),
        guard: Guard::None,
        strategy: None,
        concurrency: None,
        continue_on_error: None,
        isolation: None,
        defaults: around.defaults.clone(),
        dotenv: Vec::new(),
        env: Vec::new(),
        outputs: Vec::new(),
        artifacts: Vec::new(),
        timeout: None,
        steps: Vec::new(),
        span,
    }
}

/// Reads a job.
pub(crate) fn read(entry: &Entry, around: &mut Around, report: &mut Report) -> ReadJob {
    let span = entry.key_span;
    scalar::check_identifier(&entry.key, span, report);
    let mut job = blank(&entry.key, span, around);
    let mut needs = Vec::new();
    let Some(record) = Record::read(&entry.value, &keys::JOB, span, report) else {
        return ReadJob { job, needs };
    };
    let scope = scopes::JOB;
    job.name = record
        .node("name")
        .map(|node| scalar::template(node, scope, report));
    job.condition = scalar::condition(record.node("if"), scopes::JOB_IF, report);
    job.strategy = strategy::read(&record, report);
    job.concurrency = record
        .entry("concurrency")
        .and_then(|entry| isolation::concurrency(entry, scope, report));
    job.continue_on_error = record
        .entry("continue-on-error")
        .and_then(|entry| scalar::switch(entry, scope, report));
    job.isolation = record
        .entry("isolation")
        .and_then(|entry| isolation::isolation(entry, scope, &mut around.steps, report));
    job.defaults = defaults::read(&record, scopes::JOB_DEFAULTS, around.defaults, report);
    job.dotenv = artifacts::dotenv(record.entry("dotenv"), report);
    job.env = scalar::variables(record.node("env"), scopes::JOB_ENV, report);
    job.outputs = scalar::fields(record.node("outputs"), scopes::JOB_END, report);
    job.artifacts = artifacts::read(record.node("artifacts"), scopes::JOB_END, report);
    job.timeout = record
        .entry("timeout-minutes")
        .and_then(|entry| scalar::minutes(entry, scope, report));
    if let Some(node) = record.node("needs") {
        needs = needs::read(node, report);
    }
    let mut steps = StepReader::new(&mut around.steps);
    if let Some(entry) = record.entry("steps") {
        steps.main(entry, report);
    }
    steps.of_job(&record, report);
    // They run behind all others, so whoever runs a job finds them there alone.
    if let Some(OnConflict::Steps(own)) = job.isolation.as_mut().map(|own| &mut own.on_conflict) {
        steps.adopt(std::mem::take(own), report);
    }
    job.steps = steps.finish();
    ReadJob { job, needs }
}

/// Reads `on-failure` or `ensure` of the workflow: a job that needs all the others.
pub(crate) fn handler(
    entry: &Entry,
    (id, guard): (&str, Guard),
    others: usize,
    around: &mut Around,
    report: &mut Report,
) -> Job {
    let mut job = blank(id, entry.key_span, around);
    job.name = Some(Template::literal(entry.key.as_str(), entry.key_span));
    job.guard = guard;
    job.needs = (0..others).collect();
    let mut steps = StepReader::new(&mut around.steps);
    steps.main(entry, report);
    job.steps = steps.finish();
    job
}
