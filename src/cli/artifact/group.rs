//! The commands of the group.

use clap::Subcommand;

use crate::app::Error;
use crate::app::context::Context;
use crate::cli::artifact::get;
use crate::cli::artifact::list;
use crate::cli::exit_code::ExitCode;
use crate::cli::output::Output;

/// Manage artifacts, the files that runs kept: list them, get them
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: ArtifactCommand,
}

#[derive(Debug, Subcommand)]
enum ArtifactCommand {
    /// Write the files of an artifact into a folder
    Get(get::Args),
    /// List the artifacts of a run
    List(list::Args),
}

/// Runs the command that was asked for.
pub(crate) fn run(
    context: &Context,
    output: &mut Output,
    arguments: &Args,
) -> Result<ExitCode, Error> {
    match &arguments.command {
        ArtifactCommand::Get(arguments) => get::run(context, output, arguments),
        ArtifactCommand::List(arguments) => list::run(context, output, arguments),
    }
}
