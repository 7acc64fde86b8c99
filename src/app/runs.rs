//! Runs as commands see them: started, taken up, answered, found.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::path::PathBuf;

use crate::app::Error;
use crate::app::answering;
use crate::app::context::Context;
use crate::app::program;
use crate::app::project::Project;
use crate::app::supervise;
use crate::base::diagnostic::{Place, Problem};
use crate::base::ids::{ObjectId, RunId};
use crate::git;
use crate::model::expression::Value;
use crate::model::run::event::CheckpointOpened;
use crate::model::run::state::CheckpointState;
use crate::model::run::tries::Tries;
use crate::model::run::{Outcome, RunState, RunStatus};
use crate::model::spec::Spec;
use crate::state::layout::StatePath;
use crate::state::run_folder::RunFolder;
use crate::state::runs::{self, BadRun, RunSummary};
use crate::state::save;
use crate::state::work_tree::GoesOn;

// `cli` takes a list apart.
pub(crate) use crate::state::runs::Runs;
use crate::sys::files;
use crate::workflow::checkpoint::{self, Decision};
use crate::workflow::debug::Debugger;
use crate::workflow::isolation;
use crate::workflow::pinned::{Pinned, Texts};
use crate::workflow::resume::{self, Ended, Lost};
use crate::workflow::revive::{Purpose, revive};
use crate::workflow::start::{self, NewRun};
use crate::workflow::{
    Error as WorkflowError, Observer, Workshop, cancel, catalog, salvage, signatures,
};

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

// Times as text, and what a signature is worth; `cli` reaches both through here.
pub(crate) use crate::git::signed::Signature;
pub(crate) use crate::sys::clock::rfc3339;

/// What engines work with in this project.
pub(crate) fn workshop<'a>(
    context: &'a Context,
    project: &'a Project,
) -> Result<Workshop<'a>, Error> {
    let program = program::path(&context.environment)?;
    let settings = &project.settings;
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
        parallel_jobs: settings.parallel_jobs.get()?,
        masked: masked(context, project),
        secrets: RefCell::default(),
        project: names(project),
        debugger: Cell::new(None),
    })
}

/// Starts a run of a workflow, for a spec or for none, and drives it.
pub(crate) fn start(
    context: &Context,
    project: &Project,
    (workflow, given): (&str, &[(String, Value)]),
    spec: Option<&Spec>,
    observer: &mut dyn Observer,
) -> Result<Ended, Error> {
    project.require_writable()?;
    project.require_settings()?;
    let shop = workshop(context, project)?;
    start_in(&shop, (context, project), (workflow, given), spec, observer)
}

/// Starts a run of a workflow under a debugger.
pub(crate) fn debug(
    context: &Context,
    project: &Project,
    (workflow, given): (&str, &[(String, Value)]),
    debugger: Debugger,
    observer: &mut dyn Observer,
) -> Result<Ended, Error> {
    project.require_writable()?;
    project.require_settings()?;
    let shop = workshop(context, project)?;
    shop.debugger.set(Some(debugger));
    start_in(&shop, (context, project), (workflow, given), None, observer)
}

fn start_in(
    shop: &Workshop<'_>,
    (context, project): (&Context, &Project),
    (workflow, given): (&str, &[(String, Value)]),
    spec: Option<&Spec>,
    observer: &mut dyn Observer,
) -> Result<Ended, Error> {
    observe_newest(context, project)?;
    let sources = catalog::load(&project.files, workflow)?;
    if runs::has_open(&project.local)?
        && let Some(run) = waits_already(&list(project)?.runs, workflow, spec)
    {
        let what = spec.map_or("workflow", |_| "spec");
        observer.note(&format!(
            "warning: run {run} of this {what} still waits for an answer; \
             `git mmm checkpoint show {run}` shows it"
        ));
    }
    let new = NewRun {
        workflow,
        sources: &sources,
        spec,
        given,
        again: None,
    };
    let run = start::create(shop, &new, observer)?;
    Ok(resume::take_up(shop, run, Lost::Park, observer)?)
}

