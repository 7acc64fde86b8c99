//! The hidden command that owns the steps of a run; only the engine starts it.

use std::path::PathBuf;

use crate::app::Error;
use crate::app::context::Context;
use crate::app::supervise;
use crate::cli::exit_code::ExitCode;

/// Own the steps of a run; started by the engine only
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The folder of the run
    #[arg(value_name = "folder")]
    folder: PathBuf,
}

/// Runs it.
pub(crate) fn run(context: &Context, arguments: &Args) -> Result<ExitCode, Error> {
    supervise::supervise(context, &arguments.folder)?;
    Ok(ExitCode::Ok)
}
