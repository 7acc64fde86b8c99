//! The engine: drives one run, from where its journal says it stands, to its end or to a stop.
//!
//! It holds no state of its own that the journal does not have: whatever it does is recorded
//! first or by the supervisor, so it may be killed at any moment and another one goes on.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::base::ids::RunId;
use crate::base::limits::RUN_OUTPUT_BYTES;
use crate::git::Repository;
use crate::model::expression::Context;
use crate::model::problem_matcher::Matchers;
use crate::model::run::event::{ParkReason, RunStart, StepFinish};
use crate::model::run::{AttemptName, Event, Outcome, RecordedEvent, RunState};
use crate::model::spec::Spec;
use crate::model::workflow::{Bundle, sites};
use crate::proc::interrupt::{Interrupts, Wishes};
use crate::proc::supervisor::client::Wake;
use crate::proc::supervisor::protocol::Request;
use crate::proc::supervisor::{Reply, Supervisor};
use crate::state::journal::Journal;
use crate::state::layout::Local;
use crate::state::masks::MaskFile;
use crate::state::run_folder::RunFolder;
use crate::state::state_files::StateFiles;
use crate::state::temporary::Temporary;
use crate::state::transaction::Place;
use crate::sys::clock::Clock;
use crate::sys::environment::Environment;
use crate::sys::identifiers::Identifiers;
use crate::sys::lock::Lock;
use crate::workflow::Error;
use crate::workflow::contexts::{base_context, machine_context, origin_context, surroundings};
use crate::workflow::debug::Debugger;
use crate::workflow::groups::Held;
use crate::workflow::hash_files::WorkTreeFiles;
use crate::workflow::isolation::Trees;
use crate::workflow::pinned::Pinned;
use crate::workflow::prepare::Workbench;
use crate::workflow::protected::Protected;
use crate::workflow::queues::Queues;
use crate::workflow::recorder::step_finish;
use crate::workflow::secrets::{self, Secrets};
use crate::workflow::time::Times;
use crate::workflow::watcher::Watcher;

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
    /// The secrets that were found so far, by the names that were asked for: a command that gives
    /// one may be slow, or ask the person.
    pub(crate) secrets: RefCell<Vec<(Vec<String>, Secrets)>>,
    /// Name and id of the project, for expressions.
    pub(crate) project: Option<(String, String)>,
    /// The debugger of the one run that is driven.
    pub(crate) debugger: Cell<Option<Debugger>>,
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
    pub(crate) observer: Watcher<'a>,
    pub(crate) journal: Journal,
    pub(crate) workbench: Workbench,
    pub(crate) base: Context,
    /// The secrets that its workflows name.
    pub(super) secrets: Secrets,
    pub(super) supervisor: Supervisor,
    pub(super) protected: Protected,
    /// How long jobs may take.
    pub(super) times: Times,
    /// The work trees that are not the person's own.
    pub(super) trees: Trees,
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
    /// Who has a say before steps and after failed ones.
    pub(super) debugger: Option<Debugger>,
    /// The concurrency group of the run, while it is in one.
    pub(super) group: Option<Held>,
    /// The jobs with a concurrency group.
    pub(super) queues: Queues,
    /// The problem matchers at work, by the keys of their jobs.
    pub(super) matchers: HashMap<String, Matchers>,
    /// When this engine began, in milliseconds since the Unix epoch.
    began: (u64, Instant),
    /// Why jobs fail, by their keys, where no step of them says that.
    pub(super) reasons: HashMap<String, String>,
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

/// The secrets that a workflow and those that its steps call name.
pub(super) fn secrets(shop: &Workshop<'_>, bundle: Bundle<'_>) -> Result<Secrets, Error> {
    let workflows = std::iter::once(bundle.main).chain(bundle.called.values());
    let names: Vec<String> = workflows.flat_map(sites::secrets).collect();
    let mut known = shop.secrets.borrow_mut();
    if let Some((_, found)) = known.iter().find(|(asked, _)| *asked == names) {
        return Ok(found.clone());
    }
    let found = secrets::resolve(shop.repository, names.iter().map(String::as_str))?;
    known.push((names, found.clone()));
    Ok(found)
}

