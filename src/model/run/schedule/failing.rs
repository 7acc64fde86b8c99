//! A run that has failed as a whole: only what runs after a failure, or in any case, still begins.

use crate::model::expression::JobStatus;
use crate::model::run::schedule::Schedule;
use crate::model::run::schedule::node::{Node, Phase, worst};
use crate::model::run::state::RunState;

impl Schedule<'_> {
    /// The run has failed, whatever its jobs come to: in those that have begun, what runs only
    /// after success is skipped, and so are those that have not.
    pub(crate) fn fail(&mut self) {
        for index in 0..self.nodes.len() {
            self.fail_node(index);
        }
        self.failed = true;
        self.decide_again();
    }

    /// The same for a run that is taken up, where some nodes began after it had failed.
    pub(super) fn replay_failure(&mut self, state: &RunState) {
        for index in 0..self.nodes.len() {
            let node = self.nodes.get(index);
            if node.is_some_and(|node| !self.began_after(node, state)) {
                self.fail_node(index);
            }
        }
        self.failed = true;
    }

    fn fail_node(&mut self, index: usize) {
        let Some(node) = self.nodes.get_mut(index) else {
            return;
        };
        if node.phase == Phase::Finished {
            return;
        }
        node.ancestors = worst(node.ancestors, JobStatus::Failure);
        // A leg goes with its job, which has begun.
        if node.phase == Phase::Active || node.leg.is_some() {
            node.status = worst(node.status, JobStatus::Failure);
        }
    }

    /// Whether a node is there because of something that began after the run had failed.
    fn began_after(&self, node: &Node<'_>, state: &RunState) -> bool {
        let call = node.call.and_then(|call| self.calls.get(call));
        let called = call.and_then(|call| {
            let caller = self.nodes.get(call.caller)?;
            let step = caller.job.steps.get(caller.next)?;
            state.step(&caller.key, &step.key)
        });
        if called.is_some_and(|step| step.more.as_ref().is_some_and(|more| more.began_failed)) {
            return true;
        }
        let group = node.leg.as_ref().map(|leg| leg.group);
        let of = match group {
            Some(group) => self.nodes.get(group),
            None => Some(node),
        };
        let known = of.and_then(|of| state.jobs.get(&of.key));
        known.is_some_and(|known| known.began_failed)
    }
}
