//! Taking a run up, whether it has just been made, was parked, or its engine died.

use std::time::Duration;

use crate::base::ids::RunId;
use crate::model::run::again::Scope;
use crate::model::run::event::{ParkReason, RunStart, VerificationPhase};
use crate::model::run::{AttemptName, Event, Outcome, RecordedEvent, RunState, RunStatus};
use crate::state::journal::{self, Follower, Journal};
use crate::state::run_folder::RunFolder;
use crate::state::work_tree::{self, GoesOn};
use crate::sys::lock::{self, Lock};
use crate::workflow::Error;
use crate::workflow::again;
use crate::workflow::answers::{record_expiries, settle_answers};
use crate::workflow::attempts;
use crate::workflow::driver::{Begin, Driver, Observer, Progress, Watched, Workshop};
use crate::workflow::finish;
use crate::workflow::leftovers;
use crate::workflow::pinned::Pinned;
use crate::workflow::seal;
use crate::workflow::trouble::with_cause;

/// Pause between two looks at a supervisor that finishes the steps of a dead engine.
const LOOK: Duration = Duration::from_millis(20);

/// How long a lock is tried to be had from those who only ask whether it is held.
const PATIENCE: Duration = Duration::from_millis(200);

/// What became of a run for now.
#[derive(Debug)]
pub(crate) struct Ended {
    /// The run.
    pub(crate) run: RunId,
    /// Where it stands.
    pub(crate) status: RunStatus,
    /// Everything known of it.
    pub(crate) state: RunState,
    /// What it goes by.
    pub(crate) pinned: Pinned,
}

/// Whether attempts whose end is not known may run again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lost {
    /// No: the run stands still.
    Park,
    /// A person agreed.
    Rerun,
}

/// What is wanted of a run that is taken up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wish<'a> {
    /// What becomes of attempts whose end is not known.
    pub(crate) lost: Lost,
    /// Whether it goes on although it was cancelled.
    pub(crate) reopen: bool,
    /// What of it runs again.
    pub(crate) again: Option<(Scope, &'a str)>,
}

/// Drives a run from where it stands until it ends or must stand still.
pub(crate) fn take_up(
    shop: &Workshop<'_>,
    run: RunId,
    lost: Lost,
    observer: &mut dyn Observer,
) -> Result<Ended, Error> {
    let wish = Wish {
        lost,
        reopen: false,
        again: None,
    };
    go_on(shop, run, wish, observer)
}

/// The same with more to be wished for.
pub(crate) fn go_on(
    shop: &Workshop<'_>,
    run: RunId,
    wish: Wish<'_>,
    observer: &mut dyn Observer,
) -> Result<Ended, Error> {
    let folder = RunFolder::of(&shop.local.runs(), run);
    if !folder.exists() {
        return Err(Error::NotLive { run });
    }
    let mut lock = take_lock(&folder, run)?;
    let events = journal::read(&folder.events())?;
    let untouched = events.len() == 1;
    let state = RunState::fold(&events);
    let start = start_here(shop, run, &state)?;
    let pinned = Pinned::read(&folder, &start, shop.project.as_ref())?;
    // A wish that cannot be fulfilled is refused before anybody waits for anything.
    again::events(run, &pinned, &state, wish)?;
    let mut taken = Taken {
        shop,
        run,
        folder: &folder,
        pinned: &pinned,
        wish,
        seen: Vec::new(),
        undone: false,
    };
    loop {
        let writer = match taken.make_ready(&state, observer)? {
            Ready::Drive(writer) => writer,
            Ready::StandStill(writer, reason) => {
                return park(shop, &folder, run, *writer, pinned, reason);
            }
            // It was decided already, and what follows from that was cut short.
            Ready::Over(writer) => {
                return end(
                    shop,
                    (run, &folder, false),
                    *writer,
                    pinned,
                    (lock, observer),
                );
            }
        };
        let begin = Begin {
            run,
            start: start.clone(),
            folder: folder.clone(),
            pinned: &pinned,
            state: writer.state,
            lock,
        };
        let (parked, state, journal, held) = drive(shop, begin, observer)?;
        let writer = Writer { journal, state };
        match parked {
            // Some of them run again without asking.
            Some(ParkReason::Lost) if again::may_go_on(&pinned, &writer.state) => lock = held,
            Some(reason) => {
                let ended = park(shop, &folder, run, writer, pinned, reason)?;
                drop(held);
                return Ok(ended);
            }
            None => {
                let run = (run, &folder, untouched);
                return end(shop, run, writer, pinned, (held, observer));
            }
        }
    }
}

