//! `git mmm checkpoint show`.

use serde::Serialize;

use crate::app::Error;
use crate::app::context::Context;
use crate::app::project::{Access, Project};
use crate::app::runs;
use crate::app::runs::{Signature, rfc3339};
use crate::base::text::{one_line, visible};
use crate::cli::checkpoint::name;
use crate::cli::checkpoint::signature::{self, SignatureJson};
use crate::cli::checkpoint::terms;
use crate::cli::checkpoint::words;
use crate::cli::exit_code::ExitCode;
use crate::cli::next::git_in;
use crate::cli::output::Output;
use crate::model::run::RunState;
use crate::model::run::event::{CheckpointKind, CheckpointOpened};
use crate::model::run::state::CheckpointState;
use crate::model::run::terms::timeout_word;
use crate::state::runs::RunSummary;
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
    number: u32,
    name: String,
    job: String,
    workflow: String,
    spec: Option<String>,
    message: String,
    edited: Vec<String>,
    /// The paths in conflict that it asks to be solved.
    conflicts: Vec<String>,
    branch: Option<String>,
    tree: String,
    hash: String,
    since: String,
    options: Vec<String>,
    text_required: bool,
    approvers: Vec<String>,
    /// Until when it can be answered.
    expires: Option<String>,
    /// What follows then.
    on_timeout: Option<&'static str>,
    /// Whether that is over, and nobody has answered.
    expired: bool,
    /// The option that was chosen; `option` is its name in `show` too.
    answer: Option<String>,
    option: Option<String>,
    who: Option<String>,
    answered: Option<String>,
    comment: Option<String>,
    signature: Option<SignatureJson>,
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
    let known = checkpoint::find_any(summary.run, &state, number)?;
    let signature = runs::signature(&project, summary.run, known)?;
    let shown = shown(&project, (&summary, &state), known, signature.as_ref())?;
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
    for (name, text) in terms::lines(&known.opened) {
        field(name, Some(&text));
    }
    field("branch", shown.branch.as_deref());
    field("shown", Some(&shown.hash));
    for line in shown.message.lines() {
        output.line(format!("  | {}", visible(line)));
    }
    output.text(&visible(&shown.changed));
    if known.answered.is_some() {
        output.line(words::answer(known, signature.as_ref()));
        for line in shown.comment.iter().flat_map(|text| text.lines()) {
            output.line(format!("  | {}", visible(line)));
        }
    } else if shown.expired {
        output.line("expired: nobody answered in time");
        output.line(format!("next: git mmm run --resume {}", shown.run));
    } else {
        say_next(output, &shown, (&known.opened, &summary.goes_on));
    }
    Ok(ExitCode::Ok)
}

/// Everything that is shown of a checkpoint.
fn shown(
    project: &Project,
    (summary, state): (&RunSummary, &RunState),
    known: &CheckpointState,
    signature: Option<&Signature>,
) -> Result<Shown, Error> {
    let opened = &known.opened;
    let terms = &opened.terms;
    let answered = known.answered.as_ref();
    let now = project.repository.clock().now_ms();
    Ok(Shown {
        checkpoint: format!("{}/{}", summary.run, opened.number),
        run: summary.run.to_string(),
        number: opened.number,
        name: opened.name.clone(),
        job: opened.job.clone(),
        workflow: summary.workflow.clone(),
        spec: summary.spec.clone(),
        message: opened.message.clone(),
        edited: match &opened.kind {
            CheckpointKind::Step | CheckpointKind::Conflict(_) => Vec::new(),
            CheckpointKind::Edited(paths) => paths.clone(),
        },
        conflicts: match &opened.kind {
            CheckpointKind::Step | CheckpointKind::Edited(_) => Vec::new(),
            CheckpointKind::Conflict(paths) => paths.clone(),
        },
        branch: opened.branch.clone(),
        tree: opened.tree.to_string(),
        hash: opened.hash.to_string(),
        since: rfc3339(known.opened_ms),
        options: terms.options.clone(),
        text_required: terms.text_required,
        approvers: terms.approvers.clone(),
        expires: terms.expires_ms.map(rfc3339),
        on_timeout: terms.expires_ms.map(|_| timeout_word(terms.on_timeout)),
        expired: known.is_expired(now),
        answer: answered.map(|answered| answered.option.clone()),
        option: answered.map(|answered| answered.option.clone()),
        who: answered.map(|answered| answered.who.clone()),
        answered: known.answered_at_ms().map(rfc3339),
        comment: answered.map(|answered| answered.message.clone()),
        signature: signature.map(signature::json),
        // Its branch may be gone.
        changed: match answered {
            Some(_) => String::new(),
            None => runs::checkpoint_changes(project, state, opened)?,
        },
        here: summary.goes_on.is_here(),
        work_tree: name::elsewhere(summary),
    })
}

/// What can be done about it from here.
fn say_next(output: &mut Output, shown: &Shown, (opened, goes_on): (&CheckpointOpened, &GoesOn)) {
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
    let commands = terms::commands(&git, checkpoint, &opened.terms);
    output.line(visible(&format!("next: {}", commands.join("\n  or: "))));
}
