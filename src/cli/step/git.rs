//! The hidden command that does what a `git` step says.

use std::path::PathBuf;

use crate::app::Error;
use crate::app::context::Context;
use crate::base::text::visible;
use crate::cli::exit_code::ExitCode;
use crate::cli::output::Output;
use crate::workflow::git_step;

/// Change the repository as a `git` step says; started by the supervisor only
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The file that says what to do
    #[arg(value_name = "file")]
    file: PathBuf,
}

/// Runs it.
pub(crate) fn run(
    context: &Context,
    output: &mut Output,
    arguments: &Args,
) -> Result<ExitCode, Error> {
    let done = git_step::perform(&context.environment, &context.folder, &arguments.file);
    let (lines, result) = done;
    for line in &lines {
        output.line(visible(line));
    }
    match result {
        Ok(()) => Ok(ExitCode::Ok),
        Err(failure) => {
            // What git said comes before what that means.
            output.send()?;
            output.note(format!("error: {failure}"));
            Ok(ExitCode::No)
        }
    }
}
