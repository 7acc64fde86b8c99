//! The jobs of a run that have not begun: a pure function of what it goes by and of its record.

use crate::model::run::event::leg_key;
use crate::model::run::state::{RunState, StepState};
use crate::model::workflow::definition::Guard;
use crate::model::workflow::{Bundle, Job, StepKind, Workflow};

/// A job that has not begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pending {
    /// Its key in the record.
    pub(crate) job: String,
    /// The jobs that it needs and that are not over, by their ids. What is to be done at the end of a
    /// run or after a failure needs all, of which nothing is said.
    pub(crate) needs: Vec<String>,
}

/// Those of a run that is not over, in the order of the file, each leg and each job of a workflow that
/// is being called where its job stands.
pub(crate) fn jobs(bundle: Bundle<'_>, state: &RunState) -> Vec<Pending> {
    let mut search = Search {
        bundle,
        state,
        found: Vec::new(),
    };
    if state.outcome.is_none() {
        search.workflow(bundle.main, "");
    }
    search.found
}

struct Search<'a> {
    bundle: Bundle<'a>,
    state: &'a RunState,
    found: Vec<Pending>,
}

impl Search<'_> {
    fn workflow(&mut self, workflow: &Workflow, prefix: &str) {
        for job in &workflow.jobs {
            let key = format!("{prefix}{}", job.id);
            if self.has_begun(&key) {
                self.begun(&key, job);
                continue;
            }
            let needs = job.needs.iter().filter_map(|need| {
                let id = &workflow.jobs.get(*need)?.id;
                let known = self.state.jobs.get(&format!("{prefix}{id}"));
                let is_over = known.is_some_and(|known| known.result.is_some());
                (job.guard == Guard::None && !is_over).then(|| id.clone())
            });
            let needs = needs.collect();
            self.found.push(Pending { job: key, needs });
        }
    }

    fn has_begun(&self, key: &str) -> bool {
        let known = self.state.jobs.get(key);
        known.is_some_and(|known| known.started_ms.is_some() || known.result.is_some())
    }

    /// A job has begun: its legs may not have, nor the jobs that a step of it calls.
    fn begun(&mut self, key: &str, job: &Job) {
        let known = self.state.jobs.get(key);
        let Some(known) = known.filter(|known| known.result.is_none()) else {
            return;
        };
        let Some(expanded) = &known.expanded else {
            self.called(key, job);
            return;
        };
        for leg in 0..expanded.legs.len() {
            let leg = leg_key(key, leg);
            if self.has_begun(&leg) {
                self.called(&leg, job);
            } else {
                let needs = Vec::new();
                self.found.push(Pending { job: leg, needs });
            }
        }
    }

    fn called(&mut self, key: &str, job: &Job) {
        for step in &job.steps {
            let known = self.state.step(key, &step.key);
            if let StepKind::Call { workflow, .. } = &step.kind
                && known.is_some_and(StepState::is_calling)
                && let Some(called) = self.bundle.called.get(workflow)
            {
                self.workflow(called, &format!("{key}+{}+", step.key));
            }
        }
    }
}
