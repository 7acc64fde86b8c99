//! Jobs that run several times: over a matrix or over the items of a list.

use std::collections::VecDeque;

use crate::base::limits;
use crate::model::expression::{Context, Object, Value};
use crate::model::run::event::{JobExpanded, Named, Outcome, leg_key};
use crate::model::run::schedule::node::{Busy, Group, Leg, Node, Phase, together};
use crate::model::run::schedule::{Decision, Schedule, leg_value};
use crate::model::workflow::policy::Over;

impl Schedule<'_> {
    /// Which legs a job has, or why that cannot be said.
    pub(super) fn expansion(&self, index: usize, context: &Context) -> Result<JobExpanded, String> {
        let node = self.nodes.get(index);
        let Some((node, strategy)) =
            node.and_then(|node| Some((node, node.job.strategy.as_ref()?)))
        else {
            return Err("it has no `strategy`".to_owned());
        };
        let values = strategy.over.legs(context)?;
        let legs = values.iter().map(leg_value::write).collect::<Vec<_>>();
        if legs.iter().map(String::len).sum::<usize>() > limits::LEGS_BYTES {
            let limit = limits::LEGS_BYTES;
            return Err(format!("what it runs over has more than {limit} bytes"));
        }
        Ok(JobExpanded {
            job: node.key.clone(),
            legs,
            fail_fast: strategy.fail_fast(context)?,
            max_parallel: strategy.max_parallel(context)?,
        })
    }

    /// The legs of a job become nodes; it begins.
    pub(crate) fn expand(&mut self, index: usize, expanded: &JobExpanded) {
        let Some(node) = self.nodes.get(index) else {
            return;
        };
        let (workflow, job, key) = (node.workflow, node.job, node.key.clone());
        let (call, ancestors, needs) = (node.call, node.ancestors, node.needs.clone());
        let mut legs = Vec::with_capacity(expanded.legs.len());
        for (place, value) in expanded.legs.iter().enumerate() {
            let mut leg = Node::new(workflow, job, leg_key(&key, place));
            leg.call = call;
            leg.ancestors = ancestors;
            leg.needs.clone_from(&needs);
            leg.leg = Some(Leg {
                group: index,
                index: place,
                // We wrote it ourselves, so it can be read.
                value: leg_value::read(value).unwrap_or_default(),
            });
            leg.phase = Phase::Ready;
            legs.push(self.add(leg));
        }
        let group = Group {
            held: legs.iter().copied().collect::<VecDeque<_>>(),
            left: legs.len(),
            open: 0,
            legs,
            fail_fast: expanded.fail_fast,
            max_parallel: expanded.max_parallel,
        };
        self.activate(index);
        if let Some(node) = self.nodes.get_mut(index) {
            node.group = Some(Box::new(group));
        }
        self.release(index);
    }

    /// What a job is that runs several times, when it has begun.
    pub(super) fn group_mut(&mut self, index: usize) -> Option<&mut Group> {
        self.nodes.get_mut(index)?.group.as_deref_mut()
    }

    /// Legs that may begin become ready.
    pub(super) fn release(&mut self, group: usize) {
        let Some(node) = self.nodes.get_mut(group) else {
            return;
        };
        let Some(group) = &mut node.group else {
            return;
        };
        let limit = group.max_parallel.unwrap_or(usize::MAX);
        while group.open < limit
            && let Some(leg) = group.held.pop_front()
        {
            group.open += 1;
            self.ready.push_back(leg);
        }
    }

    /// Whether a leg that has not begun never does, because the run was cancelled meanwhile.
    pub(super) fn leg_is_cancelled(&self, node: &Node<'_>) -> bool {
        let group = node.leg.as_ref().and_then(|leg| self.nodes.get(leg.group));
        self.cancelled && group.is_some_and(|group| !group.began_cancelled)
    }

    /// A leg is over.
    pub(super) fn leg_ended(&mut self, group: usize, leg: usize, conclusion: Outcome) {
        let Some(known) = self.group_mut(group) else {
            return;
        };
        known.left = known.left.saturating_sub(1);
        if known.held.contains(&leg) {
            known.held.retain(|held| *held != leg);
        } else {
            known.open = known.open.saturating_sub(1);
        }
        if conclusion == Outcome::Failure && known.fail_fast {
            self.fail_fast(group);
        }
        self.release(group);
    }

    /// One leg has failed: those that have not begun never do, and the others are cancelled.
    fn fail_fast(&mut self, group: usize) {
        let Some(known) = self.group_mut(group) else {
            return;
        };
        known.held.clear();
        let legs = known.legs.clone();
        for leg in legs {
            let Some(node) = self.nodes.get_mut(leg).filter(|node| !node.cancelled) else {
                continue;
            };
            match node.phase {
                Phase::Finished => continue,
                Phase::Active => {
                    node.not_before = None;
                    if node.busy != Busy::No {
                        self.stops.push_back(leg);
                    }
                }
                Phase::Waiting | Phase::Ready => self.ends.push_back(leg),
            }
            node.cancelled = true;
        }
        let nodes = &self.nodes;
        self.ready
            .retain(|ready| nodes.get(*ready).is_none_or(|node| !node.cancelled));
        // The legs may call workflows whose jobs are held back.
        self.decide_again();
    }

    /// All legs of a job are over.
    pub(super) fn finish_group(&mut self, index: usize) -> Option<Decision> {
        let node = self.nodes.get(index)?;
        let legs = || node.group.iter().flat_map(|group| &group.legs);
        let nodes = || legs().filter_map(|leg| self.nodes.get(*leg));
        let result = together(nodes().filter_map(|node| node.conclusion));
        let outputs = node.job.outputs.iter().map(|output| {
            // The last leg that has something to say.
            let said = nodes().rev_values(&output.name);
            (output.name.clone(), said)
        });
        let outputs: Vec<Named> = outputs.collect();
        self.nodes.get_mut(index)?.busy = Busy::Closing;
        Some(Decision::FinishJob {
            job: index,
            result,
            outputs,
        })
    }

    /// What expressions read of the legs of a job that is over: one object for each.
    pub(super) fn results(&self, index: usize) -> Option<Value> {
        let node = self.nodes.get(index)?;
        let group = node.group.as_ref()?;
        let over_items = matches!(
            node.job.strategy.as_ref().map(|strategy| &strategy.over),
            Some(Over::Items(_))
        );
        let legs = group.legs.iter().filter_map(|leg| self.nodes.get(*leg));
        let values = legs.map(|leg| {
            let mut object = Object::new();
            object.set("result", leg.conclusion.map_or("", Outcome::as_str));
            object.set("outputs", outputs_object(&leg.outputs));
            let value = leg.leg.as_ref().map(|leg| leg.value.clone());
            let name = if over_items { "item" } else { "matrix" };
            object.set(name, value.unwrap_or_default());
            Value::from(object)
        });
        Some(Value::from(values.collect::<Vec<_>>()))
    }
}

trait RevValues {
    fn rev_values(self, name: &str) -> String;
}

impl<'a, 'w: 'a, I: Iterator<Item = &'a Node<'w>>> RevValues for I {
    fn rev_values(self, name: &str) -> String {
        let values = self.filter_map(|node| {
            let value = node.outputs.iter().find(|(known, _)| known == name);
            value
                .map(|(_, value)| value)
                .filter(|value| !value.is_empty())
        });
        values.last().cloned().unwrap_or_default()
    }
}

/// Outputs as expressions read them.
pub(super) fn outputs_object(outputs: &[Named]) -> Object {
    let mut object = Object::new();
    for (name, value) in outputs {
        object.set(name.as_str(), value.as_str());
    }
    object
}
