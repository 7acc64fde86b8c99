//! `git mmm checkpoint show`.

use serde::Serialize;

use crate::app::Error;
use crate::app::context::Context;
use crate::app::project::{Access, Project};
use crate::app::runs;
use crate::app::runs::rfc3339;
use crate::base::text::{one_line, visible};
use crate::cli::checkpoint::name;
use crate::cli::exit_code::ExitCode;
use crate::cli::next::git_in;
use crate::cli::output::Output;
use crate::model::run::event::CheckpointKind;
use crate::state::work_tree::GoesOn;
use crate::workflow::checkpoint;

/// What it takes.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// `<run>/<number>`, a run, or nothing when only one run waits
    #[arg(value_name = "checkpoint")]
    checkpoint: Option<String>,
}

#[derive(Debug, Serialize)]
struct Shown {
    checkpoint: String,
    run: String,
    name: String,
    job: String,
    workflow: String,
    spec: Option<String>,
    message: String,
    edited: Vec<String>,
    branch: Option<String>,
    tree: String,
    hash: String,
    since: String,
    changed: String,
    /// Whether it can be answered in this work tree.
    here: bool,
    /// The work tree that it can be answered in, when it is another one.
    work_tree: Option<String>,
}

/// Runs it.
pub(crate) fn run(
    context: &Context,
    output: &mut Output,
    arguments: &Args,
) -> Result<ExitCode, Error> {
    let project = Project::open(context, Access::Write)?;
    let (summary, number) = name::find(&project, arguments.checkpoint.as_deref(), "show")?;
    let state = runs::state(&project, &summary)?;
    let known = checkpoint::find(summary.run, &state, number)?;
    let opened = &known.opened;
    let shown = Shown {
        checkpoint: format!("{}/{}", summary.run, opened.number),
        run: summary.run.to_string(),
        name: opened.name.clone(),
        job: opened.job.clone(),
        workflow: summary.workflow.clone(),
        spec: summary.spec.clone(),
        message: opened.message.clone(),
        edited: match &opened.kind {
            CheckpointKind::Edited(paths) => paths.clone(),
            CheckpointKind::Step | CheckpointKind::Conflict(_) => Vec::new(),
        },
        branch: opened.branch.clone(),
        tree: opened.tree.to_string(),
        hash: opened.hash.to_string(),
        since: rfc3339(known.opened_ms),
        changed: runs::checkpoint_changes(&project, &state, opened)?,
        here: summary.goes_on.is_here(),
        work_tree: name::elsewhere(&summary),
    };
    if output.is_json() {
        output.json("checkpoint", &shown, &[])?;
        return Ok(ExitCode::Ok);
    }
    output.line(format!(
        "checkpoint {} {}",
        shown.checkpoint,
        one_line(&shown.name)
    ));
    let mut field = |name: &str, value: Option<&str>| {
        if let Some(value) = value {
            output.line(format!("{name:<10}{}", one_line(value)));
        }
    };
    field("workflow", Some(&shown.workflow));
    field("spec", shown.spec.as_deref());
    // What was found changed before any step of the run belongs to no job.
    field(
        "job",
        Some(shown.job.as_str()).filter(|job| !job.is_empty()),
    );
    field("since", Some(&shown.since));
    field("branch", shown.branch.as_deref());
    field("shown", Some(&shown.hash));
    for line in shown.message.lines() {
        output.line(format!("  | {}", visible(line)));
    }
    output.text(&visible(&shown.changed));
    say_next(output, &shown, &summary.goes_on);
    Ok(ExitCode::Ok)
}

/// What can be done about it from here.
fn say_next(output: &mut Output, shown: &Shown, goes_on: &GoesOn) {
    let Shown {
        run, checkpoint, ..
    } = shown;
    let folder = match goes_on {
        GoesOn::Here | GoesOn::Moved => None,
        GoesOn::In(folder) => Some(folder.to_string_lossy()),
        // Nobody can answer it any more.
        GoesOn::Gone(_) => return output.line(format!("next: git mmm cancel {run}")),
        GoesOn::OtherClone => {
            output.line("it is answered in the clone that the run was started in");
            return output.line(format!("next: git mmm show {run}"));
        }
    };
    let git = git_in(folder.as_deref());
    output.line(visible(&format!(
        "next: {git} mmm checkpoint approve {checkpoint}\n  or: {git} mmm checkpoint reject {checkpoint}"
    )));
}
