//! `git mmm checkpoint approve` and `git mmm checkpoint reject`.

use crate::app::Error;
use crate::app::context::Context;
use crate::app::project::{Access, Project};
use crate::app::runs;
use crate::cli::checkpoint::name;
use crate::cli::commit::Commit;
use crate::cli::exit_code::ExitCode;
use crate::cli::output::Output;
use crate::cli::run::progress::Lines;
use crate::cli::run::session::Session;
use crate::model::run::event::Answer;

/// What it takes.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// `<run>/<number>`, a run, or nothing when only one run waits
    #[arg(value_name = "checkpoint")]
    checkpoint: Option<String>,
    /// Why, kept with the answer
    #[arg(
        short,
        long,
        value_name = "text",
        default_value = "",
        hide_default_value = true
    )]
    message: String,
    #[command(flatten)]
    commit: Commit,
}

/// Answers, and drives the run on.
pub(crate) fn run(
    context: &Context,
    output: &mut Output,
    arguments: &Args,
    answer: Answer,
) -> Result<ExitCode, Error> {
    let project = Project::open(context, Access::Write)?;
    let command = match answer {
        Answer::Approve => "approve",
        Answer::Reject => "reject",
    };
    let (summary, number) = name::find(&project, arguments.checkpoint.as_deref(), command)?;
    let mut session = Session::begin(&project, arguments.commit, &summary.spec_paths())?;
    let mut lines = Lines::new(output);
    let ended = runs::answer(
        context,
        &project,
        (summary.run, number),
        (answer, &arguments.message),
        &mut lines,
    )?;
    lines.finish()?;
    session.add(ended);
    session.report(context, output)
}
