//! Bringing a parked run back whose folder is gone, from what was sealed of it.
//!
//! Only a run that was parked in this clone comes back: in another one it would go on twice. What
//! came after the seal is not known any more; the run waits again for what it waited for then.

use std::time::Duration;

use crate::base::ids::RunId;
use crate::model::run::{AttemptName, RunState};
use crate::proc::tree;
use crate::state::run_folder::{self, INCOMPLETE, RunFolder, output_name};
use crate::state::runs::{self, RunPlace, RunSummary};
use crate::state::work_tree::GoesOn;
use crate::sys::files;
use crate::sys::lock::Lock;
use crate::workflow::driver::{Observer, Workshop};
use crate::workflow::prepare::RUN_VARIABLE;
use crate::workflow::{Error, attempts};

/// How long another process may take to bring a run back.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a run is brought back for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// It goes on.
    GoOn,
    /// It is ended.
    End,
}

/// Makes the folder of a run that is parked, or was cancelled, and has none; nothing for a run that
/// has one.
pub(crate) fn revive(
    shop: &Workshop<'_>,
    run: RunId,
    purpose: Purpose,
    observer: &mut dyn Observer,
) -> Result<(), Error> {
    let folder = RunFolder::of(&shop.local.runs(), run);
    if folder.exists() || attempts::is_inside_step(shop) {
        return Ok(());
    }
    // Without it, a run that somebody else brought back and ended could come back once more.
    let _lock = Lock::take_with_folder(&shop.local.revive_lock(), PATIENCE)?;
    if folder.exists() {
        return Ok(());
    }
    let all = runs::list(shop.repository, &shop.local)?.runs;
    let sealed = all.into_iter().find(|known| {
        known.run == run && known.status.can_go_on() && matches!(known.place, RunPlace::Sealed(_))
    });
    let seal = sealed.ok_or(Error::NotLive { run })?;
    let cancelled = seal.status.is_finished();
    let goes_on = if cancelled {
        runs::goes_on(shop.repository, &shop.local, &seal)?
    } else {
        seal.goes_on.clone()
    };
    match (goes_on, purpose) {
        (GoesOn::Here | GoesOn::Moved, _) | (GoesOn::In(_) | GoesOn::Gone(_), Purpose::End) => {}
        (GoesOn::In(work_tree), _) => return Err(Error::ElsewhereStarted { run, work_tree }),
        (GoesOn::Gone(work_tree), _) => return Err(Error::WorkTreeGone { run, work_tree }),
        (GoesOn::OtherClone, _) if cancelled => return Err(Error::CancelledElsewhere { run }),
        (GoesOn::OtherClone, _) => return Err(Error::NotLive { run }),
    }
    // Its folder was taken away from under its steps: they come to their end first.
    let name = run.to_string();
    if let Some(pid) = tree::marked(RUN_VARIABLE, |value| value == name).first() {
        let pid = pid.to_string();
        return Err(Error::Running { run, pid });
    }
    let new = RunFolder::at(shop.local.runs().join(format!("{INCOMPLETE}{run}")));
    files::remove_folder(new.path())?;
    unpack(shop, &seal, &new)?;
    // Nothing happened in what is there: it has neither a journal, nor a claim, nor an output.
    folder.remove()?;
    files::rename(new.path(), folder.path())?;
    files::sync_folder(&shop.local.runs())?;
    if !cancelled {
        observer.note(&format!(
            "the live record of run {run} is gone; taken up as it was sealed when it stood still"
        ));
    }
    Ok(())
}

/// Writes what a seal has of a run into a folder, the journal last.
pub(super) fn unpack(
    shop: &Workshop<'_>,
    seal: &RunSummary,
    folder: &RunFolder,
) -> Result<(), Error> {
    folder.create()?;
    let copy = |name: &str| -> Result<bool, Error> {
        let found = runs::read_file(shop.repository, seal, name)?;
        if let Some(bytes) = &found {
            files::write_atomic(&folder.path().join(name), bytes)?;
        }
        Ok(found.is_some())
    };
    copy(run_folder::PINNED_WORKFLOW)?;
    copy(run_folder::PINNED_SPEC)?;
    let parents = runs::sealed_names(shop.repository, seal, run_folder::PINNED_PARENTS)?;
    if !parents.is_empty() {
        files::create_folder(&folder.pinned_parents())?;
    }
    for name in parents {
        copy(&format!("{}/{name}", run_folder::PINNED_PARENTS))?;
    }
    let state = RunState::fold(&runs::events(shop.repository, seal)?);
    for (job, known) in &state.jobs {
        for (step, known) in &known.steps {
            for number in 1..=known.attempts {
                let (job, step) = (job.clone(), step.clone());
                let attempt = AttemptName { job, step, number };
                copy(&format!("out/{}", output_name(&attempt)))?;
            }
        }
    }
    if !copy(run_folder::PROTECTED)? && state.unwatched {
        // What the protected files were is not known: a person is asked about all of them.
        files::write_atomic(&folder.protected(), b"")?;
    }
    copy("events.jsonl").map(drop)
}
