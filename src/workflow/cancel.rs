//! Cancelling a run from outside.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::base::ids::RunId;
use crate::base::limits::LAST_STEPS_TIMEOUT;
use crate::model::run::{Event, Outcome, RunState};
use crate::proc::tree;
use crate::state::journal::{self, Journal};
use crate::state::run_folder::RunFolder;
use crate::sys::files;
use crate::sys::lock::{self, Lock};
use crate::workflow::Error;
use crate::workflow::answers::{record_expiries, settle_answers};
use crate::workflow::attempts;
use crate::workflow::closing;
use crate::workflow::driver::{Begin, Observer, Workshop};
use crate::workflow::pinned::Pinned;
use crate::workflow::resume::{Lost, Writer, drive, end, settle_attempts, start_here};

/// How long a run may take to end after it was asked to: what runs in any case has its time, and
/// the signals have their pauses before it and after it.
const LIMIT: Duration = LAST_STEPS_TIMEOUT.saturating_add(Duration::from_mins(1));

/// How long nothing may happen while an engine or a supervisor is stopped.
const STOPPED_LIMIT: Duration = Duration::from_secs(3);

/// After how long a person is told why this takes its time.
const TELL: Duration = Duration::from_secs(2);

/// Largest status of a process that is read, in bytes.
const STATUS_BYTES: u64 = 64 * 1024;

/// Pause between two looks.
const LOOK: Duration = Duration::from_millis(20);

/// Cancels a run: asks its engine, or the supervisor that outlived it, and ends what waits.
///
/// A run that no engine drives is driven to its end here, so that what runs always does, and every
/// step and job gets an end. In another work tree, or when its own is gone, nothing of it runs.
pub(crate) fn cancel(
    shop: &Workshop<'_>,
    run: RunId,
    observer: &mut dyn Observer,
) -> Result<(), Error> {
    let folder = RunFolder::of(&shop.local.runs(), run);
    if !folder.exists() {
        return Err(Error::NotLive { run });
    }
    let mut asked = Asked::new(run);
    let Some(lock) = asked.take_lock(shop, &folder, observer)? else {
        return Ok(());
    };
    let mut seen = Vec::new();
    let (mut writer, start, pinned) = loop {
        while asked.ask(&folder.supervisor_lock())? {
            asked.pause(shop, &folder, observer)?;
        }
        journal::repair(&folder.events())?;
        let state = RunState::fold(&journal::read(&folder.events())?);
        let start = state.start.clone().ok_or(Error::NoStart { run })?;
        let pinned = Pinned::read(&folder, &start, shop.project.as_ref())?;
        let journal = Journal::open(&folder.events(), shop.clock)?;
        let mut writer = Writer { journal, state };
        if writer.state.outcome.is_some() {
            break (writer, start, pinned);
        }
        record_expiries(&mut writer, shop.clock.now_ms())?;
        prepare(&folder, run, &mut writer)?;
        if attempts::take_over(&folder, &pinned, &mut writer.state, &mut seen)? {
            break (writer, start, pinned);
        }
    };
    let lock = if writer.state.outcome.is_some() {
        lock
    } else if start_here(shop, run, &writer.state).is_ok() {
        let state = writer.state;
        let begin = Begin {
            run,
            start,
            folder: folder.clone(),
            pinned: &pinned,
            state,
            lock,
        };
        // What is cancelled waits for nobody.
        let (_, state, journal, lock) = drive(shop, begin, observer)?;
        writer = Writer { journal, state };
        lock
    } else {
        observer.note(&format!(
            "the run was started in {}: what it runs in any case does not run from here",
            start.work_tree.display()
        ));
        for event in closing::jobs(pinned.bundle(), &writer.state) {
            writer.record(event)?;
        }
        let outcome = Outcome::Cancelled;
        writer.record(Event::Finished { outcome })?;
        writer.journal.sync()?;
        lock
    };
    let run = (run, &folder, false);
    end(shop, run, writer, pinned, (lock, observer)).map(drop)
}

/// Says that the run is cancelled, and gives an end to what was under way.
fn prepare(folder: &RunFolder, run: RunId, writer: &mut Writer) -> Result<(), Error> {
    if !writer.state.cancel_requested {
        writer.record(Event::CancelRequested)?;
    }
    // A supervisor that was killed left these without a keeper.
    settle_attempts(folder, run, Lost::Park, None, writer)?;
    settle_answers(writer)?;
    for event in closing::steps(&writer.state) {
        writer.record(event)?;
    }
    Ok(())
}

