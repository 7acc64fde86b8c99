//! Writes spec files through a transaction and, when asked to, commits exactly them.

use crate::base::ids::ObjectId;
use crate::git::Error as GitError;
use crate::git::commit::commit_paths;
use crate::spec::Desk;
use crate::spec::Error;
use crate::state::layout::StatePath;
use crate::state::state_files::StateFiles;
use crate::state::transaction::recovery::Recovered;
use crate::state::transaction::{Expected, Transaction};

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
    pub(crate) fn begin(desk: &Desk<'_>) -> Result<Self, Error> {
        Ok(Self {
            transaction: desk.transaction()?,
            files: desk.files.clone(),
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
    pub(crate) fn save(self, desk: &Desk<'_>, message: Option<&str>) -> Result<Saved, Error> {
        let recovered = self.transaction.recovered().to_vec();
        self.transaction.commit()?;
        let commit = match message {
            Some(message) if !self.paths.is_empty() => {
                match commit_paths(desk.repository, &self.paths, message) {
                    Ok(commit) => Some(commit),
                    // The files are again as HEAD has them.
                    Err(GitError::NothingToCommit) => None,
                    Err(error) => return Err(error.into()),
                }
            }
            _ => None,
        };
        Ok(Saved {
            paths: self.paths,
            commit,
            recovered,
        })
    }
}
