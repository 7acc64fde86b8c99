//! Small files in Git's own folder of a work tree that say what we were about, for a process that
//! finds it half done.

use std::path::{Path, PathBuf};

use crate::base::ids::ObjectId;
use crate::git::{Error, Repository};
use crate::sys::files;

/// Largest marker in bytes: two words.
const MARKER_BYTES: u64 = 1024;

/// What a marker says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Marker {
    /// The work tree is whole, and began at this commit.
    Base,
    /// It is being brought to this commit; nothing else was changed in it.
    Moving,
    /// A merge of this commit is being begun.
    Starting,
    /// The merge of this commit stands in conflict, and somebody is to solve it.
    Conflict,
}

impl Marker {
    fn path(self, folder: &Path) -> PathBuf {
        folder.join(match self {
            Self::Base => "mmm-base",
            Self::Moving => "mmm-moving",
            Self::Starting => "mmm-starting",
            Self::Conflict => "mmm-conflict",
        })
    }

    /// Reads it; nothing when it is not there.
    pub(super) fn read(self, folder: &Path) -> Result<Option<ObjectId>, Error> {
        match files::read_text(&self.path(folder), MARKER_BYTES) {
            Ok(text) => Ok(text.trim_end().parse().ok()),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Sets it.
    pub(super) fn set(self, repository: &Repository, commit: &ObjectId) -> Result<(), Error> {
        let text = format!("{commit}\n");
        Ok(files::write_atomic(
            &self.path(repository.git_dir()),
            text.as_bytes(),
        )?)
    }

    /// Takes it away.
    pub(super) fn clear(self, repository: &Repository) -> Result<(), Error> {
        self.clear_in(repository.git_dir())
    }

    /// Takes it away from a folder that may not be a work tree's any more.
    pub(super) fn clear_in(self, folder: &Path) -> Result<(), Error> {
        Ok(files::remove_file(&self.path(folder))?)
    }
}
