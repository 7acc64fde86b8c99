//! Runs as commands see them: started, taken up, answered, found.

use crate::app::Error;
use crate::app::context::Context;
use crate::app::project::Project;
use crate::app::supervise;
use crate::base::diagnostic::Problem;
use crate::base::ids::RunId;
use crate::git;
use crate::model::run::event::{Answer, CheckpointOpened};
use crate::model::run::{RunState, RunStatus};
use crate::model::spec::Spec;
use crate::state::runs::{self, BadRun, RunSummary, Runs};
use crate::workflow::checkpoint::{self, Decision};
use crate::workflow::resume::{self, Ended, Lost};
use crate::workflow::start::{self, NewRun};
use crate::workflow::{Error as WorkflowError, Observer, Workshop, cancel, catalog};

/// Variables that hold secrets wherever they are set; their values are always masked.
const SECRET_VARIABLES: [&str; 8] = [
    "ANTHROPIC_API_KEY",
    "ANTHROPIC_AUTH_TOKEN",
    "AWS_SECRET_ACCESS_KEY",
    "CARGO_REGISTRY_TOKEN",
    "CLAUDE_CODE_OAUTH_TOKEN",
    "GH_TOKEN",
    "GITHUB_TOKEN",
    "NPM_TOKEN",
];

/// The values that are masked wherever output is kept or shown.
pub(crate) fn masked(context: &Context, project: &Project) -> Vec<String> {
    let names = project.settings.mask.iter().map(String::as_str);
    names
        .chain(SECRET_VARIABLES)
        .filter_map(|name| context.environment.var(name))
        .map(str::to_owned)
        .collect()
}

// Times as text; `cli` reaches the clock through here.
pub(crate) use crate::sys::clock::rfc3339;

/// What engines work with in this project.
fn workshop<'a>(context: &'a Context, project: &'a Project) -> Result<Workshop<'a>, Error> {
    let program = std::env::current_exe().map_err(|source| Error::CurrentProgram { source })?;
    let settings = &project.settings;
    let known = project.about.as_ref();
    Ok(Workshop {
        repository: &project.repository,
        local: project.local.clone(),
        files: &project.files,
        place: project.place()?,
        clock: context.clock,
        identifiers: &context.identifiers,
        supervisor: (program, vec![supervise::COMMAND.to_owned()]),
        interrupts: context.interrupts()?,
        environment: &context.environment,
        parallel_jobs: settings.parallel_jobs,
        masked: masked(context, project),
        project: known.map(|known| (known.name.clone(), known.id.to_string())),
    })
}

/// Starts a run of a workflow, for a spec or for none, and drives it.
pub(crate) fn start(
    context: &Context,
    project: &Project,
    workflow: &str,
    spec: Option<&Spec>,
    observer: &mut dyn Observer,
) -> Result<Ended, Error> {
    project.require_writable()?;
    project.require_settings()?;
    let shop = workshop(context, project)?;
    observe_ids(context, project)?;
    let source = catalog::load(&project.files, workflow)?;
    let new = NewRun {
        workflow,
        source: &source,
        spec,
    };
    let run = start::create(&shop, &new)?;
    Ok(resume::take_up(&shop, run, Lost::Park, observer)?)
}

/// Takes a run up again.
pub(crate) fn resume(
    context: &Context,
    project: &Project,
    run: RunId,
    lost: Lost,
    observer: &mut dyn Observer,
) -> Result<Ended, Error> {
    project.require_writable()?;
    project.require_settings()?;
    let shop = workshop(context, project)?;
    Ok(resume::take_up(&shop, run, lost, observer)?)
}

/// Answers a checkpoint and lets the run go on, or end, if nothing else holds it.
pub(crate) fn answer(
    context: &Context,
    project: &Project,
    (run, number): (RunId, Option<u32>),
    (answer, message): (Answer, &str),
    observer: &mut dyn Observer,
) -> Result<Ended, Error> {
    project.require_writable()?;
    project.require_settings()?;
    let shop = workshop(context, project)?;
    checkpoint::answer(&shop, run, number, &Decision { answer, message })?;
    Ok(resume::take_up(&shop, run, Lost::Park, observer)?)
}

