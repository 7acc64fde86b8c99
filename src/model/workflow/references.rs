//! Checks the names that expressions read below their contexts.
//!
//! A name that is not there is nothing when the workflow runs, as on GitHub: `github.head_ref ||
//! github.ref_name` relies on it. Whoever misspelt it would look for long, so it is warned of
//! before anything runs. What cannot be known before, such as the outputs of a step, is let
//! through.

use std::collections::{HashMap, HashSet};

use crate::base::source::Span;
use crate::base::text;
use crate::model::expression::tree::{Expression, ExpressionKind, Read};
use crate::model::expression::value::fold;
use crate::model::workflow::data::{Data, DataKind};
use crate::model::workflow::definition::{Job, Workflow};
use crate::model::workflow::needs::JobIds;
use crate::model::workflow::outputs::Outputs;
use crate::model::workflow::paths;
use crate::model::workflow::policy::Over;
use crate::model::workflow::report::Report;
use crate::model::workflow::sites::{self, Site};
use crate::model::workflow::{checkpoints, variables};

/// What `steps.<id>` holds.
const STEP_PROPERTIES: &[&str] = &["outcome", "conclusion", "outputs"];

/// What `needs.<job>` holds.
const NEED_PROPERTIES: &[&str] = &["result", "outputs", "results"];

/// What `jobs.<job>` holds.
const JOB_PROPERTIES: &[&str] = &["result", "outputs"];

/// What contexts with fixed names hold; `workflow::contexts` fills them.
const FIXED: &[(&str, &[&str])] = &[
    (
        "github",
        &[
            "workflow",
            "run_id",
            "run_attempt",
            "job",
            "sha",
            "ref",
            "ref_name",
            "ref_type",
            "workspace",
            "event_name",
            "actor",
            "triggering_actor",
            "repository",
            "repository_owner",
            "head_ref",
            "base_ref",
        ],
    ),
    ("job", &["status"]),
    ("project", &["name", "id"]),
    ("run", &["id", "workflow"]),
    (
        "runner",
        &["os", "arch", "temp", "name", "debug", "environment"],
    ),
    (
        "spec",
        &[
            "id", "slug", "name", "title", "status", "kind", "owner", "priority", "path",
        ],
    ),
    (
        "strategy",
        &["fail-fast", "job-index", "job-total", "max-parallel"],
    ),
];

/// The names below a context, where they are fixed.
pub(crate) fn names_below(context: &str) -> Option<&'static [&'static str]> {
    let found = FIXED.iter().find(|(known, _)| *known == context);
    found.map(|(_, names)| *names)
}

/// Checks every expression of a workflow.
pub(crate) fn check(workflow: &Workflow, ids: &JobIds, report: &mut Report) {
    let mut names = Names {
        workflow,
        ids,
        job: None,
    };
    let mut outputs = Outputs::default();
    let mut variables = variables::Variables::new(workflow);
    let mut checkpoints = checkpoints::Checkpoints::new(workflow);
    sites::visit(workflow, &mut |site, expression| {
        if !matches!(site, Site::Step(..) | Site::JobEnd(_)) && paths::hashes_files(expression) {
            let message = "`hashFiles()` can be called in steps only";
            report.error("unknown-function", expression.span, message);
        }
        expression.walk(&mut |part| names.status_of_jobs(site, part, report));
        for read in expression.reads() {
            outputs.note(&read.path, ids);
            let before = report.problems();
            match read.path.as_slice() {
                ["env", name, ..] => variables.check(site, name, read.span, report),
                ["checkpoint", name, below @ ..] => {
                    checkpoints.check(site, (name, below), read.span, report);
                }
                _ => names.check(site, &read, report),
            }
            if report.problems() > before {
                outputs.note_any(&read.path, ids);
            }
        }
    });
    outputs.report(workflow, report);
}

/// The names of the job that is being looked at.
struct JobNames<'a> {
    index: usize,
    needs: HashSet<usize>,
    /// Each step id with the index of its step.
    steps: HashMap<String, (usize, &'a str)>,
    /// The names below `matrix`, where they are fixed.
    matrix: Option<Vec<&'a str>>,
}

/// The names that expressions may read.
struct Names<'a> {
    workflow: &'a Workflow,
    ids: &'a JobIds,
    job: Option<JobNames<'a>>,
}

