//! What can go wrong with a process.

use std::path::PathBuf;
use std::time::Duration;

/// A process that could not be started, fed or read, with its facts.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The program could not be started.
    #[error("cannot start `{program}`")]
    Start {
        /// The program.
        program: String,
        /// Why not.
        source: std::io::Error,
    },
    /// The folder that it was to run in is gone.
    #[error("cannot start `{program}`: there is no folder {}", folder.display())]
    NoFolder {
        /// The program.
        program: String,
        /// The folder.
        folder: PathBuf,
    },
    /// Its pipes broke, or it could not be waited for.
    #[error("lost contact with `{program}`")]
    Pipe {
        /// The program.
        program: String,
        /// What happened.
        source: std::io::Error,
    },
    /// It took too long and was ended.
    #[error("`{program}` was ended after {} s", limit.as_secs())]
    Timeout {
        /// The program with its arguments.
        program: String,
        /// How long it was given.
        limit: Duration,
    },
    /// It printed more than is taken, and was ended.
    #[error("`{program}` printed more than {limit} bytes")]
    Output {
        /// The program with its arguments.
        program: String,
        /// How many bytes are taken.
        limit: usize,
    },
}
