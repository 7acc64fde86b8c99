//! What can go wrong with Git and a repository.

use std::path::PathBuf;

use crate::base::ids::ObjectId;
use crate::git::repository::Operation;
use crate::proc;
use crate::sys;

/// The Git version that everything here needs.
pub(crate) const NEEDED_VERSION: (u32, u32) = (2, 38);

/// A failure of Git, or a repository that is not as it must be, with its facts.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// No repository holds the folder.
    #[error("{} is not in a Git repository", start.display())]
    NotARepository {
        /// Where the search began.
        start: PathBuf,
    },
    /// The folder that a search should begin in is not there.
    #[error("the folder {} does not exist", start.display())]
    NoFolder {
        /// The folder.
        start: PathBuf,
    },
    /// There is no `git` on the path.
    #[error("the program `git` is not on PATH")]
    GitMissing,
    /// The `git` on the path is older than needed.
    #[error("git {found} is too old, {}.{} is needed", NEEDED_VERSION.0, NEEDED_VERSION.1)]
    GitTooOld {
        /// The version found.
        found: String,
    },
    /// The repository belongs to another user, and Git refuses it.
    #[error("the repository at {} belongs to another user", path.display())]
    NotOwner {
        /// The folder that Git names, as it is to be written into `safe.directory`.
        path: PathBuf,
    },
    /// The repository has no work tree.
    #[error("{} has no work tree", git_dir.display())]
    Bare {
        /// The repository.
        git_dir: PathBuf,
    },
    /// A `git` command failed.
    #[error("`{arguments}` failed ({exit}): {complaint}")]
    Git {
        /// The command with its arguments.
        arguments: String,
        /// How it ended.
        exit: String,
        /// What it complained about.
        complaint: String,
    },
    /// A `git` command, or the object database, answered something that we do not understand.
    #[error("`{arguments}` answered `{found}`, not {expected}")]
    Answer {
        /// The command with its arguments.
        arguments: String,
        /// What it answered.
        found: String,
        /// What it should have answered.
        expected: &'static str,
    },
    /// Git does not know who the user is.
    #[error("git does not know your name and email: {complaint}")]
    MissingIdentity {
        /// What Git says about it.
        complaint: String,
    },
    /// A value in Git's configuration is not of its kind.
    #[error("`{key}` in {origin} is `{found}`, not {expected}")]
    ConfigurationValue {
        /// The key.
        key: String,
        /// Where it is set.
        origin: String,
        /// What stands there.
        found: String,
        /// What may stand there.
        expected: &'static str,
    },
    /// A push into this repository is being checked: nothing may be written until it is accepted.
    #[error("nothing is written while a push is being checked (quarantine {path})")]
    Quarantine {
        /// Where Git keeps the pushed objects meanwhile.
        path: String,
    },
    /// An operation such as a rebase is under way.
    #[error("a {operation} is in progress")]
    OperationInProgress {
        /// Which one.
        operation: Operation,
    },
    /// A process could not be run.
    #[error(transparent)]
    Process(#[from] proc::Error),
    /// A file could not be read or written, or a lock not be taken.
    #[error(transparent)]
    Machine(#[from] sys::Error),
    /// The object database failed.
    #[error("cannot {action}")]
    Library {
        /// What was tried.
        action: String,
        /// Why it failed.
        source: git2::Error,
    },
    /// An object is not in the repository.
    #[error("the object {id} is not in the repository")]
    MissingObject {
        /// Its id.
        id: ObjectId,
    },
    /// An object is of another kind than expected, or damaged.
    #[error("the object {id} is not {expected}")]
    WrongObject {
        /// Its id.
        id: ObjectId,
        /// What it should be.
        expected: &'static str,
    },
    /// A name cannot stand in a tree.
    #[error("`{name}` cannot be the name of a tree entry: {reason}")]
    TreeEntryName {
        /// The name.
        name: String,
        /// Why not.
        reason: &'static str,
    },
    /// A text cannot stand where Git ends it by its first line feed, NUL or angle bracket.
    #[error("`{found}` cannot be {what}")]
    Text {
        /// The text.
        found: String,
        /// What it was to be.
        what: &'static str,
    },
    /// Somebody else changed a ref meanwhile.
    #[error("`{name}` was changed by somebody else meanwhile")]
    RefMoved {
        /// The ref.
        name: String,
    },
    /// A lock file of Git is in the way.
    #[error("`{name}` is locked by {}", lock.display())]
    RefLocked {
        /// The ref.
        name: String,
        /// The lock file.
        lock: PathBuf,
    },
    /// A line is too long for a note, or is not one line.
    #[error("a line of {found} bytes cannot go into a note: {reason}")]
    NoteLine {
        /// Its length in bytes.
        found: usize,
        /// Why not.
        reason: &'static str,
    },
    /// A note would become larger than what we write.
    #[error("the note on {commit} would have {found} bytes, more than {limit}")]
    NoteTooLarge {
        /// The commit that has the note.
        commit: ObjectId,
        /// How large it would be.
        found: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// Paths were to be committed that cannot be.
    #[error("`{path}` cannot be committed: {reason}")]
    CommitPath {
        /// The path.
        path: String,
        /// Why not.
        reason: &'static str,
    },
}

impl Error {
    /// An answer that we do not understand.
    pub(crate) fn answer(
        arguments: impl Into<String>,
        found: impl Into<String>,
        expected: &'static str,
    ) -> Self {
        Self::Answer {
            arguments: arguments.into(),
            found: found.into(),
            expected,
        }
    }

    /// A failure of the object database.
    pub(crate) fn library(action: impl Into<String>, source: git2::Error) -> Self {
        Self::Library {
            action: action.into(),
            source,
        }
    }
}
