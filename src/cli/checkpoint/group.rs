//! The group `git mmm checkpoint`.

use clap::Subcommand;

use crate::app::Error;
use crate::app::context::Context;
use crate::cli::checkpoint::{answer, list, show};
use crate::cli::exit_code::ExitCode;
use crate::cli::output::Output;

/// What can be done with checkpoints.
#[derive(Debug, Subcommand)]
pub(crate) enum CheckpointCommand {
    /// List the checkpoints that wait for an answer
    List,
    /// Show what a checkpoint asks, and what changed since the commit
    Show(show::Args),
    /// Let a run go on
    Approve(answer::ApproveArgs),
    /// Refuse, which fails the step that asked and ends what depends on it
    Reject(answer::RejectArgs),
}

impl CheckpointCommand {
    /// Runs it.
    pub(crate) fn run(&self, context: &Context, output: &mut Output) -> Result<ExitCode, Error> {
        match self {
            Self::List => list::run(context, output),
            Self::Show(arguments) => show::run(context, output, arguments),
            Self::Approve(arguments) => answer::approve(context, output, arguments),
            Self::Reject(arguments) => answer::reject(context, output, arguments),
        }
    }
}
