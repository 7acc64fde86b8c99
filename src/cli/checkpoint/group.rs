//! The commands of the group.

use clap::Subcommand;

use crate::app::Error;
use crate::app::context::Context;
use crate::cli::checkpoint::answer;
use crate::cli::checkpoint::list;
use crate::cli::checkpoint::show;
use crate::cli::exit_code::ExitCode;
use crate::cli::output::Output;

/// Manage checkpoints: list what waits for you, look at it, answer it
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: CheckpointCommand,
}

#[derive(Debug, Subcommand)]
enum CheckpointCommand {
    /// List the checkpoints that wait for an answer
    List,
    /// Show what a checkpoint asks, and what changed since the commit
    Show(show::Args),
    /// Let a run go on
    Approve(answer::ApproveArgs),
    /// Refuse, which fails the step that asked and ends what depends on it
    Reject(answer::RejectArgs),
}

/// Runs the command that was asked for.
pub(crate) fn run(
    context: &Context,
    output: &mut Output,
    arguments: &Args,
) -> Result<ExitCode, Error> {
    match &arguments.command {
        CheckpointCommand::List => list::run(context, output),
        CheckpointCommand::Show(arguments) => show::run(context, output, arguments),
        CheckpointCommand::Approve(arguments) => answer::approve(context, output, arguments),
        CheckpointCommand::Reject(arguments) => answer::reject(context, output, arguments),
    }
}
