//! The jobs of a workflow as a graph, with those of the workflows that it calls, for drawing.

use crate::base::limits;
use crate::base::text;
use crate::model::workflow::bundle::Bundle;
use crate::model::workflow::definition::{Guard, Job, StepKind, Workflow};
use crate::model::workflow::forecast::Handler;
use crate::model::workflow::policy::Over;

/// The jobs of one workflow, in the order of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Graph {
    /// The jobs.
    pub(crate) jobs: Vec<GraphJob>,
}

/// A job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GraphJob {
    /// Its id.
    pub(crate) id: String,
    /// What people read.
    pub(crate) title: String,
    /// The jobs that it waits for, as indexes; of a handler of the workflow, those that no other
    /// job waits for.
    pub(crate) needs: Vec<usize>,
    /// `matrix` or `for-each`, when it runs several times.
    pub(crate) legs: Option<&'static str>,
    /// The names of its checkpoints.
    pub(crate) checkpoints: Vec<String>,
    /// What it handles.
    pub(crate) handler: Option<Handler>,
    /// The workflows that its steps call.
    pub(crate) calls: Vec<GraphCall>,
}

/// A workflow that a step calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GraphCall {
    /// The key of the step.
    pub(crate) step: String,
    /// The name of the workflow.
    pub(crate) workflow: String,
    /// Its jobs; nothing when there are too many to draw.
    pub(crate) graph: Option<Graph>,
}

/// The graph of a workflow.
pub(crate) fn graph(bundle: Bundle<'_>) -> Graph {
    let mut left = limits::GRAPH_JOBS;
    of(bundle, bundle.main, &mut left, 0)
}

fn of(bundle: Bundle<'_>, workflow: &Workflow, left: &mut usize, depth: usize) -> Graph {
    *left = left.saturating_sub(workflow.jobs.len());
    let ends = ends(workflow);
    let jobs = workflow.jobs.iter().map(|job| {
        let handler = match job.guard {
            Guard::None => None,
            Guard::OnFailure | Guard::AfterFailure(_) | Guard::OnConflict => {
                Some(Handler::OnFailure)
            }
            Guard::Ensure | Guard::After(_) => Some(Handler::Ensure),
        };
        let strategy = job.strategy.as_ref();
        GraphJob {
            id: job.id.clone(),
            title: job.title(),
            needs: match handler {
                None => job.needs.clone(),
                Some(_) => ends.clone(),
            },
            legs: strategy.map(|strategy| match strategy.over {
                Over::Matrix(_) | Over::Strategy(_) => "matrix",
                Over::Items(_) => "for-each",
            }),
            checkpoints: checkpoints(job),
            handler,
            calls: calls(bundle, job, left, depth),
        }
    });
    let jobs = jobs.collect();
    Graph { jobs }
}

/// The jobs that no other one waits for, handlers of the workflow left out.
fn ends(workflow: &Workflow) -> Vec<usize> {
    let own = |job: &&Job| job.guard == Guard::None;
    let mut waited = vec![false; workflow.jobs.len()];
    for need in workflow.jobs.iter().filter(own).flat_map(|job| &job.needs) {
        if let Some(waited) = waited.get_mut(*need) {
            *waited = true;
        }
    }
    let jobs = workflow.jobs.iter().zip(waited).enumerate();
    jobs.filter(|(_, (job, waited))| own(job) && !waited)
        .map(|(index, _)| index)
        .collect()
}

fn checkpoints(job: &Job) -> Vec<String> {
    let names = job.steps.iter().filter_map(|step| match &step.kind {
        StepKind::Checkpoint(checkpoint) => Some(text::title(&checkpoint.name)),
        _ => None,
    });
    names.collect()
}

fn calls(bundle: Bundle<'_>, job: &Job, left: &mut usize, depth: usize) -> Vec<GraphCall> {
    let mut calls = Vec::new();
    for step in &job.steps {
        let StepKind::Call { workflow, .. } = &step.kind else {
            continue;
        };
        let called = bundle.called.get(workflow);
        let called = called
            .filter(|called| depth < limits::CALL_DEPTH && called.jobs.len() <= *left)
            .map(|called| of(bundle, called, left, depth + 1));
        calls.push(GraphCall {
            step: step.key.clone(),
            workflow: workflow.clone(),
            graph: called,
        });
    }
    calls
}
