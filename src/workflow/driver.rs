//! The engine: drives one run, from where its journal says it stands, to its end or to a stop.
//!
//! It holds no state of its own that the journal does not have: whatever it does is recorded
//! first or by the supervisor, so it may be killed at any moment and another one goes on.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::base::ids::RunId;
use crate::base::limits::RUN_OUTPUT_BYTES;
use crate::git::Repository;
use crate::model::expression::Context;
use crate::model::run::event::{ParkReason, RunStart, StepFinish};
use crate::model::run::schedule::{Decision, Schedule};
use crate::model::run::{AttemptName, Event, Outcome, RecordedEvent, RunState};
use crate::model::workflow::StepKind;
use crate::proc::interrupt::{Interrupts, Wishes};
use crate::proc::supervisor::client::Wake;
use crate::proc::supervisor::protocol::Request;
use crate::proc::supervisor::{Reply, Supervisor};
use crate::state::journal::Journal;
use crate::state::layout::Local;
use crate::state::run_folder::RunFolder;
use crate::state::state_files::StateFiles;
use crate::state::transaction::Place;
use crate::sys::clock::Clock;
use crate::sys::environment::Environment;
use crate::sys::identifiers::Identifiers;
use crate::sys::lock::Lock;
use crate::workflow::Error;
use crate::workflow::contexts::base_context;
use crate::workflow::hash_files::WorkTreeFiles;
use crate::workflow::pinned::Pinned;
use crate::workflow::prepare::{self, Workbench};
use crate::workflow::protected::Protected;
use crate::workflow::recorder::step_finish;
use crate::workflow::time::Times;

/// Why a step does not begin whose job has used up all of its time.
pub(super) const OUT_OF_TIME: &str = "the time of its job is over";

/// What every engine works with.
pub(crate) struct Workshop<'a> {
    /// The repository.
    pub(crate) repository: &'a Repository,
    /// What is local to it.
    pub(crate) local: Local,
    /// The files under `.mmm/`.
    pub(crate) files: &'a StateFiles,
    /// Where tracked files are written.
    pub(crate) place: Place,
    /// Tells the time.
    pub(crate) clock: Clock,
    /// Makes ids.
    pub(crate) identifiers: &'a Identifiers,
    /// The program that serves as supervisor, and the arguments that make it one.
    pub(crate) supervisor: (PathBuf, Vec<String>),
    /// The signals that ask the engine to stop.
    pub(crate) interrupts: &'a Interrupts,
    /// The environment of the supervisor.
    pub(crate) environment: &'a Environment,
    /// Jobs under way at once.
    pub(crate) parallel_jobs: usize,
    /// Values that no output may show.
    pub(crate) masked: Vec<String>,
    /// Name and id of the project, for expressions.
    pub(crate) project: Option<(String, String)>,
}

/// Whoever watches a run.
pub(crate) trait Observer {
    /// Something happened; `state` has it already.
    fn event(&mut self, event: &RecordedEvent, run: &Watched<'_>);
    /// Something that is not part of the record, for the person.
    fn note(&mut self, text: &str);
}

/// What a watcher can look at.
pub(crate) struct Watched<'a> {
    /// The run.
    pub(crate) run: RunId,
    /// Its folder, with the outputs.
    pub(crate) folder: &'a RunFolder,
    /// What it goes by.
    pub(crate) pinned: &'a Pinned,
    /// Where it stands.
    pub(crate) state: &'a RunState,
}

/// One run under way.
pub(crate) struct Driver<'a> {
    pub(crate) shop: &'a Workshop<'a>,
    pub(crate) run: RunId,
    pub(crate) folder: RunFolder,
    pub(crate) pinned: &'a Pinned,
    pub(crate) state: RunState,
    pub(crate) observer: &'a mut dyn Observer,
    pub(crate) journal: Journal,
    pub(crate) workbench: Workbench,
    pub(crate) base: Context,
    pub(super) supervisor: Supervisor,
    pub(super) protected: Protected,
    /// How long jobs may take.
    pub(super) times: Times,
    /// Attempts that the supervisor holds, with the job that each belongs to.
    pub(super) in_flight: Vec<(AttemptName, Option<usize>)>,
    /// What signals asked for so far.
    pub(super) wishes: Wishes,
    /// Nothing new starts, not even what runs always.
    pub(super) abandoned: bool,
    /// The supervisor was killed.
    pub(super) lost: bool,
    /// Files that a step changed and that nobody has agreed to.
    pub(super) edited: Option<(Option<AttemptName>, Vec<String>)>,
    /// Held as long as this engine drives.
    pub(crate) lock: Lock,
}

