//! Cancelling a run from outside.

use std::time::{Duration, Instant};

use crate::base::ids::RunId;
use crate::model::run::{Event, Outcome, RunState};
use crate::proc::tree;
use crate::state::journal::{self, Journal};
use crate::state::run_folder::RunFolder;
use crate::sys::files;
use crate::sys::lock::{self, Lock};
use crate::workflow::attempts::end_processes;
use crate::workflow::driver::{Observer, Workshop};
use crate::workflow::pinned::Pinned;
use crate::workflow::{Error, finish};

/// How long a run may take to end after it was asked to: the pauses of the signals and a little.
const LIMIT: Duration = Duration::from_secs(30);

/// Pause between two looks.
const LOOK: Duration = Duration::from_millis(20);

/// Cancels a run: asks its engine, or the supervisor that outlived it, and ends what waits.
pub(crate) fn cancel(
    shop: &Workshop<'_>,
    run: RunId,
    observer: &mut dyn Observer,
) -> Result<(), Error> {
    let folder = RunFolder::of(&shop.local.runs(), run);
    if !folder.exists() {
        return Err(Error::NotLive { run });
    }
    let start = Instant::now();
    let mut asked = Vec::new();
    let lock = loop {
        // The engine first: it knows what is to follow. Its death leaves the supervisor.
        for path in [folder.engine_lock(), folder.supervisor_lock()] {
            if lock::is_held(&path)? {
                ask(&path, &mut asked);
                break;
            }
        }
        if !lock::is_held(&folder.supervisor_lock())?
            && let Some(lock) = Lock::try_take(&folder.engine_lock())?
        {
            break lock;
        }
        if start.elapsed() > LIMIT {
            return Err(Error::Running {
                run,
                pid: lock::holder(&folder.engine_lock()).trim().to_owned(),
            });
        }
        if shop.interrupts.drain() > 0 {
            return Err(Error::Interrupted);
        }
        std::thread::sleep(LOOK);
    };
    if !folder.exists() {
        // The engine ended the run and everything that follows; our lock made its folder anew.
        drop(lock);
        return Ok(files::remove_folder(folder.path())?);
    }
    journal::repair(&folder.events())?;
    let mut state = RunState::fold(&journal::read(&folder.events())?);
    let started = state.start.clone().ok_or(Error::NoStart { run })?;
    let pinned = Pinned::read(&folder, &started, shop.project.as_ref())?;
    if state.outcome.is_none() {
        // A supervisor that was killed left these without a keeper.
        for attempt in state.unfinished_attempts() {
            end_processes(&folder, run, &attempt);
        }
        let mut journal = Journal::open(&folder.events(), shop.clock)?;
        let outcome = Outcome::Cancelled;
        for event in [Event::CancelRequested, Event::Finished { outcome }] {
            state.apply(&journal.append(event)?);
        }
        journal.sync()?;
    }
    finish::finish(shop, &folder, run, state, &pinned, observer)?;
    drop(lock);
    Ok(())
}

/// Asks the process that holds a lock to stop, once.
fn ask(path: &std::path::Path, asked: &mut Vec<u32>) {
    if let Ok(pid) = lock::holder(path).trim().parse::<u32>()
        && !asked.contains(&pid)
    {
        asked.push(pid);
        tree::ask_to_stop(pid);
    }
}
