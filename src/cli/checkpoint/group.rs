//! The commands of the group.

use clap::{Args, Subcommand};

use crate::app::Error;
use crate::app::context::Context;
use crate::cli::checkpoint::answer::{self, AnswerArguments};
use crate::cli::checkpoint::list;
use crate::cli::checkpoint::show::{self, ShowArguments};
use crate::cli::exit_code::ExitCode;
use crate::cli::output::Output;
use crate::model::run::event::Answer;

/// Manage checkpoints: list what waits for you, look at it, answer it
#[derive(Debug, Args)]
pub(crate) struct CheckpointArguments {
    #[command(subcommand)]
    command: CheckpointCommand,
}

#[derive(Debug, Subcommand)]
enum CheckpointCommand {
    /// List the checkpoints that wait for an answer
    List,
    /// Show what a checkpoint asks, and what changed since the commit
    Show(ShowArguments),
    /// Let a run go on
    Approve(AnswerArguments),
    /// Refuse, which fails the step that asked and ends what depends on it
    Reject(AnswerArguments),
}

/// Runs the command that was asked for.
pub(crate) fn run(
    context: &Context,
    output: &mut Output,
    arguments: &CheckpointArguments,
) -> Result<ExitCode, Error> {
    match &arguments.command {
        CheckpointCommand::List => list::run(context, output),
        CheckpointCommand::Show(arguments) => show::run(context, output, arguments),
        CheckpointCommand::Approve(arguments) => {
            answer::run(context, output, arguments, Answer::Approve)
        }
        CheckpointCommand::Reject(arguments) => {
            answer::run(context, output, arguments, Answer::Reject)
        }
    }
}
