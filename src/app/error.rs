//! Everything that can end a command, from every layer, with its kind.

use std::path::PathBuf;

// The edge computes hints from the facts of a lower layer's error, and reaches them through here.
pub(crate) use crate::proc::Error as ProcessError;
pub(crate) use crate::sys::Error as MachineError;

/// Why a command could not do its work.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The machine: files, locks, variables.
    #[error(transparent)]
    Machine(#[from] MachineError),
    /// A helper process.
    #[error(transparent)]
    Process(#[from] ProcessError),
    /// The folder that the command was started in is gone or closed to us.
    #[error("cannot tell the current folder")]
    CurrentFolder {
        /// Why not.
        source: std::io::Error,
    },
    /// The answer could not be written out.
    #[error("cannot write to standard output")]
    Output {
        /// Why not.
        source: std::io::Error,
    },
    /// The person stopped the command.
    #[error("interrupted")]
    Cancelled,
}

/// What kind of trouble an error is: who can do something about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The person asked for something that cannot be.
    User,
    /// A setting is wrong.
    Config,
    /// State under `.mmm/` or our refs is damaged, or newer than this program.
    State,
    /// Git, the disk, the network or another program failed.
    External,
    /// Somebody stopped it.
    Cancelled,
    /// We are wrong.
    Bug,
}

impl Kind {
    /// The word that `--json` uses as the code of the problem.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Config => "config",
            Self::State => "state",
            Self::External => "external",
            Self::Cancelled => "cancelled",
            Self::Bug => "bug",
        }
    }
}

impl Error {
    /// What kind of trouble it is.
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::Machine(MachineError::Variable { .. }) => Kind::Config,
            Self::Machine(MachineError::NotUtf8 { .. } | MachineError::TooLarge { .. }) => {
                Kind::State
            }
            Self::Machine(MachineError::File { .. } | MachineError::Locked { .. })
            | Self::Process(_)
            | Self::CurrentFolder { .. }
            | Self::Output { .. } => Kind::External,
            Self::Cancelled => Kind::Cancelled,
        }
    }

    /// The file that the error is about, where it is about one.
    pub(crate) fn file(&self) -> Option<PathBuf> {
        match self {
            Self::Machine(
                MachineError::File { path, .. }
                | MachineError::TooLarge { path, .. }
                | MachineError::NotUtf8 { path, .. }
                | MachineError::Locked { path, .. },
            ) => Some(path.clone()),
            Self::Machine(MachineError::Variable { .. })
            | Self::Process(_)
            | Self::CurrentFolder { .. }
            | Self::Output { .. }
            | Self::Cancelled => None,
        }
    }
}
