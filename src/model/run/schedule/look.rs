//! Looking at the jobs of a schedule.

use crate::model::run::schedule::Schedule;
use crate::model::run::schedule::node::Busy;
use crate::model::workflow::{Job, Step, Workflow};

impl<'w> Schedule<'w> {
    /// The key of a job in the record.
    pub(crate) fn key(&self, job: usize) -> &str {
        self.nodes.get(job).map_or("", |node| node.key.as_str())
    }

    /// A job by its key in the record.
    pub(crate) fn find(&self, key: &str) -> Option<usize> {
        self.by_key.get(key).copied()
    }

    /// What a node runs.
    pub(crate) fn job(&self, job: usize) -> Option<&'w Job> {
        self.nodes.get(job).map(|node| node.job)
    }

    /// The workflow that the job of a node is part of.
    pub(crate) fn workflow(&self, job: usize) -> Option<&'w Workflow> {
        self.nodes.get(job).map(|node| node.workflow)
    }

    /// A step of a node.
    pub(crate) fn step(&self, job: usize, step: usize) -> Option<&'w Step> {
        self.job(job)?.steps.get(step)
    }

    /// The jobs that have begun and are not over, legs and called ones among them.
    pub(crate) fn active(&self) -> Vec<usize> {
        self.active.iter().copied().collect()
    }

    /// The step of a job that is under way.
    pub(crate) fn current_step(&self, job: usize) -> Option<&'w Step> {
        let node = self.nodes.get(job).filter(|node| node.busy != Busy::No)?;
        node.next_step()
    }

    /// Whether a job runs several times and this is the node of all its legs together.
    pub(crate) fn is_group(&self, job: usize) -> bool {
        let node = self.nodes.get(job);
        node.is_some_and(|node| node.group.is_some())
    }
}
