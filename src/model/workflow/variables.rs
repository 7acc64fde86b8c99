//! Finds variables that expressions read and nothing sets.

use crate::base::source::Span;
use crate::model::workflow::definition::{Job, StepKind, Variable, Workflow};
use crate::model::workflow::report::Report;
use crate::model::workflow::sites::Site;

/// The variables of a workflow.
#[derive(Debug)]
pub(crate) struct Variables<'a> {
    workflow: &'a Workflow,
    /// The job that was looked at last, and whether something in it may set more variables.
    open: Option<(usize, bool)>,
}

impl<'a> Variables<'a> {
    /// Those of a workflow.
    pub(crate) fn new(workflow: &'a Workflow) -> Self {
        Self {
            workflow,
            open: None,
        }
    }

    /// Warns of a name that is set nowhere. Names of variables differ by case.
    pub(crate) fn check(&mut self, site: Site, name: &str, span: Span, report: &mut Report) {
        let (index, step) = match site {
            Site::Run | Site::RunEnd => return,
            Site::Job(index) | Site::JobEnd(index) => (index, None),
            Site::Step(index, step) => (index, Some(step)),
        };
        let Some(job) = self.workflow.jobs.get(index) else {
            return;
        };
        let own = step.and_then(|step| job.steps.get(step));
        let own = own.map_or(&[][..], |step| step.env.as_slice());
        let levels: [&[Variable]; 3] = [own, &job.env, &self.workflow.env];
        let mut all = levels.into_iter().flatten();
        if all.any(|variable| variable.is_all() || variable.name == name)
            || self.is_open(index, job)
        {
            return;
        }
        let names = levels.into_iter().flatten();
        let near = report.near(name, names.map(|variable| variable.name.as_str()));
        let hint = near.unwrap_or_else(|| {
            format!("a script reads a variable of its environment as `${name}`")
        });
        let message = format!("no `env` sets `{name}`, so it is empty here");
        report.warning("undefined-variable", span, message, Some(hint));
    }

    /// Whether a file of variables or a script of the job may set variables by names that are not
    /// known before it runs.
    fn is_open(&mut self, index: usize, job: &Job) -> bool {
        if let Some((known, open)) = self.open
            && known == index
        {
            return open;
        }
        let open = !self.workflow.dotenv.is_empty()
            || !job.dotenv.is_empty()
            || job.steps.iter().any(|step| match &step.kind {
                StepKind::Run { script, .. } => mentions_file(script.source_text()),
                _ => false,
            });
        self.open = Some((index, open));
        open
    }
}

/// Whether a script mentions the file that variables are set by.
pub(crate) fn mentions_file(script: &str) -> bool {
    script.contains("GITHUB_ENV") || script.contains("MMM_ENV")
}
