//! The one door for writing tracked files: all changes of a transaction happen, or none.
//!
//! A record of the whole change is on the disk before the first file is touched, and whoever opens
//! the state next finishes what a dead process began. Each file is compared with what was read
//! before it is replaced, so that an edit made meanwhile is never lost. Nothing is written outside
//! `.mmm/`, and nothing is staged or committed.

pub(crate) mod recovery;

use std::path::{Path, PathBuf};

use crate::base::limits::{LOCK_TIMEOUT, STATE_FILE_BYTES};
use crate::base::source::SourceText;
use crate::state::Error;
use crate::state::format::config_v1;
use crate::state::format::redo_v1::{self, Change, RECORD_BYTES, Redo};
use crate::state::layout::{CONFIG, Local, StatePath};
use crate::state::transaction::recovery::Recovered;
use crate::sys::lock::Lock;
use crate::sys::{self, files};

/// Most files of one transaction.
const CHANGES: usize = 10_000;

/// What the writer believes that a file holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Expected {
    /// There is no such file.
    Absent,
    /// These bytes, as they were read.
    Bytes(Vec<u8>),
}

/// Where a transaction takes place.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// What is local to the repository.
    pub(crate) local: Local,
    /// Top of the work tree.
    pub(crate) top: PathBuf,
    /// What tells this work tree from the others of the repository: see
    /// [`crate::state::layout::work_tree_key`].
    pub(crate) key: String,
}

/// Changes to files that are made together.
#[derive(Debug)]
pub(crate) struct Transaction {
    place: Place,
    changes: Vec<Change>,
    recovered: Vec<Recovered>,
    steps: Steps,
    /// Held until the end: no other writer of this work tree is under way.
    lock: Lock,
}

impl Transaction {
    /// Waits for other writers and finishes what a dead one began.
    pub(crate) fn begin(place: Place) -> Result<Self, Error> {
        let lock = Lock::take_with_folder(&place.local.redo_lock(&place.key), LOCK_TIMEOUT)?;
        let recovered = recovery::finish(&place)?;
        Ok(Self {
            place,
            changes: Vec::new(),
            recovered,
            steps: Steps::default(),
            lock,
        })
    }

    /// What a dead writer had left, and what became of it; to be told to the person.
    pub(crate) fn recovered(&self) -> &[Recovered] {
        &self.recovered
    }

    /// Makes a file hold `new`, if it holds what is expected.
    pub(crate) fn write(&mut self, path: StatePath, expected: Expected, new: impl Into<Vec<u8>>) {
        self.change(path, expected, Some(new.into()));
    }

    /// Removes a file, if it holds what is expected.
    pub(crate) fn delete(&mut self, path: StatePath, expected: Expected) {
        self.change(path, expected, None);
    }

    fn change(&mut self, path: StatePath, expected: Expected, new: Option<Vec<u8>>) {
        // A second change of a file builds on the first: what was there before stays the same.
        if let Some(known) = self.changes.iter_mut().find(|change| change.path == path) {
            known.new = new;
            return;
        }
        let old = match expected {
            Expected::Absent => None,
            Expected::Bytes(bytes) => Some(bytes),
        };
        self.changes.push(Change { path, old, new });
    }

    /// Makes all changes. With [`Error::Changed`] nothing was written. Other writers are kept out
    /// until what it gives is dropped.
    pub(crate) fn commit(self) -> Result<Lock, Error> {
        self.check()?;
        let changes: Vec<Change> = self
            .changes
            .iter()
            .filter(|change| change.old != change.new)
            .cloned()
            .collect();
        if changes.is_empty() {
            return Ok(self.lock);
        }
        let redo = Redo {
            top: self.place.top.to_string_lossy().into_owned(),
            changes,
        };
        let bytes = redo_v1::encode(&redo);
        if bytes.len() as u64 > RECORD_BYTES {
            return Err(Error::LargeTransaction {
                found: bytes.len() as u64,
                limit: RECORD_BYTES,
            });
        }
        let record = self.place.local.redo_record(&self.place.key);
        self.steps.pass()?;
        files::write_atomic(&record, &bytes)?;
        self.steps.pass()?;
        let mut overtaken = None;
        for change in &redo.changes {
            if let Applied::Kept(copy) = apply(&self.place, change, &self.steps)? {
                overtaken.get_or_insert((change.path.to_string(), copy));
            }
            self.steps.pass()?;
        }
        remove_record(&record)?;
        self.steps.pass()?;
        match overtaken {
            Some((path, copy)) => Err(Error::Overtaken { path, copy }),
            None => Ok(self.lock),
        }
    }

    /// Refuses everything that can be refused before the first byte is written.
    fn check(&self) -> Result<(), Error> {
        if self.changes.len() > CHANGES {
            return Err(Error::LargeTransaction {
                found: self.changes.len() as u64,
                limit: CHANGES as u64,
            });
        }
        refuse_newer(&self.place.top)?;
        for change in &self.changes {
            let path = change.path.to_write(&self.place.top)?;
            let limit = content_limit(change);
            if !Current::read(&path, limit)?.is(change.old.as_deref()) {
                return Err(Error::Changed {
                    path: change.path.to_string(),
                });
            }
            let size = change.new.as_ref().map_or(0, Vec::len) as u64;
            if size > STATE_FILE_BYTES {
                return Err(Error::Machine(sys::Error::TooLarge {
                    path,
                    found: size,
                    limit: STATE_FILE_BYTES,
                }));
            }
        }
        Ok(())
    }
}

