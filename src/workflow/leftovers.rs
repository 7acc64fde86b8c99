//! What killed engines left lying about: folders of runs that are sealed as over, of runs that
//! never began, and folders that were being removed. Nothing of a run that can go on is touched.

use std::collections::HashSet;
use std::path::Path;
use std::time::Duration;

use crate::base::ids::RunId;
use crate::git::snapshot;
use crate::state::artifacts;
use crate::state::run_folder::{GONE, INCOMPLETE, RunFolder};
use crate::state::runs::{self, RunPlace};
use crate::sys::files;
use crate::sys::lock::{self, Lock};
use crate::workflow::{Error, Workshop};

/// How old a folder in which nothing happened is when nobody can be about to begin one, in milliseconds.
const NEVER_BEGAN_MS: u64 = 60 * 60 * 1000;

/// Removes it.
pub(crate) fn clear(shop: &Workshop<'_>) -> Result<(), Error> {
    let entries = files::entries(&shop.local.runs())?;
    if entries.is_empty() {
        return Ok(());
    }
    let all = runs::list(shop.repository, &shop.local)?.runs;
    let over: HashSet<RunId> = all
        .iter()
        .filter(|known| known.status.is_finished())
        .filter(|known| matches!(known.place, RunPlace::Sealed(_)))
        .map(|known| known.run)
        .collect();
    for path in entries {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with(GONE) {
            files::remove_folder(&path)?;
        } else if let Some(run) = name.strip_prefix(INCOMPLETE) {
            clear_incomplete(shop, run, &path)?;
        } else if let Ok(run) = name.parse::<RunId>() {
            clear_run(shop, run, &path, over.contains(&run))?;
        }
    }
    Ok(())
}

/// Removes a folder that nobody completes any more: neither who brings a run back nor who has just
/// made one.
fn clear_incomplete(shop: &Workshop<'_>, run: &str, path: &Path) -> Result<(), Error> {
    let made_ms = run.parse().map_or(0, RunId::timestamp_ms);
    if shop.clock.now_ms().saturating_sub(made_ms) <= NEVER_BEGAN_MS {
        return Ok(());
    }
    match Lock::take_with_folder(&shop.local.revive_lock(), Duration::ZERO) {
        Ok(_lock) => Ok(files::remove_folder(path)?),
        Err(crate::sys::Error::Locked { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn clear_run(shop: &Workshop<'_>, run: RunId, path: &Path, over: bool) -> Result<(), Error> {
    let folder = RunFolder::at(path.to_owned());
    let age = shop.clock.now_ms().saturating_sub(run.timestamp_ms());
    let never_began = age > NEVER_BEGAN_MS && !folder.began()?;
    if !(over || never_began) || lock::is_held(&folder.supervisor_lock())? {
        return Ok(());
    }
    let lock = match Lock::try_take(&folder.engine_lock()) {
        Ok(Some(lock)) => lock,
        // Somebody is at it, or it went meanwhile.
        Ok(None) => return Ok(()),
        Err(error) if error.is_not_found() => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    if over {
        snapshot::delete_checkpoints(shop.repository, &format!("mmm/checkpoint/{run}"))?;
        artifacts::let_go(shop.repository, run)?;
    }
    folder.remove()?;
    drop(lock);
    Ok(())
}
