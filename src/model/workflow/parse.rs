//! Turns a tree of values into a workflow, or into every problem in it.

use crate::base::diagnostic::{Problem, Severity};
use crate::base::limits;
use crate::base::source::SourceText;
use crate::base::source::Span;
use crate::model::tree::Node;
use crate::model::tree::Value;
use crate::model::workflow::cycles;
use crate::model::workflow::definition::Job;
use crate::model::workflow::definition::Workflow;
use crate::model::workflow::job;
use crate::model::workflow::keys;
use crate::model::workflow::needs;
use crate::model::workflow::needs::JobIds;
use crate::model::workflow::record::Record;
use crate::model::workflow::references;
use crate::model::workflow::report::Report;
use crate::model::workflow::scalar;
use crate::model::workflow::splice;

/// The format of workflows; a file need not name it.
const FORMAT: i64 = 1;

/// Reads a workflow. The problems are in the order of the file; the workflow is there unless
/// one of them is an error.
pub(crate) fn parse(source: &SourceText, root: &Node) -> (Option<Workflow>, Vec<Problem>) {
    let mut report = Report::new(source);
    let workflow = read(root, &mut report);
    let workflow = workflow.filter(|_| !report.failed());
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
        .unwrap_or_else(|| default_name(source.path()).to_owned());
    let env = scalar::variables(record.node("env"), keys::WORKFLOW.scope, report);
    references::check_variables(&env, report);
    let jobs = match record.entry("jobs") {
        Some(entry) => jobs(&entry.value, entry.key_span, report),
        None => Vec::new(),
    };
    splice::check(&env, &jobs, report);
    Some(Workflow {
        source: source.clone(),
        name,
        env,
        jobs,
    })
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

/// The file's name without its folder and ending.
fn default_name(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.strip_suffix(".yaml")
        .or_else(|| name.strip_suffix(".yml"))
        .unwrap_or(name)
}

fn jobs(node: &Node, at: Span, report: &mut Report) -> Vec<Job> {
    let entries = node.mapping().unwrap_or_default();
    if entries.is_empty() {
        report.error("empty", at, "`jobs` has no job");
    }
    if entries.len() > limits::JOBS {
        let message = format!("a workflow has at most {} jobs", limits::JOBS);
        report.error("too-many-jobs", at, message);
        return Vec::new();
    }
    let mut ids = JobIds::default();
    let mut steps = 0;
    let mut jobs = Vec::with_capacity(entries.len());
    let mut names = Vec::with_capacity(entries.len());
    for entry in entries {
        if !ids.add(&entry.key) {
            let message = format!("job `{}` is there already", entry.key);
            report.error("duplicate-key", entry.key_span, message);
        }
        let read = job::read(entry, &mut steps, report);
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
    references::check(&jobs, &ids, report);
    jobs
}