/// Refuses to write into a state that a newer version made.
fn refuse_newer(top: &Path) -> Result<(), Error> {
    let path = StatePath::config().to_read(top)?;
    // A configuration that is absent or unreadable says nothing about its format.
    let Current::Bytes(bytes) = Current::read(&path, STATE_FILE_BYTES)? else {
        return Ok(());
    };
    let source = SourceText::new(CONFIG, String::from_utf8_lossy(&bytes).into_owned());
    config_v1::read(&source).writable(CONFIG)
}

/// What stands at a path.
enum Current {
    Absent,
    Bytes(Vec<u8>),
    /// A file that is larger than any of ours, or no file.
    Other,
}

impl Current {
    fn read(path: &Path, limit: u64) -> Result<Self, Error> {
        match path.symlink_metadata() {
            Ok(metadata) if !metadata.is_file() => return Ok(Self::Other),
            _ => {}
        }
        match files::read_bytes(path, limit) {
            Ok(bytes) => Ok(Self::Bytes(bytes)),
            Err(error) if error.is_not_found() => Ok(Self::Absent),
            Err(sys::Error::TooLarge { .. }) => Ok(Self::Other),
            Err(error) => Err(error.into()),
        }
    }

    fn is(&self, content: Option<&[u8]>) -> bool {
        match (self, content) {
            (Self::Absent, None) => true,
            (Self::Bytes(bytes), Some(content)) => bytes == content,
            _ => false,
        }
    }
}

/// What is read of a file to compare it: more than either content is different anyway.
fn content_limit(change: &Change) -> u64 {
    let sizes = [&change.old, &change.new].map(|content| content.as_ref().map_or(0, Vec::len));
    sizes.into_iter().max().unwrap_or(0) as u64
}

/// What became of one change.
enum Applied {
    /// The file holds the new content now.
    Done,
    /// It held it before.
    Already,
    /// Somebody else wrote the file: theirs stands, ours is in this copy.
    Kept(Option<PathBuf>),
}

/// Makes one change, unless the file holds neither the old nor the new content.
fn apply(place: &Place, change: &Change, steps: &Steps) -> Result<Applied, Error> {
    let path = match change.path.to_write(&place.top) {
        Ok(path) => path,
        Err(Error::LinkInTheWay { .. }) => return keep(place, change),
        Err(error) => return Err(error),
    };
    let limit = content_limit(change);
    if Current::read(&path, limit)?.is(change.new.as_deref()) {
        return Ok(Applied::Already);
    }
    let Some(new) = &change.new else {
        if !Current::read(&path, limit)?.is(change.old.as_deref()) {
            return keep(place, change);
        }
        files::remove_file(&path)?;
        steps.pass()?;
        sync_parent(&path)?;
        return Ok(Applied::Done);
    };
    let temporary = files::prepare(&path, new)?;
    let temporary = steps.pass_with(temporary)?;
    if !Current::read(&path, limit)?.is(change.old.as_deref()) {
        return keep(place, change);
    }
    let renamed = if change.old.is_none() {
        // The kernel refuses when a file has appeared since the comparison.
        temporary.persist_noclobber(&path)
    } else {
        temporary.persist(&path)
    };
    match renamed {
        Ok(_) => {}
        Err(error) if error.error.kind() == std::io::ErrorKind::AlreadyExists => {
            return keep(place, change);
        }
        Err(error) => return Err(sys::Error::file("write", path, error.error).into()),
    }
    steps.pass()?;
    sync_parent(&path)?;
    Ok(Applied::Done)
}

/// Leaves the file alone and keeps our content where it can be found.
fn keep(place: &Place, change: &Change) -> Result<Applied, Error> {
    let Some(new) = &change.new else {
        return Ok(Applied::Kept(None));
    };
    let copy = recovery::rescue(place, change.path.file_name(), new)?;
    Ok(Applied::Kept(Some(copy)))
}

fn sync_parent(path: &Path) -> Result<(), Error> {
    Ok(files::sync_folder(path.parent().unwrap_or(path))?)
}

fn remove_record(record: &Path) -> Result<(), Error> {
    files::remove_file(record)?;
    sync_parent(record)
}

/// The points at which a test lets the process die; passing them costs nothing otherwise.
#[derive(Debug, Default)]
struct Steps {
    #[cfg(test)]
    left: Option<std::cell::Cell<usize>>,
}

impl Steps {
    #[cfg(test)]
    fn pass(&self) -> Result<(), Error> {
        let Some(left) = &self.left else {
            return Ok(());
        };
        let Some(fewer) = left.get().checked_sub(1) else {
            return Err(Error::Stopped);
        };
        left.set(fewer);
        Ok(())
    }

    #[cfg(not(test))]
    #[expect(
        clippy::unnecessary_wraps,
        clippy::unused_self,
        reason = "the form of its twin for tests, which can fail"
    )]
    fn pass(&self) -> Result<(), Error> {
        Ok(())
    }

    /// A process that dies here leaves its temporary file behind.
    fn pass_with(&self, temporary: files::Prepared) -> Result<files::Prepared, Error> {
        match self.pass() {
            Ok(()) => Ok(temporary),
            Err(error) => {
                std::mem::forget(temporary);
                Err(error)
            }
        }
    }
}

#[cfg(test)]
mod tests;
