//! What is known of a job that works in a work tree of its own.

use crate::base::ids::ObjectId;
use crate::model::run::event::{Event, JobIsolated, JobMerged};
use crate::model::run::state::RunState;

/// The work tree of a job, and what became of the work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct IsolatedJob {
    /// The commit that it started from.
    pub(crate) base: ObjectId,
    /// The paths in conflict, while somebody is to solve that.
    pub(crate) conflicts: Vec<String>,
    /// What became of the work, once that is known.
    pub(crate) merged: Option<JobMerged>,
}

impl IsolatedJob {
    fn new(isolated: &JobIsolated) -> Self {
        Self {
            base: isolated.base.clone(),
            conflicts: Vec::new(),
            merged: None,
        }
    }

    /// Whether what was done is on its branch, and nowhere else.
    pub(crate) fn keeps_work(&self) -> bool {
        let left = self.merged.as_ref().and_then(|merged| merged.left.as_ref());
        left.is_some()
    }
}

impl RunState {
    /// What is known of the work tree of a job, if it has one of its own.
    pub(crate) fn isolated(&self, job: &str) -> Option<&IsolatedJob> {
        self.jobs.get(job)?.isolated.as_deref()
    }

    /// Takes one more event that is about a work tree.
    pub(super) fn apply_to_work_tree(&mut self, event: &Event) {
        match event {
            Event::JobIsolated(isolated) => {
                let known = Box::new(IsolatedJob::new(isolated));
                self.job(&isolated.job).isolated = Some(known);
            }
            Event::JobConflict { job, paths } => {
                if let Some(known) = &mut self.job(job).isolated {
                    known.conflicts.clone_from(paths);
                }
            }
            Event::JobMerged(merged) => {
                if let Some(known) = &mut self.job(&merged.job).isolated {
                    known.conflicts.clear();
                    known.merged = Some((**merged).clone());
                }
            }
            _ => {}
        }
    }
}
