//! The debugger of a run: it stops before steps and after failed ones, and does what is typed.
//!
//! What it does to a run is recorded as what it is: a step that is left out, tried again, or whose
//! failure does not count. While it has a say, one job runs at a time.

mod command;
mod prompt;

use std::time::Instant;

use crate::base::text::one_line;
use crate::model::run::event::{Named, StepFinish, leg_of};
use crate::model::run::schedule::{Decision, Schedule, Settled};
use crate::model::run::{AttemptName, Event, Outcome};
use crate::model::workflow::{Bundle, Step};
use crate::proc::typed::Lines;
use crate::workflow::Error;
use crate::workflow::debug::command::Command;
use crate::workflow::driver::Driver;

/// Where the debugger talks to a person.
pub(crate) trait Console {
    /// Says something, in lines of its own.
    fn say(&mut self, text: &str);
    /// A command is awaited.
    fn ask(&mut self);
}

/// Where and how it stops.
#[derive(Debug)]
pub(crate) struct Stops {
    /// `<job>` or `<job>.<step>`; without any, and without `on_failure`, it stops at once.
    pub(crate) breakpoints: Vec<String>,
    /// Whether it stops after every step that has failed.
    pub(crate) on_failure: bool,
}

/// The debugger of one run.
pub(crate) struct Debugger {
    console: Box<dyn Console>,
    lines: Lines,
    breakpoints: Vec<String>,
    on_failure: bool,
    /// Whether it stops before the next step, whichever that is.
    stepping: bool,
    /// Nothing is typed any more.
    ended: bool,
    /// Variables that were set and that no step has taken along yet, with their jobs.
    set: Vec<(String, Named)>,
    /// What an empty line means.
    last: Option<Command>,
}

/// A step at which it stands.
struct Stop<'s> {
    job: usize,
    step: &'s Step,
    attempt: AttemptName,
    /// How it has failed; else it has not begun.
    failed: Option<Settled>,
    /// Whether it can be left out.
    skippable: bool,
}

/// What is to become of the step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Action {
    Go,
    Retry,
    Skip,
    Quit,
}

impl Debugger {
    /// A debugger that reads commands from standard input.
    pub(crate) fn new(console: Box<dyn Console>, stops: Stops) -> Result<Self, Error> {
        Ok(Self {
            console,
            lines: Lines::of_stdin()?,
            stepping: stops.breakpoints.is_empty() && !stops.on_failure,
            breakpoints: stops.breakpoints,
            on_failure: stops.on_failure,
            ended: false,
            set: Vec::new(),
            last: None,
        })
    }

    /// Says which breakpoints name nothing that there is. When none names anything, it stops before
    /// the first step: whoever wants to stop shall not see everything run.
    fn check(&mut self, bundle: Bundle<'_>) {
        let mut wrong = 0;
        for text in self.breakpoints.clone() {
            if let Some(why) = unknown(&text, bundle) {
                wrong += 1;
                self.console
                    .say(&format!("breakpoint `{}`: {why}", one_line(&text)));
            }
        }
        if wrong > 0 && wrong == self.breakpoints.len() && !self.on_failure {
            self.stepping = true;
        }
    }

    fn stops_before(&self, job: &str, step: &Step) -> bool {
        !self.ended && (self.stepping || self.breakpoints.iter().any(|at| is_at(at, job, step)))
    }

    /// The variables that were set for a job since its last step.
    pub(super) fn take_set(&mut self, job: &str) -> Vec<Named> {
        let (taken, left) = std::mem::take(&mut self.set)
            .into_iter()
            .partition(|(of, _)| of == job);
        self.set = left;
        let taken: Vec<(String, Named)> = taken;
        taken.into_iter().map(|(_, named)| named).collect()
    }
}

/// The job and the step that a breakpoint names.
fn parts(text: &str) -> (&str, Option<&str>) {
    text.split_once('.')
        .map_or((text, None), |(job, step)| (job, Some(step)))
}

/// Whether a breakpoint names this step: its job by its key, by its id, or by its id in the
/// workflow that is called; all of its legs are meant unless one is named.
fn is_at(text: &str, job: &str, step: &Step) -> bool {
    let (wanted, wanted_step) = parts(text);
    let last = job.rsplit('+').next().unwrap_or(job);
    let id = leg_of(last).map_or(last, |(id, _)| id);
    [job, last, id].contains(&wanted) && wanted_step.is_none_or(|wanted| is_step(wanted, step))
}

fn is_step(wanted: &str, step: &Step) -> bool {
    step.key == wanted || step.id.as_deref() == Some(wanted)
}

