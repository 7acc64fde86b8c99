//! What can go wrong with a process.

use std::time::Duration;

/// A process that could not be started, fed or read, with its facts.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The folder in which a program was to be started is not there.
    #[error("the folder {} is not there any more", folder.display())]
    NoFolder {
        /// The folder.
        folder: std::path::PathBuf,
    },
    /// The program could not be started.
    #[error("cannot start `{program}`")]
    Start {
        /// The program.
        program: String,
        /// Why not.
        source: std::io::Error,
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
