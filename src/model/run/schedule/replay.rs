//! Taking a run up from its record.

use std::collections::HashSet;

use crate::model::expression::Context;
use crate::model::run::event::Outcome;
use crate::model::run::schedule::Schedule;
use crate::model::run::schedule::node::{Busy, Phase};
use crate::model::run::state::{RunState, StepState};

impl Schedule<'_> {
    /// Takes over what is known of the nodes from `first` on, and of all that grow out of them.
    pub(super) fn replay(&mut self, first: usize, state: &RunState, base: &Context) {
        let mut at = first;
        let mut shown = first;
        let mut seen = HashSet::new();
        let mut ended = Vec::new();
        while at < self.nodes.len() {
            for index in self.needs_first(at, &mut seen) {
                // Legs and called jobs have become nodes: what needs their job reads of them too.
                while shown < self.nodes.len() {
                    self.show_result(shown, state);
                    shown += 1;
                }
                self.replay_node(index, state, base);
                let known = self.nodes.get(index);
                let known = known.and_then(|node| state.jobs.get(&node.key));
                if let Some((known, result)) = known.and_then(|known| Some((known, known.result?)))
                {
                    let conclusion = known.conclusion().unwrap_or(result);
                    ended.push((index, (result, conclusion), known.outputs.clone()));
                }
            }
            at += 1;
        }
        for (index, results, outputs) in ended {
            self.end_job(index, results, outputs);
        }
        for node in &mut self.nodes {
            // Steps that another leg's failure left out say nothing of it in the record.
            let left_out = node.cancelled && node.outcomes.contains(&Outcome::Skipped);
            if left_out && node.phase == Phase::Active {
                node.cut_short();
            }
        }
        for index in 0..self.nodes.len() {
            let node = self.nodes.get(index);
            // Legs become ready when their group lets them.
            if node.is_some_and(|node| node.leg.is_none()) {
                self.ready_if_met(index);
            }
        }
        let nodes = &self.nodes;
        self.ready.retain(|index| {
            nodes
                .get(*index)
                .is_some_and(|node| node.phase == Phase::Ready)
        });
    }

    /// A node behind all that it needs, those left out that were given before. In the order of the
    /// file a job may stand before one that it needs.
    fn needs_first(&self, index: usize, seen: &mut HashSet<usize>) -> Vec<usize> {
        let mut order = Vec::new();
        let mut open = Vec::new();
        if seen.insert(index) {
            open.push((index, 0));
        }
        while let Some((node, next)) = open.last_mut() {
            let needs = self.nodes.get(*node).map(|known| known.needs.as_slice());
            let need = needs.and_then(|needs| needs.get(*next)).copied();
            *next += 1;
            match need {
                Some(need) if seen.insert(need) => open.push((need, 0)),
                Some(_) => {}
                None => {
                    order.push(*node);
                    open.pop();
                }
            }
        }
        order
    }

    /// What a job that is over came to.
    fn show_result(&mut self, index: usize, state: &RunState) {
        let Some(node) = self.nodes.get_mut(index) else {
            return;
        };
        if let Some(known) = state.jobs.get(&node.key) {
            node.conclusion = known.conclusion();
            node.outputs.clone_from(&known.outputs);
        }
    }

    fn replay_node(&mut self, index: usize, state: &RunState, base: &Context) {
        let Some(node) = self.nodes.get_mut(index) else {
            return;
        };
        let Some(known) = state.jobs.get(&node.key) else {
            return;
        };
        node.replay(known);
        if known.started_ms.is_none() || node.phase != Phase::Active {
            return;
        }
        if let Some(expanded) = &known.expanded {
            node.phase = Phase::Ready;
            let began_cancelled = node.began_cancelled;
            self.expand(index, expanded);
            if let Some(node) = self.nodes.get_mut(index) {
                node.began_cancelled = began_cancelled;
            }
            return;
        }
        self.active.push_back(index);
        if let Some(leg) = node.leg.as_ref().map(|leg| leg.group) {
            self.take_out(leg, index);
        }
        self.replay_call(index, state, base);
    }

    /// A leg has begun: it is not held back any more.
    fn take_out(&mut self, group: usize, leg: usize) {
        if let Some(group) = self.group_mut(group)
            && group.held.contains(&leg)
        {
            group.held.retain(|held| *held != leg);
            group.open += 1;
        }
    }

    /// The jobs of the workflow that a job's next step calls, if it does.
    fn replay_call(&mut self, index: usize, state: &RunState, base: &Context) {
        let Some(node) = self.nodes.get(index) else {
            return;
        };
        let step = node.job.steps.get(node.next);
        let calling = step.is_some_and(|step| {
            let known = state.step(&node.key, &step.key);
            known.is_some_and(StepState::is_calling)
        });
        // What was possible then is possible now: it goes by what is pinned.
        if calling
            && self.call(index, base).is_err()
            && let Some(node) = self.nodes.get_mut(index)
        {
            node.busy = Busy::No;
        }
    }
}
