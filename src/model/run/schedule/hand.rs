//! What a person changes of a run that is under way: with the debugger.

use crate::model::run::event::Named;
use crate::model::run::schedule::Schedule;
use crate::model::run::schedule::node::Busy;

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
}
