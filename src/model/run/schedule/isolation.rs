//! Jobs that work in a work tree of their own: what their expressions read of it, and the steps
//! that solve a conflict.

use std::sync::Arc;

use crate::model::expression::{Context, Value};
use crate::model::port::HashFiles;
use crate::model::run::schedule::Schedule;
use crate::model::run::schedule::node::Busy;
use crate::model::workflow::definition::Guard;

/// Where the steps of a job run, as expressions see it.
#[derive(Clone, Debug)]
pub(crate) struct Workspace {
    /// Its top.
    pub(crate) top: String,
    /// Its files.
    pub(crate) files: Arc<dyn HashFiles>,
}

impl Workspace {
    pub(super) fn show(&self, context: &mut Context) {
        if let Value::Object(github) = context.get("github") {
            let mut github = (*github).clone();
            github.set("workspace", self.top.as_str());
            context.set("github", github);
        }
        context.set_files(Arc::clone(&self.files));
    }
}

impl Schedule<'_> {
    /// The node of the job whose step calls the workflow that a job is part of.
    pub(crate) fn caller(&self, job: usize) -> Option<usize> {
        let call = self.nodes.get(job)?.call?;
        self.calls.get(call).map(|call| call.caller)
    }

    /// The steps of a job run there.
    pub(crate) fn set_workspace(&mut self, job: usize, workspace: Workspace) {
        if let Some(node) = self.nodes.get_mut(job) {
            node.workspace = Some(workspace);
        }
    }

    /// The work of a job whose steps are over does not merge: tells whether it has steps that are
    /// to solve that, which are next then.
    pub(crate) fn solve_conflict(&mut self, job: usize) -> bool {
        let Some(node) = self.nodes.get_mut(job) else {
            return false;
        };
        let next = node.job.steps.get(node.next);
        if next.is_none_or(|step| step.guard != Guard::OnConflict) {
            return false;
        }
        node.conflict = true;
        node.busy = Busy::No;
        true
    }

    /// Whether the steps of a job that solve a conflict have their turn.
    pub(crate) fn solves_conflict(&self, job: usize) -> bool {
        self.nodes.get(job).is_some_and(|node| node.conflict)
    }
}
