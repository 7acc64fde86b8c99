//! Steps that failed, were to be tried again, and do not get that try: they end with what their last
//! try came to. Where the job ran out of time they have failed, where it was cancelled they are
//! cancelled.

use crate::model::run::event::{AttemptName, Event, Outcome, StepEnd, StepFinish};
use crate::model::run::state::{RunState, StepState};

/// The number of the signal that ends at once.
const KILLED: i32 = 9;

/// The end of a step that does not get its next try; nothing where it was not to have one.
pub(crate) fn end(state: &RunState, (job, step): (&str, &str), outcome: Outcome) -> Option<Event> {
    let known = state.step(job, step)?;
    let open = known.outcome.is_none() && !known.running;
    let number = known.failed_try().filter(|_| open)?;
    let attempt = AttemptName {
        job: job.to_owned(),
        step: step.to_owned(),
        number,
    };
    let finish = match &known.finish {
        Some(finish) => StepFinish {
            outcome,
            ..finish.clone()
        },
        // Nobody knows how that one ended; what was left of it has been killed.
        None => StepFinish {
            outcome,
            end: StepEnd::Signal(KILLED),
            cause: None,
            elapsed_ms: 0,
            output_bytes: 0,
            dropped: None,
        },
    };
    Some(Event::StepFinished(attempt, finish))
}

impl StepState {
    /// The try with this number came to nothing, and another one follows.
    pub(super) fn retry(&mut self, number: u32, due_ms: u64, at_ms: u64) {
        self.outcome = None;
        self.lost = false;
        let began = self.started_ms;
        let more = self.more();
        more.first_ms.get_or_insert(began);
        more.due_ms = Some(due_ms);
        more.retried_ms = at_ms;
        more.failed_try = Some(number);
        more.cut_off = false;
    }

    /// The next try begins: what the last one took is kept, and how long it was waited for this one.
    /// An engine that was dead when it was due waited no longer than that.
    pub(super) fn begin_try(&mut self, at_ms: u64) {
        let took = self.finish.as_ref().map_or(0, |finish| finish.elapsed_ms);
        let Some(more) = &mut self.more else {
            return;
        };
        if let Some(due_ms) = more.due_ms.take() {
            let waited = due_ms.min(at_ms).saturating_sub(more.retried_ms);
            more.tried_ms = more.tried_ms.saturating_add(took).saturating_add(waited);
        }
    }

    /// Nobody will know how the attempt with this number ended.
    pub(super) fn lose(&mut self, number: u32) {
        self.running = false;
        self.lost = true;
        if let Some(more) = &mut self.more
            && more.failed_try.is_some()
        {
            more.failed_try = Some(number);
            // That was an earlier one.
            self.finish = None;
        }
    }

    /// The attempt with this number ended. Gives the bytes of output that it added: one that has
    /// ended before fails by what it left, or does not get its next try.
    pub(super) fn end(&mut self, number: u32, finish: &StepFinish) -> u64 {
        let again = self.outcome.is_none() && !self.running && self.failed_try() == Some(number);
        let fails = self.outcome.is_some() && !self.running && self.attempts == number;
        if again {
            // Numbers after it may have been claimed; they were not used.
            self.attempts = number;
            let more = self.more();
            more.due_ms = None;
            more.cut_off = true;
        } else {
            self.attempts = self.attempts.max(number);
        }
        if let Some(more) = &mut self.more {
            // A call that another run began ends in this one.
            more.carried = false;
        }
        self.running = false;
        self.lost = false;
        self.outcome = Some(finish.outcome);
        self.finish = Some(finish.clone());
        if again || fails {
            0
        } else {
            finish.output_bytes
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::model::run::event::{Event, Outcome, RecordedEvent, StepEnd, StepFinish};
    use crate::model::run::state::RunState;

    #[test]
    fn an_end_that_takes_the_place_of_another_adds_no_output() {
        let finish = |outcome, end| StepFinish {
            outcome,
            end,
            cause: None,
            elapsed_ms: 5,
            output_bytes: 7,
            dropped: None,
        };
        let name = |number| format!("a.1.{number}").parse().expect("an attempt");
        let good = finish(Outcome::Success, StepEnd::Code(0));
        let bad = finish(Outcome::Failure, StepEnd::Unusable("no".to_owned()));
        let events = [
            (Event::StepStarted(name(1)), 0),
            (Event::StepFinished(name(1), good.clone()), 7),
            (Event::StepFinished(name(1), bad.clone()), 7),
            // Another try is another matter.
            (Event::StepStarted(name(2)), 7),
            (Event::StepFinished(name(2), good), 14),
            (Event::StepFinished(name(2), bad.clone()), 14),
        ];
        let mut state = RunState::default();
        for (event, output_bytes) in events {
            state.apply(&RecordedEvent { at_ms: 1, event });
            assert_eq!(state.output_bytes, output_bytes);
        }
        let step = state.step("a", "1").expect("it is known");
        assert_eq!(step.outcome, Some(Outcome::Failure));
        assert_eq!(step.finish, Some(bad));
    }
}
