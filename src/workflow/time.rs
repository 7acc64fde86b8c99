//! How long jobs may take, and how long what runs in any case may take after that.

use std::time::{Duration, Instant};

use crate::base::limits::LAST_STEPS_TIMEOUT;
use crate::model::expression::Error as Unknown;
use crate::model::run::schedule::Schedule;
use crate::model::run::used;
use crate::model::workflow::Step;
use crate::proc::supervisor::protocol::{Cause, Request};
use crate::workflow::Error;
use crate::workflow::driver::Driver;

/// What a limit that is none gives: no time at all rather than all the time in the world.
const NO_TIME: Duration = Duration::from_millis(1);

/// What of a job may still run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// All of it: its time is not over.
    Own,
    /// Only what runs in any case or after a failure.
    Last,
    /// Nothing.
    Over,
}

#[derive(Clone, Copy, Debug)]
struct JobTime {
    job: usize,
    /// Whether it is that of the workflow which a step of the job calls.
    call: bool,
    stage: Stage,
    until: Instant,
    /// Whether its limit came to no time at all.
    none: bool,
    /// What is left of it, while it stands still.
    rest: Option<Duration>,
}

impl JobTime {
    /// Whether it can still run out.
    fn runs(&self) -> bool {
        self.stage != Stage::Over && self.rest.is_none()
    }
}

/// The times of the jobs under way that have a limit, and of a run that is being cancelled.
#[derive(Debug, Default)]
pub(super) struct Times {
    jobs: Vec<JobTime>,
    cancelled_until: Option<Instant>,
}

impl Times {
    /// A job is under way, and `used` of its time is gone already. Gives what has no time left.
    fn begin(
        &mut self,
        (job, call): (usize, bool),
        limit: Duration,
        used: Duration,
        now: Instant,
    ) -> Option<JobTime> {
        let own = limit.saturating_sub(used);
        let all = limit.saturating_add(LAST_STEPS_TIMEOUT);
        let last = all.saturating_sub(used);
        let (stage, left) = if !own.is_zero() {
            (Stage::Own, own)
        } else if !last.is_zero() {
            (Stage::Last, last)
        } else {
            (Stage::Over, Duration::ZERO)
        };
        let until = now + left;
        let time = JobTime {
            job,
            call,
            stage,
            until,
            none: limit == NO_TIME,
            rest: None,
        };
        self.jobs.push(time);
        (stage != Stage::Own).then_some(time)
    }

    /// A job is over, or waits for a person, which costs it no time.
    pub(super) fn end(&mut self, job: usize) {
        self.jobs.retain(|time| time.job != job);
    }

    /// What a step called is over.
    pub(super) fn end_call(&mut self, job: usize) {
        self.jobs.retain(|time| time.job != job || !time.call);
    }

    /// The time of these jobs stands still from now on, that of the others goes on.
    pub(super) fn stop(&mut self, now: Instant, stands: impl Fn(usize) -> bool) {
        for time in &mut self.jobs {
            match (stands(time.job), time.rest) {
                (true, None) => time.rest = Some(time.until.saturating_duration_since(now)),
                (false, Some(rest)) => {
                    time.until = now + rest;
                    time.rest = None;
                }
                (true, Some(_)) | (false, None) => {}
            }
        }
    }

    /// The run is being cancelled.
    pub(super) fn cancel(&mut self, now: Instant) {
        self.cancelled_until.get_or_insert(now + LAST_STEPS_TIMEOUT);
    }

    /// Moves the jobs on whose time is over; gives them with what may still run.
    fn due(&mut self, now: Instant) -> Vec<(JobTime, Stage)> {
        let late = |time: &&mut JobTime| time.runs() && time.until <= now;
        let mut due = Vec::new();
        for time in self.jobs.iter_mut().filter(late) {
            time.stage = match time.stage {
                Stage::Own => Stage::Last,
                Stage::Last | Stage::Over => Stage::Over,
            };
            time.until = now + LAST_STEPS_TIMEOUT;
            due.push((*time, time.stage));
        }
        due
    }

    /// Whether the time of a cancelled run is over; it is told once.
    fn is_cancel_due(&mut self, now: Instant) -> bool {
        self.cancelled_until
            .take_if(|until| *until <= now)
            .is_some()
    }

    /// Whether nothing of a job may run any more.
    fn is_over(&self, job: usize) -> bool {
        let over = |time: &JobTime| time.job == job && time.stage == Stage::Over;
        self.jobs.iter().any(over)
    }

