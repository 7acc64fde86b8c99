//! The order in which a workflow would run, for people: jobs in layers, each with its steps.

use crate::model::workflow::definition::Job;
use crate::model::workflow::definition::Step;
use crate::model::workflow::definition::Workflow;

/// Jobs in layers: those of one layer need only jobs of the layers before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    /// The layers; within one, jobs are in the order of the file.
    pub(crate) layers: Vec<Vec<PlannedJob>>,
}

/// A job of a plan. Expressions are shown as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PlannedJob {
    /// Its id.
    pub(crate) id: String,
    /// What people read.
    pub(crate) title: String,
    /// The ids of the jobs it waits for.
    pub(crate) needs: Vec<String>,
    /// Its condition, when it has one.
    pub(crate) condition: Option<String>,
    /// Its steps.
    pub(crate) steps: Vec<PlannedStep>,
}

/// A step of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PlannedStep {
    /// Its key.
    pub(crate) key: String,
    /// `run` or `checkpoint`.
    pub(crate) kind: &'static str,
    /// What people read.
    pub(crate) title: String,
    /// Its condition, when it has one.
    pub(crate) condition: Option<String>,
}

/// Plans a workflow.
pub(crate) fn plan(workflow: &Workflow) -> Plan {
    let layers = layers(&workflow.jobs)
        .into_iter()
        .map(|layer| {
            layer
                .into_iter()
                .filter_map(|index| workflow.jobs.get(index))
                .map(|job| planned_job(job, &workflow.jobs))
                .collect()
        })
        .collect();
    Plan { layers }
}

/// The indexes of the jobs in layers. A valid workflow has no cycle, so every job is in one.
pub(crate) fn layers(jobs: &[Job]) -> Vec<Vec<usize>> {
    let mut waiting: Vec<usize> = jobs.iter().map(|job| job.needs.len()).collect();
    let mut needed_by = vec![Vec::new(); jobs.len()];
    for (index, job) in jobs.iter().enumerate() {
        for &need in &job.needs {
            if let Some(waiters) = needed_by.get_mut(need) {
                waiters.push(index);
            }
        }
    }
    let mut layers = Vec::new();
    let mut layer: Vec<usize> = (0..jobs.len())
        .filter(|&index| waiting.get(index) == Some(&0))
        .collect();
    while !layer.is_empty() {
        let mut next = Vec::new();
        for &waiter in layer.iter().filter_map(|&job| needed_by.get(job)).flatten() {
            if let Some(left) = waiting.get_mut(waiter) {
                *left -= 1;
                if *left == 0 {
                    next.push(waiter);
                }
            }
        }
        next.sort_unstable();
        layers.push(std::mem::replace(&mut layer, next));
    }
    layers
}

fn planned_job(job: &Job, jobs: &[Job]) -> PlannedJob {
    PlannedJob {
        id: job.id.clone(),
        title: job.title(),
        needs: job
            .needs
            .iter()
            .filter_map(|&need| jobs.get(need))
            .map(|need| need.id.clone())
            .collect(),
        condition: job.condition.text().map(str::to_owned),
        steps: job.steps.iter().map(planned_step).collect(),
    }
}

fn planned_step(step: &Step) -> PlannedStep {
    PlannedStep {
        key: step.key.clone(),
        kind: step.kind.word(),
        title: step.title(),
        condition: step.condition.text().map(str::to_owned),
    }
}
