//! The hidden command that owns the steps of a run; only the engine starts it.

use std::path::PathBuf;

use clap::Args;

use crate::app::Error;
use crate::app::context::Context;
use crate::app::supervise;
use crate::cli::exit_code::ExitCode;

/// Own the steps of a run; started by the engine only
#[derive(Debug, Args)]
pub(crate) struct SuperviseArguments {
    /// The folder of the run
    #[arg(value_name = "folder")]
    folder: PathBuf,
}

/// Runs it.
pub(crate) fn run(context: &Context, arguments: &SuperviseArguments) -> Result<ExitCode, Error> {
    supervise::supervise(context, &arguments.folder)?;
    Ok(ExitCode::Ok)
}
