//! What follows from the answers to checkpoints, those of the clock among them.

use std::time::Duration;

use crate::base::text::one_line;
use crate::model::run::event::{Answer, CheckpointKind, Named, StepEnd, StepFinish, StepOutputs};
use crate::model::run::schedule::{Schedule, Settled};
use crate::model::run::state::CheckpointState;
use crate::model::run::{Event, Outcome, RunState};
use crate::sys::clock::rfc3339;
use crate::workflow::Error;
use crate::workflow::driver::Driver;
use crate::workflow::resume::Writer;

/// What the steps after a checkpoint read of its answer.
fn outputs(checkpoint: &CheckpointState) -> Option<Vec<Named>> {
    let answered = checkpoint.answered.as_ref()?;
    let at = checkpoint.answered_at_ms().map(rfc3339);
    let values = [
        ("option", answered.option.clone()),
        ("text", answered.message.clone()),
        ("who", one_line(&answered.who)),
        ("at", at.unwrap_or_default()),
    ];
    let named = values.map(|(name, value)| (name.to_owned(), value));
    Some(named.to_vec())
}

/// How the step that asked ended.
fn outcome(answer: Answer) -> Outcome {
    match answer {
        Answer::Approve => Outcome::Success,
        Answer::Reject => Outcome::Failure,
    }
}

/// The end of a step because of the answer to its checkpoint: what it leaves, then its end. Killed
/// in between, the next one comes to the same.
fn ends(state: &RunState, checkpoint: &CheckpointState) -> Vec<Event> {
    let opened = &checkpoint.opened;
    let known = state.step(&opened.job, &opened.step);
    let open = !checkpoint.undone && known.is_none_or(|known| known.outcome.is_none());
    let answer = checkpoint.answered.as_ref().map(|answered| answered.answer);
    let (true, CheckpointKind::Step, Some(answer)) = (open, &opened.kind, answer) else {
        return Vec::new();
    };
    let attempt = state.next_attempt(&opened.job, &opened.step);
    let left = StepOutputs {
        attempt: attempt.clone(),
        outputs: outputs(checkpoint).unwrap_or_default(),
        env: Vec::new(),
        path: Vec::new(),
    };
    let recorded = known.and_then(|known| known.more.as_ref()?.left.as_ref()) == Some(&left);
    let finish = StepFinish {
        outcome: outcome(answer),
        end: StepEnd::Answered,
        cause: None,
        elapsed_ms: 0,
        output_bytes: 0,
        dropped: None,
    };
    let mut events = Vec::new();
    if !recorded {
        events.push(Event::StepOutputs(Box::new(left)));
    }
    events.push(Event::StepFinished(attempt, finish));
    events
}

/// Records the answers that the clock has given by this time.
pub(super) fn record_expiries(writer: &mut Writer, now_ms: u64) -> Result<bool, Error> {
    let expiries = writer.state.expiries(now_ms);
    let any = !expiries.is_empty();
    for answered in expiries {
        writer.record(Event::CheckpointAnswered(Box::new(answered)))?;
    }
    Ok(any)
}

/// What was answered becomes the end of the step that asked.
pub(super) fn settle_answers(writer: &mut Writer) -> Result<(), Error> {
    let state = &writer.state;
    let all = state.checkpoints.iter();
    let events: Vec<Event> = all.flat_map(|known| ends(state, known)).collect();
    for event in events {
        writer.record(event)?;
    }
    Ok(())
}

impl Driver<'_> {
    /// The checkpoints whose time is over are answered by the clock, and their jobs go on.
    pub(super) fn expire_checkpoints(&mut self, schedule: &mut Schedule<'_>) -> Result<(), Error> {
        // A run that is being cancelled asks nobody any more.
        if self.state.cancel_requested || self.abandoned || self.lost {
            return Ok(());
        }
        for answered in self.state.expiries(self.now_ms()) {
            let number = answered.number;
            self.record(Event::CheckpointAnswered(Box::new(answered)))?;
            let mut all = self.state.checkpoints.iter();
            let Some(known) = all.find(|known| known.opened.number == number).cloned() else {
                continue;
            };
            let job = schedule.find(&known.opened.job);
            if known.fails_run() {
                schedule.fail();
            }
            for event in ends(&self.state, &known) {
                self.record(event)?;
            }
            let step = job.and_then(|job| Some((job, schedule.current_step(job)?)));
            let state = self.state.step(&known.opened.job, &known.opened.step);
            if let Some((step, settled)) = step.zip(state.and_then(Settled::of)) {
                self.conclude(step, settled, schedule)?;
            }
        }
        Ok(())
    }

    /// How long until a checkpoint expires, if one does.
    pub(super) fn expires_in(&self) -> Option<Duration> {
        if self.state.cancel_requested || self.abandoned || self.lost {
            return None;
        }
        let expires = self.state.next_expiry()?;
        Some(Duration::from_millis(expires.saturating_sub(self.now_ms())))
    }

    /// The run has failed as a whole: nobody is asked any more. Tells whether something was open.
    pub(super) fn close_after_failure(
        &mut self,
        schedule: &mut Schedule<'_>,
    ) -> Result<bool, Error> {
        if !self.state.has_failed_by_clock() || self.abandoned || self.lost {
            return Ok(false);
        }
        let mut any = false;
        for job in schedule.active() {
            let key = schedule.key(job).to_owned();
            let Some(step) = schedule.current_step(job).map(|step| step.key.clone()) else {
                continue;
            };
            let mut all = self.state.checkpoints.iter();
            let waits = all.any(|known| {
                let opened = &known.opened;
                known.answered.is_none()
                    && opened.kind == CheckpointKind::Step
                    && (&opened.job, &opened.step) == (&key, &step)
            });
            if waits {
                self.record(Event::StepSkipped { job: key, step })?;
                schedule.step_finished(job, Settled::plain(Outcome::Skipped));
                any = true;
            }
        }
        Ok(any)
    }
}
