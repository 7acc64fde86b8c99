//! What is known of a job that works in a work tree of its own.

use crate::base::ids::ObjectId;
use crate::model::run::event::{CheckpointKind, Event, JobIsolated, JobMerged};
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

    /// Why a job of a run that is isolated as a whole does not go on: another one is in conflict in
    /// the work tree that it shares with the run.
    pub(crate) fn held_back(&self, job: &str) -> Option<String> {
        let known = self.jobs.get(job)?;
        let begun = known.started_ms.is_some() && known.result.is_none();
        let mut steps = known.steps.values();
        let busy = steps.any(|step| step.running || step.lost || step.is_calling());
        let mut checkpoints = self.checkpoints.iter();
        let asks = checkpoints.any(|known| known.is_open() && known.opened.job == job);
        // The job itself, or one whose step calls it, may have a work tree of its own.
        let ends = job.match_indices('+').map(|(end, _)| end);
        let mut above = ends.chain([job.len()]).filter_map(|end| job.get(..end));
        let apart = above.any(|key| self.isolated(key).is_some());
        if !begun || busy || asks || apart || known.expanded.is_some() {
            return None;
        }
        let in_conflict = |key: &&String| {
            let known = self.jobs.get(*key).filter(|known| known.result.is_none());
            let isolated = known.and_then(|known| known.isolated.as_deref());
            isolated.is_some_and(|isolated| !isolated.conflicts.is_empty())
        };
        let of = self.job_order.iter().find(in_conflict)?;
        Some(format!("waits until the conflict of job `{of}` is solved"))
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
                // Whatever was asked about its conflict is decided.
                for known in &mut self.checkpoints {
                    let kind = &known.opened.kind;
                    let conflict = matches!(kind, CheckpointKind::Conflict(_));
                    if conflict && known.opened.job == merged.job {
                        known.undone |= known.is_open();
                    }
                }
            }
            _ => {}
        }
    }
}
