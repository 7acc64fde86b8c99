//! What to do next: the one decision behind every `next:` line.
//!
//! Specs, workflows and runs are asked here together. Whatever is advised can be done as things
//! are and leads on: nothing that would end with an error, or come to the same again.

use std::path::PathBuf;

use crate::app::Error;
use crate::app::project::Project;
use crate::app::runs;
use crate::app::specs::Shelf;
use crate::base::diagnostic::Problem;
use crate::base::ids::{RunId, SpecId};
use crate::model::run::event::RunStart;
use crate::model::run::{Outcome, RunState, RunStatus};
use crate::model::spec::graph::Graph;
use crate::model::spec::{Spec, Status};
use crate::spec::next::{self, Need, Needy};
use crate::state::layout::StatePath;
use crate::state::runs::RunSummary;
use crate::state::state_files::AtHead;
use crate::state::work_tree::GoesOn;
use crate::workflow::{Error as WorkflowError, catalog};

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Advice {
    /// Go where something can be done: here is no work tree.
    WorkTree {
        /// The one around this `.git`.
        beside: Option<PathBuf>,
    },
    /// Make a project.
    Init,
    /// Take the project out of `HEAD`.
    Restore(AtHead),
    /// Look at what a run asks.
    LookAt {
        /// `<run>/<number>`.
        checkpoint: String,
    },
    /// Go on with a run.
    Resume {
        /// The run.
        run: RunId,
        /// Whether attempts whose end is not known run again.
        rerun_lost: bool,
        /// The work tree that it was started in, when it is another one.
        elsewhere: Option<String>,
    },
    /// See what is wrong under `.mmm/`.
    Check,
    /// Do something about a spec.
    Spec {
        /// What names it.
        name: String,
        /// What to do.
        step: Step,
    },
    /// Watch a run that is under way.
    Follow(RunId),
    /// Write a spec.
    NewSpec,
}

/// What to do about a spec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Accept it.
    Accept,
    /// Run it.
    Run,
    /// Read why it failed: another run would go by the very same things.
    ReadLog(RunId),
    /// Write at it.
    Edit,
    /// Say that it is ready.
    MakeReady,
    /// See what is wrong with it.
    Check,
    /// Take away its workflow, which is not there: the usual one is as good for one that is done.
    UnsetWorkflow,
    /// Write the workflow of this name, which is the one of specs that name none.
    NewWorkflow(String),
    /// See what is wrong with the workflow of this name.
    CheckWorkflow(String),
}

/// What helps most in the whole project.
pub(crate) fn overall(
    project: &Project,
    shelf: &Shelf,
    graph: &Graph<'_>,
    waiting: &[(RunSummary, RunState)],
) -> Result<Advice, Error> {
    if project.repository.work_tree().is_none() {
        return Ok(work_tree(project));
    }
    if !project.initialized {
        let at_head = project.files.only_at_head()?;
        return Ok(at_head.map_or(Advice::Init, Advice::Restore));
    }
    for (summary, state) in waiting {
        // It can be looked at from any work tree, and says where it is answered.
        let answerable = summary.status == RunStatus::Waiting
            && !matches!(summary.goes_on, GoesOn::Gone(_) | GoesOn::OtherClone);
        if let (true, Some(known)) = (answerable, state.open_checkpoint()) {
            return Ok(Advice::LookAt {
                checkpoint: format!("{}/{}", summary.run, known.opened.number),
            });
        }
    }
    for status in [RunStatus::Expired, RunStatus::Lost, RunStatus::Interrupted] {
        if let Some(advice) = resumable(shelf, status) {
            return Ok(advice);
        }
    }
    let wrong = project.problems.iter().any(Problem::is_error);
    if wrong || shelf.book.unreadable().next().is_some() {
        return Ok(Advice::Check);
    }
    let needy = next::needy(graph, &shelf.proofs, &shelf.activities);
    if let Some(first) = needy.first() {
        return of_needy(project, shelf, first);
    }
    if shelf.book.problems().iter().any(Problem::is_error) {
        return Ok(Advice::Check);
    }
    let running = |summary: &&RunSummary| summary.status == RunStatus::Running;
    let running = shelf.runs.runs.iter().find(running);
    Ok(running.map_or(Advice::NewSpec, |summary| Advice::Follow(summary.run)))
}

fn work_tree(project: &Project) -> Advice {
    Advice::WorkTree {
        beside: project.repository.beside(),
    }
}

