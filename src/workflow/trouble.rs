//! What an engine does when things do not go their way: signals, a supervisor that was killed, jobs
//! that take too long, files that a step must not change; and how a run comes to stand still.

use std::time::Instant;

use crate::model::run::event::{CheckpointKind, ParkReason, StepEnd, StepFinish};
use crate::model::run::schedule::{Schedule, Settled};
use crate::model::run::{AttemptName, Event, Outcome, RunState};
use crate::proc::interrupt::Wish;
use crate::proc::supervisor::protocol::Request;
use crate::state::journal;
use crate::workflow::Error;
use crate::workflow::attempts;
use crate::workflow::closing;
use crate::workflow::driver::{Driver, Progress};

impl Driver<'_> {
    /// Nothing is under way and nothing can begin: why?
    pub(super) fn stand_still(
        &mut self,
        schedule: &Schedule<'_>,
    ) -> Result<(Progress, Outcome), Error> {
        if self.abandoned || (self.lost && self.state.cancel_requested) {
            return Ok((Progress::Done, Outcome::Cancelled));
        }
        if self.lost {
            return Ok((Progress::Parked(ParkReason::Lost), schedule.outcome()));
        }
        if let Some((attempt, paths)) = self.edited.take() {
            self.open_edited(attempt.as_ref(), paths)?;
            return Ok((Progress::Parked(ParkReason::Checkpoint), schedule.outcome()));
        }
        if schedule.is_finished() {
            return Ok((Progress::Done, schedule.outcome()));
        }
        let reason = if self.state.open_checkpoint().is_some() {
            ParkReason::Checkpoint
        } else {
            ParkReason::Lost
        };
        Ok((Progress::Parked(reason), schedule.outcome()))
    }

    /// The supervisor was killed: what it held is lost, and its processes are ended.
    pub(super) fn supervisor_died(&mut self) -> Result<(), Error> {
        let held = std::mem::take(&mut self.in_flight);
        // It may have died in the middle of a line.
        journal::repair(&self.folder.events())?;
        let recorded = journal::read(&self.folder.events())?;
        let state = RunState::fold(&recorded);
        for (attempt, _) in held {
            attempts::end_processes(&self.folder, self.run, &attempt);
            let known = state.step(&attempt.job, &attempt.step);
            let known = known.filter(|step| step.attempts == attempt.number);
            let heard = self.state.step(&attempt.job, &attempt.step);
            if known.is_some() && heard.is_none_or(|step| step.attempts < attempt.number) {
                self.heard(Event::StepStarted(attempt.clone()));
            }
            match known {
                // Recorded, but the answer did not reach us any more.
                Some(step) if !step.running => {
                    if let Some(finish) = step.finish.clone() {
                        self.heard(Event::StepFinished(attempt, finish));
                    }
                }
                Some(_) => self.record(Event::AttemptLost(attempt))?,
                // It was never started; a resume will start it.
                None => {}
            }
        }
        self.lost = true;
        Ok(())
    }

    /// A signal came, here or to the supervisor: the run is cancelled; at once, when it is being
    /// cancelled already.
    pub(super) fn interrupted(&mut self, now: Instant) -> Result<(), Error> {
        let Some(wish) = self.wishes.noticed(now) else {
            return Ok(());
        };
        let first = !self.state.cancel_requested;
        if first {
            self.record(Event::CancelRequested)?;
        }
        self.times.cancel(now);
        let at_once = !first || wish == Wish::AtOnce;
        self.abandoned |= at_once;
        self.supervisor.request(&Request::Cancel { at_once })?;
        Ok(())
    }

    /// Whether somebody interrupted while nothing was waited for, before the run stands still.
    pub(super) fn was_interrupted(&mut self) -> Result<bool, Error> {
        let is_new = !self.state.cancel_requested && !self.lost && !self.abandoned;
        if !is_new || self.shop.interrupts.drain() == 0 {
            return Ok(false);
        }
        self.interrupted(Instant::now())?;
        Ok(true)
    }

    /// The run was cancelled and nothing of it runs any more: what is left open gets an end.
    pub(crate) fn close(&mut self) -> Result<(), Error> {
        for event in closing::steps(&self.state) {
            self.record(event)?;
        }
        for event in closing::jobs(self.pinned.bundle(), &self.state) {
            self.record(event)?;
        }
        Ok(())
    }

    /// Keeps in mind what was changed of the files that the run goes by; `attempt` has just ended.
    pub(super) fn look_for_edits(&mut self, attempt: Option<&AttemptName>) -> Result<(), Error> {
        // A run that is being cancelled asks nobody any more.
        if self.state.cancel_requested {
            return Ok(());
        }
        let changed = self.protected.changed()?;
        if changed.is_empty() {
            return Ok(());
        }
        let known = self.edited.take();
        let mut paths = known.map(|(_, paths)| paths).unwrap_or_default();
        paths.extend(changed);
        paths.sort();
        paths.dedup();
        self.edited = Some((attempt.cloned(), paths));
        Ok(())
    }

    /// A run that is being cancelled asks nobody any more. Tells whether something was open.
    pub(super) fn close_checkpoints(&mut self, schedule: &mut Schedule<'_>) -> Result<bool, Error> {
        let mut any = false;
        for job in schedule.active() {
            any |= self.close_checkpoint_of(job, schedule)?;
        }
        if any {
            schedule.cancel();
        }
        Ok(any)
    }

    /// Nobody is asked any more what the checkpoint asks that a job waits at, if it does.
    pub(super) fn close_checkpoint_of(
        &mut self,
        job: usize,
        schedule: &mut Schedule<'_>,
    ) -> Result<bool, Error> {
        let key = schedule.key(job);
        let waits = self.state.checkpoints.iter().find(|known| {
            known.is_open() && known.opened.kind == CheckpointKind::Step && known.opened.job == key
        });
        let Some(known) = waits.filter(|_| schedule.is_busy(job)) else {
            return Ok(false);
        };
        let attempt = self.state.next_attempt(key, &known.opened.step);
        let finish = closing::cancelled(StepEnd::Answered);
        self.record(Event::StepFinished(attempt, finish))?;
        schedule.step_finished(job, Settled::plain(Outcome::Cancelled));
        Ok(true)
    }

    /// Records that an attempt failed before it had a process.
    pub(crate) fn fail(&mut self, attempt: AttemptName, reason: String) -> Result<(), Error> {
        let finish = StepFinish {
            outcome: Outcome::Failure,
            end: StepEnd::NotStarted(reason),
            cause: None,
            elapsed_ms: 0,
            output_bytes: 0,
            dropped: None,
        };
        self.record(Event::StepFinished(attempt, finish))
    }

    /// Says why a job fails, here and in its end.
    pub(super) fn fails_because(&mut self, key: &str, reason: &str) {
        self.observer.note_once(format!("job `{key}`: {reason}"));
        let known = self.reasons.entry(key.to_owned());
        known.or_insert_with(|| reason.to_owned());
    }

    /// The same of a step whose turn it is.
    pub(super) fn fail_now(
        &mut self,
        attempt: AttemptName,
        reason: String,
        job: usize,
        schedule: &mut Schedule<'_>,
    ) -> Result<(), Error> {
        self.fail(attempt, reason)?;
        let settled = Settled::plain(Outcome::Failure);
        match schedule.current_step(job) {
            Some(step) => self.conclude((job, step), settled, schedule),
            None => Ok(()),
        }
    }
}

/// An error with what the system said of it.
pub(super) fn with_cause(error: &dyn std::error::Error) -> String {
    let cause = error.source().map(|cause| format!(": {cause}"));
    format!("{error}{}", cause.unwrap_or_default())
}
