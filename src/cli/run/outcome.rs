//! What is said when a run ends or stands still, and with which exit code.

use std::fmt::Write as _;

use serde::Serialize;

use crate::app::Error;
use crate::app::context::Context;
use crate::app::next::{self as advice, Advice};
use crate::app::project::Project;
use crate::app::runs::{left_branch, rfc3339};
use crate::app::specs::Shelf;
use crate::base::ids::RunId;
use crate::base::text::{counted, visible};
use crate::cli::exit_code::ExitCode;
use crate::cli::next::command;
use crate::cli::output::Output;
use crate::cli::run::progress::criterion_title;
use crate::cli::run::session::Driven;
use crate::cli::run::words::{duration, status_style};
use crate::model::run::event::{AFTER, BEFORE, VerificationPhase};
use crate::model::run::{Outcome, RunState, RunStatus};
use crate::workflow::naming::{job_title, step_title};
use crate::workflow::pinned::Pinned;
use crate::workflow::resume::Ended;

/// A run as `--json` shows it.
#[derive(Debug, Serialize)]
pub(crate) struct RunJson {
    run: String,
    workflow: String,
    spec: Option<String>,
    /// The run that it does again.
    #[serde(skip_serializing_if = "Option::is_none")]
    again: Option<String>,
    status: &'static str,
    started: String,
    elapsed_ms: u64,
    criteria: Vec<CriterionJson>,
    checkpoint: Option<CheckpointJson>,
    /// The branch with its work that waits to be merged, where it was done apart.
    work: Option<String>,
    /// The commit of what it left under `.mmm/`, where one was asked for.
    commit: Option<String>,
}

#[derive(Debug, Serialize)]
struct CriterionJson {
    id: String,
    text: String,
    before: Option<&'static str>,
    after: Option<&'static str>,
}

#[derive(Debug, Serialize)]
struct CheckpointJson {
    number: u32,
    name: String,
    message: String,
    branch: Option<String>,
    hash: String,
}

/// The exit code of a run.
pub(crate) fn exit_code(status: RunStatus) -> ExitCode {
    match status {
        RunStatus::Finished(Outcome::Success | Outcome::Skipped) => ExitCode::Ok,
        RunStatus::Finished(Outcome::Failure) | RunStatus::Running => ExitCode::No,
        RunStatus::Finished(Outcome::Cancelled) => ExitCode::Interrupted,
        RunStatus::Waiting | RunStatus::Expired | RunStatus::Lost | RunStatus::Interrupted => {
            ExitCode::Waiting
        }
    }
}

/// The data of a run, with the branch that holds work of it.
pub(crate) fn json(driven: &Driven, work: Option<String>) -> RunJson {
    let Driven { ended, commit } = driven;
    let start = ended.state.start.as_ref();
    let spec = start.and_then(|start| start.spec.as_ref());
    let criteria = ended.pinned.spec.iter().flat_map(|spec| &spec.criteria);
    let checkpoint = ended.state.open_checkpoint().map(|known| CheckpointJson {
        number: known.opened.number,
        name: known.opened.name.clone(),
        message: known.opened.message.clone(),
        branch: known.opened.branch.clone(),
        hash: known.opened.hash.to_string(),
    });
    RunJson {
        run: ended.run.to_string(),
        workflow: start
            .map(|start| start.workflow.clone())
            .unwrap_or_default(),
        spec: spec.map(|spec| format!("{}-{}", spec.slug, spec.id)),
        again: start.and_then(|start| Some(start.again?.to_string())),
        status: ended.status.as_str(),
        started: rfc3339(ended.state.started_ms),
        elapsed_ms: ended.state.last_ms.saturating_sub(ended.state.started_ms),
        criteria: criteria
            .map(|criterion| {
                let of = |phase| ended.state.criterion_outcome(phase, &criterion.id);
                CriterionJson {
                    id: criterion.id.to_string(),
                    text: criterion.text.clone(),
                    before: of(VerificationPhase::Before).map(Outcome::as_str),
                    after: of(VerificationPhase::After).map(Outcome::as_str),
                }
            })
            .collect(),
        checkpoint: checkpoint.filter(|_| ended.status == RunStatus::Waiting),
        work,
        commit: commit.as_ref().map(ToString::to_string),
    }
}

