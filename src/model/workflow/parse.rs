//! Turns a tree of values into a workflow, or into every problem in it.

use crate::base::diagnostic::{Problem, Severity};
use crate::base::limits;
use crate::base::source::SourceText;
use crate::base::source::Span;
use crate::base::text;
use crate::model::tree::Entry;
use crate::model::tree::Node;
use crate::model::tree::Value;
use crate::model::workflow::cycles;
use crate::model::workflow::definition::{
    ENSURE_JOB, Guard, Job, ON_FAILURE_JOB, Variable, Workflow, places,
};
use crate::model::workflow::inputs;
use crate::model::workflow::job;
use crate::model::workflow::job::Around;
use crate::model::workflow::keys;
use crate::model::workflow::needs;
use crate::model::workflow::needs::JobIds;
use crate::model::workflow::policy::Defaults;
use crate::model::workflow::reachable;
use crate::model::workflow::record::Record;
use crate::model::workflow::references;
use crate::model::workflow::report::Report;
use crate::model::workflow::scalar;
use crate::model::workflow::splice;
use crate::model::workflow::{artifacts, defaults, events, isolation, scopes, shapes};

/// The format of workflows; a file need not name it.
const FORMAT: i64 = 1;

/// Reads a workflow, with its problems in the order of the file. In spite of errors it is there as far
/// as it could be read: for nothing but to look for more of them.
pub(crate) fn parse(source: &SourceText, root: &Node) -> (Option<Workflow>, Vec<Problem>) {
    let mut report = Report::new(source);
    let workflow = read(root, &mut report);
    (workflow, report.finish())
}

fn read(root: &Node, report: &mut Report) -> Option<Workflow> {
    if root.value == Value::Null {
        report.error(
            "missing-key",
            root.span,
            "the file is empty: a workflow needs `jobs`",
        );
        return None;
    }
    if let Some(problem) = newer_format(root, report.source()) {
        report.add(problem);
        return None;
    }
    let first = root
        .mapping()
        .and_then(<[_]>::first)
        .map_or(root.span, |entry| entry.key_span);
    let record = Record::read(root, &keys::WORKFLOW, first, report)?;
    let source = report.source();
    let name = record
        .entry("name")
        .map(|entry| scalar::plain(entry, report))
        .filter(|name| !name.trim().is_empty())
        .unwrap_or_else(|| text::file_stem(source.path()).to_owned());
    let env = scalar::variables(record.node("env"), scopes::RUN_ENV, report);
    if let Some(entry) = record.entry("on") {
        events::read(entry, report);
    }
    let own = Defaults::default();
    let defaults = defaults::read(&record, scopes::RUN, &own, report);
    let mut around = Around {
        defaults: &defaults,
        steps: 0,
    };
    let concurrency = record
        .entry("concurrency")
        .and_then(|entry| isolation::concurrency(entry, scopes::RUN, report));
    let isolation = record
        .entry("isolation")
        .and_then(|entry| isolation::isolation(entry, scopes::RUN, &mut around.steps, report))
        .inspect(|isolation| isolation::check_run(isolation, report));
    let jobs = match record.entry("jobs") {
        Some(entry) => jobs(&record, entry, &mut around, report),
        None => Jobs::default(),
    };
    let workflow = Workflow {
        source: source.clone(),
        name,
        run_name: record
            .node("run-name")
            .map(|node| scalar::template(node, scopes::RUN, report)),
        title: None,
        description: record
            .entry("description")
            .map(|entry| scalar::plain(entry, report)),
        inputs: inputs::read(&record, report),
        dotenv: artifacts::dotenv(record.entry("dotenv"), report),
        env,
        concurrency,
        isolation,
        outputs: outputs(&record, report),
        places: places(&jobs.jobs),
        jobs: jobs.jobs,
        defaults,
    };
    references::check(&workflow, &jobs.ids, report);
    splice::check(&workflow, &jobs.ids, report);
    reachable::check(&workflow, report);
    Some(workflow)
}

