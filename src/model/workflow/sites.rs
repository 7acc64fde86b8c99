//! Every expression of a workflow, with the place that it is evaluated at.

use crate::model::expression::Template;
use crate::model::expression::tree::Expression;
use crate::model::workflow::condition::Condition;
use crate::model::workflow::data::Data;
use crate::model::workflow::definition::{Job, Step, StepKind, Variable, Workflow};
use crate::model::workflow::policy::{ArtifactRule, Concurrency, Isolation, OnConflict, Setting};

/// Where an expression is evaluated. Jobs and steps are indexes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Site {
    /// For the whole run, before any job.
    Run,
    /// For the whole run, when all jobs are over.
    RunEnd,
    /// In a job, before its steps.
    Job(usize),
    /// In a step of a job.
    Step(usize, usize),
    /// In a job, behind its steps.
    JobEnd(usize),
}

/// Calls `visit` for every expression of a workflow.
pub(crate) fn visit<'a>(workflow: &'a Workflow, visit: &mut impl FnMut(Site, &'a Expression)) {
    let mut found = Found::default();
    found.optional(workflow.run_name.as_ref());
    found.variables(&workflow.env);
    found.concurrency(workflow.concurrency.as_ref());
    found.isolation(workflow.isolation.as_ref());
    found.optional(workflow.defaults.working_directory.as_ref());
    found.optional(workflow.defaults.shell.as_ref());
    found.hand_over(Site::Run, visit);
    for (index, job) in workflow.jobs.iter().enumerate() {
        self::job(index, job, visit);
    }
    found.variables(&workflow.outputs);
    found.hand_over(Site::RunEnd, visit);
}

/// The names of the secrets that a workflow reads.
pub(crate) fn secrets(workflow: &Workflow) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    visit(workflow, &mut |_, expression| {
        for read in expression.reads() {
            if let ["secrets", name, ..] = read.path.as_slice()
                && !names.iter().any(|known| known == name)
            {
                names.push((*name).to_owned());
            }
        }
    });
    let steps = workflow.jobs.iter().flat_map(|job| {
        let own = job.isolation.as_ref().map(|own| &own.on_conflict);
        let solving = match own {
            Some(OnConflict::Steps(steps)) => steps.as_slice(),
            _ => &[],
        };
        job.steps.iter().chain(solving)
    });
    for step in steps {
        // It is named, not read by an expression.
        let StepKind::Notify(data) = &step.kind else {
            continue;
        };
        let name = data.get("secret").and_then(Data::literal);
        names.extend(name.map(|name| name.to_text()));
    }
    names
}

/// Whether nothing that a step is made of holds an expression: it needs no context.
pub(crate) fn is_literal(workflow: &Workflow, job: &Job, step: &Step) -> bool {
    let mut found = Found::default();
    for (defaults, variables) in [
        (&workflow.defaults, &workflow.env),
        (&job.defaults, &job.env),
    ] {
        found.optional(defaults.working_directory.as_ref());
        found.optional(defaults.shell.as_ref());
        found.variables(variables);
    }
    found.step(step);
    found.expressions.is_empty()
}

fn job<'a>(index: usize, job: &'a Job, visit: &mut impl FnMut(Site, &'a Expression)) {
    let mut found = Found::default();
    found.optional(job.name.as_ref());
    found.condition(&job.condition);
    if let Some(strategy) = &job.strategy {
        found.data(strategy.over.data());
        found.setting(Some(&strategy.fail_fast));
        found.setting(strategy.max_parallel.as_ref());
    }
    found.concurrency(job.concurrency.as_ref());
    found.setting(job.continue_on_error.as_ref());
    found.isolation(job.isolation.as_ref());
    found.optional(job.defaults.working_directory.as_ref());
    found.optional(job.defaults.shell.as_ref());
    found.variables(&job.env);
    found.setting(job.timeout.as_ref());
    found.hand_over(Site::Job(index), visit);
    for (number, step) in job.steps.iter().enumerate() {
        found.step(step);
        found.hand_over(Site::Step(index, number), visit);
    }
    found.variables(&job.outputs);
    found.artifacts(&job.artifacts);
    if let Some(OnConflict::Steps(steps)) = job.isolation.as_ref().map(|own| &own.on_conflict) {
        for step in steps {
            found.step(step);
        }
    }
    found.hand_over(Site::JobEnd(index), visit);
}

/// The expressions of one place.
#[derive(Default)]
struct Found<'a> {
    expressions: Vec<&'a Expression>,
}

impl<'a> Found<'a> {
    fn hand_over(&mut self, site: Site, visit: &mut impl FnMut(Site, &'a Expression)) {
        for expression in self.expressions.drain(..) {
            visit(site, expression);
        }
    }

    fn template(&mut self, template: &'a Template) {
        let embedded = template.expressions();
        self.expressions
            .extend(embedded.map(|embedded| &embedded.expression));
    }

    fn optional(&mut self, template: Option<&'a Template>) {
        if let Some(template) = template {
            self.template(template);
        }
    }

    fn variables(&mut self, variables: &'a [Variable]) {
        for variable in variables {
            self.template(&variable.value);
        }
    }

    fn condition(&mut self, condition: &'a Condition) {
        self.expressions.extend(condition.expression());
    }

    fn setting<T>(&mut self, setting: Option<&'a Setting<T>>) {
        if let Some(Setting::Computed(template)) = setting {
            self.template(template);
        }
    }

    fn data(&mut self, data: &'a Data) {
        data.templates(&mut |template| self.template(template));
    }

    fn concurrency(&mut self, concurrency: Option<&'a Concurrency>) {
        if let Some(concurrency) = concurrency {
            self.template(&concurrency.group);
            self.setting(Some(&concurrency.cancel_in_progress));
        }
    }

    fn isolation(&mut self, isolation: Option<&'a Isolation>) {
        self.optional(isolation.and_then(|isolation| isolation.into.as_ref()));
    }

    fn artifacts(&mut self, rules: &'a [ArtifactRule]) {
        for rule in rules {
            self.template(&rule.name);
            for path in &rule.paths {
                self.template(path);
            }
        }
    }

    fn step(&mut self, step: &'a Step) {
        self.optional(step.name.as_ref());
        self.condition(&step.condition);
        self.variables(&step.env);
        self.optional(step.working_directory.as_ref());
        self.setting(step.timeout.as_ref());
        self.setting(step.continue_on_error.as_ref());
        self.artifacts(&step.artifacts);
        for matcher in &step.problem_matchers {
            self.template(matcher);
        }
        match &step.kind {
            StepKind::Run { script, .. } => self.template(script),
            StepKind::Checkpoint(checkpoint) => self.optional(checkpoint.message.as_ref()),
            StepKind::Call { with, .. } => {
                for (_, data) in with {
                    self.data(data);
                }
            }
            StepKind::Notify(data) | StepKind::Git(data) => self.data(data),
        }
    }
}
