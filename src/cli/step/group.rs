//! The commands of the group.

use clap::Subcommand;

use crate::app::Error;
use crate::app::context::Context;
use crate::cli::exit_code::ExitCode;
use crate::cli::output::Output;
use crate::cli::step::{git, notify};

/// What a step can be that is no script.
#[derive(Debug, Subcommand)]
pub(crate) enum StepCommand {
    /// Change the repository as a `git` step says
    Git(git::Args),
    /// Deliver a notice
    Notify(notify::Args),
}

impl StepCommand {
    /// Runs it.
    pub(crate) fn run(&self, context: &Context, output: &mut Output) -> Result<ExitCode, Error> {
        match self {
            Self::Git(arguments) => git::run(context, output, arguments),
            Self::Notify(arguments) => notify::run(context, output, arguments),
        }
    }
}
