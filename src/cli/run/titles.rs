//! What people call the steps and criteria of a run.

use crate::app::Error;
use crate::app::project::Project;
use crate::app::runs;
use crate::cli::run::progress::criterion_title;
use crate::model::run::RunState;
use crate::model::run::event::{AFTER, BEFORE};
use crate::model::workflow::{Bundle, Workflow};
use crate::state::runs::RunSummary;
use crate::workflow::naming::{job_title, step_title};
use crate::workflow::pinned::Pinned;

/// The titles of one run, as the run saw them.
#[derive(Debug)]
pub(crate) struct Titles(Option<Pinned>);

impl Titles {
    /// Reads what the run goes by.
    pub(crate) fn of(
        project: &Project,
        summary: &RunSummary,
        state: &RunState,
    ) -> Result<Self, Error> {
        runs::pinned(project, summary, state).map(Self)
    }

    /// The workflow, where it can be read.
    pub(crate) fn workflow(&self) -> Option<&Workflow> {
        self.0.as_ref().map(|pinned| &pinned.workflow)
    }

    /// All that the run goes by, where it can be read.
    pub(crate) fn bundle(&self) -> Option<Bundle<'_>> {
        self.0.as_ref().map(Pinned::bundle)
    }

    /// What people call a job.
    pub(crate) fn job(&self, state: &RunState, key: &str) -> String {
        job_title(self.0.as_ref(), state, key)
    }

    /// The title of a step, or of a criterion; its key where that cannot be read any more.
    pub(crate) fn title(&self, state: &RunState, job: &str, key: &str) -> String {
        let Some(pinned) = &self.0 else {
            return key.to_owned();
        };
        if [BEFORE, AFTER].contains(&job) {
            return criterion_title(pinned, key);
        }
        step_title(pinned, state, (job, key))
    }
}
