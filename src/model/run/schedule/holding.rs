//! What works in the work tree of an isolated run is held back while a conflict is kept there: it
//! would read files with marks in them, and commit what nobody has decided about.
//!
//! Whoever waits for the end of a conflict takes no place among the jobs under way, for what could
//! end it, or has a work tree of its own, is to go on.

use crate::model::expression::Context;
use crate::model::run::schedule::node::{Busy, Node};
use crate::model::run::schedule::{Decision, Schedule};

impl Schedule<'_> {
    /// A conflict is kept in the work tree of the run, or is not any more. Tells whether that is new.
    pub(crate) fn hold_back(&mut self, holds: bool) -> bool {
        let holds = holds && self.is_isolated();
        if self.holds == holds {
            return false;
        }
        self.holds = holds;
        self.decide_again();
        true
    }

    /// Whether something is held back, or would be.
    pub(crate) fn holds_back(&self) -> bool {
        self.holds
    }

    /// The other jobs that have begun are decided about before this one.
    pub(crate) fn decide_last(&mut self, job: usize) {
        if let Some(at) = self.active.iter().position(|known| *known == job) {
            self.active.remove(at);
            self.active.push_back(job);
        }
    }

    /// What was held back is looked at again: something has changed that it depends on.
    pub(super) fn decide_again(&mut self) {
        self.told = 0;
        for index in std::mem::take(&mut self.held) {
            if let Some(node) = self.nodes.get_mut(index) {
                node.held = false;
            }
        }
    }

    /// Whether the next thing of a job would happen in a work tree in which a conflict is kept.
    pub(crate) fn is_held_back(&self, job: usize) -> bool {
        self.holds && self.nodes.get(job).is_some_and(|node| self.shares(node))
    }

    /// Whether the work tree of a job is that of the run: neither it nor what calls it has one.
    fn shares(&self, node: &Node<'_>) -> bool {
        let mut at = Some(node);
        while let Some(node) = at {
            if node.job.isolation.is_some() {
                return false;
            }
            let call = node.call.and_then(|call| self.calls.get(call));
            at = call.and_then(|call| self.nodes.get(call.caller));
        }
        self.is_isolated()
    }

    /// Whether the run has a work tree of its own.
    fn is_isolated(&self) -> bool {
        let own = self.nodes.first();
        own.is_some_and(|node| node.workflow.isolation.is_some())
    }

    /// The jobs that are held back since somebody asked last.
    pub(crate) fn newly_held(&mut self) -> Vec<usize> {
        let known = self.told.min(self.held.len());
        self.told = self.held.len();
        self.held.split_at(known).1.to_vec()
    }

    /// Holds a job back.
    pub(super) fn hold(&mut self, index: usize) {
        if let Some(node) = self.nodes.get_mut(index).filter(|node| !node.held) {
            node.held = true;
            node.lapsed = true;
            self.held.push(index);
        }
    }

    /// Whether what is next in a job that has begun has to wait: it is held back, and would look at
    /// the work tree.
    pub(super) fn stands_back(&self, index: usize) -> bool {
        let Some(node) = self.nodes.get(index).filter(|_| self.is_held_back(index)) else {
            return false;
        };
        match node.next_step() {
            // What does not run because of how its job went is skipped unseen.
            Some(step) => {
                node.guard_lets(step, self.status(index))
                    || (node.tried && !step.artifacts.is_empty())
            }
            None => !node.job.outputs.is_empty() || !node.job.artifacts.is_empty(),
        }
    }

    /// The next decision about a job that could begin; those that are held back are passed over.
    pub(super) fn begin_next(&mut self, base: &Context) -> Option<Decision> {
        let mut at = 0;
        while let Some(index) = self.ready.get(at).copied() {
            let held = self.nodes.get(index).is_some_and(|node| node.held);
            if !held {
                self.ready.remove(at);
                let decision = self.begin(index, base);
                if decision.is_some() {
                    return decision;
                }
                self.hold(index);
                self.ready.insert(at, index);
            }
            at += 1;
        }
        None
    }

    /// The work of a job whose steps are over waits until it can be merged.
    pub(crate) fn wait_to_merge(&mut self, job: usize) {
        if let Some(node) = self.nodes.get_mut(job) {
            node.lapsed = true;
        }
    }

    /// Whether the next step of a job may begin: one that gave its place away needs another.
    pub(super) fn takes_place(&mut self, index: usize) -> bool {
        let lapsed = self.nodes.get(index).is_some_and(|node| node.lapsed);
        if lapsed && !self.has_room() {
            return false;
        }
        if let Some(node) = self.nodes.get_mut(index) {
            node.lapsed = false;
        }
        true
    }

    /// Whether a job is cancelled alone, or with what calls it: nobody is asked about it any more.
    pub(crate) fn is_cut_off(&self, job: usize) -> bool {
        let node = self.nodes.get(job);
        node.is_some_and(|node| node.cancelled || self.call_is_cancelled(node))
    }

    /// When something can be done that cannot be done yet, in milliseconds since the Unix epoch.
    pub(crate) fn next_due(&self) -> Option<u64> {
        let room = self.has_room();
        let could = |index: &usize| {
            let node = self
                .nodes
                .get(*index)
                .filter(|node| node.busy == Busy::No)?;
            // The end of the conflict, or of another job, is what these wait for.
            let waits = self.is_held_back(*index) || (node.lapsed && !room);
            node.not_before.filter(|_| !waits)
        };
        self.active.iter().filter_map(could).min()
    }

    /// Whether a job, or something that it calls, waits because of a conflict.
    pub(crate) fn waits_for_conflict(&self, job: usize) -> bool {
        let waits = |index: usize| {
            let node = self.nodes.get(index);
            let merges = node.is_some_and(|node| node.busy == Busy::Closing && node.lapsed);
            merges || self.is_held_back(index)
        };
        waits(job) || self.called_by(job).into_iter().any(waits)
    }
}