/// A run as far as it is told of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Standing<'a> {
    /// The run.
    pub(crate) run: RunId,
    /// Where it stands.
    pub(crate) status: RunStatus,
    /// All that is known of it.
    pub(crate) state: &'a RunState,
    /// What it goes by, where that can be read.
    pub(crate) pinned: Option<&'a Pinned>,
}

impl<'a> From<&'a Ended> for Standing<'a> {
    fn from(ended: &'a Ended) -> Self {
        Self {
            run: ended.run,
            status: ended.status,
            state: &ended.state,
            pinned: Some(&ended.pinned),
        }
    }
}

/// How a run stands, in one line; `word` is its status.
pub(crate) fn line(standing: Standing<'_>, word: &str) -> String {
    let Standing { run, state, .. } = standing;
    let elapsed = state.last_ms.saturating_sub(state.started_ms);
    let mut text = format!("run {run} {word} in {}", duration(elapsed));
    let spec = standing.pinned.and_then(|pinned| pinned.spec.as_ref());
    if let Some(spec) = spec
        && spec.criteria.is_empty()
    {
        text.push_str(", no criteria to prove");
    } else if let Some(spec) = spec {
        let proved = spec
            .criteria
            .iter()
            .filter(|criterion| {
                let after = state.criterion_outcome(VerificationPhase::After, &criterion.id);
                after == Some(Outcome::Success)
            })
            .count();
        let _ = write!(
            text,
            ", {proved} of {} proved",
            counted(spec.criteria.len(), "criterion").replace("criterions", "criteria")
        );
    }
    text
}

/// Says how a run stands.
pub(crate) fn tell(output: &mut Output, ended: &Ended) -> Result<(), Error> {
    let word = output.paint(status_style(ended.status), ended.status.as_str());
    output.line(line(ended.into(), &word));
    if ended.status == RunStatus::Lost {
        for attempt in ended.state.lost_attempts() {
            let title = match attempt.job.as_str() {
                BEFORE | AFTER => criterion_title(&ended.pinned, &attempt.step),
                _ => step_title(&ended.pinned, &ended.state, (&attempt.job, &attempt.step)),
            };
            output.line(visible(&format!(
                "nobody knows how `{} / {title}` ended; it may have done its work",
                job_title(Some(&ended.pinned), &ended.state, &attempt.job)
            )));
        }
    }
    output.send()
}

/// The one command to type after runs of one call: what the one that went worst needs.
pub(crate) fn next(
    context: &Context,
    project: &Project,
    driven: &[Driven],
) -> Result<Option<String>, Error> {
    let worst = driven.iter().map(|driven| &driven.ended).rev();
    let Some(ended) = worst.max_by_key(|ended| exit_code(ended.status)) else {
        return Ok(None);
    };
    next_of(context, project, ended.into(), None)
}

/// The one command to type about a run; `elsewhere` is the work tree that it goes on in, when that
/// is another one.
pub(crate) fn next_of(
    context: &Context,
    project: &Project,
    standing: Standing<'_>,
    elsewhere: Option<String>,
) -> Result<Option<String>, Error> {
    let Standing { run, status, .. } = standing;
    let spec = standing.pinned.and_then(|pinned| pinned.spec.as_ref());
    let of_run = match status {
        RunStatus::Waiting => {
            let open = standing.state.open_checkpoint();
            let number = open.map_or(String::new(), |known| format!("/{}", known.opened.number));
            Advice::LookAt {
                checkpoint: format!("{run}{number}"),
            }
        }
        RunStatus::Expired | RunStatus::Lost | RunStatus::Interrupted => Advice::Resume {
            run,
            rerun_lost: status == RunStatus::Lost,
            elsewhere,
        },
        RunStatus::Running => Advice::Follow(run),
        RunStatus::Finished(Outcome::Success)
            if let Some(branch) = left_branch(project, run, standing.pinned)? =>
        {
            return Ok(Some(format!("git merge {branch}")));
        }
        RunStatus::Finished(Outcome::Success) => match spec {
            Some(spec) => {
                let shelf = Shelf::of(context, project)?;
                match advice::of_spec(project, &shelf, &spec.id)? {
                    Some(advice) => advice,
                    None => return Ok(Some(format!("git mmm spec show {}", spec.id))),
                }
            }
            None => return Ok(Some(format!("git mmm show {run}"))),
        },
        RunStatus::Finished(_) => return Ok(Some(format!("git mmm log {run}"))),
    };
    Ok(Some(command(&of_run)))
}
