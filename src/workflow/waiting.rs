//! Waiting: for the supervisor, for signals, and for the time of jobs to be over.

use std::time::{Duration, Instant};

use crate::model::run::event::StepFinish;
use crate::model::run::{AttemptName, Event, RunState};
use crate::model::workflow::Job;
use crate::proc::supervisor::Reply;
use crate::proc::supervisor::client::Wake;
use crate::proc::supervisor::protocol::Request;
use crate::workflow::Error;
use crate::workflow::driver::Driver;
use crate::workflow::recorder::step_finish;

impl Driver<'_> {
    /// Waits until an attempt is over, somebody interrupts, or `limit` is reached.
    pub(crate) fn wait(
        &mut self,
        limit: Option<Duration>,
    ) -> Result<Option<(AttemptName, StepFinish)>, Error> {
        match self.supervisor.wait(&self.interrupts, limit)? {
            Wake::Timeout | Wake::Reply(Reply::Ready(_)) => Ok(None),
            Wake::Interrupted(count) => {
                self.interrupted(count)?;
                Ok(None)
            }
            Wake::Gone => {
                self.supervisor_died()?;
                Ok(None)
            }
            Wake::Reply(Reply::Started { attempt }) => {
                if let Ok(name) = attempt.parse() {
                    self.heard(Event::StepStarted(name));
                }
                Ok(None)
            }
            Wake::Reply(Reply::Finished { attempt, finish }) => {
                let Ok(name) = attempt.parse::<AttemptName>() else {
                    return Ok(None);
                };
                let finish = step_finish(&finish);
                self.heard(Event::StepFinished(name.clone(), finish.clone()));
                Ok(Some((name, finish)))
            }
            Wake::Reply(Reply::Refused { attempt }) => Err(Error::NotRecorded {
                attempt,
                reason: "another supervisor had claimed it".to_owned(),
            }),
            Wake::Reply(Reply::RecordFailed { attempt, reason }) => {
                Err(Error::NotRecorded { attempt, reason })
            }
        }
    }

    /// The supervisor was killed: what it held is lost, and its processes are ended.
    fn supervisor_died(&mut self) -> Result<(), Error> {
        let held = std::mem::take(&mut self.in_flight);
        let recorded = crate::state::journal::read(&self.folder.events())?;
        let state = RunState::fold(&recorded);
        for (attempt, _) in held {
            crate::workflow::resume::end_processes(&self.run.to_string(), &attempt);
            let known = state.step(&attempt.job, &attempt.step);
            match known.filter(|step| step.attempts == attempt.number) {
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

    fn interrupted(&mut self, count: usize) -> Result<(), Error> {
        let first = !self.state.cancel_requested;
        if first {
            self.record(Event::CancelRequested)?;
        }
        let at_once = !first || count > 1;
        self.abandoned |= at_once;
        self.supervisor.request(&Request::Cancel { at_once })?;
        Ok(())
    }

    pub(crate) fn set_job_deadline(&mut self, index: usize, job: &Job) {
        if let Some(timeout) = job.timeout {
            self.job_deadlines.push((index, Instant::now() + timeout));
        }
    }

    pub(crate) fn next_job_deadline(&self) -> Option<Duration> {
        let next = self.job_deadlines.iter().map(|(_, at)| *at).min()?;
        Some(next.saturating_duration_since(Instant::now()))
    }

    /// Stops the step that is under way in each job whose time is over.
    pub(crate) fn stop_late_jobs(&mut self) -> Result<(), Error> {
        let now = Instant::now();
        let late: Vec<usize> = self
            .job_deadlines
            .iter()
            .filter(|(_, at)| *at <= now)
            .map(|(index, _)| *index)
            .collect();
        self.job_deadlines.retain(|(_, at)| *at > now);
        for job in late {
            let held = self.in_flight.iter().find(|(_, of)| *of == Some(job));
            if let Some((attempt, _)) = held {
                let name = attempt.to_string();
                self.observer
                    .note(&format!("job of `{name}` took too long"));
                self.supervisor.request(&Request::Stop(name))?;
            }
        }
        Ok(())
    }
}