/// The newest run that stands like this and can go on from here.
fn resumable(shelf: &Shelf, status: RunStatus) -> Option<Advice> {
    let all = shelf.runs.runs.iter();
    for summary in all.filter(|summary| summary.status == status) {
        let elsewhere = match &summary.goes_on {
            GoesOn::Here | GoesOn::Moved => None,
            GoesOn::In(work_tree) => Some(work_tree.to_string_lossy().into_owned()),
            GoesOn::Gone(_) | GoesOn::OtherClone => continue,
        };
        return Some(Advice::Resume {
            run: summary.run,
            rerun_lost: status == RunStatus::Lost,
            elsewhere,
        });
    }
    None
}

/// What to do about a spec that needs something.
pub(crate) fn of_needy(
    project: &Project,
    shelf: &Shelf,
    needy: &Needy<'_>,
) -> Result<Advice, Error> {
    if project.repository.work_tree().is_none() {
        return Ok(work_tree(project));
    }
    let spec = needy.line.spec;
    if let Some(advice) = repair(project, shelf, spec) {
        return Ok(advice);
    }
    let step = match needy.need {
        Need::Acceptance => Step::Accept,
        Need::Regression | Need::Run => step_of_run(project, shelf, spec)?,
        Need::Criteria | Need::Draft | Need::Dependencies => Step::Edit,
        Need::Readiness => Step::MakeReady,
    };
    let name = name_of(spec);
    Ok(Advice::Spec { name, step })
}

/// What comes first where no command can run, write or accept the spec as its file is.
fn repair(project: &Project, shelf: &Shelf, spec: &Spec) -> Option<Advice> {
    let step = if spec.is_newer() {
        Step::Check
    } else if shelf.is_faulty(spec) {
        Step::Edit
    } else {
        let top = project.repository.work_tree()?;
        let path = StatePath::new(spec.source.path()).ok()?;
        return path.to_write(top).is_err().then_some(Advice::Check);
    };
    let name = name_of(spec);
    Some(Advice::Spec { name, step })
}

/// What to do about one spec, if it needs something.
pub(crate) fn of_spec(
    project: &Project,
    shelf: &Shelf,
    id: &SpecId,
) -> Result<Option<Advice>, Error> {
    let graph = shelf.book.graph();
    let needy = next::needy(&graph, &shelf.proofs, &shelf.activities);
    let found = needy.iter().find(|needy| needy.line.spec.id == *id);
    found
        .map(|needy| of_needy(project, shelf, needy))
        .transpose()
}

/// What a shell takes as one word: the name, else the id.
fn name_of(spec: &Spec) -> String {
    let name = spec.name();
    let plain = |character: char| character.is_alphanumeric() || "-_.".contains(character);
    if name.chars().all(plain) && !name.starts_with('-') {
        name
    } else {
        spec.id.to_string()
    }
}

/// A run, unless it could not begin or would fail as the last one did.
fn step_of_run(project: &Project, shelf: &Shelf, spec: &Spec) -> Result<Step, Error> {
    let name = spec.workflow.as_ref();
    let name = name.unwrap_or(&project.settings.workflow);
    let sources = match catalog::load(&project.files, name) {
        Ok(sources) => sources,
        Err(WorkflowError::NoWorkflow { .. }) if spec.workflow.is_some() => {
            // Checks are about open specs: they say nothing of one that is done.
            let is_done = spec.status == Status::Done;
            return Ok(if is_done {
                Step::UnsetWorkflow
            } else {
                Step::Check
            });
        }
        Err(WorkflowError::NoWorkflow { .. }) => {
            return Ok(match catalog::path_for(name) {
                Ok(_) => Step::NewWorkflow(name.clone()),
                // No file can have this name: the person gives the spec another workflow.
                Err(_) => Step::Edit,
            });
        }
        Err(WorkflowError::InvalidWorkflow { .. }) => {
            return Ok(Step::CheckWorkflow(name.clone()));
        }
        Err(error) => return Err(error.into()),
    };
    if sources.workflow().is_err() {
        return Ok(Step::CheckWorkflow(name.clone()));
    }
    let of_spec = |summary: &&RunSummary| summary.spec_id().as_ref() == Some(&spec.id);
    let last = shelf.runs.runs.iter().find(of_spec);
    let Some(last) = last.filter(|last| {
        last.status == RunStatus::Finished(Outcome::Failure) && last.workflow == *name
    }) else {
        return Ok(Step::Run);
    };
    if !next::fails_as_it_is(spec, &shelf.proofs) {
        return Ok(Step::Run);
    }
    let state = runs::state(project, last)?;
    let same = |start: &RunStart| {
        let tested = state.after.as_ref().map(|after| &after.tree);
        let now = shelf.proofs.tree();
        start.workflow_hash == sources.hash()
            && now.is_some()
            && (now == Some(&start.tree) || now == tested)
    };
    Ok(if state.start.as_ref().is_some_and(same) {
        Step::ReadLog(last.run)
    } else {
        Step::Run
    })
}