/// What can be done with a run whose last engine is gone.
enum Ready {
    /// It is driven.
    Drive(Box<Writer>),
    /// It must not go on.
    StandStill(Box<Writer>, ParkReason),
    /// It is over.
    Over(Box<Writer>),
}

/// A run whose lock is ours.
struct Taken<'a> {
    shop: &'a Workshop<'a>,
    run: RunId,
    folder: &'a RunFolder,
    pinned: &'a Pinned,
    wish: Wish<'a>,
    /// Claims that were looked at.
    seen: Vec<AttemptName>,
    /// Whether what was wished for stands in the journal.
    undone: bool,
}

impl Taken<'_> {
    /// Settles what the last engine left.
    fn make_ready(
        &mut self,
        state: &RunState,
        observer: &mut dyn Observer,
    ) -> Result<Ready, Error> {
        let (run, folder) = (self.run, self.folder);
        loop {
            await_supervisor(self.shop, (run, folder), self.pinned, state, observer)?;
            journal::repair(&folder.events())?;
            let mut writer = Box::new(Writer {
                journal: Journal::open(&folder.events(), self.shop.clock)?,
                state: RunState::fold(&journal::read(&folder.events())?),
            });
            let reopens = self.wish.reopen && writer.state.outcome == Some(Outcome::Cancelled);
            if writer.state.outcome.is_some() && !reopens {
                return Ok(Ready::Over(writer));
            }
            settle_attempts(folder, run, self.wish.lost, Some(self.pinned), &mut writer)?;
            let late = "a supervisor of the last engine came late; waiting for its steps";
            if !self.undone {
                let events = again::events(run, self.pinned, &writer.state, self.wish)?;
                // Whatever was asked for before must not begin after it was undone.
                if !events.is_empty() && !self.take_over(&mut writer)? {
                    observer.note(late);
                    continue;
                }
                for event in events {
                    writer.record(event)?;
                }
                self.undone = true;
            }
            record_expiries(&mut writer, self.shop.clock.now_ms())?;
            settle_answers(&mut writer)?;
            if let Some(reason) = writer.stands_still() {
                return Ok(Ready::StandStill(writer, reason));
            }
            if let Some(checkpoint) = writer.state.open_checkpoint()
                && !writer.can_go_on()
            {
                return Err(Error::Waiting {
                    run,
                    checkpoint: checkpoint.opened.name.clone(),
                });
            }
            if self.take_over(&mut writer)? {
                return Ok(Ready::Drive(writer));
            }
            observer.note(late);
        }
    }

    fn take_over(&mut self, writer: &mut Writer) -> Result<bool, Error> {
        attempts::take_over(self.folder, self.pinned, &mut writer.state, &mut self.seen)
    }
}

/// How the run began, if it was in this work tree.
pub(crate) fn start_here(
    shop: &Workshop<'_>,
    run: RunId,
    state: &RunState,
) -> Result<RunStart, Error> {
    let start = state.start.clone().ok_or(Error::NoStart { run })?;
    match work_tree::of(shop.repository, &start)? {
        GoesOn::Here | GoesOn::Moved => Ok(start),
        GoesOn::In(work_tree) => Err(Error::ElsewhereStarted { run, work_tree }),
        GoesOn::Gone(work_tree) => Err(Error::WorkTreeGone { run, work_tree }),
        GoesOn::OtherClone => Err(Error::NotLive { run }),
    }
}

