//! The hidden command that delivers the notice of a `notify` step.

use std::path::PathBuf;

use crate::app::Error;
use crate::app::context::Context;
use crate::app::notify;
use crate::cli::exit_code::ExitCode;
use crate::cli::output::{Output, write_data};

/// Deliver a notice; started by the supervisor only
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The file with the notice
    #[arg(value_name = "file")]
    file: PathBuf,
}

/// Runs it.
pub(crate) fn run(
    context: &Context,
    output: &mut Output,
    arguments: &Args,
) -> Result<ExitCode, Error> {
    let mut written = Ok(());
    let delivered = notify::deliver(context, &arguments.file, &mut |line| {
        // An attempt is seen when it is over, not when all are.
        let told = write_data(&format!("{line}\n"));
        if written.is_ok() {
            written = told;
        }
    });
    written?;
    match delivered {
        Ok(()) => Ok(ExitCode::Ok),
        Err(failure) => {
            output.note(format!("error: {failure}"));
            if let Some(hint) = failure.hint() {
                output.note(format!("hint: {hint}"));
            }
            Ok(ExitCode::No)
        }
    }
}
