//! The spec system at work on the project of a command.

use std::cell::OnceCell;
use std::collections::HashSet;

use crate::app::Error;
use crate::app::context::Context;
use crate::app::project::{Access, Project};
use crate::app::runs;
use crate::base::diagnostic::Problem;
use crate::model::run::RunStatus;
use crate::model::spec::Spec;
use crate::model::spec::verdict::Activity;
use crate::spec::Desk;
use crate::spec::list::Activities;
use crate::spec::proof::Proofs;
use crate::state::runs::{RunSummary, Runs};
use crate::state::specs::SpecBook;

/// What the spec system works with.
pub(crate) fn desk<'a>(context: &'a Context, project: &'a Project) -> Desk<'a> {
    Desk {
        repository: &project.repository,
        files: &project.files,
        local: &project.local,
        place: project.place().ok(),
        clock: context.clock,
        identifiers: &context.identifiers,
        masked: runs::masked(context, project),
    }
}

/// The specs of a project with everything that is derived about them.
#[derive(Debug)]
pub(crate) struct Shelf {
    /// The specs.
    pub(crate) book: SpecBook,
    /// What is proved about them.
    pub(crate) proofs: Proofs,
    /// All runs, the newest first.
    pub(crate) runs: Runs,
    /// What the runs of each spec are doing.
    pub(crate) activities: Activities,
    /// The files that have an error, in them or between them and others.
    faulty: OnceCell<HashSet<String>>,
}

impl Shelf {
    /// Reads all of it.
    pub(crate) fn of(context: &Context, project: &Project) -> Result<Self, Error> {
        let desk = desk(context, project);
        let runs = runs::list(project)?;
        // The specs last: to start git costs more the more memory this process has.
        Ok(Self {
            proofs: Proofs::gather(&desk)?,
            book: desk.book()?,
            activities: activities(&runs.runs),
            runs,
            faulty: OnceCell::new(),
        })
    }

    /// Whether a spec has an error: it is neither run nor accepted until it is repaired.
    pub(crate) fn is_faulty(&self, spec: &Spec) -> bool {
        let faulty = self.faulty.get_or_init(|| {
            let problems = self.book.problems().into_iter();
            let errors = problems.filter(Problem::is_error);
            errors.map(|error| error.file().to_owned()).collect()
        });
        faulty.contains(spec.source.path())
    }
}

/// What the runs of each spec are doing.
fn activities(runs: &[RunSummary]) -> Activities {
    let mut activities = Activities::default();
    for summary in runs {
        let activity = match summary.status {
            RunStatus::Waiting | RunStatus::Expired | RunStatus::Lost => Activity::Waiting,
            RunStatus::Running => Activity::Running,
            _ => continue,
        };
        // Of several runs under way, the newest one tells; it comes first.
        if let Some(spec) = summary.spec_id() {
            activities.entry(spec).or_insert(activity);
        }
    }
    activities
}

/// Opens the project that a command on specs works on.
pub(crate) fn open(context: &Context, access: Access) -> Result<Project, Error> {
    let project = Project::open(context, access)?;
    project.require_initialized()?;
    Ok(project)
}