    /// How long until something is due.
    pub(super) fn left(&self, now: Instant) -> Option<Duration> {
        let jobs = self.jobs.iter().filter(|time| time.runs());
        let all = jobs.map(|time| time.until).chain(self.cancelled_until);
        Some(all.min()?.saturating_duration_since(now))
    }
}

/// What a limit came to, zero where there is none, or why that cannot be told.
fn limit_of(found: Result<Option<Duration>, Unknown>) -> Result<Duration, String> {
    found
        .map_err(|error| error.to_string())?
        .ok_or_else(|| "it is not a number of minutes from 0".to_owned())
}

/// What people call a job, or a step of it.
fn whose(job: &str, step: Option<&Step>) -> String {
    match step {
        Some(step) => format!("step `{}` of job `{job}`", step.key),
        None => format!("job `{job}`"),
    }
}

impl Driver<'_> {
    /// A job begins or goes on: its time runs.
    pub(super) fn start_time(
        &mut self,
        index: usize,
        schedule: &mut Schedule<'_>,
    ) -> Result<(), Error> {
        let known = schedule.job(index).filter(|_| !schedule.is_group(index));
        let Some(setting) = known.and_then(|job| job.timeout.as_ref()) else {
            return Ok(());
        };
        let key = schedule.key(index);
        let limit = setting.evaluate(&schedule.context(index, &self.base));
        let limit = limit_of(limit).unwrap_or_else(|reason| {
            self.fails_because(key, &format!("timeout-minutes: {reason}"));
            NO_TIME
        });
        if limit.is_zero() {
            return Ok(());
        }
        let used = used::of_job(&self.state, key);
        let now = Instant::now();
        let Some(late) = self.times.begin((index, false), limit, used, now) else {
            return Ok(());
        };
        if !late.none {
            self.fails_because(schedule.key(index), "its time was used up before");
        }
        schedule.overrun(index);
        self.stop_call_late(late, schedule)
    }

    /// A workflow is called, or its jobs go on: the time of the step runs.
    pub(super) fn start_call_time(
        &mut self,
        index: usize,
        schedule: &mut Schedule<'_>,
    ) -> Result<(), Error> {
        let called = schedule.calling_step(index);
        let setting = called.and_then(|step| Some((step, step.timeout.as_ref()?)));
        let Some((step, setting)) = setting else {
            return Ok(());
        };
        let read = schedule.step_context(index, step, &self.base);
        let limit = setting.evaluate(&read.context);
        let limit = limit_of(limit).unwrap_or_else(|reason| {
            let whose = whose(schedule.key(index), Some(step));
            self.observer
                .note(&format!("timeout-minutes of {whose}: {reason}"));
            NO_TIME
        });
        if limit.is_zero() {
            return Ok(());
        }
        let now = Instant::now();
        let used = used::of_call(&self.state, (schedule.key(index), &step.key));
        match self.times.begin((index, true), limit, used, now) {
            Some(late) => self.stop_call_late(late, schedule),
            None => Ok(()),
        }
    }

    /// Whether nothing of a job, or of one that calls it, may run any more.
    pub(super) fn is_out_of_time(&self, job: usize, schedule: &Schedule<'_>) -> bool {
        let callers = schedule.callers(job).into_iter();
        std::iter::once(job)
            .chain(callers)
            .any(|job| self.times.is_over(job))
    }

    /// There was no time left when the run was taken up: ends what a step of the job calls.
    fn stop_call_late(&mut self, late: JobTime, schedule: &mut Schedule<'_>) -> Result<(), Error> {
        match schedule.calling_step(late.job) {
            Some(_) => self.stop_late(late, late.stage, schedule),
            None => Ok(()),
        }
    }

    /// The time of a job, or of what a step of it calls, is over.
    fn stop_late(
        &mut self,
        time: JobTime,
        stage: Stage,
        schedule: &mut Schedule<'_>,
    ) -> Result<(), Error> {
        let job = time.job;
        if !time.call {
            schedule.overrun(job);
        }
        let calls = schedule.calling_step(job);
        let held = self.in_flight.iter().find(|(_, of)| *of == Some(job));
        let attempt = held.map(|(attempt, _)| attempt.to_string());
        if calls.is_none() && attempt.is_none() {
            return Ok(());
        }
        let whose = whose(schedule.key(job), calls.filter(|_| time.call));
        match stage {
            // It had none, and that was said.
            Stage::Own | Stage::Last if time.none => {}
            Stage::Own | Stage::Last => self.observer.note(&format!("{whose} took too long")),
            Stage::Over => {
                let note = format!("the last steps of {whose} took too long");
                self.observer.note(&note);
            }
        }
        let cause = Cause::TimedOut;
        if calls.is_some() {
            schedule.stop_call(job);
            self.stop_job(job, cause, schedule)?;
        }
        if let Some(attempt) = attempt {
            self.supervisor.request(&Request::Stop { attempt, cause })?;
        }
        Ok(())
    }

    /// Stops what is under way in each job whose time is over, and in a cancelled run whose time
    /// is over.
    pub(super) fn stop_late_jobs(&mut self, schedule: &mut Schedule<'_>) -> Result<(), Error> {
        let now = Instant::now();
        for (time, stage) in self.times.due(now) {
            self.stop_late(time, stage, schedule)?;
        }
        if self.times.is_cancel_due(now) {
            self.observer
                .note("what runs also in a cancelled run took too long");
            self.abandoned = true;
            self.supervisor
                .request(&Request::Cancel { at_once: true })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{LAST_STEPS_TIMEOUT, Stage, Times};

    const LIMIT: Duration = Duration::from_mins(20);

    /// A job of which so much is used: what may run at once, and when that changes and to what.
    fn check(used: Duration, stage: Stage, expected: &[(Duration, Stage)]) {
        let start = Instant::now();
        let mut times = Times::default();
        let late = times.begin((0, false), LIMIT, used, start);
        assert_eq!(late.is_none(), stage == Stage::Own);
        assert_eq!(times.is_over(0), stage == Stage::Over);
        let mut found = Vec::new();
        let mut now = start;
        while let Some(left) = times.left(now) {
            now += left;
            let due = times.due(now).into_iter();
            found.extend(due.map(|(_, stage)| (now - start, stage)));
        }
        assert_eq!(found, expected, "{used:?}");
        assert!(times.is_over(0));
        times.end(0);
        assert!(!times.is_over(0));
    }

    #[test]
    fn a_job_has_its_time_and_then_a_little_for_its_last_steps() {
        let second = Duration::from_secs(1);
        let all = LIMIT + LAST_STEPS_TIMEOUT;
        check(
            Duration::ZERO,
            Stage::Own,
            &[(LIMIT, Stage::Last), (all, Stage::Over)],
        );
        check(
            LIMIT.saturating_sub(second),
            Stage::Own,
            &[
                (second, Stage::Last),
                (second + LAST_STEPS_TIMEOUT, Stage::Over),
            ],
        );
        check(LIMIT, Stage::Last, &[(LAST_STEPS_TIMEOUT, Stage::Over)]);
        check(
            all.saturating_sub(second),
            Stage::Last,
            &[(second, Stage::Over)],
        );
        check(all, Stage::Over, &[]);
    }

    #[test]
    fn time_that_stands_still_is_not_used() {
        let start = Instant::now();
        let second = Duration::from_secs(1);
        let mut times = Times::default();
        for job in [0, 1] {
            let late = times.begin((job, false), LIMIT, Duration::ZERO, start);
            assert!(late.is_none());
        }
        let later = start + second;
        times.stop(later, |job| job == 0);
        times.end(1);
        assert_eq!(times.left(later), None);
        assert!(times.due(later + LIMIT).is_empty());
        let much_later = later + LIMIT * 2;
        times.stop(much_later, |job| job == 0);
        times.stop(much_later, |_| false);
        assert_eq!(times.left(much_later), Some(LIMIT.saturating_sub(second)));
    }

    #[test]
    fn a_cancelled_run_has_a_little_time_too() {
        let start = Instant::now();
        let mut times = Times::default();
        assert!(!times.is_cancel_due(start + LIMIT));
        times.cancel(start);
        times.cancel(start + LAST_STEPS_TIMEOUT / 2);
        assert_eq!(times.left(start), Some(LAST_STEPS_TIMEOUT));
        let end = start + LAST_STEPS_TIMEOUT;
        assert!(!times.is_cancel_due(start + LAST_STEPS_TIMEOUT / 2));
        assert!(times.is_cancel_due(end));
        assert!(!times.is_cancel_due(end));
        assert_eq!(times.left(end), None);
    }
}
