//! Finishes what a dead writer began.

use std::path::{Path, PathBuf};

use crate::state::Error;
use crate::state::format::redo_v1::{self, RECORD_BYTES, Redo, Unreadable};
use crate::state::transaction::{Applied, Place, Steps, apply, keep, remove_record};
use crate::sys::files;

/// Copies with the same name that are kept before an error says that nobody looks at them.
const COPIES: usize = 1_000;

/// Start of the names of temporary files, as `sys::files` makes them.
const TEMPORARY: &str = ".mmm-tmp-";

/// What was found of a dead writer, for one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Recovered {
    /// The file, relative to the top of the work tree; or the record itself, if it is damaged.
    pub(crate) path: String,
    /// What became of it.
    pub(crate) recovery: Recovery,
}

/// What became of an unfinished change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Recovery {
    /// It was still to be made, and is made now.
    Finished,
    /// It had been made.
    AlreadyDone,
    /// The file has been changed since and was left alone; what was to be written is in the copy.
    Kept {
        /// The copy; a removal that did not happen has none.
        copy: Option<PathBuf>,
    },
}

/// Finishes what a dead writer of this work tree began, for one who holds the lock.
pub(super) fn finish(place: &Place) -> Result<Vec<Recovered>, Error> {
    let record = place.local.redo_record(&place.key);
    let bytes = match files::read_bytes(&record, RECORD_BYTES) {
        Ok(bytes) => bytes,
        Err(error) if error.is_not_found() => return Ok(Vec::new()),
        Err(error) => return Err(error.into()),
    };
    let redo = match redo_v1::decode(&bytes) {
        Ok(redo) => redo,
        Err(Unreadable::Newer(found)) => {
            return Err(Error::NewerFormat {
                path: record.display().to_string(),
                found: found.into(),
                supported: redo_v1::VERSION.into(),
            });
        }
        Err(Unreadable::Damaged) => {
            let copy = rescue(place, "record", &bytes)?;
            remove_record(&record)?;
            return Ok(vec![Recovered {
                path: record.display().to_string(),
                recovery: Recovery::Kept { copy: Some(copy) },
            }]);
        }
    };
    let recovered = replay(place, &redo)?;
    remove_record(&record)?;
    Ok(recovered)
}

fn replay(place: &Place, redo: &Redo) -> Result<Vec<Recovered>, Error> {
    // A work tree that was moved, or another one under the same name: not ours to finish.
    let same_place = redo.top == place.top.to_string_lossy();
    let mut recovered = Vec::with_capacity(redo.changes.len());
    for change in &redo.changes {
        let applied = if same_place {
            remove_temporary_files(place, change.path.as_str())?;
            apply(place, change, &Steps::default())?
        } else {
            keep(place, change)?
        };
        recovered.push(Recovered {
            path: change.path.to_string(),
            recovery: match applied {
                Applied::Done => Recovery::Finished,
                Applied::Already => Recovery::AlreadyDone,
                Applied::Kept(copy) => Recovery::Kept { copy },
            },
        });
    }
    Ok(recovered)
}

/// Removes the temporary files that the dead writer left beside a file, lest somebody commits
/// them. The lock is ours, so no living writer needs them.
fn remove_temporary_files(place: &Place, path: &str) -> Result<(), Error> {
    let path = place.top.join(path);
    let Some(folder) = path.parent().filter(|folder| folder.is_dir()) else {
        return Ok(());
    };
    for entry in files::entries(folder)? {
        let name = entry.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with(TEMPORARY) {
            files::remove_file(&entry)?;
        }
    }
    Ok(())
}

/// Keeps content outside the work tree, under a name that is free.
pub(super) fn rescue(place: &Place, name: &str, bytes: &[u8]) -> Result<PathBuf, Error> {
    let folder = place.local.rescued();
    for number in 1..=COPIES {
        let path = folder.join(format!("{number}-{name}"));
        if files::create_new(&path, bytes)? {
            sync(&path, &folder)?;
            return Ok(path);
        }
    }
    Err(Error::RescuedCopies {
        folder,
        limit: COPIES,
    })
}

fn sync(path: &Path, folder: &Path) -> Result<(), Error> {
    files::sync_file(path)?;
    Ok(files::sync_folder(folder)?)
}
