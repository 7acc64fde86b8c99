//! What the expressions of a job and its steps read.

use crate::model::expression::{Context, JobStatus, Object, Value};
use crate::model::run::event::Outcome;
use crate::model::run::schedule::groups::outputs_object;
use crate::model::run::schedule::node::{Node, as_status, worst};
use crate::model::run::schedule::{Schedule, Settled};
use crate::model::run::step_context::StepContext;
use crate::model::workflow::{Step, legs, sites};

impl Schedule<'_> {
    /// What the expressions of a step read; the same as when it was decided that the step runs.
    pub(crate) fn step_context(&self, index: usize, step: &Step, base: &Context) -> StepContext {
        let mut context = self.context(index, base);
        context.set_status(self.status(index));
        let Some(node) = self.nodes.get(index) else {
            return StepContext::empty(context);
        };
        StepContext::new(
            (node.workflow, node.job, Some(step)),
            (&node.dotenv, &node.env, &node.by_hand),
            context,
        )
    }

    /// What a script is made ready with: as [`Self::step_context`], and no context where nothing of
    /// the step reads one.
    pub(crate) fn script_context(&self, index: usize, step: &Step, base: &Context) -> StepContext {
        let literal = self
            .nodes
            .get(index)
            .filter(|node| sites::is_literal(node.workflow, node.job, step));
        match literal {
            Some(node) => StepContext::new(
                (node.workflow, node.job, Some(step)),
                (&node.dotenv, &node.env, &node.by_hand),
                Context::default(),
            ),
            None => self.step_context(index, step, base),
        }
    }

    /// What the step after one that has ended like this would read, with the variables of this one.
    pub(crate) fn context_after(
        &self,
        index: usize,
        (step, settled): (&Step, &Settled),
        base: &Context,
    ) -> StepContext {
        let mut context = self.context(index, base);
        let Some(node) = self.nodes.get(index) else {
            return StepContext::empty(context);
        };
        let status = worst(self.status(index), as_status(settled.conclusion));
        context.set_status(status);
        context.set("job", job_object(status));
        if let Some(id) = &step.id {
            let mut steps = node.steps.clone();
            steps.set(id, settled.object());
            context.set("steps", steps);
        }
        StepContext::new(
            (node.workflow, node.job, Some(step)),
            (&node.dotenv, &node.env, &node.by_hand),
            context,
        )
    }

    /// What the outputs and artifacts of a job read when its steps are over.
    pub(crate) fn end_context(&self, index: usize, base: &Context) -> StepContext {
        let context = self.context(index, base);
        let Some(node) = self.nodes.get(index) else {
            return StepContext::empty(context);
        };
        StepContext::new(
            (node.workflow, node.job, None),
            (&node.dotenv, &node.env, &node.by_hand),
            context,
        )
    }

    /// Folders that go before the `PATH` of the next step of a job, the first one first of all.
    pub(crate) fn path(&self, index: usize) -> Vec<String> {
        let path = self.nodes.get(index).map(|node| node.path.as_slice());
        path.unwrap_or_default().iter().rev().cloned().collect()
    }

    /// Gives the steps of a job variables below all others.
    pub(crate) fn set_dotenv(&mut self, index: usize, variables: Vec<(String, String)>) {
        if let Some(node) = self.nodes.get_mut(index) {
            node.dotenv = variables;
        }
    }

    /// The contexts of a job: those of the run, and what came before in it.
    pub(crate) fn context(&self, index: usize, base: &Context) -> Context {
        let mut context = base.clone();
        let Some(node) = self.nodes.get(index) else {
            return context;
        };
        if let Some(workspace) = &node.workspace {
            workspace.show(&mut context);
        }
        if let Some(call) = node.call.and_then(|call| self.calls.get(call)) {
            context.set("inputs", call.inputs.clone());
        }
        context.set("needs", self.needed(node));
        context.set("steps", node.steps.clone());
        context.set("checkpoint", node.checkpoints.clone());
        context.set("job", job_object(self.status(index)));
        if let Value::Object(github) = context.get("github") {
            let mut github = (*github).clone();
            github.set("job", node.job.id.as_str());
            context.set("github", github);
        }
        if let Value::Object(runner) = context.get("runner") {
            let mut runner = (*runner).clone();
            let around = runner.get("temp").map(Value::to_text).unwrap_or_default();
            runner.set("temp", format!("{around}/{}", node.key));
            context.set("runner", runner);
        }
        self.set_leg(node, &mut context);
        context
    }

    fn set_leg(&self, node: &Node<'_>, context: &mut Context) {
        let Some(known) = &node.job.strategy else {
            context.set("strategy", legs::strategy_of_one());
            return;
        };
        let Some(leg) = &node.leg else { return };
        context.set(known.over.context_name(), leg.value.clone());
        let group = self.nodes.get(leg.group);
        let Some(group) = group.and_then(|node| node.group.as_ref()) else {
            return;
        };
        let legs = group.legs.len();
        let most = group.max_parallel.unwrap_or(legs);
        let strategy = legs::strategy(group.fail_fast, [leg.index, legs, most]);
        context.set("strategy", strategy);
    }

    /// What the jobs that a job needs came to.
    fn needs(&self, node: &Node<'_>) -> Value {
        let mut needs = Object::new();
        for need in &node.needs {
            if let Some(needed) = self.nodes.get(*need) {
                needs.set(&needed.job.id, self.result_object(*need));
            }
        }
        Value::from(needs)
    }

    /// What expressions read of a job that is over.
    pub(super) fn result_object(&self, index: usize) -> Value {
        let mut object = Object::new();
        if let Some(node) = self.nodes.get(index) {
            object.set("result", node.conclusion.map_or("", Outcome::as_str));
            object.set("outputs", outputs_object(&node.outputs));
            if let Some(results) = self.results(index) {
                object.set("results", results);
            }
        }
        Value::from(object)
    }

    /// The same as it was kept. Legs share that of their group: each of thousands may read what
    /// became of thousands.
    fn needed(&self, node: &Node<'_>) -> Value {
        let group = node.leg.as_ref().and_then(|leg| self.nodes.get(leg.group));
        let kept = group.unwrap_or(node).needed.as_ref();
        kept.map_or_else(|| self.needs(node), Value::clone)
    }

    /// Keeps what the needs of a job came to: nothing of it changes any more.
    pub(super) fn keep_needs(&mut self, index: usize) {
        let node = self.nodes.get(index).filter(|node| node.leg.is_none());
        let needed = node.map(|node| self.needs(node));
        if let Some(node) = self.nodes.get_mut(index) {
            node.needed = needed;
        }
    }
}

/// What expressions read of the job that they are in.
fn job_object(status: JobStatus) -> Object {
    let mut job = Object::new();
    let status = match status {
        JobStatus::Failure => "failure",
        JobStatus::Cancelled => "cancelled",
        JobStatus::Success | JobStatus::Skipped => "success",
    };
    job.set("status", status);
    job
}
