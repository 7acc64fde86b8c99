//! Why a job did not run, in words: a pure function of the workflow and of how its jobs ended.

use crate::model::expression::JobStatus;
use crate::model::run::Outcome;
use crate::model::run::state::RunState;
use crate::model::workflow::Workflow;
use crate::model::workflow::definition::Guard;

/// Why a job was skipped; nothing when it was not.
///
/// What counts is not only the jobs that it needs but all that those need, however far away: so
/// does `success()`, as on GitHub.
pub(crate) fn why(workflow: &Workflow, state: &RunState, job: &str) -> Option<String> {
    if result(state, job) != Some(Outcome::Skipped) {
        return None;
    }
    let (index, known) = workflow.job(job)?;
    if known.guard == Guard::OnFailure {
        let cancelled = state.cancel_requested;
        let why = if cancelled {
            "the run was cancelled"
        } else {
            "nothing failed"
        };
        return Some(why.to_owned());
    }
    let condition = &known.condition;
    let culprit = culprit(workflow, state, index);
    let status = if culprit.is_some() {
        JobStatus::Skipped
    } else {
        JobStatus::Success
    };
    Some(match (condition.by_status(status), culprit) {
        (None, _) => "its `if` does not hold".to_owned(),
        (Some(_), Some(culprit)) => culprit,
        (Some(_), None) => "the run was cancelled".to_owned(),
    })
}

/// The nearest job above that did not succeed, in words; of several equally near ones the first.
fn culprit(workflow: &Workflow, state: &RunState, index: usize) -> Option<String> {
    let mut seen = vec![false; workflow.jobs.len()];
    // Each job with the need of ours that leads to it.
    let direct = &workflow.jobs.get(index)?.needs;
    let mut layer: Vec<(usize, usize)> = direct.iter().map(|need| (*need, *need)).collect();
    while !layer.is_empty() {
        let mut above = Vec::new();
        for (job, by) in layer {
            if std::mem::replace(seen.get_mut(job)?, true) {
                continue;
            }
            let (known, way) = (workflow.jobs.get(job)?, workflow.jobs.get(by)?);
            let became = match result(state, &known.id) {
                Some(Outcome::Failure) => "failed",
                Some(Outcome::Cancelled) => "was cancelled",
                Some(Outcome::Skipped) => "was skipped",
                Some(Outcome::Success) | None => {
                    above.extend(known.needs.iter().map(|need| (*need, by)));
                    continue;
                }
            };
            let way = if job == by {
                String::new()
            } else {
                format!(" by way of {}", way.id)
            };
            return Some(format!("needs {}{way}, which {became}", known.id));
        }
        layer = above;
    }
    None
}

fn result(state: &RunState, job: &str) -> Option<Outcome> {
    state.jobs.get(job).and_then(|job| job.result)
}