/// The files that no step may change unseen: as they are now, or as an engine before this one noted
/// them, where nobody has looked since.
fn protected(begin: &Begin<'_>, top: &Path) -> Result<Protected, Error> {
    let name = begin.pinned.spec.as_ref().map(Spec::name);
    let known = begin.folder.protected();
    if begin.state.unwatched {
        return Ok(Protected::load(top, name, &known)?);
    }
    let protected = Protected::look(top, name)?;
    protected.save(&known)?;
    Ok(protected)
}

/// What expressions of all jobs read, without the files of the work tree and the secrets.
fn read_by_all(
    shop: &Workshop<'_>,
    begin: &Begin<'_>,
    temporary: &Temporary,
) -> Result<Context, Error> {
    let spec = begin.pinned.spec.as_ref();
    let mut base = base_context(shop.project.as_ref(), &begin.start, spec);
    machine_context(&mut base, shop.environment, temporary.place());
    origin_context(&mut base, shop.repository)?;
    Ok(base)
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
        let protected = protected(&begin, top)?;
        let run = begin.run.to_string();
        let below = shop.environment.runner_temp();
        let temporary = Temporary::of(&begin.folder, (&run, &below))?;
        let mut base = read_by_all(shop, &begin, &temporary)?;
        let secrets = secrets(shop, begin.pinned.bundle())?;
        for doubt in secrets.doubts() {
            observer.note(&format!("warning: {doubt}"));
        }
        base.set("secrets", secrets.context());
        let masked = secrets.values().map(str::to_owned);
        let masked: Vec<String> = shop.masked.iter().cloned().chain(masked).collect();
        // What steps asked for before the run was taken up, which the supervisor knows itself.
        let (_, learnt) = MaskFile::open(&begin.folder.masks())?;
        let values = masked.iter().chain(&learnt).map(String::as_str);
        let observer = Watcher::new(observer, values);
        supervisor.request(&Request::Mask(masked))?;
        base.set_files(Arc::new(WorkTreeFiles::new(top)));
        let mut driver = Self {
            shop,
            run: begin.run,
            journal: Journal::open(&begin.folder.events(), shop.clock)?,
            workbench: Workbench::new(
                shop.repository,
                top,
                (begin.folder.clone(), run),
                (program, temporary),
            ),
            protected,
            folder: begin.folder,
            pinned: begin.pinned,
            state: begin.state,
            observer,
            base,
            secrets,
            supervisor,
            times: Times::default(),
            trees: Trees::default(),
            in_flight: Vec::new(),
            wishes: Wishes::default(),
            abandoned: false,
            lost: false,
            edited: None,
            group: None,
            queues: Queues::default(),
            debugger: shop.debugger.take(),
            matchers: HashMap::new(),
            reasons: HashMap::new(),
            began: (shop.clock.now_ms(), Instant::now()),
            lock: begin.lock,
        };
        driver.workbench.set_defaults(&surroundings(&driver.base));
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
        let recorded = self.journal.append(self.observer.masked(event))?;
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

    /// Tells the watcher what was held until the end of a step is final.
    pub(super) fn tell_held(&mut self) {
        let watched = Watched {
            run: self.run,
            folder: &self.folder,
            pinned: self.pinned,
            state: &self.state,
        };
        self.observer.release(&watched);
    }

    pub(super) fn heard(&mut self, event: Event) {
        let recorded = RecordedEvent {
            at_ms: self.shop.clock.now_ms(),
            event,
        };
        self.apply(&recorded);
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

    /// Waits until an attempt is over, somebody interrupts, or `limit` is reached.
    pub(crate) fn wait(
        &mut self,
        limit: Option<Duration>,
    ) -> Result<Option<(AttemptName, StepFinish)>, Error> {
        match self.supervisor.wait(self.shop.interrupts, limit)? {
            Wake::Timeout | Wake::Reply(Reply::Ready(_)) => Ok(None),
            Wake::Reply(Reply::Masked(values)) => {
                self.observer.learn(&values);
                Ok(None)
            }
            Wake::Interrupted | Wake::Reply(Reply::Cancelled) => {
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
                let is_step = self
                    .in_flight
                    .iter()
                    .any(|(held, job)| *held == name && job.is_some());
                if is_step && finish.outcome == Outcome::Success {
                    // It may fail by what it left.
                    self.observer.hold(name.clone());
                }
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

    /// The time, in milliseconds since the Unix epoch: it goes on where the clock is fixed too.
    pub(super) fn now_ms(&self) -> u64 {
        let (wall, since) = self.began;
        let elapsed = u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX);
        wall.saturating_add(elapsed)
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