/// What stopped a phase of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// It is through.
    Done,
    /// The run must stand still.
    Parked(ParkReason),
}

/// What a driver starts with.
pub(crate) struct Begin<'a> {
    pub(crate) run: RunId,
    pub(crate) start: RunStart,
    pub(crate) folder: RunFolder,
    pub(crate) pinned: &'a Pinned,
    pub(crate) state: RunState,
    pub(crate) lock: Lock,
}

impl<'a> Driver<'a> {
    /// Takes a run up: starts its supervisor and says so in the journal.
    pub(crate) fn begin(
        shop: &'a Workshop<'a>,
        begin: Begin<'a>,
        observer: &'a mut dyn Observer,
    ) -> Result<Self, Error> {
        // Where the run began, wherever that work tree is now.
        let top = shop.repository.top()?;
        let moved = (top != begin.start.work_tree).then(|| top.to_owned());
        let (program, arguments) = &shop.supervisor;
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let mut supervisor =
            Supervisor::launch(program, &arguments, begin.folder.path(), shop.environment)?;
        supervisor.request(&Request::Mask(shop.masked.clone()))?;
        let spec = begin.pinned.spec.as_ref();
        let name = spec.map(crate::model::spec::Spec::name);
        let known = begin.folder.protected();
        let protected = if begin.state.unwatched {
            Protected::load(top, name, &known)?
        } else {
            let protected = Protected::look(top, name)?;
            protected.save(&known)?;
            protected
        };
        let mut base = base_context(
            shop.project.as_ref(),
            begin.run,
            &begin.start.workflow,
            begin.pinned.spec.as_ref(),
        );
        base.set_files(Arc::new(WorkTreeFiles::new(top)));
        let mut driver = Self {
            shop,
            run: begin.run,
            journal: Journal::open(&begin.folder.events(), shop.clock)?,
            workbench: Workbench::new(
                &shop.repository.child_environment(),
                top,
                begin.folder.clone(),
                begin.run.to_string(),
            ),
            protected,
            folder: begin.folder,
            pinned: begin.pinned,
            state: begin.state,
            observer,
            base,
            supervisor,
            times: Times::default(),
            in_flight: Vec::new(),
            wishes: Wishes::default(),
            abandoned: false,
            lost: false,
            edited: None,
            lock: begin.lock,
        };
        driver.record(Event::EngineStarted {
            pid: std::process::id(),
            work_tree: moved,
        })?;
        Ok(driver)
    }

    /// Hangs up on the supervisor, which ends everything that is left running.
    pub(crate) fn end(self) -> Result<(Journal, RunState, Lock), Error> {
        self.supervisor.finish()?;
        Ok((self.journal, self.state, self.lock))
    }

    /// Records an event, applies it and tells the watcher.
    pub(crate) fn record(&mut self, event: Event) -> Result<(), Error> {
        let recorded = self.journal.append(event)?;
        self.apply(&recorded);
        Ok(())
    }

    /// Applies an event that stands in the journal already.
    fn apply(&mut self, recorded: &RecordedEvent) {
        self.state.apply(recorded);
        let watched = Watched {
            run: self.run,
            folder: &self.folder,
            pinned: self.pinned,
            state: &self.state,
        };
        self.observer.event(recorded, &watched);
    }

    pub(super) fn heard(&mut self, event: Event) {
        let recorded = RecordedEvent {
            at_ms: self.shop.clock.now_ms(),
            event,
        };
        self.apply(&recorded);
    }

