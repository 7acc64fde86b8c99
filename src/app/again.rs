//! Runs that go on or are done again, whole or in part.

use crate::app::Error;
use crate::app::context::Context;
use crate::app::project::Project;
use crate::app::runs;
use crate::base::ids::RunId;
use crate::git::worktree::Worktrees;
use crate::model::run::again::Scope;
use crate::model::run::carry::Kept;
use crate::model::run::event::{RunStart, leg_key};
use crate::model::run::state::StepState;
use crate::model::run::{Outcome, RunState, RunStatus, carry};
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
    /// What becomes of it.
    pub(crate) fate: Fate,
    /// The steps of it that run, where others keep what became of them.
    pub(crate) steps: Vec<String>,
}

/// What becomes of a job when a run goes on or is done again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It runs.
    Runs,
    /// Its result stays, or is taken over.
    Kept,
    /// It is left out.
    LeftOut,
}

/// What would be done again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    /// The run that it would be of.
    pub(crate) again: RunId,
    /// Whether that run itself would go on; else a new one begins.
    pub(crate) goes_on: bool,
    /// The workflow.
    pub(crate) workflow: String,
    /// Slug and id of the spec.
    pub(crate) spec: Option<String>,
    /// What became of the file of the workflow since then, or what the run waits for.
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
        Some(kept) => carry::kept(&kept),
        None => Kept::default(),
    };
    old.begin(context, project, carried, observer)
}

/// What doing a run again would do.
pub(crate) fn plan(project: &Project, summary: &RunSummary, part: Part) -> Result<Plan, Error> {
    let old = Old::read(project, summary)?;
    let kept = old.kept(summary, part)?.unwrap_or_default();
    Ok(old.plan(false, old.changed(project), &kept))
}

/// What letting a run go on would do.
pub(crate) fn plan_going_on(
    project: &Project,
    summary: &RunSummary,
    (lost, chosen): (Lost, Option<(Scope, &str)>),
) -> Result<Plan, Error> {
    let (run, status) = (summary.run, summary.status);
    let goes_on = status.can_go_on();
    if !goes_on && chosen.is_none() {
        return Err(WorkflowError::Over { run, status }.into());
    }
    let old = Old::look(project, summary)?;
    if status == RunStatus::Running {
        let pid = old.state.engine_pid.map(|pid| pid.to_string());
        let pid = pid.unwrap_or_default();
        return Err(WorkflowError::Running { run, pid }.into());
    }
    let wish = Wish {
        lost,
        reopen: true,
        again: chosen,
    };
    let undone = again::preview(run, &old.pinned, &old.state, wish)?;
    let note = if goes_on {
        undone.still_lost.map(|attempt| {
            format!("nobody knows how `{attempt}` ended: it runs again with `--rerun-lost` only")
        })
    } else {
        old.changed(project)
    };
    Ok(old.plan(goes_on, note, &undone.state))
}

/// A run that is looked back at.
struct Old<'a> {
    summary: &'a RunSummary,
    state: RunState,
    start: RunStart,
    texts: Texts,
    pinned: Pinned,
}

impl<'a> Old<'a> {
    /// One that is over.
    fn read(project: &Project, summary: &'a RunSummary) -> Result<Self, Error> {
        let (run, status) = (summary.run, summary.status);
        if !status.is_finished() {
            return Err(WorkflowError::NotOver { run, status }.into());
        }
        Self::look(project, summary)
    }

    fn look(project: &Project, summary: &'a RunSummary) -> Result<Self, Error> {
        let run = summary.run;
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

    /// What runs when this is all that is known of the run.
    fn plan(&self, goes_on: bool, note: Option<String>, undone: &RunState) -> Plan {
        let mut jobs = Vec::new();
        for job in &self.pinned.workflow.jobs {
            self.plan_job(&job.id, undone, &mut jobs);
        }
        Plan {
            again: self.summary.run,
            goes_on,
            workflow: self.summary.workflow.clone(),
            spec: self.summary.spec.clone(),
            note,
            jobs,
        }
    }

    /// A job with its legs, and those of the workflows that it calls where some of them stay.
    fn plan_job(&self, key: &str, undone: &RunState, jobs: &mut Vec<PlannedJob>) {
        let known = undone.jobs.get(key);
        if let Some(expanded) = known.and_then(|known| known.expanded.as_ref()) {
            for leg in 0..expanded.legs.len() {
                self.plan_job(&leg_key(key, leg), undone, jobs);
            }
            return;
        }
        let before = self.state.jobs.get(key).and_then(|job| job.result);
        let fate = match known.and_then(|known| known.result) {
            None => Fate::Runs,
            Some(Outcome::Skipped) if before != Some(Outcome::Skipped) => Fate::LeftOut,
            Some(_) => Fate::Kept,
        };
        let part = known.filter(|known| {
            let stays = |step: &StepState| step.outcome.is_some() || step.is_calling();
            fate == Fate::Runs && known.steps.values().any(|step| stays(step))
        });
        let steps = self.pinned.bundle().job(key).map(|(_, job)| &job.steps);
        let open = |step: &str| {
            part.is_some_and(|part| {
                part.steps
                    .get(step)
                    .is_none_or(|step| step.outcome.is_none())
            })
        };
        let steps = steps.into_iter().flatten();
        let steps = steps.filter(|step| open(&step.key));
        jobs.push(PlannedJob {
            job: key.to_owned(),
            fate,
            steps: steps.map(|step| step.key.clone()).collect(),
        });
        if part.is_some() {
            let below = format!("{key}+");
            let called = self.state.job_order.iter().filter(|other| {
                let rest = other.strip_prefix(&below);
                rest.is_some_and(|rest| rest.matches('+').count() == 1 && !rest.contains('@'))
            });
            for called in called {
                self.plan_job(called, undone, jobs);
            }
        }
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
        carried: Kept,
        observer: &mut dyn Observer,
    ) -> Result<Ended, Error> {
        let shop = runs::workshop(context, project)?;
        runs::observe_newest(context, project)?;
        if let Some(note) = self.changed(project) {
            observer.note(&note);
        }
        let apart = if carried.events.is_empty() {
            None
        } else {
            Worktrees::new(&project.repository).apart(self.summary.run)?
        };
        if let Some(branch) = apart {
            observer.note(&format!(
                "the work of what is taken over is on branch `{branch}`, which is not in HEAD: what \
                 runs again does not have it"
            ));
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
