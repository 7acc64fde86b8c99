//! How long the steps of a job have run. What it waited for a person, or stood still because its
//! engine was dead, is not part of it.

use std::time::Duration;

use crate::model::run::RunState;
use crate::model::run::state::{JobState, StepState};

/// How much of its time a job has used.
pub(crate) fn of_job(state: &RunState, key: &str) -> Duration {
    let steps = state.jobs.get(key).into_iter().flat_map(|job| &job.steps);
    steps
        .map(|(step, known)| {
            // Of a call that another run saw to its end the jobs may be gone.
            if calls(known) && (known.outcome.is_none() || !known.is_carried()) {
                of_call(state, (key, step))
            } else {
                Duration::from_millis(elapsed_ms(known))
            }
        })
        .sum()
}

/// How much of the time of a step the jobs of the workflow that it calls have used: what ran at the
/// same time counts once.
pub(crate) fn of_call(state: &RunState, (key, step): (&str, &str)) -> Duration {
    let prefix = format!("{key}+{step}+");
    let below = state
        .jobs
        .iter()
        .filter(|(key, _)| key.starts_with(&prefix));
    let (mut spans, mut used) = (Vec::new(), 0);
    for known in below.flat_map(|(_, job)| own_steps(job)) {
        let (tried, elapsed) = (known.tried_ms(), elapsed_ms(known));
        if known.started_ms == 0 {
            // Nobody knows when another run ran it.
            used += elapsed;
        } else {
            // As if its tries had followed one another.
            let from = known.started_ms.saturating_sub(tried);
            spans.push((from, from.saturating_add(elapsed)));
        }
    }
    spans.sort_unstable();
    let mut until = 0;
    for (from, to) in spans {
        used += to.saturating_sub(from.max(until));
        until = until.max(to);
    }
    Duration::from_millis(used)
}

/// The steps of a job that run something themselves.
fn own_steps(job: &JobState) -> impl Iterator<Item = &StepState> {
    let steps = job.steps.values().map(Box::as_ref);
    steps.filter(|known| !calls(known))
}

fn calls(step: &StepState) -> bool {
    step.more.as_ref().is_some_and(|more| more.calling)
}

fn elapsed_ms(step: &StepState) -> u64 {
    // While a try runs, the end that is known is that of the one before.
    let last = step.finish.as_ref().filter(|_| !step.running);
    let last = last.map_or(0, |finish| finish.elapsed_ms);
    step.tried_ms().saturating_add(last)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{of_call, of_job};
    use crate::model::run::event::{StepEnd, StepFinish};
    use crate::model::run::{Event, Outcome, RecordedEvent, RunState};

    /// The events of one attempt: when it began, how long it took, and how it ended.
    fn events(
        attempt: &str,
        (at_ms, elapsed_ms): (u64, u64),
        outcome: Outcome,
    ) -> [RecordedEvent; 2] {
        let name = || attempt.parse().expect("the name of an attempt");
        let finish = StepFinish {
            outcome,
            end: StepEnd::Code(u8::from(outcome != Outcome::Success).into()),
            cause: None,
            elapsed_ms,
            output_bytes: 0,
            dropped: None,
        };
        [
            (at_ms, Event::StepStarted(name())),
            (at_ms + elapsed_ms, Event::StepFinished(name(), finish)),
        ]
        .map(|(at_ms, event)| RecordedEvent { at_ms, event })
    }

    /// Steps by their attempt, when they began and how long they took, after job `a` has run a step
    /// for five milliseconds and called a workflow; how much of the call is used, and of the job.
    fn check(steps: &[(&str, u64, u64)], call: u64, job: u64) {
        let mut recorded = Vec::new();
        for (attempt, began, took) in [("a.1.1", 1, 5)].iter().chain(steps).copied() {
            recorded.extend(events(attempt, (began, took), Outcome::Success));
        }
        let (job_key, step) = ("a".to_owned(), "2".to_owned());
        let event = Event::CallStarted { job: job_key, step };
        recorded.push(RecordedEvent { at_ms: 10, event });
        let state = RunState::fold(&recorded);
        assert_eq!(of_call(&state, ("a", "2")), Duration::from_millis(call));
        assert_eq!(of_job(&state, "a"), Duration::from_millis(job));
    }

    #[test]
    fn what_ran_at_the_same_time_counts_once_and_pauses_do_not() {
        check(&[], 0, 5);
        check(&[("a+2+s.1.1", 10, 7), ("a+2+s.2.1", 100, 3)], 10, 15);
        check(&[("a+2+s.1.1", 10, 7), ("a+2+t@1.1.1", 12, 9)], 11, 16);
        check(&[("a+2+s.1.1", 10, 9), ("a+2+t.1.1", 12, 1)], 9, 14);
        check(&[("a+2+s+1+u.1.1", 10, 9), ("a+3+t.1.1", 12, 1)], 9, 14);
    }

    /// What one job has used whose step `a.1` was tried as told here: when a try began, how long it
    /// took, and when the next one was due.
    fn check_tries(tries: &[(u64, u64, Option<u64>)], used: u64) {
        let mut recorded = Vec::new();
        for (number, (began, took, due)) in (1..).zip(tries.iter().copied()) {
            let attempt = format!("a.1.{number}");
            recorded.extend(events(&attempt, (began, took), Outcome::Failure));
            recorded.extend(due.map(|due_ms| RecordedEvent {
                at_ms: began + took,
                event: Event::StepRetried {
                    attempt: attempt.parse().expect("the name of an attempt"),
                    due_ms,
                },
            }));
        }
        let state = RunState::fold(&recorded);
        assert_eq!(of_job(&state, "a"), Duration::from_millis(used));
    }

    #[test]
    fn every_try_counts_and_what_was_waited_for_the_next_one() {
        check_tries(&[(10, 7, None)], 7);
        check_tries(&[(10, 7, Some(27))], 7);
        check_tries(&[(10, 7, Some(27)), (27, 5, None)], 7 + 10 + 5);
        // The engine was dead when it was due.
        check_tries(&[(10, 7, Some(27)), (900, 5, None)], 7 + 10 + 5);
        // It did not wait until it was due.
        check_tries(&[(10, 7, Some(27)), (20, 5, None)], 7 + 3 + 5);
        check_tries(
            &[(10, 7, Some(27)), (27, 5, Some(42)), (42, 1, None)],
            7 + 10 + 5 + 10 + 1,
        );
    }
}