/// Makes the ids of new runs sort after all that are here, even when the clock was set back.
pub(crate) fn observe_newest(context: &Context, project: &Project) -> Result<(), Error> {
    if let Some(newest) = runs::newest(&project.repository, &project.local)? {
        context.identifiers.observe(newest.timestamp_ms());
    }
    Ok(())
}

/// Answers a checkpoint and lets the run go on, or end, if nothing else holds it.
pub(crate) fn answer(
    context: &Context,
    project: &Project,
    (run, number): (RunId, Option<u32>),
    decision: &Decision<'_>,
    observer: &mut dyn Observer,
) -> Result<Ended, Error> {
    project.require_writable()?;
    project.require_settings()?;
    let shop = workshop(context, project)?;
    refuse_over(project, run)?;
    revive(&shop, run, Purpose::GoOn, observer)?;
    let number = checkpoint::answer(&shop, run, number, decision)?;
    answering::forget(project, run, number);
    Ok(resume::take_up(&shop, run, Lost::Park, observer)?)
}

/// Commits what a run that is over has left under `.mmm/`: the ticked spec and the evidence. One
/// that waits or was cancelled has left nothing that is to stay.
pub(crate) fn commit(project: &Project, ended: &Ended) -> Result<Option<ObjectId>, Error> {
    let RunStatus::Finished(outcome) = ended.status else {
        return Ok(None);
    };
    let Some(spec) = &ended.pinned.spec else {
        return Ok(None);
    };
    if outcome == Outcome::Cancelled {
        return Ok(None);
    }
    let paths = [
        spec.source.path().to_owned(),
        StatePath::evidence(ended.run).to_string(),
    ];
    let message = format!("mmm: run {}: {}", spec.name(), outcome.as_str());
    save::commit(&project.repository, &paths, &message).map_err(|error| Error::RunNotCommitted {
        run: ended.run,
        paths: paths.to_vec(),
        source: Box::new(error.into()),
    })
}

/// Cancels a run and tells how it ended, and whether it could go on from here.
pub(crate) fn cancel(
    context: &Context,
    project: &Project,
    run: RunId,
    observer: &mut dyn Observer,
) -> Result<(RunStatus, bool), Error> {
    project.require_writable()?;
    project.require_settings()?;
    let shop = workshop(context, project)?;
    refuse_over(project, run)?;
    revive(&shop, run, Purpose::End, observer)?;
    cancel::cancel(&shop, run, observer)?;
    let ended = find(project, Some(&run.to_string()))?;
    let goes_on = runs::goes_on(&project.repository, &project.local, &ended)?;
    Ok((ended.status, goes_on.is_here()))
}

/// A run that is over stays as it is.
fn refuse_over(project: &Project, run: RunId) -> Result<(), Error> {
    let status = find(project, Some(&run.to_string()))?.status;
    if status.is_finished() {
        return Err(WorkflowError::Over { run, status }.into());
    }
    Ok(())
}

/// All runs.
pub(crate) fn list(project: &Project) -> Result<Runs, Error> {
    Ok(runs::list(&project.repository, &project.local)?)
}

/// A run that cannot be read, as a problem.
pub(crate) fn problem(bad: &BadRun) -> Problem {
    let mut problem = Problem::in_file("bad-run", bad.file.as_str(), bad.reason.as_str());
    if let Some(line) = bad.line {
        problem.place = Place::Line(bad.file.clone(), line);
    }
    match bad.run {
        Some(run) => problem.with_hint(format!("run `git mmm show {run}`")),
        None => problem,
    }
}