/// Cancels a run and tells how it ended.
pub(crate) fn cancel(
    context: &Context,
    project: &Project,
    run: RunId,
    observer: &mut dyn Observer,
) -> Result<RunStatus, Error> {
    project.require_writable()?;
    project.require_settings()?;
    let shop = workshop(context, project)?;
    let before = find(project, Some(&run.to_string()))?;
    if before.status.is_finished() {
        let status = before.status;
        return Err(WorkflowError::Over { run, status }.into());
    }
    cancel::cancel(&shop, run, observer)?;
    Ok(find(project, Some(&run.to_string()))?.status)
}

/// All runs.
pub(crate) fn list(project: &Project) -> Result<Runs, Error> {
    Ok(runs::list(&project.repository, &project.local)?)
}

/// A run that cannot be read, as a problem.
pub(crate) fn problem(bad: &BadRun) -> Problem {
    Problem::in_file("bad-run", bad.name.as_str(), bad.reason.as_str())
}

/// The run that a text means: an id or a unique prefix of one; none means the newest.
pub(crate) fn find(project: &Project, text: Option<&str>) -> Result<RunSummary, Error> {
    let all = list(project)?.runs;
    let Some(text) = text else {
        return all.into_iter().next().ok_or_else(|| {
            let text = "the newest".to_owned();
            WorkflowError::NoRun { text }.into()
        });
    };
    let wanted = text.to_ascii_lowercase();
    let fits = |summary: &RunSummary| summary.run.to_string().starts_with(&wanted);
    let mut fitting: Vec<RunSummary> = all.into_iter().filter(fits).collect();
    match fitting.len() {
        1 if !wanted.is_empty() => Ok(fitting.remove(0)),
        0 => Err(WorkflowError::NoRun {
            text: text.to_owned(),
        }
        .into()),
        _ => Err(WorkflowError::AmbiguousRun {
            text: text.to_owned(),
            candidates: fitting.into_iter().map(|summary| summary.run).collect(),
        }
        .into()),
    }
}

/// Everything that is known of a run.
pub(crate) fn state(project: &Project, summary: &RunSummary) -> Result<RunState, Error> {
    let events = runs::events(&project.repository, summary)?;
    Ok(RunState::fold(&events))
}

/// The runs that wait for a person, with all that is known of them.
pub(crate) fn waiting(project: &Project) -> Result<Vec<(RunSummary, RunState)>, Error> {
    let runs = list(project)?.runs.into_iter();
    runs.filter(|summary| summary.status == RunStatus::Waiting)
        .map(|summary| {
            let state = state(project, &summary)?;
            Ok((summary, state))
        })
        .collect()
}

/// The one run that waits for a person.
pub(crate) fn only_waiting(project: &Project) -> Result<RunSummary, Error> {
    let mut waiting = list(project)?.runs;
    waiting.retain(|summary| summary.status == RunStatus::Waiting);
    match waiting.len() {
        1 => Ok(waiting.remove(0)),
        0 => Err(Error::NothingWaits),
        _ => Err(WorkflowError::AmbiguousRun {
            text: "the run that waits".to_owned(),
            candidates: waiting.into_iter().map(|summary| summary.run).collect(),
        }
        .into()),
    }
}

/// A file of a run by its name in the run's folder.
pub(crate) fn file(
    project: &Project,
    summary: &RunSummary,
    name: &str,
) -> Result<Option<Vec<u8>>, Error> {
    Ok(runs::read_file(&project.repository, summary, name)?)
}

/// What a checkpoint's snapshot changes since the commit that the run began on: a summary by
/// file. Nothing in a repository without a commit.
pub(crate) fn checkpoint_changes(
    project: &Project,
    state: &RunState,
    opened: &CheckpointOpened,
) -> Result<String, Error> {
    let base = state.start.as_ref().and_then(|start| start.base.as_ref());
    match (base, &opened.branch) {
        (Some(base), Some(branch)) => {
            let branch = format!("refs/heads/{branch}");
            Ok(git::patch::summary(&project.repository, base, &branch)?)
        }
        _ => Ok(String::new()),
    }
}

/// New runs sort after all that are here, even when the clock was set back.
fn observe_ids(context: &Context, project: &Project) -> Result<(), Error> {
    if let Some(newest) = list(project)?.runs.first() {
        context.identifiers.observe(newest.run.timestamp_ms());
    }
    Ok(())
}
