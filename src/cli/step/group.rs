//! The commands of the group.

use clap::Subcommand;

use crate::app::Error;
use crate::app::context::Context;
use crate::cli::exit_code::ExitCode;
use crate::cli::output::Output;
use crate::cli::step::{git, notify};

/// Do what a step of a run says; started by the supervisor only
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: StepCommand,
}

#[derive(Debug, Subcommand)]
enum StepCommand {
    /// Change the repository as a `git` step says
    Git(git::Args),
    /// Deliver a notice
    Notify(notify::Args),
}

/// Runs the command that was asked for.
pub(crate) fn run(
    context: &Context,
    output: &mut Output,
    arguments: &Args,
) -> Result<ExitCode, Error> {
    match &arguments.command {
        StepCommand::Git(arguments) => git::run(context, output, arguments),
        StepCommand::Notify(arguments) => notify::run(context, output, arguments),
    }
}
