//! The entry of the process that delivers a notice.

use std::path::Path;

use crate::app::context::Context;
use crate::state::format::notice_v1;
use crate::sys::files;
use crate::workflow::notify::{self, Courier};

/// Why a notice was not delivered.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The file cannot be read.
    #[error(transparent)]
    File(#[from] crate::sys::Error),
    /// The file is not a notice.
    #[error("the file of the step cannot be used: {0}")]
    Format(#[from] notice_v1::Error),
    /// It reached nobody.
    #[error(transparent)]
    Notify(#[from] notify::Error),
}

impl Failure {
    /// What to do about it.
    pub(crate) fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Notify(error) => error.hint(),
            _ => None,
        }
    }
}

/// Delivers the notice in a file; `say` prints a line at once.
pub(crate) fn deliver(
    context: &Context,
    file: &Path,
    say: &mut dyn FnMut(&str),
) -> Result<(), Failure> {
    let notice = notice_v1::read(&files::read_bytes(file, notice_v1::BYTES)?)?;
    let mut courier = Courier {
        environment: &context.environment,
        clock: context.clock,
        identifiers: &context.identifiers,
        say,
    };
    Ok(courier.deliver(&notice)?)
}
