//! Handing what is known of a run on to the one that does it again.

use crate::model::run::RunState;
use crate::model::run::artifact::ArtifactStored;
use crate::model::run::event::{AFTER, AttemptName, BEFORE, Event, Outcome};
use crate::model::run::state::{JobState, StepState};

/// The events that say what is known of the jobs of a run. Those of a run that is over and of
/// which some was undone say what another run has not to do.
pub(crate) fn events(state: &RunState) -> Vec<Event> {
    let mut events = Vec::new();
    for key in &state.job_order {
        let known = state
            .jobs
            .get(key)
            .filter(|_| key != BEFORE && key != AFTER);
        if let Some(job) = known {
            job_events(key, job, &mut events);
        }
    }
    let stays = |of: &&ArtifactStored| is_known(state, of);
    let artifacts = state.artifacts.iter().filter(stays);
    events.extend(artifacts.map(|stored| Event::ArtifactStored(Box::new(stored.clone()))));
    events
}

/// Whether it is known how the step or the job ended that left an artifact.
fn is_known(state: &RunState, of: &ArtifactStored) -> bool {
    match &of.step {
        Some(step) => {
            let known = state.step(&of.job, step);
            known.is_some_and(|known| known.outcome.is_some())
        }
        None => state
            .jobs
            .get(&of.job)
            .is_some_and(|job| job.result.is_some()),
    }
}

fn job_events(key: &str, job: &JobState, events: &mut Vec<Event>) {
    let job_key = || key.to_owned();
    let says_something = job.result.is_some() || job.expanded.is_some() || !job.steps.is_empty();
    if job.started_ms.is_some() && says_something {
        events.push(match &job.expanded {
            Some(expanded) => Event::JobExpanded(expanded.clone()),
            None => Event::JobStarted { job: job_key() },
        });
    }
    let mut steps: Vec<_> = job.steps.iter().collect();
    steps.sort_by_key(|(key, step)| (step.order, (*key).clone()));
    for (step, known) in steps {
        step_events(key, step, known, events);
    }
    if let Some(result) = job.result {
        events.push(Event::JobFinished {
            job: job_key(),
            result,
            continued: job.continued,
            outputs: job.outputs.clone(),
            reason: job.reason.clone(),
        });
    }
}

fn step_events(job: &str, step: &str, known: &StepState, events: &mut Vec<Event>) {
    let (job, step) = (job.to_owned(), step.to_owned());
    if known.is_calling() {
        events.push(Event::CallStarted { job, step });
        return;
    }
    let Some(outcome) = known.outcome else {
        return;
    };
    let Some(finish) = &known.finish else {
        events.push(Event::StepSkipped { job, step });
        return;
    };
    if known.more.as_ref().is_some_and(|more| more.calling) {
        let (job, step) = (job.clone(), step.clone());
        events.push(Event::CallStarted { job, step });
    }
    let mut finish = finish.clone();
    // A person may have decided against what it said itself.
    finish.outcome = outcome;
    let attempt = AttemptName {
        job: job.clone(),
        step: step.clone(),
        number: known.attempts,
    };
    events.push(Event::StepFinished(attempt, finish));
    if let Some(more) = &known.more {
        if let Some(left) = &more.left {
            events.push(Event::StepOutputs(Box::new(left.clone())));
        }
        if more.continued {
            events.push(Event::StepContinued { job, step });
        }
    }
    debug_assert!(outcome != Outcome::Skipped, "what is skipped has no end");
}
