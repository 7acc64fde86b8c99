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

    /// The attempt with this number ended. Gives the bytes of output that it added.
    pub(super) fn end(&mut self, number: u32, finish: &StepFinish) -> u64 {
        let again = self.outcome.is_none() && !self.running && self.failed_try() == Some(number);
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
        if again { 0 } else { finish.output_bytes }
    }
}