/// Does what follows from the end of a run; the lock is held until all of it is done. It is
/// untouched when nobody but this process has ever driven it.
pub(super) fn end(
    shop: &Workshop<'_>,
    (run, folder, untouched): (RunId, &RunFolder, bool),
    writer: Writer,
    pinned: Pinned,
    (lock, observer): (Lock, &mut dyn Observer),
) -> Result<Ended, Error> {
    let state = finish::finish(
        shop,
        folder,
        (run, untouched),
        writer.state,
        &pinned,
        observer,
    )?;
    drop(lock);
    if let Err(error) = leftovers::clear(shop) {
        let error = with_cause(&error);
        observer.note(&format!(
            "what is left of runs that are over stays: {error}"
        ));
    }
    let status = state.status(false);
    Ok(Ended {
        run,
        status,
        state,
        pinned,
    })
}

/// The right to drive a run.
pub(crate) fn take_lock(folder: &RunFolder, run: RunId) -> Result<Lock, Error> {
    let path = folder.engine_lock();
    // Whoever lists runs asks for the lock too, for a moment.
    let mut lock = match Lock::take(&path, PATIENCE) {
        Ok(lock) => lock,
        Err(crate::sys::Error::Locked { .. }) => {
            return Err(Error::Running {
                run,
                pid: lock::holder(&path).trim().to_owned(),
            });
        }
        Err(error) if error.is_not_found() => return Err(Error::NotLive { run }),
        Err(error) => return Err(error.into()),
    };
    if !folder.exists() {
        // It ended meanwhile; the lock is on a file that is going away.
        return Err(Error::NotLive { run });
    }
    lock.note(&format!("{}\n", std::process::id()))?;
    Ok(lock)
}

/// Drives the phases of a run; gives why it stands still, if it does.
pub(super) fn drive(
    shop: &Workshop<'_>,
    begin: Begin<'_>,
    observer: &mut dyn Observer,
) -> Result<(Option<ParkReason>, RunState, Journal, Lock), Error> {
    let (run, folder) = (begin.run, begin.folder.clone());
    let top = shop.repository.top()?;
    let mut driver = Driver::begin(shop, begin, observer)?;
    let parked = phases(&mut driver).map_err(|error| match error {
        // Whoever removed the folder took the record with it; the rest follows from that.
        _ if top.is_dir() && !folder.exists() => Error::RecordGone {
            run,
            folder: folder.path().to_owned(),
        },
        error => error,
    })?;
    let (journal, state, lock) = driver.end()?;
    Ok((parked, state, journal, lock))
}

fn phases(driver: &mut Driver<'_>) -> Result<Option<ParkReason>, Error> {
    if !driver.is_cancelled() && !driver.enter_group()? {
        driver.close()?;
        let outcome = Outcome::Failure;
        driver.record(Event::Finished { outcome })?;
        driver.journal.sync()?;
        return Ok(None);
    }
    if !driver.is_cancelled() {
        driver.verify(VerificationPhase::Before)?;
        if let Some(reason) = driver.park_edited()? {
            return Ok(Some(reason));
        }
    }
    let mut outcome = Outcome::Cancelled;
    if driver.is_lost() && !driver.is_cancelled() {
        return Ok(Some(ParkReason::Lost));
    }
    if driver.state.rejected_edits() && !driver.state.jobs_began() {
        // What was rejected is not built upon.
        outcome = Outcome::Failure;
    } else if !driver.is_cancelled() || !driver.state.job_order.is_empty() {
        let (progress, result) = driver.run_jobs()?;
        if let Progress::Parked(reason) = progress {
            return Ok(Some(reason));
        }
        outcome = result;
        if outcome == Outcome::Success && driver.state.rejected_edits() {
            outcome = Outcome::Failure;
        }
    }
    if outcome == Outcome::Success && !driver.collects_all()? {
        outcome = Outcome::Failure;
    }
    if outcome == Outcome::Success {
        driver.verify(VerificationPhase::After)?;
        if let Some(reason) = driver.park_edited()? {
            return Ok(Some(reason));
        }
        if driver.is_lost() && !driver.is_cancelled() {
            return Ok(Some(ParkReason::Lost));
        }
        outcome = finish::verified_outcome(&driver.state, driver.pinned);
    }
    if driver.is_cancelled() {
        driver.say_who_wants_it();
        driver.close()?;
        outcome = Outcome::Cancelled;
    }
    driver.record(Event::Finished { outcome })?;
    driver.journal.sync()?;
    Ok(None)
}

