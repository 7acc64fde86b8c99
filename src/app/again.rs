//! Runs that go on or are done again, whole or in part.

use crate::app::Error;
use crate::app::context::Context;
use crate::app::project::Project;
use crate::app::runs;
use crate::base::ids::RunId;
use crate::model::run::again::Scope;
use crate::model::run::event::{RunStart, leg_key};
use crate::model::run::{Event, Outcome, RunState, RunStatus, carry};
use crate::state::runs::RunSummary;
use crate::workflow::pinned::{Pinned, Texts};
use crate::workflow::resume::{self, Ended, Lost, Wish};
use crate::workflow::revive::{Purpose, revive};
use crate::workflow::start::{self, Earlier};
use crate::workflow::{Error as WorkflowError, Observer, again, catalog};

/// What of a run is done again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// All of it.
    Whole,
    /// What did not succeed, and what needs that.
    Failed,
}

/// A job of a run that is to be done again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PlannedJob {
    /// Its key in the record.
    pub(crate) job: String,
    /// Whether it runs; else its result is taken over.
    pub(crate) runs: bool,
}

/// What would be done again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    /// The run that it would be of.
    pub(crate) again: RunId,
    /// The workflow.
    pub(crate) workflow: String,
    /// Slug and id of the spec.
    pub(crate) spec: Option<String>,
    /// What became of the file of the workflow since then.
    pub(crate) note: Option<String>,
    /// The jobs, and legs where they are known.
    pub(crate) jobs: Vec<PlannedJob>,
}

/// Lets a run go on. What of it is chosen runs again: in it, or in a new one when it is over.
pub(crate) fn go_on(
    context: &Context,
    project: &Project,
    summary: &RunSummary,
    (lost, chosen): (Lost, Option<(Scope, &str)>),
    observer: &mut dyn Observer,
) -> Result<Ended, Error> {
    project.require_writable()?;
    project.require_settings()?;
    let (run, status) = (summary.run, summary.status);
    if status.can_go_on() {
        let shop = runs::workshop(context, project)?;
        revive(&shop, run, Purpose::GoOn, observer)?;
        let wish = Wish {
            lost,
            reopen: true,
            again: chosen,
        };
        return Ok(resume::go_on(&shop, run, wish, observer)?);
    }
    let Some(chosen) = chosen else {
        return Err(WorkflowError::Over { run, status }.into());
    };
    let old = Old::read(project, summary)?;
    let carried = again::from_step(run, &old.pinned, &old.state, chosen)?;
    old.begin(context, project, carried, observer)
}

/// Does a run that is over again, as a new one.
pub(crate) fn rerun(
    context: &Context,
    project: &Project,
    (summary, part): (&RunSummary, Part),
    observer: &mut dyn Observer,
) -> Result<Ended, Error> {
    project.require_writable()?;
    project.require_settings()?;
    let old = Old::read(project, summary)?;
    let carried = match old.kept(summary, part)? {
        Some(kept) => carry::events(&kept),
        None => Vec::new(),
    };
    old.begin(context, project, carried, observer)
}

/// What doing a run again would do.
pub(crate) fn plan(project: &Project, summary: &RunSummary, part: Part) -> Result<Plan, Error> {
    let old = Old::read(project, summary)?;
    let kept = old.kept(summary, part)?;
    let runs = |job: &str| {
        let known = kept.as_ref().and_then(|kept| kept.jobs.get(job));
        known.is_none_or(|known| known.result.is_none())
    };
    let mut jobs = Vec::new();
    for job in &old.pinned.workflow.jobs {
        let known = kept.as_ref().and_then(|kept| kept.jobs.get(&job.id));
        let expanded = known.and_then(|known| known.expanded.as_ref());
        let mut keys: Vec<String> = expanded
            .iter()
            .flat_map(|expanded| (0..expanded.legs.len()).map(|leg| leg_key(&job.id, leg)))
            .collect();
        if keys.is_empty() {
            keys.push(job.id.clone());
        }
        jobs.extend(keys.into_iter().map(|job| PlannedJob {
            runs: runs(&job),
            job,
        }));
    }
    Ok(Plan {
        again: summary.run,
        workflow: summary.workflow.clone(),
        spec: summary.spec.clone(),
        note: old.changed(project),
        jobs,
    })
}

/// A run that is over.
struct Old<'a> {
    summary: &'a RunSummary,
    state: RunState,
    start: RunStart,
    texts: Texts,
    pinned: Pinned,
}

impl<'a> Old<'a> {
    fn read(project: &Project, summary: &'a RunSummary) -> Result<Self, Error> {
        let run = summary.run;
        if !summary.status.is_finished() {
            let status = summary.status;
            return Err(WorkflowError::NotOver { run, status }.into());
        }
        let state = runs::state(project, summary)?;
        let start = state.start.clone().ok_or(WorkflowError::NoStart { run })?;
        let texts = Texts::read(&start, &mut |name| {
            let bytes = runs::file(project, summary, name)?;
            Ok::<_, Error>(bytes.and_then(|bytes| String::from_utf8(bytes).ok()))
        })?;
        let texts = texts.ok_or(WorkflowError::NoStart { run })?;
        let names = runs::names(project);
        let pinned = Pinned::parse(&start, texts.clone(), names.as_ref())?;
        Ok(Self {
            summary,
            state,
            start,
            texts,
            pinned,
        })
    }

    /// What is known of the run but for what is done again; none is nothing.
    fn kept(&self, summary: &RunSummary, part: Part) -> Result<Option<RunState>, Error> {
        if part == Part::Whole {
            return Ok(None);
        }
        if summary.status == RunStatus::Finished(Outcome::Success) {
            return Err(WorkflowError::NothingFailed { run: summary.run }.into());
        }
        Ok(Some(again::without_failed(&self.pinned, &self.state)))
    }

    /// What became of the file of the workflow since then, if something did.
    fn changed(&self, project: &Project) -> Option<String> {
        let name = &self.start.workflow;
        let what = match catalog::load(&project.files, name) {
            Ok(sources) if sources.hash() == self.start.workflow_hash => return None,
            Ok(_) => "has changed since",
            Err(WorkflowError::NoWorkflow { .. }) => "is gone",
            Err(_) => "cannot be read now",
        };
        Some(format!(
            "the workflow is the one that run {} went by; its file `.mmm/workflows/{name}.yaml` {what}",
            self.summary.run
        ))
    }

    /// Makes the new run and drives it.
    fn begin(
        &self,
        context: &Context,
        project: &Project,
        carried: Vec<Event>,
        observer: &mut dyn Observer,
    ) -> Result<Ended, Error> {
        let shop = runs::workshop(context, project)?;
        // New runs sort after all that are here, even when the clock was set back.
        if let Some(newest) = runs::list(project)?.runs.first() {
            context.identifiers.observe(newest.run.timestamp_ms());
        }
        if let Some(note) = self.changed(project) {
            observer.note(&note);
        }
        let earlier = Earlier {
            run: self.summary,
            start: &self.start,
            texts: &self.texts,
            carried,
        };
        let run = start::create_again(&shop, &earlier)?;
        let old = self.summary.run;
        observer.note(&format!("run {old} is over; it is done again as run {run}"));
        Ok(resume::take_up(&shop, run, Lost::Park, observer)?)
    }
}