impl<'a> Names<'a> {
    fn check(&mut self, site: Site, read: &Read, report: &mut Report) {
        let span = read.span;
        match read.path.as_slice() {
            ["steps", name, below @ ..] => {
                self.step(site, name, span, report);
                below_is((below, "a step", STEP_PROPERTIES), span, report);
            }
            ["needs", name, below @ ..] => {
                let job = self.need(site, name, span, report);
                below_is((below, "a job", NEED_PROPERTIES), span, report);
                self.output(job, below, span, report);
            }
            ["jobs", name, below @ ..] => {
                let job = self.find_job(name, span, report);
                below_is((below, "a job", JOB_PROPERTIES), span, report);
                self.output(job, below, span, report);
            }
            ["inputs", name, ..] => self.input(name, span, report),
            ["matrix", below @ ..] => self.matrix(site, below.first().copied(), span, report),
            ["item", ..] => self.item(site, span, report),
            [context, name, ..] => fixed(context, name, span, report),
            _ => {}
        }
    }

    /// The names of the job of a place, with how many of its steps are over there.
    fn job_of(&mut self, site: Site) -> Option<(&JobNames<'a>, usize)> {
        let (index, now) = match site {
            Site::Run | Site::RunEnd => return None,
            Site::Job(index) => (index, 0),
            Site::Step(index, step) => (index, step),
            Site::JobEnd(index) => (index, usize::MAX),
        };
        if self.job.as_ref().is_none_or(|job| job.index != index) {
            self.job = self.workflow.jobs.get(index).map(|job| JobNames {
                index,
                needs: job.needs.iter().copied().collect(),
                steps: step_numbers(job),
                matrix: matrix_names(job),
            });
        }
        self.job.as_ref().map(|job| (job, now))
    }

    fn step(&mut self, site: Site, name: &str, span: Span, report: &mut Report) {
        let Some((job, now)) = self.job_of(site) else {
            return;
        };
        match job.steps.get(&fold(name)) {
            Some((index, _)) if *index < now => {}
            Some((index, _)) => {
                let message = if *index == now {
                    format!("step `{name}` has not ended while it is evaluated itself")
                } else {
                    format!("step `{name}` comes later")
                };
                report.warning("unknown-step", span, message, None);
            }
            None => {
                let before = job.steps.values().filter(|(index, _)| *index < now);
                let near = report.near(name, before.map(|(_, id)| *id));
                let hint = near.unwrap_or_else(|| format!("give the step a key `id: {name}`"));
                let message = format!("no step of this job has the id `{name}`");
                report.warning("unknown-step", span, message, Some(hint));
            }
        }
    }

    /// The jobs that `success('build')` and `failure('build')` ask about.
    fn status_of_jobs(&mut self, site: Site, part: &Expression, report: &mut Report) {
        let ExpressionKind::Call(function, jobs) = &part.kind else {
            return;
        };
        for job in jobs.iter().filter(|_| function.can_be_of_jobs()) {
            if let ExpressionKind::Literal(name) = &job.kind {
                self.need(site, &name.text(), job.span, report);
            }
        }
    }

    fn need(&mut self, site: Site, name: &str, span: Span, report: &mut Report) -> Option<usize> {
        let job = self.find_job(name, span, report)?;
        let needed = self.job_of(site)?.0.needs.contains(&job);
        if !needed {
            let message = format!("job `{name}` is not in `needs` of this job");
            let hint = format!("add `{name}` to `needs`");
            report.warning("unknown-job", span, message, Some(hint));
        }
        needed.then_some(job)
    }

    fn find_job(&self, name: &str, span: Span, report: &mut Report) -> Option<usize> {
        let job = self.ids.find(name);
        if job.is_none() {
            let hint = report.near(name, self.ids.iter());
            let message = format!("unknown job `{name}`");
            report.warning("unknown-job", span, message, hint);
        }
        job
    }

    /// Checks `outputs.<name>` of a job.
    fn output(&self, job: Option<usize>, below: &[&str], span: Span, report: &mut Report) {
        let [property, name, ..] = below else {
            return;
        };
        let job = job.and_then(|job| self.workflow.jobs.get(job));
        let Some(job) = job.filter(|_| property.eq_ignore_ascii_case("outputs")) else {
            return;
        };
        let known = job.outputs.iter().map(|output| output.name.as_str());
        if known.clone().any(|known| known.eq_ignore_ascii_case(name)) {
            return;
        }
        let near = report.near(name, known);
        let hint = near.unwrap_or_else(|| format!("add `{name}` to `outputs` of job `{}`", job.id));
        let message = format!("job `{}` has no output `{name}`", job.id);
        report.warning("unknown-output", span, message, Some(hint));
    }