/// Who was asked to stop, and how long we have waited.
struct Asked {
    run: RunId,
    processes: Vec<u32>,
    start: Instant,
    /// Whether the person knows that we wait.
    told: bool,
    /// The length of the journal, and since when it has it.
    journal: (u64, Instant),
}

impl Asked {
    fn new(run: RunId) -> Self {
        let now = Instant::now();
        Self {
            run,
            processes: Vec::new(),
            start: now,
            told: false,
            journal: (0, now),
        }
    }

    /// The right to drive the run, once neither an engine nor a supervisor is left; nothing when
    /// the engine ended the run and everything that follows.
    fn take_lock(
        &mut self,
        shop: &Workshop<'_>,
        folder: &RunFolder,
        observer: &mut dyn Observer,
    ) -> Result<Option<Lock>, Error> {
        loop {
            // The engine first: it knows what is to follow. Its death leaves the supervisor.
            if !self.ask_engine(folder)? && !self.ask(&folder.supervisor_lock())? {
                match Lock::try_take(&folder.engine_lock()) {
                    Ok(Some(lock)) => return Ok(folder.exists().then_some(lock)),
                    Ok(None) => {}
                    Err(error) if error.is_not_found() => return Ok(None),
                    Err(error) => return Err(error.into()),
                }
            }
            self.pause(shop, folder, observer)?;
        }
    }

    /// Asks the engine to stop, unless somebody did: a second signal would end the cleaning up that
    /// the first one began.
    fn ask_engine(&mut self, folder: &RunFolder) -> Result<bool, Error> {
        let path = folder.engine_lock();
        let asked = || {
            let events = journal::read(&folder.events()).unwrap_or_default();
            RunState::fold(&events).cancel_requested
        };
        if let Some(pid) = holder(&path)
            && !self.processes.contains(&pid)
            && asked()
        {
            self.processes.push(pid);
        }
        self.ask(&path)
    }

    /// Asks the process that holds a lock to stop, once. Tells whether somebody holds it.
    fn ask(&mut self, path: &Path) -> Result<bool, Error> {
        if !lock::is_held(path)? {
            return Ok(false);
        }
        if let Some(pid) = holder(path)
            && !self.processes.contains(&pid)
        {
            self.processes.push(pid);
            tree::ask_to_stop(pid);
        }
        Ok(true)
    }

    /// Pauses until the next look, as long as there is time.
    fn pause(
        &mut self,
        shop: &Workshop<'_>,
        folder: &RunFolder,
        observer: &mut dyn Observer,
    ) -> Result<(), Error> {
        let run = self.run;
        let waited = self.start.elapsed();
        if waited > LIMIT {
            let pid = lock::holder(&folder.engine_lock()).trim().to_owned();
            return Err(Error::StillEnding { run, pid });
        }
        self.look_for_progress(folder);
        if let Some((what, pid)) = stopped(folder)? {
            if self.journal.1.elapsed() > STOPPED_LIMIT {
                return Err(Error::Stopped { run, what, pid });
            }
        } else if waited > TELL && !self.told {
            self.told = true;
            observer.note(&format!(
                "run {run} was asked to end; waiting until its steps have ended and cleaned up \
                 (Ctrl-C ends the waiting, not the request)"
            ));
        }
        if shop.interrupts.drain() > 0 {
            return Err(Error::Interrupted);
        }
        std::thread::sleep(LOOK);
        Ok(())
    }

    /// Whatever happens stands in the journal.
    fn look_for_progress(&mut self, folder: &RunFolder) {
        let length = folder.events().metadata().map_or(0, |known| known.len());
        if length != self.journal.0 {
            self.journal = (length, Instant::now());
        }
    }
}

/// An engine or a supervisor that somebody stopped, with its process id.
fn stopped(folder: &RunFolder) -> Result<Option<(&'static str, u32)>, Error> {
    for (what, path) in [
        ("engine", folder.engine_lock()),
        ("supervisor", folder.supervisor_lock()),
    ] {
        if let Some(pid) = holder(&path).filter(|pid| is_stopped(*pid))
            && lock::is_held(&path)?
        {
            return Ok(Some((what, pid)));
        }
    }
    Ok(None)
}

/// The process that holds a lock, as it wrote it.
fn holder(path: &Path) -> Option<u32> {
    lock::holder(path).trim().parse().ok()
}

/// Whether a process stands still because of a signal. Where the kernel does not tell, none does.
fn is_stopped(pid: u32) -> bool {
    let path = format!("/proc/{pid}/status");
    let status = files::read_text(Path::new(&path), STATUS_BYTES).unwrap_or_default();
    let state = status.lines().find_map(|line| line.strip_prefix("State:"));
    state.is_some_and(|state| state.trim_start().starts_with(['T', 't']))
}
