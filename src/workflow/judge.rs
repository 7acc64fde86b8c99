//! What the end of a step means: another try, a failure that does not count, or its end.

use crate::model::run::event::{StepCause, StepEnd, StepFinish};
use crate::model::run::schedule::{Schedule, Settled};
use crate::model::run::state::StepState;
use crate::model::run::{AttemptName, Event, Outcome, cut_off};
use crate::model::workflow::Step;
use crate::model::workflow::policy::{NoSwitch, Retry, RetryOn};
use crate::workflow::Error;
use crate::workflow::driver::Driver;

/// How the names of scripts end, and of parameters of our own program; the usual one first.
const SCRIPTS: &[&str] = &[".sh", ".json", ".py", ""];

impl Driver<'_> {
    /// An attempt has ended; `schedule` has its step under way. `settled` is what is known of it.
    pub(super) fn judge(
        &mut self,
        (job, step): (usize, &Step),
        attempt: &AttemptName,
        (finish, mut settled): (&StepFinish, Settled),
        schedule: &mut Schedule<'_>,
    ) -> Result<(), Error> {
        // Secrets may have been pasted into it.
        self.folder.forget_script(attempt, SCRIPTS);
        let heard = self.hear((job, step), attempt, finish, schedule)?;
        self.take_left(attempt, heard, &mut settled)?;
        if settled.outcome == Outcome::Failure
            && !self.state.cancel_requested
            && !self.is_cut_off(attempt)
            && let Some(due_ms) = self.tries_again(step, attempt, finish)?
        {
            let attempt = attempt.clone();
            self.record(Event::StepRetried { attempt, due_ms })?;
            schedule.retry(job, due_ms);
            return Ok(());
        }
        if settled.outcome != Outcome::Success {
            // A person may be asked now.
            self.tell_held();
        }
        if self.debug_failed((job, step), (attempt, finish), &mut settled, schedule)? {
            return Ok(());
        }
        self.keep_of_step((job, step), attempt, &mut settled, schedule)?;
        self.tell_held();
        self.conclude((job, step), settled, schedule)
    }

    /// A step that failed does not get its next try: it ends with what its last one came to.
    pub(super) fn cut_step_off(
        &mut self,
        (job, step): (usize, usize),
        outcome: Outcome,
        schedule: &mut Schedule<'_>,
    ) -> Result<(), Error> {
        let Some(step) = schedule.step(job, step) else {
            return Ok(());
        };
        let key = schedule.key(job).to_owned();
        let end = cut_off::end(&self.state, (&key, &step.key), outcome);
        let Some(Event::StepFinished(attempt, finish)) = end else {
            return Ok(());
        };
        self.observer
            .note(&format!("step `{key}.{}` is not tried again", step.key));
        self.record(Event::StepFinished(attempt.clone(), finish))?;
        let mut settled = Settled::plain(outcome);
        if let Some(left) = self.recalled(&attempt)? {
            settled.outputs = left.outputs;
            settled.env = left.env;
            settled.path = left.path;
        }
        self.keep_of_step((job, step), &attempt, &mut settled, schedule)?;
        self.conclude((job, step), settled, schedule)
    }

    /// Whether an attempt is one after which its step did not get another one.
    fn is_cut_off(&self, attempt: &AttemptName) -> bool {
        let known = self.state.step(&attempt.job, &attempt.step);
        known.is_some_and(StepState::is_cut_off)
    }

    /// A step has ended for good.
    pub(super) fn conclude(
        &mut self,
        (job, step): (usize, &Step),
        mut settled: Settled,
        schedule: &mut Schedule<'_>,
    ) -> Result<(), Error> {
        if settled.outcome == Outcome::Failure {
            match self.step_continues((job, step), schedule) {
                Ok(true) => {
                    settled.conclusion = Outcome::Success;
                    self.record(Event::StepContinued {
                        job: schedule.key(job).to_owned(),
                        step: step.key.clone(),
                    })?;
                }
                Ok(false) => {}
                Err(error) => self.observer.note(&format!(
                    "continue-on-error of step `{}`: {error}",
                    step.key
                )),
            }
        }
        schedule.step_finished(job, settled);
        Ok(())
    }

    /// Whether its job goes on as if a step that failed had succeeded.
    pub(super) fn step_continues(
        &self,
        (job, step): (usize, &Step),
        schedule: &Schedule<'_>,
    ) -> Result<bool, NoSwitch> {
        let Some(setting) = &step.continue_on_error else {
            return Ok(false);
        };
        let read = schedule.step_context(job, step, &self.base);
        setting.evaluate(&read.context)
    }

    /// Whether the run goes on as if a job that failed had succeeded.
    pub(super) fn job_continues(&mut self, job: usize, schedule: &Schedule<'_>) -> bool {
        let known = schedule.job(job);
        // A job that runs several times leaves that to its legs.
        let Some(known) = known.filter(|_| !schedule.is_group(job)) else {
            return false;
        };
        let Some(setting) = &known.continue_on_error else {
            return false;
        };
        match setting.evaluate(&schedule.context(job, &self.base)) {
            Ok(continues) => continues,
            Err(error) => {
                let id = &known.id;
                self.observer
                    .note(&format!("continue-on-error of job `{id}`: {error}"));
                false
            }
        }
    }

    /// When a step that failed is tried again, in milliseconds since the Unix epoch, if it is.
    fn tries_again(
        &mut self,
        step: &Step,
        attempt: &AttemptName,
        finish: &StepFinish,
    ) -> Result<Option<u64>, Error> {
        let Some(retry) = &step.retry else {
            return Ok(None);
        };
        // What could not even be started would not start the next time.
        let ran = !matches!(finish.end, StepEnd::NotStarted(_) | StepEnd::Answered);
        let tries = self.state.begun(attempt);
        if !ran || tries >= retry.attempts || !self.is_worth(retry, attempt, finish)? {
            return Ok(None);
        }
        let pause = retry.pause(tries, chance(&format!("{}/{attempt}", self.run)));
        let pause = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX);
        let due = self.now_ms().saturating_add(pause);
        let known = self.state.step(&attempt.job, &attempt.step);
        let began = known.map(|known| {
            let first = known.more.as_ref().and_then(|more| more.first_ms);
            first.unwrap_or(known.started_ms)
        });
        let budget = retry.budget.map(|budget| budget.as_millis());
        let spent = began.map_or(0, |began| due.saturating_sub(began));
        if budget.is_some_and(|budget| u128::from(spent) > budget) {
            self.observer.note(&format!(
                "step `{}` is not tried again: its `budget` is used up",
                attempt.step
            ));
            return Ok(None);
        }
        Ok(Some(due))
    }

    /// Whether this failure is one that is worth another try.
    fn is_worth(
        &self,
        retry: &Retry,
        attempt: &AttemptName,
        finish: &StepFinish,
    ) -> Result<bool, Error> {
        if retry.on.is_empty() {
            return Ok(true);
        }
        let mut output = None;
        for on in &retry.on {
            let fits = match on {
                RetryOn::Code(code) => finish.cause.is_none() && finish.end == StepEnd::Code(*code),
                RetryOn::Timeout => finish.cause == Some(StepCause::TimedOut),
                RetryOn::Failure => finish.cause.is_none(),
                RetryOn::Lost => false,
                RetryOn::Output(pattern) => {
                    if output.is_none() {
                        let bytes = self.folder.read_output(attempt)?;
                        output = Some(String::from_utf8_lossy(&bytes).into_owned());
                    }
                    output.as_ref().is_some_and(|text| pattern.is_match(text))
                }
            };
            if fits {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// A run is taken up: the step of a job that ended last may not have been judged, because the
    /// engine died at that moment.
    pub(super) fn judge_again(
        &mut self,
        job: usize,
        schedule: &mut Schedule<'_>,
    ) -> Result<(), Error> {
        let key = schedule.key(job).to_owned();
        let Some(step) = schedule.current_step(job) else {
            return Ok(());
        };
        let Some(known) = self.state.step(&key, &step.key) else {
            return Ok(());
        };
        let (Some(finish), Some(settled)) = (known.finish.clone(), Settled::of(known)) else {
            return Ok(());
        };
        // Nor is what a person has decided about judged again.
        if finish.end == StepEnd::Answered || finish.outcome != settled.outcome {
            return self.conclude((job, step), settled, schedule);
        }
        let attempt = AttemptName {
            job: key,
            step: step.key.clone(),
            number: known.attempts,
        };
        self.judge((job, step), &attempt, (&finish, settled), schedule)
    }
}

/// A number from 0 to 1 that is the same for the same text, and as good as any other.
fn chance(text: &str) -> f64 {
    let digest = crate::git::digest::content_hash(text.as_bytes());
    let digits = digest.as_str().get(..8).unwrap_or("");
    let number = u32::from_str_radix(digits, 16).unwrap_or(0);
    f64::from(number) / f64::from(u32::MAX)
}