    /// Runs the jobs of the workflow as far as they go.
    pub(crate) fn run_jobs(&mut self) -> Result<(Progress, Outcome), Error> {
        let workflow = &self.pinned.workflow;
        let mut schedule = Schedule::new(workflow, &self.state, self.shop.parallel_jobs);
        for (index, job) in workflow.jobs.iter().enumerate() {
            let known = self.state.jobs.get(&job.id);
            if known.is_some_and(|known| known.started_ms.is_some() && known.result.is_none()) {
                self.start_time(index, job, &mut schedule);
            }
        }
        if self.state.cancel_requested {
            self.times.cancel(Instant::now());
        }
        if self.state.waits_for_edits() && !self.state.cancel_requested {
            let reason = ParkReason::Checkpoint;
            return Ok((Progress::Parked(reason), schedule.outcome()));
        }
        self.look_for_edits(None)?;
        loop {
            if self.state.cancel_requested {
                self.edited = None;
            }
            while !self.abandoned && !self.lost && self.edited.is_none() {
                let Some(decision) = schedule.next(&self.base) else {
                    break;
                };
                self.carry_out(decision, &mut schedule)?;
            }
            if self.in_flight.is_empty() {
                if self.state.cancel_requested && self.close_checkpoints(&mut schedule)? {
                    continue;
                }
                return self.stand_still(&schedule);
            }
            let limit = self.times.left(Instant::now());
            if let Some((attempt, finish)) = self.wait(limit)? {
                self.settle(&attempt, &finish, &mut schedule)?;
            }
            if self.state.cancel_requested {
                schedule.cancel();
            }
            self.stop_late_jobs(&mut schedule)?;
        }
    }

    fn carry_out(&mut self, decision: Decision, schedule: &mut Schedule<'_>) -> Result<(), Error> {
        let workflow = &self.pinned.workflow;
        let id = |job: usize| workflow.jobs.get(job).map(|job| job.id.clone());
        let key = |job: usize, step: usize| {
            let step = workflow.jobs.get(job)?.steps.get(step)?;
            Some(step.key.clone())
        };
        match decision {
            Decision::StartJob(index) => {
                if let Some(job) = workflow.jobs.get(index) {
                    self.start_time(index, job, schedule);
                    self.record(Event::JobStarted {
                        job: job.id.clone(),
                    })?;
                }
            }
            Decision::SkipJob(index) => {
                if let Some(job) = id(index) {
                    let result = Outcome::Skipped;
                    self.record(Event::JobFinished { job, result })?;
                }
            }
            Decision::FinishJob { job, result } => self.finish_job(job, result)?,
            Decision::SkipStep { job, step } => {
                if let (Some(job), Some(step)) = (id(job), key(job, step)) {
                    self.record(Event::StepSkipped { job, step })?;
                }
            }
            Decision::RunStep { job, step, attempt } => {
                self.start_step(job, step, attempt, schedule)?;
            }
            Decision::Checkpoint { job, step } => {
                let job = workflow.jobs.get(job).map(|known| (job, known));
                let step = job.and_then(|(_, job)| job.steps.get(step));
                if let (Some((index, job)), Some(step)) = (job, step) {
                    self.open_checkpoint(index, job, step, schedule)?;
                }
            }
            Decision::BadCondition { job, step, reason } => match step {
                None => {
                    if let Some(job) = id(job) {
                        self.observer.note(&format!("job `{job}`: {reason}"));
                        let result = Outcome::Failure;
                        self.record(Event::JobFinished { job, result })?;
                    }
                }
                Some(step) => {
                    let known = workflow.jobs.get(job);
                    if let Some((job, step)) =
                        known.and_then(|job| Some((job, job.steps.get(step)?)))
                    {
                        let name = self.next_attempt(job.id.clone(), step.key.clone());
                        let place = workflow.place(step.span);
                        self.fail(name, format!("{reason} ({place})"))?;
                    }
                }
            },
        }
        Ok(())
    }

    fn finish_job(&mut self, index: usize, result: Outcome) -> Result<(), Error> {
        let Some(job) = self.pinned.workflow.jobs.get(index) else {
            return Ok(());
        };
        let job = job.id.clone();
        self.times.end(index);
        self.supervisor.request(&Request::EndGroup(job.clone()))?;
        self.record(Event::JobFinished { job, result })
    }

