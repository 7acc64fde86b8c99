//! Steps that run the jobs of another workflow.

use crate::base::limits;
use crate::model::expression::{Context, Object, Value};
use crate::model::run::event::{Named, Outcome};
use crate::model::run::schedule::node::{Busy, Node, Phase, Settled, together};
use crate::model::run::schedule::{Decision, Schedule};
use crate::model::workflow::{Step, StepKind, Workflow};

/// One workflow under way for a step.
#[derive(Debug)]
pub(super) struct Call<'w> {
    /// The node whose step calls.
    pub(super) caller: usize,
    pub(super) workflow: &'w Workflow,
    /// Its first job, as a node; the others follow.
    pub(super) first: usize,
    /// Jobs that are not over.
    pub(super) left: usize,
    /// Its inputs.
    pub(super) inputs: Value,
    /// Its time is over.
    stopped: bool,
    /// How many calls it is below the workflow of the run.
    depth: usize,
}

impl<'w> Schedule<'w> {
    /// The jobs of the workflow that the next step of a job calls become nodes.
    pub(super) fn call(&mut self, index: usize, base: &Context) -> Result<(), String> {
        let node = self.nodes.get(index);
        let step = node.and_then(|node| node.job.steps.get(node.next));
        let (Some(node), Some(step)) = (node, step) else {
            return Err("there is no such step".to_owned());
        };
        let StepKind::Call { workflow, with, .. } = &step.kind else {
            return Err("it calls no workflow".to_owned());
        };
        let depth = node.call.and_then(|call| self.calls.get(call));
        let depth = depth.map_or(1, |call| call.depth + 1);
        if depth > limits::CALL_DEPTH {
            let limit = limits::CALL_DEPTH;
            return Err(format!("workflows call one another more than {limit} deep"));
        }
        let called = self.called.get(workflow);
        let called = called.ok_or_else(|| format!("there is no workflow `{workflow}`"))?;
        let read = self.step_context(index, step, base);
        let mut given = Object::new();
        for (name, data) in with {
            let value = data.evaluate(&read.context);
            given.set(
                name.as_str(),
                value.map_err(|error| format!("with: {name}: {error}"))?,
            );
        }
        let inputs = called.bind_inputs(&given)?;
        let prefix = format!("{}+{}", node.key, step.key);
        let call = self.calls.len();
        let first = self.add_jobs(called, Some((call, &prefix)));
        self.calls.push(Call {
            caller: index,
            workflow: called,
            first,
            left: called.jobs.len(),
            inputs,
            stopped: false,
            depth,
        });
        if let Some(node) = self.nodes.get_mut(index) {
            node.busy = Busy::Calling;
            node.calling = Some(call);
        }
        for job in first..self.nodes.len() {
            self.ready_if_met(job);
        }
        Ok(())
    }

