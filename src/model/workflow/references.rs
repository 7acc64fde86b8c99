//! Checks the names that expressions read below their contexts, `env` apart.
//!
//! A name that is not there would silently be the empty text when the workflow runs, and a
//! condition on it would never hold; so it is an error before anything runs.

use std::collections::HashMap;
use std::collections::HashSet;

use crate::base::source::Span;
use crate::base::text;
use crate::model::expression::Template;
use crate::model::expression::parser::Expression;
use crate::model::expression::parser::ExpressionKind;
use crate::model::expression::value::fold;
use crate::model::workflow::condition::Condition;
use crate::model::workflow::definition::Job;
use crate::model::workflow::definition::Step;
use crate::model::workflow::definition::StepKind;
use crate::model::workflow::definition::Variable;
use crate::model::workflow::definition::Workflow;
use crate::model::workflow::needs::JobIds;
use crate::model::workflow::report::Report;

/// What `steps.<id>` holds.
const STEP_PROPERTIES: &[&str] = &["outcome", "conclusion", "outputs"];

/// What `needs.<job>` holds.
const JOB_PROPERTIES: &[&str] = &["result", "outputs", "results"];

/// What the contexts of a run hold, by name; `workflow::contexts` fills them.
const RUN_PROPERTIES: &[(&str, &[&str])] = &[
    ("project", &["name", "id"]),
    ("run", &["id", "workflow"]),
    (
        "spec",
        &[
            "id", "slug", "name", "title", "status", "kind", "owner", "priority", "path",
        ],
    ),
];

/// Checks every expression of the jobs.
pub(crate) fn check(workflow: &Workflow, ids: &JobIds, report: &mut Report) {
    check_variables(&workflow.env, report);
    for job in &workflow.jobs {
        let mut names = Names {
            needs: job.needs.iter().copied().collect(),
            jobs: ids,
            steps: step_numbers(job),
            now: 0,
        };
        for expression in templates(job.name.as_ref(), &job.env, &job.condition) {
            names.check(expression, report);
        }
        for (now, step) in job.steps.iter().enumerate() {
            names.now = now;
            for expression in templates(step.name.as_ref(), &step.env, &step.condition) {
                names.check(expression, report);
            }
            for template in own_templates(step) {
                for embedded in template.expressions() {
                    names.check(&embedded.expression, report);
                }
            }
        }
    }
}

/// Checks the variables of the whole workflow, which see no job.
fn check_variables(env: &[Variable], report: &mut Report) {
    for embedded in env.iter().flat_map(|variable| variable.value.expressions()) {
        embedded.expression.walk(&mut |part| {
            if let ExpressionKind::Property(inner, name) = &part.kind
                && let ExpressionKind::Context(context) = &inner.kind
            {
                of_run(context, name, part.span, report);
            }
        });
    }
}

/// Each step id with the index of its step.
fn step_numbers(job: &Job) -> HashMap<String, (usize, &str)> {
    let mut numbers = HashMap::new();
    for (index, step) in job.steps.iter().enumerate() {
        if let Some(id) = &step.id {
            numbers.entry(fold(id)).or_insert((index, id.as_str()));
        }
    }
    numbers
}

/// The expressions that jobs and steps have alike.
fn templates<'a>(
    name: Option<&'a Template>,
    env: &'a [Variable],
    condition: &'a Condition,
) -> impl Iterator<Item = &'a Expression> {
    name.into_iter()
        .chain(env.iter().map(|variable| &variable.value))
        .flat_map(Template::expressions)
        .map(|embedded| &embedded.expression)
        .chain(condition.expression())
}

/// The templates that only a step has.
fn own_templates(step: &Step) -> impl Iterator<Item = &Template> {
    let (first, second) = match &step.kind {
        StepKind::Run { script, .. } => (Some(script), step.working_directory.as_ref()),
        StepKind::Checkpoint(checkpoint) => (checkpoint.message.as_ref(), None),
        StepKind::Call { .. } | StepKind::Notify(_) | StepKind::Git(_) => (None, None),
    };
    first.into_iter().chain(second)
}

/// The names that one expression may read.
struct Names<'a> {
    needs: HashSet<usize>,
    jobs: &'a JobIds,
    steps: HashMap<String, (usize, &'a str)>,
    /// The index of the step that the expression belongs to.
    now: usize,
}

impl Names<'_> {
    fn check(&self, expression: &Expression, report: &mut Report) {
        expression.walk(&mut |part| {
            let ExpressionKind::Property(inner, name) = &part.kind else {
                return;
            };
            match &inner.kind {
                ExpressionKind::Context(context) if context == "steps" => {
                    self.step(name, part.span, report);
                }
                ExpressionKind::Context(context) if context == "needs" => {
                    self.need(name, part.span, report);
                }
                ExpressionKind::Context(context) => of_run(context, name, part.span, report),
                ExpressionKind::Property(root, _) => {
                    let ExpressionKind::Context(context) = &root.kind else {
                        return;
                    };
                    property(context, name, part.span, report);
                }
                _ => {}
            }
        });
    }

    fn step(&self, name: &str, span: Span, report: &mut Report) {
        match self.steps.get(&fold(name)) {
            Some((index, _)) if *index < self.now => {}
            Some((index, _)) => {
                let message = if *index == self.now {
                    format!("step `{name}` has not ended while it is evaluated itself")
                } else {
                    format!("step `{name}` comes later")
                };
                report.error("unknown-step", span, message);
            }
            None => {
                let now = self.now;
                let before = self.steps.values().filter(|(index, _)| *index < now);
                let hint = report.near(name, before.map(|(_, id)| *id));
                let message = format!("no step of this job has the id `{name}`");
                report.error_with_hint("unknown-step", span, message, hint);
            }
        }
    }

    fn need(&self, name: &str, span: Span, report: &mut Report) {
        match self.jobs.find(name) {
            Some(job) if self.needs.contains(&job) => {}
            Some(_) => {
                let message = format!("job `{name}` is not in `needs` of this job");
                let hint = format!("add `{name}` to `needs`");
                report.error_with_hint("unknown-job", span, message, Some(hint));
            }
            None => {
                let hint = report.near(name, self.jobs.iter());
                let message = format!("unknown job `{name}`");
                report.error_with_hint("unknown-job", span, message, hint);
            }
        }
    }
}

/// Checks what is read of a step or a job.
fn property(context: &str, name: &str, span: Span, report: &mut Report) {
    let (owner, known) = match context {
        "steps" => ("a step", STEP_PROPERTIES),
        "needs" => ("a job", JOB_PROPERTIES),
        _ => return,
    };
    no_property((owner, known), name, span, report);
}

/// Checks what is read of the run, its spec or the project.
fn of_run(context: &str, name: &str, span: Span, report: &mut Report) {
    let known = RUN_PROPERTIES.iter().find(|(known, _)| *known == context);
    if let Some((context, known)) = known {
        no_property((&format!("`{context}`"), known), name, span, report);
    }
}

/// Reports a name that is not among the known ones.
fn no_property((owner, known): (&str, &[&str]), name: &str, span: Span, report: &mut Report) {
    if known.iter().any(|known| known.eq_ignore_ascii_case(name)) {
        return;
    }
    let hint = match report.near(name, known.iter().copied()) {
        Some(near) => near,
        None => format!("known here: {}", text::one_of(known.iter().copied())),
    };
    let message = format!("{owner} has no `{name}` in this version");
    report.error_with_hint("unknown-property", span, message, Some(hint));
}
