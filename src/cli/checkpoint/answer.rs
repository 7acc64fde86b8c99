//! `git mmm checkpoint approve` and `git mmm checkpoint reject`.

use std::io::{self, IsTerminal as _};

use crate::app::Error;
use crate::app::answering;
use crate::app::context::Context;
use crate::app::project::{Access, Project};
use crate::app::runs;
use crate::cli::checkpoint::name;
use crate::cli::commit::Commit;
use crate::cli::exit_code::ExitCode;
use crate::cli::output::Output;
use crate::cli::run::progress::Lines;
use crate::cli::run::session::Session;
use crate::cli::spec::edit;
use crate::state::runs::RunSummary;
use crate::workflow::checkpoint::{self, Choice, Decision};

/// What approving takes.
#[derive(Debug, clap::Args)]
pub(crate) struct ApproveArgs {
    #[command(flatten)]
    reply: Reply,
    /// Which of its options, where several let the run go on
    #[arg(short, long, value_name = "option")]
    option: Option<String>,
}

/// What rejecting takes.
#[derive(Debug, clap::Args)]
pub(crate) struct RejectArgs {
    #[command(flatten)]
    reply: Reply,
}

/// What every answer takes.
#[derive(Debug, clap::Args)]
pub(crate) struct Reply {
    /// `<run>/<number>`, a run, or nothing when only one run waits
    #[arg(value_name = "checkpoint")]
    checkpoint: Option<String>,
    /// Why, kept with the answer; an editor opens where words are asked for and none are given
    #[arg(short, long, value_name = "text")]
    message: Option<String>,
    /// Refuse unless what it shows has this hash, or one that begins like this
    #[arg(long, value_name = "hash")]
    hash: Option<String>,
    #[command(flatten)]
    commit: Commit,
}

/// Lets the run go on.
pub(crate) fn approve(
    context: &Context,
    output: &mut Output,
    arguments: &ApproveArgs,
) -> Result<ExitCode, Error> {
    let choice = Choice::Approve(arguments.option.as_deref());
    run(context, output, (&arguments.reply, "approve"), choice)
}

/// Fails the step that asked.
pub(crate) fn reject(
    context: &Context,
    output: &mut Output,
    arguments: &RejectArgs,
) -> Result<ExitCode, Error> {
    run(
        context,
        output,
        (&arguments.reply, "reject"),
        Choice::Reject,
    )
}

/// Answers, and drives the run on.
fn run(
    context: &Context,
    output: &mut Output,
    (reply, command): (&Reply, &'static str),
    choice: Choice<'_>,
) -> Result<ExitCode, Error> {
    let project = Project::open(context, Access::Write)?;
    let (summary, number) = name::find(&project, reply.checkpoint.as_deref(), command)?;
    let written = match &reply.message {
        Some(_) => None,
        None => ask(&project, output, (&summary, number), choice)?,
    };
    let mut session = Session::begin(&project, reply.commit, &summary.spec_paths())?;
    let mut lines = Lines::new(output);
    let message = reply.message.as_ref().or(written.as_ref());
    let decision = Decision {
        choice,
        message: message.map_or("", String::as_str),
        hash: reply.hash.as_deref(),
    };
    let at = (summary.run, number);
    let ended = runs::answer(context, &project, at, &decision, &mut lines)?;
    lines.finish()?;
    session.add(ended);
    session.report(context, output)
}

/// The words of the person, where the checkpoint asks for some and there is somebody to ask.
fn ask(
    project: &Project,
    output: &Output,
    (summary, number): (&RunSummary, Option<u32>),
    choice: Choice<'_>,
) -> Result<Option<String>, Error> {
    if summary.status.is_finished() {
        return Ok(None);
    }
    let state = runs::state(project, summary)?;
    let known = checkpoint::find(summary.run, &state, number)?;
    let expired = known.is_expired(project.repository.clock().now_ms());
    if !known.opened.terms.text_required || expired {
        return Ok(None);
    }
    let option = checkpoint::option(summary.run, choice, &known.opened)?;
    if !(io::stdin().is_terminal() && io::stdout().is_terminal()) {
        return Ok(None);
    }
    let of = (summary.run, &known.opened);
    let written = answering::write(project, of, &option, (true, edit::prints(output)))?;
    Ok(Some(written))
}
