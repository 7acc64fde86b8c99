//! Checks what expressions read of checkpoints.

use std::collections::HashMap;

use crate::base::source::Span;
use crate::model::expression::value::fold;
use crate::model::workflow::definition::{StepKind, Workflow};
use crate::model::workflow::references::no_property;
use crate::model::workflow::report::Report;
use crate::model::workflow::sites::Site;

/// What `checkpoint.<name>` holds.
const PROPERTIES: &[&str] = &["option", "text", "who"];

/// The checkpoints of a workflow.
#[derive(Debug)]
pub(crate) struct Checkpoints<'a> {
    /// For each name the jobs and steps that have it.
    places: HashMap<String, Vec<(usize, usize)>>,
    names: Vec<&'a str>,
}

impl<'a> Checkpoints<'a> {
    /// Those of a workflow.
    pub(crate) fn new(workflow: &'a Workflow) -> Self {
        let mut places: HashMap<String, Vec<(usize, usize)>> = HashMap::new();
        let mut names = Vec::new();
        for (job, steps) in workflow.jobs.iter().map(|job| &job.steps).enumerate() {
            for (step, kind) in steps.iter().map(|step| &step.kind).enumerate() {
                if let StepKind::Checkpoint(checkpoint) = kind {
                    let name = fold(&checkpoint.name);
                    places.entry(name).or_default().push((job, step));
                    names.push(checkpoint.name.as_str());
                }
            }
        }
        Self { places, names }
    }

    /// Checks a name and what is below it: a checkpoint of this job stands before.
    pub(crate) fn check(
        &mut self,
        site: Site,
        (name, below): (&str, &[&str]),
        span: Span,
        report: &mut Report,
    ) {
        if let Some(property) = below.first() {
            no_property(("a checkpoint", PROPERTIES), property, span, report);
        }
        let Some(places) = self.places.get(&fold(name)) else {
            let hint = report.near(name, self.names.iter().copied());
            let message = format!("no checkpoint has the name `{name}`");
            report.warning("unknown-checkpoint", span, message, hint);
            return;
        };
        if let Site::Step(job, step) = site
            && places.iter().all(|place| place.0 == job && place.1 >= step)
        {
            let message = format!("checkpoint `{name}` has not been answered here");
            report.warning("unknown-checkpoint", span, message, None);
        }
    }
}