    fn input(&self, name: &str, span: Span, report: &mut Report) {
        let known = self.workflow.inputs.iter().map(|input| input.name.as_str());
        if known.clone().any(|known| known.eq_ignore_ascii_case(name)) {
            return;
        }
        let near = report.near(name, known);
        let hint = near.unwrap_or_else(|| format!("add `{name}` to `inputs` of the workflow"));
        let message = format!("the workflow has no input `{name}`");
        report.warning("unknown-input", span, message, Some(hint));
    }

    fn matrix(&mut self, site: Site, name: Option<&str>, span: Span, report: &mut Report) {
        if self
            .fanned_out(site)
            .is_none_or(|over| matches!(over, Over::Items(_)))
        {
            let message = "`matrix` is empty: this job has no `strategy.matrix`";
            report.warning("unknown-property", span, message, None);
            return;
        }
        let known = self.job_of(site).and_then(|(job, _)| job.matrix.as_ref());
        if let (Some(name), Some(known)) = (name, known) {
            no_property(("`matrix`", known), name, span, report);
        }
    }

    fn item(&mut self, site: Site, span: Span, report: &mut Report) {
        if self
            .fanned_out(site)
            .is_none_or(|over| !matches!(over, Over::Items(_)))
        {
            let message = "`item` is empty: this job has no `for-each`";
            report.warning("unknown-property", span, message, None);
        }
    }

    /// What the job of a place is fanned out over.
    fn fanned_out(&self, site: Site) -> Option<&'a Over> {
        let (Site::Job(index) | Site::Step(index, _) | Site::JobEnd(index)) = site else {
            return None;
        };
        let job = self.workflow.jobs.get(index)?;
        job.strategy.as_ref().map(|strategy| &strategy.over)
    }
}

fn step_numbers(job: &Job) -> HashMap<String, (usize, &str)> {
    let mut numbers = HashMap::new();
    for (index, step) in job.steps.iter().enumerate() {
        if let Some(id) = &step.id {
            numbers.entry(fold(id)).or_insert((index, id.as_str()));
        }
    }
    numbers
}

/// The names below `matrix` of a job; nothing when an expression gives some of them.
fn matrix_names(job: &Job) -> Option<Vec<&str>> {
    let Over::Matrix(data) = &job.strategy.as_ref()?.over else {
        return None;
    };
    let DataKind::Map(entries) = &data.kind else {
        return None;
    };
    let mut names = Vec::new();
    for (name, value) in entries {
        match name.as_str() {
            "exclude" => {}
            "include" => names.extend(element_names(value)?),
            name => names.push(name),
        }
    }
    Some(names)
}

/// The names in the mappings of a list.
fn element_names(list: &Data) -> Option<Vec<&str>> {
    let DataKind::List(elements) = &list.kind else {
        return None;
    };
    let mut names = Vec::new();
    for element in elements {
        let DataKind::Map(entries) = &element.kind else {
            return None;
        };
        names.extend(entries.iter().map(|(name, _)| name.as_str()));
    }
    Some(names)
}

/// Checks the first name below a step or a job.
fn below_is((below, owner, known): (&[&str], &str, &[&str]), span: Span, report: &mut Report) {
    if let Some(name) = below.first() {
        no_property((owner, known), name, span, report);
    }
}

/// Checks a name below a context whose names are fixed.
fn fixed(context: &str, name: &str, span: Span, report: &mut Report) {
    let Some((context, known)) = FIXED.iter().find(|(known, _)| *known == context) else {
        return;
    };
    if (*context, fold(name).as_str()) == ("github", "EVENT") {
        let message = "`github` has no `event`".to_owned();
        let hint = "what a run is told when it starts is in `inputs`".to_owned();
        report.warning("unknown-property", span, message, Some(hint));
        return;
    }
    no_property((&format!("`{context}`"), known), name, span, report);
}

/// Reports a name that is not among the known ones.
pub(crate) fn no_property(
    (owner, known): (&str, &[&str]),
    name: &str,
    span: Span,
    report: &mut Report,
) {
    if known.iter().any(|known| known.eq_ignore_ascii_case(name)) {
        return;
    }
    let hint = match report.near(name, known.iter().copied()) {
        Some(near) => near,
        None => format!("known here: {}", text::one_of(known.iter().copied())),
    };
    let message = format!("{owner} has no `{name}`");
    report.warning("unknown-property", span, message, Some(hint));
}
