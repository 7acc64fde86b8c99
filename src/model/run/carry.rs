//! Handing what is known of a run on to the one that does it again.

use crate::model::run::RunState;
use crate::model::run::artifact::ArtifactStored;
use crate::model::run::event::{AFTER, AttemptName, BEFORE, Event, Outcome};
use crate::model::run::state::{JobState, StepState};

/// What another run takes over from one that is over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Kept {
    /// The events that say what it has not to do.
    pub(crate) events: Vec<Event>,
    /// How long steps were tried before that.
    pub(crate) tried: Vec<EarlierTries>,
}

/// How long the tries of a step took of which no event of the run tells, with what was waited for the
/// next ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EarlierTries {
    /// Its job.
    pub(crate) job: String,
    /// Its key.
    pub(crate) step: String,
    /// How long, in milliseconds.
    pub(crate) elapsed_ms: u64,
}

/// What is known of the jobs of a run. That of a run that is over and of which some was undone says
/// what another run has not to do.
pub(crate) fn kept(state: &RunState) -> Kept {
    let mut kept = Kept::default();
    for key in &state.job_order {
        let known = state
            .jobs
            .get(key)
            .filter(|_| key != BEFORE && key != AFTER);
        if let Some(job) = known {
            job_kept(key, job, &mut kept);
        }
    }
    let stays = |of: &&ArtifactStored| is_known(state, of);
    let artifacts = state.artifacts.iter().filter(stays);
    let artifacts = artifacts.map(|stored| Event::ArtifactStored(Box::new(stored.clone())));
    kept.events.extend(artifacts);
    kept
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

fn job_kept(key: &str, job: &JobState, kept: &mut Kept) {
    let job_key = || key.to_owned();
    let says_something = job.result.is_some() || job.expanded.is_some() || !job.steps.is_empty();
    if job.started_ms.is_some() && says_something {
        kept.events.push(match &job.expanded {
            Some(expanded) => Event::JobExpanded(expanded.clone()),
            None => Event::JobStarted { job: job_key() },
        });
    }
    let mut steps: Vec<_> = job.steps.iter().collect();
    steps.sort_by_key(|(key, step)| (step.order, (*key).clone()));
    for (step, known) in steps {
        step_events(key, step, known, &mut kept.events);
        let elapsed_ms = known.tried_ms();
        if known.finish.is_some() && elapsed_ms > 0 {
            kept.tried.push(EarlierTries {
                job: job_key(),
                step: step.clone(),
                elapsed_ms,
            });
        }
    }
    if let Some(result) = job.result {
        kept.events.push(Event::JobFinished {
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

#[cfg(test)]
mod tests {
    use super::kept;
    use crate::model::run::event::{StepEnd, StepFinish};
    use crate::model::run::{AttemptName, Event, Outcome, RecordedEvent, RunState, used};

    /// What was recorded at once, by another run, of what is known of one.
    fn taken_over(state: &RunState) -> RunState {
        let kept = kept(state);
        let mut taken = RunState::default();
        let carried = Event::Carried {
            from: "01kaq9yvw00000000000000000".parse().expect("an id"),
            tried: kept.tried,
        };
        for event in kept.events.into_iter().chain([carried]) {
            let at_ms = 1_000_000;
            taken.apply(&RecordedEvent { at_ms, event });
        }
        taken
    }

    /// A step of this job failed after 7 milliseconds, waited for 20, and succeeded after 5.
    fn check(job: &str, of: &str, used_ms: u128) {
        let attempt = |number| AttemptName {
            job: job.to_owned(),
            step: "1".to_owned(),
            number,
        };
        let finish = |outcome, elapsed_ms| StepFinish {
            outcome,
            end: StepEnd::Code(0),
            cause: None,
            elapsed_ms,
            output_bytes: 0,
            dropped: None,
        };
        let (of_caller, step) = ("a".to_owned(), "2".to_owned());
        let events = [
            (
                1,
                Event::CallStarted {
                    job: of_caller,
                    step,
                },
            ),
            (10, Event::StepStarted(attempt(1))),
            (
                17,
                Event::StepFinished(attempt(1), finish(Outcome::Failure, 7)),
            ),
            (
                17,
                Event::StepRetried {
                    attempt: attempt(1),
                    due_ms: 37,
                },
            ),
            (37, Event::StepStarted(attempt(2))),
            (
                42,
                Event::StepFinished(attempt(2), finish(Outcome::Success, 5)),
            ),
        ];
        let events = events.map(|(at_ms, event)| RecordedEvent { at_ms, event });
        let first = RunState::fold(&events);
        let second = taken_over(&first);
        let third = taken_over(&second);
        for mut state in [first, second, third] {
            assert_eq!(used::of_job(&state, of).as_millis(), used_ms, "{state:?}");
            let called = "a.2.1".parse().expect("the name of an attempt");
            let event = Event::StepFinished(called, finish(Outcome::Success, 3));
            let at_ms = 2_000_000;
            state.apply(&RecordedEvent { at_ms, event });
            assert_eq!(used::of_job(&state, of).as_millis(), used_ms, "{state:?}");
        }
    }

    #[test]
    fn every_try_of_what_is_kept_counts() {
        check("a", "a", 32);
        check("b@1", "b@1", 32);
        check("a+2+b", "a", 32);
    }
}
