//! Writes files under `.mmm/` through a transaction and, when asked to, commits exactly them.
//!
//! The one way to `--commit`: every command that writes tracked files goes through here.

use crate::base::ids::ObjectId;
use crate::git::commit::commit_paths;
use crate::git::{Error as GitError, Repository};
use crate::state::Error;
use crate::state::layout::StatePath;
use crate::state::state_files::StateFiles;
use crate::state::transaction::recovery::Recovered;
use crate::state::transaction::{Expected, Place, Transaction};

/// Changes of one command that are made together.
#[derive(Debug)]
pub(crate) struct Writer {
    transaction: Transaction,
    files: StateFiles,
    paths: Vec<String>,
}

/// What was written.
#[derive(Debug)]
pub(crate) struct Saved {
    /// The files, relative to the top of the work tree.
    pub(crate) paths: Vec<String>,
    /// The commit that holds them, when one was asked for.
    pub(crate) commit: Option<ObjectId>,
    /// What a dead writer had left and became of it.
    pub(crate) recovered: Vec<Recovered>,
}

impl Writer {
    /// Waits for other writers. What is read from now on stays true until the end.
    pub(crate) fn begin(files: &StateFiles, place: Place) -> Result<Self, Error> {
        files.repository().refuse_quarantine()?;
        Ok(Self {
            transaction: Transaction::begin(place)?,
            files: files.clone(),
            paths: Vec::new(),
        })
    }

    /// Makes a file that is not there yet.
    pub(crate) fn create(&mut self, path: StatePath, new: &str) {
        self.paths.push(path.to_string());
        self.transaction.write(path, Expected::Absent, new);
    }

    /// Replaces a file; the same text changes nothing.
    pub(crate) fn replace(&mut self, path: &str, old: &str, new: &str) -> Result<(), Error> {
        if old == new {
            return Ok(());
        }
        let checked = StatePath::new(path)?;
        self.files.restore(&checked)?;
        self.paths.push(path.to_owned());
        let expected = Expected::Bytes(old.as_bytes().to_vec());
        self.transaction.write(checked, expected, new);
        Ok(())
    }

    /// Writes, and commits with this message if there is one.
    pub(crate) fn save(
        self,
        repository: &Repository,
        message: Option<&str>,
    ) -> Result<Saved, Error> {
        let message = message.filter(|_| !self.paths.is_empty());
        if message.is_some() {
            // Before anything is written: a second call would find nothing left to commit.
            can_commit(repository)?;
        }
        let recovered = self.transaction.recovered().to_vec();
        self.transaction.commit()?;
        Ok(Saved {
            commit: match message {
                Some(message) => commit(repository, &self.paths, message)?,
                None => None,
            },
            paths: self.paths,
            recovered,
        })
    }
}

/// Fails where a commit could not be made now.
pub(crate) fn can_commit(repository: &Repository) -> Result<(), Error> {
    if let Some(operation) = repository.operation() {
        let operation = operation.as_str();
        return Err(GitError::OperationInProgress { operation }.into());
    }
    repository.identity()?;
    Ok(())
}

/// Commits these files as they are; nothing when they are as `HEAD` has them.
pub(crate) fn commit(
    repository: &Repository,
    paths: &[String],
    message: &str,
) -> Result<Option<ObjectId>, Error> {
    match commit_paths(repository, paths, message) {
        Ok(commit) => Ok(Some(commit)),
        Err(GitError::NothingToCommit) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
