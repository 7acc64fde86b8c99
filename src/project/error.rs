//! What can go wrong when a project is made.

use std::path::PathBuf;

use crate::state::state_files::AtHead;

/// A failure of the project system, with its facts.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The machine failed us.
    #[error(transparent)]
    Machine(#[from] crate::sys::Error),
    /// Git failed us.
    #[error(transparent)]
    Git(#[from] crate::git::Error),
    /// The state cannot be read or written.
    #[error(transparent)]
    State(#[from] crate::state::Error),
    /// One of our templates cannot be filled.
    #[error(transparent)]
    Template(#[from] crate::render::Error),
    /// A name that a project cannot have.
    #[error("`{}` cannot be the name of a project: {reason}", name.escape_debug())]
    Name {
        /// The name.
        name: String,
        /// Why not.
        reason: &'static str,
    },
    /// The project has another name already.
    #[error("the project is called `{found}` already, not `{asked}`")]
    OtherName {
        /// Its name.
        found: String,
        /// The name asked for.
        asked: String,
    },
    /// `HEAD` has a project, and what is there to be read has not: another one would get another id.
    #[error("`HEAD` has a project, and its `.mmm/config.toml` is not in the work tree")]
    AtHead(AtHead),
    /// The folder for the sample holds something.
    #[error("{} is not empty", folder.display())]
    NotEmpty {
        /// The folder.
        folder: PathBuf,
    },
}