/// Why a breakpoint is never reached.
fn unknown(text: &str, bundle: Bundle<'_>) -> Option<String> {
    let (job, step) = parts(text);
    let called = bundle.called.values().flat_map(|called| &called.jobs);
    let jobs: Vec<_> = bundle.main.jobs.iter().chain(called).collect();
    let named = bundle.job(job).map(|(_, job)| job);
    let found: Vec<_> = match named {
        Some(named) => vec![named],
        None => jobs.into_iter().filter(|known| known.id == job).collect(),
    };
    if found.is_empty() {
        return Some(format!("there is no job `{}`", one_line(job)));
    }
    let step = step?;
    let mut steps = found.iter().flat_map(|job| &job.steps);
    if steps.any(|known| is_step(step, known)) {
        return None;
    }
    let (job, step) = (one_line(job), one_line(step));
    Some(format!("job `{job}` has no step `{step}`"))
}

impl Driver<'_> {
    /// Whether a debugger has a say: then one job runs at a time.
    pub(super) fn is_debugged(&mut self) -> bool {
        let bundle = self.pinned.bundle();
        if let Some(debugger) = &mut self.debugger {
            debugger.check(bundle);
        }
        self.debugger.is_some()
    }

    /// Lets the debugger look at a decision; tells whether it is to be carried out.
    pub(super) fn debug_before(
        &mut self,
        decision: &Decision,
        schedule: &mut Schedule<'_>,
    ) -> Result<bool, Error> {
        let (job, at, skippable) = match decision {
            Decision::RunStep { job, step, .. } | Decision::Checkpoint { job, step } => {
                (*job, *step, true)
            }
            // The jobs that it calls are there already.
            Decision::CallWorkflow { job, step } => (*job, *step, false),
            _ => return Ok(true),
        };
        let Some(step) = schedule.step(job, at) else {
            return Ok(true);
        };
        let key = schedule.key(job).to_owned();
        let stops = self
            .debugger
            .as_ref()
            .is_some_and(|debugger| debugger.stops_before(&key, step));
        if !stops || self.state.cancel_requested {
            return Ok(true);
        }
        let stop = Stop {
            job,
            step,
            attempt: self.state.next_attempt(&key, &step.key),
            failed: None,
            skippable,
        };
        match self.debug_at(&stop, schedule)? {
            Action::Go | Action::Retry => Ok(true),
            Action::Skip => {
                let step = step.key.clone();
                self.record(Event::StepSkipped { job: key, step })?;
                schedule.step_finished(job, Settled::plain(Outcome::Skipped));
                Ok(false)
            }
            Action::Quit => {
                self.interrupted(Instant::now())?;
                if skippable {
                    schedule.take_back(job);
                }
                schedule.cancel();
                Ok(!skippable)
            }
        }
    }

    /// Lets the debugger look at a step that has failed; tells whether it has settled the matter.
    pub(super) fn debug_failed(
        &mut self,
        (job, step): (usize, &Step),
        (attempt, finish): (&AttemptName, &StepFinish),
        settled: &mut Settled,
        schedule: &mut Schedule<'_>,
    ) -> Result<bool, Error> {
        let stops =
            |debugger: &Debugger| !debugger.ended && (debugger.stepping || debugger.on_failure);
        if settled.outcome != Outcome::Failure
            || self.state.cancel_requested
            || !self.debugger.as_ref().is_some_and(stops)
        {
            return Ok(false);
        }
        let mut failed = settled.clone();
        if self.step_continues((job, step), schedule) == Ok(true) {
            failed.conclusion = Outcome::Success;
        }
        let stop = Stop {
            job,
            step,
            attempt: attempt.clone(),
            failed: Some(failed),
            skippable: true,
        };
        self.say_failed(finish);
        match self.debug_at(&stop, schedule)? {
            Action::Go => Ok(false),
            Action::Retry => {
                let (attempt, due_ms) = (attempt.clone(), self.now_ms());
                self.record(Event::StepRetried { attempt, due_ms })?;
                schedule.retry(job, due_ms);
                Ok(true)
            }
            Action::Skip => {
                self.record(Event::StepContinued {
                    job: attempt.job.clone(),
                    step: attempt.step.clone(),
                })?;
                settled.conclusion = Outcome::Success;
                schedule.step_finished(job, settled.clone());
                Ok(true)
            }
            Action::Quit => {
                self.interrupted(Instant::now())?;
                schedule.cancel();
                Ok(false)
            }
        }
    }

    /// What is to become of a step, by what is typed.
    fn debug_at(&mut self, stop: &Stop<'_>, schedule: &mut Schedule<'_>) -> Result<Action, Error> {
        let Some(mut debugger) = self.debugger.take() else {
            return Ok(Action::Go);
        };
        let action = self.prompt(&mut debugger, stop, schedule);
        if !matches!(action, Ok(Action::Quit)) {
            self.debugger = Some(debugger);
        }
        action
    }
}
