//! What the engine tells a schedule of steps and jobs under way.

use crate::model::expression::JobStatus;
use crate::model::run::event::Outcome;
use crate::model::run::schedule::Schedule;
use crate::model::run::schedule::node::{Busy, Settled, worst};

impl Schedule<'_> {
    /// Takes note of how the step that is under way in a job ended.
    pub(crate) fn step_finished(&mut self, job: usize, settled: Settled) {
        if let Some(node) = self.nodes.get_mut(job) {
            node.settle(settled);
        }
    }

    /// The step that is under way in a job has failed and is tried again, not before this moment.
    pub(crate) fn retry(&mut self, job: usize, due_ms: u64) {
        if let Some(node) = self.nodes.get_mut(job) {
            node.busy = Busy::No;
            node.not_before = Some(due_ms);
            node.tried = true;
        }
    }

    /// How a step of a job ends that does not get its next try.
    pub(crate) fn given_up(&self, job: usize) -> Outcome {
        match self.status(job) {
            JobStatus::Cancelled => Outcome::Cancelled,
            _ => Outcome::Failure,
        }
    }

    /// Whether the next step of a job has been tried, and failed.
    pub(crate) fn is_tried(&self, job: usize) -> bool {
        self.nodes.get(job).is_some_and(|node| node.tried)
    }

    /// A job takes longer than it may: it has failed, whatever its steps come to.
    pub(crate) fn overrun(&mut self, job: usize) {
        if let Some(node) = self.nodes.get_mut(job) {
            node.status = worst(node.status, JobStatus::Failure);
            // Whoever waits for another try does not get it.
            node.not_before = None;
        }
    }

    /// Whether a step of a job is under way or waits.
    pub(crate) fn is_busy(&self, job: usize) -> bool {
        let node = self.nodes.get(job);
        node.is_some_and(|node| !matches!(node.busy, Busy::No | Busy::Closing))
    }
}
