//! The group `git mmm artifact`.

use clap::Subcommand;

use crate::app::Error;
use crate::app::context::Context;
use crate::cli::artifact::{get, list};
use crate::cli::exit_code::ExitCode;
use crate::cli::output::Output;

/// What can be done with artifacts.
#[derive(Debug, Subcommand)]
pub(crate) enum ArtifactCommand {
    /// Write the files of an artifact into a folder
    Get(get::Args),
    /// List the artifacts of a run
    List(list::Args),
}

impl ArtifactCommand {
    /// Runs it.
    pub(crate) fn run(&self, context: &Context, output: &mut Output) -> Result<ExitCode, Error> {
        match self {
            Self::Get(arguments) => get::run(context, output, arguments),
            Self::List(arguments) => list::run(context, output, arguments),
        }
    }
}
