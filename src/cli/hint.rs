//! What to do about an error, computed from its facts.

use std::io::ErrorKind;

use crate::app::Error;
use crate::app::error::{MachineError, ProcessError};

/// The hint for an error, where there is something to do.
pub(crate) fn of(error: &Error) -> Option<String> {
    match error {
        Error::Machine(error) => machine(error),
        Error::Process(error) => process(error),
        Error::CurrentFolder { .. } => {
            Some("the folder may have been removed: change into one that exists".to_owned())
        }
        Error::Output { source } => file(source.kind()).map(str::to_owned),
        Error::Cancelled => None,
    }
}

fn machine(error: &MachineError) -> Option<String> {
    match error {
        MachineError::File { source, .. } => file(source.kind()).map(str::to_owned),
        MachineError::TooLarge { .. } => {
            Some("no file of this kind is that large: was it replaced by mistake?".to_owned())
        }
        MachineError::NotUtf8 { .. } => Some("save the file as UTF-8".to_owned()),
        MachineError::Locked { holder, .. } => Some(match holder.trim() {
            "" => "wait for the other `git mmm` to end, then try again".to_owned(),
            holder => format!("wait until it is done, then try again: {holder}"),
        }),
        MachineError::Variable { name, .. } => {
            Some(format!("`unset {name}`, or give it a value of that form"))
        }
    }
}

fn process(error: &ProcessError) -> Option<String> {
    match error {
        ProcessError::Start { program, source } if source.kind() == ErrorKind::NotFound => {
            Some(format!("install `{program}`, or put its folder into PATH"))
        }
        ProcessError::Start { .. }
        | ProcessError::Pipe { .. }
        | ProcessError::Timeout { .. }
        | ProcessError::Output { .. } => None,
    }
}

fn file(kind: ErrorKind) -> Option<&'static str> {
    match kind {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            Some("make room on the disk, then try again: nothing was lost")
        }
        ErrorKind::ReadOnlyFilesystem => Some("the file system is mounted read-only"),
        ErrorKind::PermissionDenied => Some("check who owns the file, with `ls -l`"),
        _ => None,
    }
}