/// The run that a text means: an id or a unique prefix of one; none means the newest.
pub(crate) fn find(project: &Project, text: Option<&str>) -> Result<RunSummary, Error> {
    if text.is_some_and(str::is_empty) {
        return Err(Error::EmptyRun);
    }
    let all = list(project)?;
    let wanted = text.map(str::to_ascii_lowercase);
    let fits = |run: RunId| {
        let wanted = wanted.as_deref();
        wanted.is_none_or(|wanted| run.to_string().starts_with(wanted))
    };
    let known = all.runs.into_iter().map(|known| (known.run, Ok(known)));
    let bad = all
        .bad
        .into_iter()
        .filter_map(|bad| Some((bad.run?, Err(bad))));
    let mut fitting: Vec<_> = known.chain(bad).filter(|(run, _)| fits(*run)).collect();
    fitting.sort_by_key(|(run, _)| std::cmp::Reverse(*run));
    if wanted.is_none() {
        fitting.truncate(1);
    }
    let several = fitting.len() > 1;
    match fitting.pop() {
        Some((_, Ok(found))) if !several => Ok(found),
        Some((run, Err(bad))) if !several => Err(WorkflowError::BadRun {
            run,
            file: bad.file,
            line: bad.line,
            reason: bad.reason,
        }
        .into()),
        None => Err(text.map_or(Error::NoRuns, |text| {
            let text = text.to_owned();
            WorkflowError::NoRun { text }.into()
        })),
        Some(last) => Err(WorkflowError::AmbiguousRun {
            text: text.unwrap_or_default().to_owned(),
            candidates: fitting.iter().chain([&last]).map(|(run, _)| *run).collect(),
        }
        .into()),
    }
}

/// What is left of a run whose journal cannot be read: its folder and the names of its outputs.
pub(crate) fn remains(project: &Project, run: RunId) -> Result<(PathBuf, Vec<String>), Error> {
    let folder = RunFolder::of(&project.local.runs(), run);
    let outputs = files::entries(&folder.outputs())?;
    let names = outputs.iter().filter_map(|path| path.file_name());
    let names = names.map(|name| name.to_string_lossy().into_owned());
    Ok((folder.path().to_owned(), names.collect()))
}

/// Puts a run aside whose journal cannot be read; gives where its folder is now.
pub(crate) fn put_aside(
    context: &Context,
    project: &Project,
    run: RunId,
    observer: &mut dyn Observer,
) -> Result<PathBuf, Error> {
    let shop = workshop(context, project)?;
    Ok(salvage::put_aside(&shop, run, observer)?)
}

/// Everything that is known of a run.
pub(crate) fn state(project: &Project, summary: &RunSummary) -> Result<RunState, Error> {
    let events = runs::events(&project.repository, summary)?;
    Ok(RunState::fold(&events))
}

/// The same, with what its steps were tried before.
pub(crate) fn tried(project: &Project, summary: &RunSummary) -> Result<(RunState, Tries), Error> {
    Ok(Tries::fold(&runs::events(&project.repository, summary)?))
}

/// What a run goes by, or went by, with the names of its steps filled in; nothing when that cannot
/// be read any more, which keeps nobody from reading the rest.
pub(crate) fn pinned(
    project: &Project,
    summary: &RunSummary,
    state: &RunState,
) -> Result<Option<Pinned>, Error> {
    let Some(start) = &state.start else {
        return Ok(None);
    };
    let texts = Texts::read(start, &mut |name| {
        let bytes = file(project, summary, name)?;
        Ok::<_, Error>(bytes.and_then(|bytes| String::from_utf8(bytes).ok()))
    })?;
    let pinned = texts.map(|texts| Pinned::parse(start, texts, names(project).as_ref()));
    Ok(pinned.and_then(Result::ok))
}

/// The name and the id of the project.
pub(crate) fn names(project: &Project) -> Option<(String, String)> {
    let known = project.about.as_ref()?;
    Some((known.name.clone(), known.id.to_string()))
}

/// What the signature of an answer is worth; nothing when it has none.
pub(crate) fn signature(
    project: &Project,
    run: RunId,
    checkpoint: &CheckpointState,
) -> Result<Option<Signature>, Error> {
    Ok(signatures::check(&project.repository, run, checkpoint)?)
}