    pub(super) fn next_attempt(&self, job: String, step: String) -> AttemptName {
        let begun = self.state.step(&job, &step).map_or(0, |step| step.attempts);
        AttemptName {
            job,
            step,
            number: begun + 1,
        }
    }

    fn start_step(
        &mut self,
        job_index: usize,
        step_index: usize,
        number: u32,
        schedule: &mut Schedule<'_>,
    ) -> Result<(), Error> {
        let workflow = &self.pinned.workflow;
        let Some(job) = workflow.jobs.get(job_index) else {
            return Ok(());
        };
        let Some(step) = job.steps.get(step_index) else {
            return Ok(());
        };
        let StepKind::Run { script, shell } = &step.kind else {
            return Ok(());
        };
        let attempt = AttemptName {
            job: job.id.clone(),
            step: step.key.clone(),
            number,
        };
        if self.times.is_over(job_index) {
            return self.fail_now(attempt, OUT_OF_TIME.to_owned(), job_index, schedule);
        }
        let prepared = schedule.step_context(job_index, (job, step), &self.base);
        let ready = self
            .workbench
            .run_step(&attempt, step, (script, shell.as_deref()), prepared);
        match ready {
            Ok(start) => self.launch(attempt, Some(job_index), start),
            Err(prepare::Unready::Machine(error)) => Err(error.into()),
            Err(reason) => {
                let mut told = reason.to_string();
                if !reason.has_place() {
                    told = format!("{told} ({})", workflow.place(step.span));
                }
                self.fail_now(attempt, told, job_index, schedule)
            }
        }
    }

    /// Hands an attempt to the supervisor.
    pub(crate) fn launch(
        &mut self,
        attempt: AttemptName,
        job: Option<usize>,
        mut start: crate::proc::supervisor::Start,
    ) -> Result<(), Error> {
        let room = RUN_OUTPUT_BYTES.saturating_sub(self.state.output_bytes);
        start.output_limit = start.output_limit.min(room);
        self.in_flight.push((attempt, job));
        self.supervisor.request(&Request::Start(Box::new(start)))?;
        Ok(())
    }

    fn settle(
        &mut self,
        attempt: &AttemptName,
        finish: &StepFinish,
        schedule: &mut Schedule<'_>,
    ) -> Result<(), Error> {
        let at = self.in_flight.iter().position(|(name, _)| name == attempt);
        let Some((_, Some(job))) = at.map(|at| self.in_flight.swap_remove(at)) else {
            return Ok(());
        };
        schedule.step_finished(job, finish.outcome);
        self.look_for_edits(Some(attempt))
    }

    /// Waits until an attempt is over, somebody interrupts, or `limit` is reached.
    pub(crate) fn wait(
        &mut self,
        limit: Option<Duration>,
    ) -> Result<Option<(AttemptName, StepFinish)>, Error> {
        match self.supervisor.wait(self.shop.interrupts, limit)? {
            Wake::Timeout | Wake::Reply(Reply::Ready(_) | Reply::Masked(_)) => Ok(None),
            Wake::Interrupted => {
                self.interrupted(Instant::now())?;
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

    /// Whether the supervisor holds an attempt.
    pub(crate) fn is_in_flight(&self, attempt: &AttemptName) -> bool {
        self.in_flight.iter().any(|(name, _)| name == attempt)
    }

    /// The supervisor does not hold an attempt any more.
    pub(crate) fn landed(&mut self, attempt: &AttemptName) {
        self.in_flight.retain(|(name, _)| name != attempt);
    }

    /// Asks the supervisor for something.
    pub(crate) fn request(&mut self, request: &Request) -> Result<(), Error> {
        Ok(self.supervisor.request(request)?)
    }

    /// Whether the supervisor was killed.
    pub(crate) fn is_lost(&self) -> bool {
        self.lost
    }

    /// Whether somebody asked to cancel the run.
    pub(crate) fn is_cancelled(&self) -> bool {
        self.state.cancel_requested || self.abandoned
    }
}
