//! The root of the command line.

use std::fmt::Write as _;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};

use crate::app::terminal::When;
use crate::cli::artifact::ArtifactCommand;
use crate::cli::checkpoint::CheckpointCommand;
use crate::cli::exit_code::ExitCode;
use crate::cli::spec::SpecCommand;
use crate::cli::step::StepCommand;
use crate::cli::workflow::WorkflowCommand;
use crate::cli::{check, debug, init, quickstart, run, status, supervise};

/// Drive specs through workflows until their criteria are proved; every bit of state is in Git
#[derive(Debug, Parser)]
#[command(
    name = "git-mmm",
    bin_name = "git mmm",
    version,
    disable_help_flag = true,
    disable_help_subcommand = true,
    after_help = exit_codes()
)]
pub(crate) struct Arguments {
    /// What every command takes.
    #[command(flatten)]
    pub(crate) common: Common,
    /// The command; none is the overview.
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// The heading of what every command takes.
const COMMON: &str = "Common options";

/// The exit codes, for the end of the help.
fn exit_codes() -> String {
    let mut text = "\
Paths under `.mmm/` are printed and taken from the top of the work tree.

Exit codes:"
        .to_owned();
    for code in ExitCode::ALL {
        // Writing into a text does not fail.
        let _ = write!(text, "\n  {:<3}  {}", code.number(), code.meaning());
    }
    text
}

/// What every command takes.
#[derive(Clone, Copy, Debug, Default, Args)]
pub(crate) struct Common {
    /// Print one JSON envelope instead of text
    #[arg(long, global = true, help_heading = COMMON)]
    pub(crate) json: bool,
    /// Colour the output: by default as `color.mmm`, `color.ui` and `NO_COLOR` say
    #[arg(long, global = true, value_name = "when", help_heading = COMMON)]
    pub(crate) color: Option<ColorChoice>,
    /// Print help; `git mmm help <command>` prints more of it
    #[arg(short, long, global = true, action = ArgAction::Help, help_heading = COMMON)]
    pub(crate) help: Option<bool>,
}

/// When to colour.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ColorChoice {
    /// Also into files and pipes
    Always,
    /// On terminals
    Auto,
    /// Nowhere
    Never,
}

impl From<ColorChoice> for When {
    fn from(choice: ColorChoice) -> Self {
        match choice {
            ColorChoice::Always => Self::Always,
            ColorChoice::Auto => Self::Auto,
            ColorChoice::Never => Self::Never,
        }
    }
}

/// The commands; each variant holds the arguments of one.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Manage artifacts, the files that runs kept: list them, get them
    #[command(subcommand)]
    Artifact(ArtifactCommand),
    Cancel(run::cancel::Args),
    /// Check everything under `.mmm/`, for CI: writes nothing
    Check(check::Args),
    /// Manage checkpoints: list what waits for you, look at it, answer it
    #[command(subcommand)]
    Checkpoint(CheckpointCommand),
    Debug(debug::Args),
    Init(init::Args),
    Log(run::log::Args),
    Quickstart(quickstart::Args),
    Rerun(run::rerun::Args),
    Run(run::start::Args),
    Runs(run::runs::Args),
    Show(run::show::Args),
    /// Manage specs
    #[command(subcommand)]
    Spec(SpecCommand),
    Status(status::Args),
    /// Do what a step of a run says; started by the supervisor only
    #[command(hide = true, subcommand)]
    Step(StepCommand),
    #[command(hide = true)]
    Supervise(supervise::Args),
    /// Manage workflows
    #[command(subcommand)]
    Workflow(WorkflowCommand),
}

#[cfg(test)]
mod tests {
    use super::Arguments;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }
}