/// The runs that wait for a person, or have waited too long, with all that is known of them.
pub(crate) fn waiting(project: &Project) -> Result<Vec<(RunSummary, RunState)>, Error> {
    let runs = list(project)?.runs.into_iter();
    let waits = |status| matches!(status, RunStatus::Waiting | RunStatus::Expired);
    runs.filter(|summary| waits(summary.status))
        .map(|summary| {
            let state = state(project, &summary)?;
            Ok((summary, state))
        })
        .collect()
}

/// The one run that waits for a person.
pub(crate) fn only_waiting(project: &Project, command: &'static str) -> Result<RunSummary, Error> {
    let mut waiting = list(project)?.runs;
    // One that nobody can answer any more is meant only where no other one waits.
    let any = waiting
        .iter()
        .any(|summary| summary.status == RunStatus::Waiting);
    let meant = if any {
        RunStatus::Waiting
    } else {
        RunStatus::Expired
    };
    waiting.retain(|summary| summary.status == meant);
    match waiting.len() {
        1 => Ok(waiting.remove(0)),
        0 => Err(Error::NothingWaits),
        _ => Err(Error::SeveralWait {
            runs: waiting.into_iter().map(|summary| summary.run).collect(),
            command,
        }),
    }
}

/// The branch that a run left its work on, if it did; what it went by may tell that it has none.
pub(crate) fn left_branch(
    project: &Project,
    run: RunId,
    pinned: Option<&Pinned>,
) -> Result<Option<String>, Error> {
    if pinned.is_some_and(|pinned| !isolation::is_used(pinned.bundle())) {
        return Ok(None);
    }
    let branch = git::worktree::Worktrees::run_branch(run);
    let tip = project
        .repository
        .refs()
        .resolve(&format!("refs/heads/{branch}"))?;
    Ok(tip.map(|_| branch))
}

/// Fails unless the run has this job, begun or not.
pub(crate) fn require_job(
    project: &Project,
    summary: &RunSummary,
    state: &RunState,
    job: &str,
) -> Result<(), Error> {
    let mut known = state.job_order.clone();
    if let Some(pinned) = pinned(project, summary, state)? {
        known.extend(pinned.workflow.jobs.into_iter().map(|job| job.id));
    }
    known.sort();
    known.dedup();
    if known.iter().any(|known| known == job) {
        return Ok(());
    }
    Err(WorkflowError::NoJob {
        run: summary.run,
        job: job.to_owned(),
        known,
    }
    .into())
}

/// A file of a run by its name in the run's folder.
pub(crate) fn file(
    project: &Project,
    summary: &RunSummary,
    name: &str,
) -> Result<Option<Vec<u8>>, Error> {
    Ok(runs::read_file(&project.repository, summary, name)?)
}

/// The names of the outputs and summaries of a sealed run; nothing of a live one.
pub(crate) fn sealed_outputs(
    project: &Project,
    summary: &RunSummary,
) -> Result<Option<HashSet<String>>, Error> {
    if matches!(summary.place, runs::RunPlace::Live(_)) {
        return Ok(None);
    }
    let names = runs::sealed_names(&project.repository, summary, "out")?;
    Ok(Some(names.into_iter().collect()))
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

/// A run of the same spec, or without one of the same workflow, that a person has to answer.
fn waits_already(known: &[RunSummary], workflow: &str, spec: Option<&Spec>) -> Option<RunId> {
    let same = |known: &&RunSummary| match spec {
        Some(spec) => known.spec_id().as_ref() == Some(&spec.id),
        None => known.spec.is_none() && known.workflow == workflow,
    };
    let mut waiting = known
        .iter()
        .filter(|known| known.status == RunStatus::Waiting && known.goes_on != GoesOn::OtherClone);
    waiting.find(same).map(|known| known.run)
}
