//! Closing what a cancelled run leaves open, where nothing of it runs any more.

use crate::model::run::event::{CheckpointKind, StepCause, StepEnd, StepFinish};
use crate::model::run::state::JobState;
use crate::model::run::{Event, Outcome, RunState, cut_off};
use crate::model::workflow::{Bundle, Step};

/// How a step ends that had no process when its run was cancelled.
pub(crate) fn cancelled(end: StepEnd) -> StepFinish {
    StepFinish {
        outcome: Outcome::Cancelled,
        end,
        cause: Some(StepCause::Cancelled),
        elapsed_ms: 0,
        output_bytes: 0,
        dropped: None,
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
        checkpoint.is_open() && checkpoint.opened.kind == CheckpointKind::Step
    });
    let waiting = waiting.filter_map(|checkpoint| {
        let (job, step) = (&checkpoint.opened.job, &checkpoint.opened.step);
        let known = state.step(job, step);
        let open = known.is_none_or(|known| known.outcome.is_none());
        open.then(|| (state.next_attempt(job, step), StepEnd::Answered))
    });
    lost.chain(waiting)
        .map(|(attempt, end)| Event::StepFinished(attempt, cancelled(end)))
        .collect()
}

/// Ends for the steps that did not run, and for every job, once [`steps`] have theirs.
pub(crate) fn jobs(bundle: Bundle<'_>, state: &RunState) -> Vec<Event> {
    let mut events = Vec::new();
    // What was called, and what runs several times, before what it belongs to.
    let below = state.job_order.iter().rev().map(String::as_str);
    let below = below.filter(|key| key.contains(['@', '+']) && !key.starts_with('@'));
    let own = bundle.main.jobs.iter().map(|job| job.id.as_str());
    for key in below.chain(own) {
        let known = state.jobs.get(key);
        if known.is_some_and(|known| known.result.is_some()) {
            continue;
        }
        let begun = known.filter(|known| known.started_ms.is_some());
        if let Some((known, (_, job))) = begun.zip(bundle.job(key))
            && known.expanded.is_none()
        {
            for step in &job.steps {
                events.extend(open_step(key, known, step, state));
            }
        }
        events.push(Event::JobFinished {
            job: key.to_owned(),
            result: match begun {
                Some(_) => Outcome::Cancelled,
                None => Outcome::Skipped,
            },
            continued: false,
            outputs: Vec::new(),
            reason: None,
        });
    }
    events
}

/// The end of a step that has none.
fn open_step(job: &str, known: &JobState, step: &Step, run: &RunState) -> Option<Event> {
    let state = known.steps.get(&step.key);
    if state.is_some_and(|state| state.outcome.is_some()) {
        return None;
    }
    if state.is_some_and(|state| state.is_calling()) {
        let attempt = run.next_attempt(job, &step.key);
        let finish = cancelled(StepEnd::Answered);
        return Some(Event::StepFinished(attempt, finish));
    }
    if let Some(end) = cut_off::end(run, (job, &step.key), Outcome::Cancelled) {
        return Some(end);
    }
    Some(Event::StepSkipped {
        job: job.to_owned(),
        step: step.key.clone(),
    })
}