/// A journal with the state that follows from it.
pub(super) struct Writer {
    pub(super) journal: Journal,
    pub(super) state: RunState,
}

impl Writer {
    pub(super) fn record(&mut self, event: Event) -> Result<(), Error> {
        let recorded: RecordedEvent = self.journal.append(event)?;
        self.state.apply(&recorded);
        Ok(())
    }

    /// Why the run must not go on at all.
    fn stands_still(&self) -> Option<ParkReason> {
        (!self.state.lost_attempts().is_empty()).then_some(ParkReason::Lost)
    }

    /// Whether something can happen although a checkpoint waits: its run was not parked by it.
    fn can_go_on(&self) -> bool {
        self.state.parked != Some(ParkReason::Checkpoint) || self.state.cancel_requested
    }
}

/// Waits for the supervisor of a dead engine: its steps end normally and are recorded.
fn await_supervisor(
    shop: &Workshop<'_>,
    (run, folder): (RunId, &RunFolder),
    pinned: &Pinned,
    state: &RunState,
    observer: &mut dyn Observer,
) -> Result<(), Error> {
    if !lock::is_held(&folder.supervisor_lock())? {
        return Ok(());
    }
    observer.note("waiting for the steps that the last engine left running");
    let mut follower = Follower::new(&folder.events());
    let mut state = state.clone();
    let known = follower.poll()?.len();
    debug_assert!(known > 0, "the journal has been read before");
    loop {
        let held = lock::is_held(&folder.supervisor_lock())?;
        for event in follower.poll()? {
            state.apply(&event);
            let watched = Watched {
                run,
                folder,
                pinned,
                state: &state,
            };
            observer.event(&event, &watched);
        }
        if !held {
            return Ok(());
        }
        if shop.interrupts.drain() > 0 {
            // The run goes on as it is: stopping it is what `cancel` is for.
            return Err(Error::Interrupted);
        }
        std::thread::sleep(LOOK);
    }
}

/// Attempts that began and have no end are lost: nobody is left who could tell. With what the run
/// goes by, those run again whose steps want that.
pub(super) fn settle_attempts(
    folder: &RunFolder,
    run: RunId,
    lost: Lost,
    pinned: Option<&Pinned>,
    writer: &mut Writer,
) -> Result<(), Error> {
    for attempt in writer.state.unfinished_attempts() {
        attempts::end_processes(folder, run, &attempt);
        writer.record(Event::AttemptLost(attempt))?;
    }
    for attempt in writer.state.lost_attempts() {
        let agreed = lost == Lost::Rerun
            || pinned.is_some_and(|pinned| again::retries_lost(pinned, &writer.state, &attempt));
        if agreed {
            writer.record(Event::RerunLost(attempt))?;
        }
    }
    Ok(())
}

/// The run stands still: says so, seals what there is, and comes back.
fn park(
    shop: &Workshop<'_>,
    folder: &RunFolder,
    run: RunId,
    mut writer: Writer,
    pinned: Pinned,
    reason: ParkReason,
) -> Result<Ended, Error> {
    writer.record(Event::Parked { reason })?;
    writer.journal.sync()?;
    let status = writer.state.status(false);
    seal::seal(shop, folder, run, &writer.state, status)?;
    Ok(Ended {
        run,
        status,
        state: writer.state,
        pinned,
    })
}
