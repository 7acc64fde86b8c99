//! Jobs that wait until their concurrency group is free, and those that are asked to leave it.

use crate::model::expression::JobStatus;
use crate::model::run::schedule::Schedule;
use crate::model::run::schedule::node::{Busy, Phase};

impl Schedule<'_> {
    /// A job that begins has to wait: nothing of it is decided until it is let in.
    pub(crate) fn queue(&mut self, job: usize) {
        if let Some(node) = self.nodes.get_mut(job) {
            node.busy = Busy::Queued;
        }
    }

    /// Whether a job still waits for its group, or for room.
    pub(crate) fn is_queued(&self, job: usize) -> bool {
        let node = self.nodes.get(job);
        node.is_some_and(|node| node.busy == Busy::Queued)
    }

    /// Whether one more job may be under way.
    pub(crate) fn has_room(&self) -> bool {
        self.under_way() < self.parallel
    }

    /// A job that waited goes on. Tells whether it still waited.
    pub(crate) fn let_in(&mut self, job: usize) -> bool {
        let node = self.nodes.get_mut(job);
        let Some(node) = node.filter(|node| node.busy == Busy::Queued) else {
            return false;
        };
        node.busy = Busy::No;
        true
    }

    /// A cancelled job has a step to be decided about: it does not succeed any more.
    pub(super) fn cut_if_cancelled(&mut self, index: usize) {
        let cancelled = self.status(index) == JobStatus::Cancelled;
        if let Some(node) = self.nodes.get_mut(index).filter(|_| cancelled) {
            node.cut_short();
        }
    }

    /// A job is cancelled alone: only what runs in any case still does.
    pub(crate) fn cancel_job(&mut self, job: usize) {
        let node = self.nodes.get_mut(job);
        let Some(node) = node.filter(|node| node.phase == Phase::Active && !node.cancelled) else {
            return;
        };
        node.cancelled = true;
        node.not_before = None;
        if node.busy != Busy::No {
            self.stops.push_back(job);
        }
        self.decide_again();
    }
}
