//! What a person changes of a run that is under way: with the debugger.

use crate::model::expression::{Context, JobStatus, Object, Value};
use crate::model::run::event::{Named, Outcome};
use crate::model::run::schedule::Schedule;
use crate::model::run::schedule::node::{Busy, Settled};
use crate::model::workflow::Step;

impl Schedule<'_> {
    /// The step of a job that was to begin does not: it is decided about again.
    pub(crate) fn take_back(&mut self, job: usize) {
        if let Some(node) = self.nodes.get_mut(job) {
            node.busy = Busy::No;
        }
    }

    /// Sets a variable for the steps of a job from now on, whatever they say themselves.
    pub(crate) fn set_variable(&mut self, job: usize, named: Named) {
        if let Some(node) = self.nodes.get_mut(job) {
            node.by_hand.retain(|(known, _)| *known != named.0);
            node.by_hand.push(named);
        }
    }

    /// Shows a step that has failed in what the step itself reads: nobody has settled yet what its
    /// end means.
    pub(crate) fn show_failed(
        &self,
        (job, step): (usize, &Step),
        settled: &Settled,
        context: &mut Context,
    ) {
        let Some(node) = self.nodes.get(job) else {
            return;
        };
        if let Some(id) = &step.id {
            let mut steps = node.steps.clone();
            steps.set(id, settled.shown());
            context.set("steps", steps);
        }
        if settled.conclusion == Outcome::Failure {
            context.set_status(JobStatus::Failure);
            let mut shown = Object::new();
            shown.set("status", Value::from("failure"));
            context.set("job", shown);
        }
    }
}
