//! Closing what a cancelled run leaves open, where nothing of it runs any more.

use crate::model::run::event::{CheckpointKind, StepCause, StepEnd, StepFinish};
use crate::model::run::{AttemptName, Event, Outcome, RunState};
use crate::model::workflow::Workflow;

/// How a step ends that had no process when its run was cancelled.
pub(crate) fn cancelled(end: StepEnd) -> StepFinish {
    StepFinish {
        outcome: Outcome::Cancelled,
        end,
        cause: Some(StepCause::Cancelled),
        elapsed_ms: 0,
        output_bytes: 0,
        dropped_bytes: 0,
    }
}

/// The number of the signal that ends at once.
const KILLED: i32 = 9;

/// Ends for the checkpoints that wait and for the attempts that are lost: nobody is asked any more,
/// and what was left of the attempts has been killed.
pub(crate) fn steps(state: &RunState) -> Vec<Event> {
    let lost = state.lost_attempts().into_iter();
    let lost = lost.map(|attempt| (attempt, StepEnd::Signal(KILLED)));
    let waiting = state.checkpoints.iter().filter(|checkpoint| {
        checkpoint.answered.is_none() && checkpoint.opened.kind == CheckpointKind::Step
    });
    let waiting = waiting.filter_map(|checkpoint| {
        let (job, step) = (&checkpoint.opened.job, &checkpoint.opened.step);
        let known = state.step(job, step);
        let number = known.map_or(0, |step| step.attempts) + 1;
        let (job, step) = (job.clone(), step.clone());
        let open = known.is_none_or(|known| known.outcome.is_none());
        open.then_some((AttemptName { job, step, number }, StepEnd::Answered))
    });
    lost.chain(waiting)
        .map(|(attempt, end)| Event::StepFinished(attempt, cancelled(end)))
        .collect()
}

/// Ends for the steps that did not run, and for every job, once [`steps`] have theirs.
pub(crate) fn jobs(workflow: &Workflow, state: &RunState) -> Vec<Event> {
    let mut events = Vec::new();
    for job in &workflow.jobs {
        let known = state.jobs.get(&job.id);
        if known.is_some_and(|known| known.result.is_some()) {
            continue;
        }
        let begun = known.filter(|known| known.started_ms.is_some());
        if let Some(known) = begun {
            let has_end = |key: &str| {
                let step = known.steps.get(key);
                step.is_some_and(|step| step.outcome.is_some())
            };
            let open = job.steps.iter().filter(|step| !has_end(&step.key));
            events.extend(open.map(|step| Event::StepSkipped {
                job: job.id.clone(),
                step: step.key.clone(),
            }));
        }
        events.push(Event::JobFinished {
            job: job.id.clone(),
            result: match begun {
                Some(_) => Outcome::Cancelled,
                None => Outcome::Skipped,
            },
        });
    }
    events
}