/// The outputs of the workflow, else those of GitHub's event `workflow_call`: names with
/// templates, or with mappings that hold one.
fn outputs(workflow: &Record, report: &mut Report) -> Vec<Variable> {
    let on = workflow.node("on");
    let called = on.and_then(|on| events::below(on, "workflow_call", "outputs"));
    let shape = keys::WORKFLOW.key("outputs").map(|key| key.shape);
    let entry = match (workflow.entry("outputs"), called, shape) {
        (None, Some(called), Some(shape)) if !shapes::check(shape, called, report) => {
            return Vec::new();
        }
        (own, called, _) => own.or(called),
    };
    let mut fields = Vec::new();
    for entry in entry
        .and_then(|entry| entry.value.mapping())
        .unwrap_or_default()
    {
        if entry.value.mapping().is_none() {
            fields.push(entry.clone());
            continue;
        }
        let record = Record::read(&entry.value, &keys::OUTPUT, entry.key_span, report);
        if let Some(value) = record.and_then(|record| record.node("value")) {
            fields.push(Entry {
                value: value.clone(),
                ..entry.clone()
            });
        }
    }
    let node = Node {
        span: Span::default(),
        value: Value::Mapping(fields),
    };
    scalar::fields(Some(&node), scopes::RUN_OUTPUTS, report)
}

/// A file in a newer format gets this one error: what else it says may mean something by then.
pub(crate) fn newer_format(root: &Node, source: &SourceText) -> Option<Problem> {
    let node = root.get("format")?;
    let Value::Integer(format) = node.value else {
        return None;
    };
    if format <= FORMAT {
        return None;
    }
    let formats = (format, FORMAT);
    Some(Problem::newer_format(
        Severity::Error,
        source,
        node.span,
        formats,
    ))
}

/// The jobs of a workflow with their ids.
#[derive(Debug, Default)]
struct Jobs {
    jobs: Vec<Job>,
    ids: JobIds,
}

fn jobs(workflow: &Record, entry: &Entry, around: &mut Around, report: &mut Report) -> Jobs {
    let at = entry.key_span;
    let entries = entry.value.mapping().unwrap_or_default();
    if entries.is_empty() {
        report.error("empty", at, "`jobs` has no job");
    }
    if entries.len() > limits::JOBS {
        let message = format!("a workflow has at most {} jobs", limits::JOBS);
        report.error("too-many-jobs", at, message);
        return Jobs::default();
    }
    let mut ids = JobIds::default();
    let mut jobs = Vec::with_capacity(entries.len());
    let mut names = Vec::with_capacity(entries.len());
    for entry in entries {
        if !ids.add(&entry.key) {
            let message = format!("job `{}` is there already", entry.key);
            let mut same = entries.iter().filter(|other| other.key == entry.key);
            let hint = same.nth(1).is_none();
            let hint = hint.then(|| "ids are the same in upper and lower case".to_owned());
            report.error_with_hint("duplicate-key", entry.key_span, message, hint);
        }
        let read = job::read(entry, around, report);
        jobs.push(read.job);
        names.push(read.needs);
    }
    let edges: Vec<_> = names
        .iter()
        .enumerate()
        .map(|(job, names)| needs::resolve(job, names, &ids, report))
        .collect();
    cycles::check(&edges, &ids, report);
    for (job, edges) in jobs.iter_mut().zip(&edges) {
        job.needs = edges.iter().map(|edge| edge.to).collect();
    }
    for (key, id, guard) in [
        ("on-failure", ON_FAILURE_JOB, Guard::OnFailure),
        ("ensure", ENSURE_JOB, Guard::Ensure),
    ] {
        if let Some(entry) = workflow.entry(key) {
            let others = jobs.len();
            jobs.push(job::handler(entry, (id, guard), others, around, report));
        }
    }
    Jobs { jobs, ids }
}
