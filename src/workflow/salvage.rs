//! Putting a run aside whose journal cannot be read: nothing can drive it any more, and nothing of
//! it is thrown away.

use std::path::PathBuf;

use crate::base::ids::RunId;
use crate::git::snapshot;
use crate::git::worktree::Worktrees;
use crate::model::run::AttemptName;
use crate::state::masks::MaskFile;
use crate::state::run_folder::RunFolder;
use crate::state::runs;
use crate::sys::files;
use crate::sys::lock;
use crate::workflow::attempts::end_processes;
use crate::workflow::driver::{Observer, Workshop};
use crate::workflow::isolation_end::held_back;
use crate::workflow::{Error, cancel, revive};

/// Copies of the folder of one run that are kept before giving up.
const COPIES: u32 = 100;

/// Ends what still runs of it and moves its folder to the copies that were rescued; gives where it
/// is now. A run that was sealed as waiting is ended by that seal, so that it waits no more.
pub(crate) fn put_aside(
    shop: &Workshop<'_>,
    run: RunId,
    observer: &mut dyn Observer,
) -> Result<PathBuf, Error> {
    let folder = RunFolder::of(&shop.local.runs(), run);
    let held = lock::is_held(&folder.supervisor_lock())?;
    if held || lock::is_held(&folder.engine_lock())? {
        let path = if held {
            folder.supervisor_lock()
        } else {
            folder.engine_lock()
        };
        let pid = lock::holder(&path).trim().to_owned();
        return Err(Error::Running { run, pid });
    }
    for claim in files::entries(&folder.path().join("claims"))? {
        let name = claim.file_name().unwrap_or_default().to_string_lossy();
        if let Ok(attempt) = name.parse::<AttemptName>() {
            end_processes(&folder, run, &attempt);
        }
    }
    let rescued = shop.local.rescued();
    files::create_folder(&rescued)?;
    let mut copy = 0;
    let to = loop {
        let name = match copy {
            0 => run.to_string(),
            copy => format!("{run}.{copy}"),
        };
        let to = rescued.join(name);
        if !to.exists() || copy >= COPIES {
            break to;
        }
        copy += 1;
    };
    files::rename(folder.path(), &to)?;
    if let Some((_, seal)) = runs::last_seal(shop.repository, run)?
        && !seal.status.is_finished()
    {
        revive::unpack(shop, &seal, &folder)?;
        // What was masked is masked in what it ends with.
        let (_, learnt) = MaskFile::open(&RunFolder::at(to.clone()).masks())?;
        if !learnt.is_empty() {
            MaskFile::open(&folder.masks())?.0.append(&learnt)?;
        }
        cancel::cancel(shop, run, observer)?;
    } else {
        snapshot::delete_checkpoints(shop.repository, &format!("mmm/checkpoint/{run}"))?;
    }
    // Which secrets the run read is not known: what is not committed stays where it is.
    match Worktrees::new(shop.repository).remove_run(run) {
        Ok(removed) => held_back(&removed).for_each(|text| observer.note(&text)),
        Err(error) => observer.note(&format!("the work trees of the run stay: {error}")),
    }
    Ok(to)
}
