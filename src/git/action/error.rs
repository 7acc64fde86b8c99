//! Why a `git` step could not do what it says.

use crate::base::ids::ObjectId;
use crate::git::Error;
use crate::proc::command::Exit;

/// Why it was not done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refused {
    /// Text that no branch or tag can be called by.
    #[error("`{name}` cannot be the name of a {kind}")]
    Name {
        /// `branch` or `tag`.
        kind: &'static str,
        /// The text.
        name: String,
    },
    /// Text that stands for no commit.
    #[error("there is no commit `{revision}`")]
    NoCommit {
        /// The text.
        revision: String,
    },
    /// A tag that is there, at the same commit, has no message.
    #[error("the tag `{name}` is there without a message; `force: true` would make it anew")]
    NameAlone {
        /// Its name.
        name: String,
    },
    /// A branch or tag that is somewhere else.
    #[error("the {kind} `{name}` is at {found}, not at {wanted}; `force: true` would move it")]
    Exists {
        /// `branch` or `tag`.
        kind: &'static str,
        /// Its name.
        name: String,
        /// Where it is.
        found: ObjectId,
        /// Where it was to be.
        wanted: ObjectId,
    },
    /// A commit or a signed tag without a message.
    #[error("the {kind} has no message")]
    NoMessage {
        /// `commit` or `tag`.
        kind: &'static str,
    },
    /// Something of somebody else's is under way.
    #[error("a {operation} is in progress here")]
    InProgress {
        /// What.
        operation: &'static str,
    },
    /// Changes of somebody else's would be lost.
    #[error("{} staged here; commit or unstage {} first", named(.paths), it(.paths))]
    Staged {
        /// Of which files.
        paths: Vec<String>,
    },
    /// Conflicts that nobody has solved would be committed.
    #[error("{} still in conflict; solve it and `git add` {} first", named(.paths), it(.paths))]
    Unsolved {
        /// In which files.
        paths: Vec<String>,
    },
    /// Git would not.
    #[error("`git {command}` failed ({exit})")]
    Command {
        /// Which command.
        command: String,
        /// How it ended; what it said was printed.
        exit: Exit,
    },
    /// The repository or the machine failed.
    #[error(transparent)]
    Git(#[from] Error),
}

/// Most paths that a message names.
const NAMED: usize = 5;

/// These paths and a verb.
fn named(paths: &[String]) -> String {
    let list: Vec<String> = paths
        .iter()
        .take(NAMED)
        .map(|path| format!("`{path}`"))
        .collect();
    let more = match paths.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let verb = if paths.len() == 1 { "is" } else { "are" };
    format!("{}{more} {verb}", list.join(", "))
}

/// The word for them.
fn it(paths: &[String]) -> &'static str {
    if paths.len() == 1 { "it" } else { "them" }
}
