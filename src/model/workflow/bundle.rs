//! Jobs of a run by their keys in its record.
//!
//! A key is the id of a job; of one leg `<job>@<number>`; of a job of a workflow that a step calls
//! `<job>+<step>+<job>`, and so on for what that one calls. Neither sign can stand in an id.

use std::collections::BTreeMap;

use crate::model::workflow::definition::{Job, Step, StepKind, Workflow};

/// What a run goes by: its workflow, and those that its steps call by name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bundle<'w> {
    /// The workflow.
    pub(crate) main: &'w Workflow,
    /// The workflows that steps call.
    pub(crate) called: &'w BTreeMap<String, Workflow>,
}

impl<'w> Bundle<'w> {
    /// The job that a key of the record is of, and its workflow.
    pub(crate) fn job(self, key: &str) -> Option<(&'w Workflow, &'w Job)> {
        let mut workflow = self.main;
        let (first, mut rest) = key.split_once('+').unwrap_or((key, ""));
        let mut job = find(workflow, first)?;
        while !rest.is_empty() {
            // The key of a step may have the sign in it too.
            let calls = job.steps.iter().filter_map(|step| match &step.kind {
                StepKind::Call { workflow, .. } => {
                    let below = rest.strip_prefix(step.key.as_str())?.strip_prefix('+')?;
                    Some((workflow, below))
                }
                _ => None,
            });
            let (name, below) = calls.min_by_key(|(_, below)| below.len())?;
            let (id, after) = below.split_once('+').unwrap_or((below, ""));
            workflow = self.called.get(name)?;
            job = find(workflow, id)?;
            rest = after;
        }
        Some((workflow, job))
    }

    /// A step by the key of its job in the record and its own.
    pub(crate) fn step(self, job: &str, key: &str) -> Option<(&'w Workflow, &'w Step)> {
        let (workflow, job) = self.job(job)?;
        // The key of a step without an id is its place: so it is found at once in a long job.
        let place = key.parse::<usize>().ok().and_then(|at| at.checked_sub(1));
        let there = place.and_then(|at| job.steps.get(at));
        let there = there.filter(|step| step.key == key);
        let step = there.or_else(|| job.steps.iter().find(|step| step.key == key))?;
        Some((workflow, step))
    }
}

/// The job of a part of a key: its id, for a leg with `@` and a number behind it.
fn find<'w>(workflow: &'w Workflow, part: &str) -> Option<&'w Job> {
    let of = |id: &str| workflow.job(id).map(|(_, job)| job);
    // The jobs that handle how the run goes begin with the sign.
    of(part).or_else(|| of(part.rsplit_once('@')?.0))
}
