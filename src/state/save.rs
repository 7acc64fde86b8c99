//! Writes files under `.mmm/` through a transaction and, when asked to, commits exactly them.
//!
//! The one way to `--commit`: every command that writes tracked files goes through here.

use crate::base::ids::ObjectId;
use crate::git::commit::{commit_paths, require_ready};
use crate::git::{Error as GitError, Repository};
use crate::state::Error;
use crate::state::layout::{self, StatePath};
use crate::state::state_files::StateFiles;
use crate::state::transaction::recovery::Recovered;
use crate::state::transaction::{Expected, Place, Transaction};

/// Changes of one command that are made together.
#[derive(Debug)]
pub(crate) struct Writer {
    transaction: Transaction,
    files: StateFiles,
    paths: Vec<String>,
    /// Files that hold already what they shall.
    same: Vec<String>,
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
            same: Vec::new(),
        })
    }

    /// Makes a file that is not there yet.
    pub(crate) fn create(&mut self, path: StatePath, new: &str) {
        self.paths.push(path.to_string());
        self.transaction.write(path, Expected::Absent, new);
    }

    /// Replaces a file; the same text changes nothing, but is committed when `HEAD` has another.
    pub(crate) fn replace(&mut self, path: &str, old: &str, new: &str) -> Result<(), Error> {
        let checked = StatePath::new(path)?;
        if old == new {
            self.same.push(path.to_owned());
            return Ok(());
        }
        self.files.restore(&checked)?;
        self.paths.push(path.to_owned());
        let expected = Expected::Bytes(old.as_bytes().to_vec());
        self.transaction.write(checked, expected, new);
        Ok(())
    }

    /// Takes a file that is there already into the commit, if there is to be one.
    pub(crate) fn take_along(&mut self, path: &StatePath) {
        self.same.push(path.to_string());
    }

    /// Writes, and commits with this message if there is one. Other writers of ours wait until both
    /// are done, so that no commit takes along what another one wrote.
    pub(crate) fn save(
        self,
        repository: &Repository,
        message: Option<&str>,
    ) -> Result<Saved, Error> {
        let all: Vec<String> = self.paths.iter().chain(&self.same).cloned().collect();
        let message = message.filter(|_| !all.is_empty());
        if message.is_some() {
            // Before anything is written.
            can_commit(repository, &all)?;
        }
        let recovered = self.transaction.recovered().to_vec();
        let _lock = self.transaction.commit()?;
        let commit = match message.map(|message| commit(repository, &all, message)) {
            None => None,
            Some(Ok(commit)) => commit,
            Some(Err(error)) if self.paths.is_empty() => return Err(error),
            Some(Err(error)) => {
                return Err(Error::NotCommitted {
                    paths: self.paths,
                    source: Box::new(error),
                });
            }
        };
        Ok(Saved {
            commit,
            paths: self.paths,
            recovered,
        })
    }
}

/// Fails where a commit of these files could not be made now.
pub(crate) fn can_commit(repository: &Repository, paths: &[String]) -> Result<(), Error> {
    match require_ready(repository, paths) {
        // No run has this name: it stands for any.
        Err(GitError::Ignored { path, rule }) if path == StatePath::in_runs()?.as_str() => {
            let path = layout::ANY_RUN.to_owned();
            Err(GitError::Ignored { path, rule }.into())
        }
        ready => Ok(ready.map(drop)?),
    }
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