    /// The nodes of a call.
    fn called(&self, call: &Call<'w>) -> impl Iterator<Item = &Node<'w>> {
        let jobs = self.nodes.iter().skip(call.first);
        jobs.take(call.workflow.jobs.len())
    }

    pub(super) fn called_job_ended(&mut self, call: usize) {
        if let Some(call) = self.calls.get_mut(call) {
            call.left = call.left.saturating_sub(1);
        }
    }

    /// Whether the job that calls a job, however far up, was cancelled because another leg failed, or
    /// the time of its call is over.
    pub(super) fn call_is_cancelled(&self, node: &Node<'_>) -> bool {
        let mut call = node.call;
        while let Some(known) = call.and_then(|call| self.calls.get(call)) {
            let Some(caller) = self.nodes.get(known.caller) else {
                return false;
            };
            if known.stopped || caller.cancelled {
                return true;
            }
            call = caller.call;
        }
        false
    }

    /// The end of a call, when all its jobs are over.
    pub(super) fn finish_call(&mut self, index: usize, base: &Context) -> Option<Decision> {
        let call = self.last_call(index)?;
        if call.left > 0 {
            return None;
        }
        let mut outcome = together(self.called(call).filter_map(|node| node.conclusion));
        let cancelled = self.nodes.get(index).is_some_and(|node| node.cancelled);
        let all = self
            .called(call)
            .all(|node| node.conclusion == Some(Outcome::Success));
        if (self.cancelled || cancelled) && outcome == Outcome::Success && !all {
            outcome = Outcome::Cancelled;
        }
        if call.stopped {
            outcome = Outcome::Failure;
        }
        let mut jobs = Object::new();
        for (offset, node) in self.called(call).enumerate() {
            jobs.set(&node.job.id, self.result_object(call.first + offset));
        }
        let mut context = base.clone();
        context.set("jobs", Value::from(jobs));
        context.set("inputs", call.inputs.clone());
        let outputs = call.workflow.outputs.iter().map(|output| {
            let value = output.value.render(&context).map_err(|error| {
                format!(
                    "outputs of workflow `{}`: {}: {error}",
                    call.workflow.name, output.name
                )
            });
            Ok((output.name.clone(), value?))
        });
        let outputs = outputs.collect::<Result<Vec<Named>, String>>();
        let node = self.nodes.get_mut(index)?;
        node.busy = Busy::Running;
        let step = node.next;
        Some(match outputs {
            Ok(outputs) => Decision::FinishCall {
                job: index,
                step,
                outcome,
                outputs,
            },
            Err(reason) => Decision::BadCondition {
                job: index,
                step: Some(step),
                reason,
            },
        })
    }

    /// The step of a job whose call is under way.
    pub(crate) fn calling_step(&self, job: usize) -> Option<&'w Step> {
        let node = self.nodes.get(job)?;
        (node.busy == Busy::Calling).then(|| node.next_step())?
    }

    /// The time of a call is over: of its jobs, only what runs in any case still does.
    pub(crate) fn stop_call(&mut self, job: usize) {
        for below in self.called_by(job) {
            if let Some(node) = self.nodes.get_mut(below) {
                node.not_before = None;
            }
        }
        let call = self.nodes.get(job).and_then(|node| node.calling);
        if let Some(call) = call.and_then(|call| self.calls.get_mut(call)) {
            call.stopped = true;
        }
        self.decide_again();
    }

    /// Whether the last call of a job took too long.
    pub(crate) fn is_call_stopped(&self, job: usize) -> bool {
        self.last_call(job).is_some_and(|call| call.stopped)
    }

    fn last_call(&self, job: usize) -> Option<&Call<'w>> {
        let call = self.nodes.get(job)?.calling?;
        self.calls.get(call)
    }

    /// The jobs whose steps call a job, the nearest first.
    pub(crate) fn callers(&self, job: usize) -> Vec<usize> {
        let mut callers = Vec::new();
        let mut at = self.nodes.get(job);
        while let Some(call) = at.and_then(|node| self.calls.get(node.call?)) {
            callers.push(call.caller);
            at = self.nodes.get(call.caller);
        }
        callers
    }

    /// What of the jobs that a job's step calls is under way, however far below.
    pub(crate) fn called_by(&self, job: usize) -> Vec<usize> {
        let mut found = vec![job];
        let mut at = 0;
        while let Some(caller) = found.get(at).copied() {
            at += 1;
            let calls = self.calls.iter().enumerate();
            let of = calls.filter(|(_, call)| call.caller == caller);
            let of: Vec<usize> = of.map(|(call, _)| call).collect();
            let below = self.nodes.iter().enumerate().filter(|(_, node)| {
                node.call.is_some_and(|call| of.contains(&call)) && node.phase == Phase::Active
            });
            found.extend(below.map(|(index, _)| index));
        }
        found.remove(0);
        found
    }
}

impl Settled {
    /// A call ended like this.
    pub(crate) fn called(outcome: Outcome, outputs: Vec<Named>) -> Self {
        Self {
            outputs,
            ..Self::plain(outcome)
        }
    }
}
