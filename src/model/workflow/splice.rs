//! Keeps foreign text out of scripts.
//!
//! A title such as `"; rm -rf ~ #` that is pasted into a script becomes part of the script. In a
//! variable it stays text. So a script may not paste what somebody else wrote, nor a variable, an
//! output or a matrix that holds such text; what a program or whoever starts the run wrote is
//! warned of.

use std::collections::HashMap;

use crate::model::expression::Template;
use crate::model::expression::template::Embedded;
use crate::model::expression::value::fold;
use crate::model::inputs::{InputDefinition, InputKind};
use crate::model::workflow::data::{Data, DataKind};
use crate::model::workflow::definition::{Job, Step, StepKind, Variable, Workflow};
use crate::model::workflow::needs::JobIds;
use crate::model::workflow::paths;
use crate::model::workflow::plan;
use crate::model::workflow::policy::{Isolation, OnConflict, Over};
use crate::model::workflow::report::Report;
use crate::model::workflow::variables::mentions_file;

/// Whose text something is; the later one, the less it is trusted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Author {
    /// The author of the workflow, or text that can hold nothing bad.
    #[default]
    Known,
    /// Whoever starts the run.
    Starter,
    /// A program that ran before.
    Program,
    /// A file of variables: an error.
    File,
    /// Anybody: an error.
    Anybody,
}

/// Contexts whose text anybody may have written.
const FOREIGN: &[&str] = &["project", "spec"];

/// Names below `github` whose text anybody may have written.
const FOREIGN_GITHUB: &[&str] = &[
    "actor",
    "triggering_actor",
    "event",
    "head_ref",
    "base_ref",
    "ref",
    "ref_name",
];

/// Names below a checkpoint, a step or a job whose text is one of a few words.
const SAFE: &[&str] = &["option", "outcome", "conclusion", "result"];

/// Outputs of a checkpoint that are one of a few words.
const SAFE_ANSWER: &[&str] = &["at", "option"];

/// Outputs of a `git` step that are one of a few words, or an id.
const SAFE_GIT: &[&str] = &["changed", "commit"];

/// The variables of one level, and whose text each holds.
type Level<'a> = HashMap<&'a str, Author>;

/// Checks every script of a workflow.
pub(crate) fn check(workflow: &Workflow, ids: &JobIds, report: &mut Report) {
    let inputs = workflow.inputs.as_slice();
    let sources = Sources {
        inputs,
        ..Sources::default()
    };
    let top = level(&workflow.env, &sources);
    let mut check = Check {
        ids,
        jobs: &workflow.jobs,
        top: &top,
        inputs,
        dotenv: !workflow.dotenv.is_empty(),
        outputs: vec![HashMap::new(); workflow.jobs.len()],
    };
    let conflict = conflict_steps(workflow.isolation.as_ref());
    let sources = Sources {
        levels: vec![&top],
        inputs,
        ..Sources::default()
    };
    check_steps(conflict.iter(), &sources, report);
    // A job is looked at when those that it needs have been; those in a circle come last.
    let mut left: Vec<bool> = vec![true; workflow.jobs.len()];
    let placed = plan::layers(&workflow.jobs).into_iter().flatten();
    for index in placed {
        check.job(index, report);
        if let Some(left) = left.get_mut(index) {
            *left = false;
        }
    }
    for (index, _) in left.iter().enumerate().filter(|(_, left)| **left) {
        check.job(index, report);
    }
}

struct Check<'a> {
    ids: &'a JobIds,
    jobs: &'a [Job],
    top: &'a Level<'a>,
    inputs: &'a [InputDefinition],
    /// Whether files of variables hold for every job.
    dotenv: bool,
    /// Whose text the outputs of each job are.
    outputs: Vec<HashMap<String, Author>>,
}

impl Check<'_> {
    fn job(&mut self, index: usize, report: &mut Report) {
        let Some(job) = self.jobs.get(index) else {
            return;
        };
        // Most scripts paste nothing, and then nothing has to be known.
        let conflict = conflict_steps(job.isolation.as_ref());
        let steps = || job.steps.iter().chain(conflict);
        if job.outputs.is_empty() && !steps().any(pastes) {
            return;
        }
        let outer = level(&job.env, &self.sources(job, None));
        let sources = self.sources(job, Some(&outer));
        check_steps(steps(), &sources, report);
        let outputs = job.outputs.iter().map(|output| {
            let author = sources.of_template(&output.value);
            (fold(&output.name), author)
        });
        let outputs: HashMap<String, Author> = outputs.collect();
        if let Some(entry) = self.outputs.get_mut(index) {
            *entry = outputs;
        }
    }

    fn sources<'s>(&'s self, job: &'s Job, outer: Option<&'s Level<'s>>) -> Sources<'s> {
        let mut scripts = job.steps.iter().flat_map(scripts);
        let unknown = if self.dotenv || !job.dotenv.is_empty() {
            Author::File
        } else if scripts.any(|script| mentions_file(script.source_text())) {
            Author::Program
        } else {
            Author::Known
        };
        Sources {
            levels: outer.into_iter().chain([self.top]).collect(),
            unknown,
            steps: &job.steps,
            over: job.strategy.as_ref().map(|strategy| &strategy.over),
            inputs: self.inputs,
            outputs: Some((self.ids, &self.outputs)),
        }
    }
}

/// Checks the scripts of steps.
fn check_steps<'a>(steps: impl Iterator<Item = &'a Step>, outer: &Sources, report: &mut Report) {
    for step in steps.filter(|step| pastes(step)) {
        let own = level(&step.env, outer);
        let mut levels = vec![&own];
        levels.extend(&outer.levels);
        let sources = Sources {
            levels,
            ..outer.clone()
        };
        for embedded in scripts(step).flat_map(Template::expressions) {
            let reads = paths::text_reads(&embedded.expression);
            let authors = reads
                .iter()
                .map(|read| (sources.author(&read.path), &read.path));
            // The first of the worst ones.
            let worst = authors.rev().max_by_key(|(author, _)| *author);
            if let Some((author, path)) = worst.filter(|found| found.0 != Author::Known) {
                describe(author, path, embedded, report);
            }
        }
    }
}

/// The steps that solve conflicts.
fn conflict_steps(isolation: Option<&Isolation>) -> &[Step] {
    match isolation.map(|isolation| &isolation.on_conflict) {
        Some(OnConflict::Steps(steps)) => steps,
        _ => &[],
    }
}

/// The variables of one level.
fn level<'a>(env: &'a [Variable], sources: &Sources) -> Level<'a> {
    env.iter()
        .map(|variable| (variable.name.as_str(), sources.of_template(&variable.value)))
        .collect()
}

/// The texts of a step that are run as a script.
fn scripts(step: &Step) -> impl Iterator<Item = &Template> {
    let script = match &step.kind {
        StepKind::Run { script, .. } => Some(script),
        StepKind::Notify(data) => match data.get("command").map(|data| &data.kind) {
            Some(DataKind::Text(command)) => Some(command),
            _ => None,
        },
        _ => None,
    };
    script.into_iter()
}

fn pastes(step: &Step) -> bool {
    scripts(step).any(|script| script.expressions().next().is_some())
}

/// Where text may come from at one place.
#[derive(Clone, Default)]
struct Sources<'a> {
    /// Variables, the nearest level first.
    levels: Vec<&'a Level<'a>>,
    /// Whose text a variable is that no level has.
    unknown: Author,
    /// The steps of the job.
    steps: &'a [Step],
    over: Option<&'a Over>,
    inputs: &'a [InputDefinition],
    outputs: Option<(&'a JobIds, &'a [HashMap<String, Author>])>,
}

impl Sources<'_> {
    /// Whose text a path gives.
    fn author(&self, path: &[&str]) -> Author {
        match path {
            ["env", name, ..] => {
                let known = self
                    .levels
                    .iter()
                    .find_map(|level| level.get(name).or_else(|| level.get("")).copied());
                known.unwrap_or(self.unknown)
            }
            ["env"] => {
                let all = self.levels.iter().flat_map(|level| level.values().copied());
                all.max().unwrap_or_default()
            }
            ["github", name, ..] if !holds(FOREIGN_GITHUB, name) => Author::Known,
            ["checkpoint" | "steps" | "needs", _, name, ..] if holds(SAFE, name) => Author::Known,
            ["github" | "checkpoint", ..] => Author::Anybody,
            ["inputs", below @ ..] => self.of_input(below.first().copied()),
            ["needs", job, name, output, ..] if holds(&["outputs"], name) => {
                self.of_output(job, output)
            }
            ["steps", id, name, output, ..] if holds(&["outputs"], name) => {
                self.of_step(id, output)
            }
            ["steps" | "needs", ..] => Author::Program,
            ["matrix", below @ ..] => match self.over {
                Some(Over::Matrix(data)) => self.of_matrix(data, below.first().copied()),
                Some(Over::Strategy(data)) => self.of_data(data),
                _ => Author::Known,
            },
            ["item", ..] => match self.over {
                Some(Over::Items(data)) => self.of_data(data),
                _ => Author::Known,
            },
            [context, ..] if FOREIGN.contains(context) => Author::Anybody,
            _ => Author::Known,
        }
    }

    /// Text can hold anything, a number or one of several choices cannot.
    fn of_input(&self, name: Option<&str>) -> Author {
        let named = |input: &&InputDefinition| {
            name.is_none_or(|name| input.name.eq_ignore_ascii_case(name))
        };
        let mut inputs = self.inputs.iter().filter(named);
        if inputs.any(|input| input.kind == InputKind::String) {
            Author::Starter
        } else {
            Author::Known
        }
    }

    /// What a person said at a checkpoint is anybody's; most outputs are a program's.
    fn of_step(&self, id: &str, output: &str) -> Author {
        let is = |step: &&Step| {
            step.id
                .as_deref()
                .is_some_and(|known| known.eq_ignore_ascii_case(id))
        };
        let kind = self.steps.iter().find(is).map(|step| &step.kind);
        match kind {
            Some(StepKind::Checkpoint(_)) if holds(SAFE_ANSWER, output) => Author::Known,
            Some(StepKind::Checkpoint(_)) => Author::Anybody,
            Some(StepKind::Git(_)) if holds(SAFE_GIT, output) => Author::Known,
            _ => Author::Program,
        }
    }

    fn of_template(&self, template: &Template) -> Author {
        let expressions = template.expressions();
        let reads = expressions.flat_map(|embedded| paths::text_reads(&embedded.expression));
        let authors = reads.map(|read| self.author(&read.path));
        authors.max().unwrap_or_default()
    }

    fn of_data(&self, data: &Data) -> Author {
        let mut author = Author::Known;
        data.templates(&mut |template| author = author.max(self.of_template(template)));
        author
    }

    fn of_output(&self, job: &str, output: &str) -> Author {
        let known = self
            .outputs
            .and_then(|(ids, outputs)| outputs.get(ids.find(job)?));
        let known = known.and_then(|outputs| outputs.get(&fold(output)).copied());
        known.unwrap_or(Author::Program)
    }

    /// Whose text a name of a matrix is: its list, and what `include` gives for it.
    fn of_matrix(&self, data: &Data, name: Option<&str>) -> Author {
        let (DataKind::Map(entries), Some(name)) = (&data.kind, name) else {
            return self.of_data(data);
        };
        let entries = entries.iter().filter(|(known, _)| known != "exclude");
        let authors = entries.map(|(known, value)| match (&value.kind, known.as_str()) {
            (DataKind::List(elements), "include") => {
                let elements = elements.iter().map(|element| match &element.kind {
                    DataKind::Map(_) => element
                        .get(name)
                        .map_or(Author::Known, |data| self.of_data(data)),
                    _ => self.of_data(element),
                });
                elements.max().unwrap_or_default()
            }
            (_, "include") => self.of_data(value),
            (_, known) if known.eq_ignore_ascii_case(name) => self.of_data(value),
            _ => Author::Known,
        });
        authors.max().unwrap_or_default()
    }
}

fn holds(names: &[&str], name: &str) -> bool {
    names.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// An expression as a value between braces, where YAML wants it in quotes.
fn quoted(expression: &str) -> String {
    if expression.contains('\'') && !expression.contains(['"', '\\']) {
        format!("\"{expression}\"")
    } else {
        format!("'{}'", expression.replace('\'', "''"))
    }
}

fn describe(author: Author, path: &[&str], embedded: &Embedded, report: &mut Report) {
    let dotted = path.join(".");
    let hint = if let ["env", name, ..] = path {
        format!("write `\"${name}\"`: the script has the variable")
    } else {
        let names: Vec<&str> = path.iter().copied().filter(|name| *name != "*").collect();
        let name = names.join("_").to_ascii_uppercase().replace('-', "_");
        let written = quoted(report.source().slice(embedded.span));
        format!("set `env: {{ {name}: {written} }}` and write `\"${name}\"`")
    };
    let (span, hint) = (embedded.span, Some(hint));
    let code = "splice-into-run";
    match (author, path) {
        (Author::Anybody, ["env" | "matrix" | "item" | "needs", ..]) => {
            let message =
                format!("`{dotted}` holds foreign text, which would become part of the script");
            report.error_with_hint(code, span, message, hint);
        }
        (Author::Anybody, _) => {
            let message = format!("the text of `{dotted}` would become part of the script");
            report.error_with_hint(code, span, message, hint);
        }
        (Author::File, _) => {
            let message =
                format!("`{dotted}` is text of a file, which would become part of the script");
            report.error_with_hint(code, span, message, hint);
        }
        (Author::Program, _) => {
            let message =
                format!("`{dotted}` is text of a program, which becomes part of the script");
            report.warning(code, span, message, hint);
        }
        (Author::Starter | Author::Known, _) => {
            let message = format!(
                "`{dotted}` is text of whoever starts the run, which becomes part of the script"
            );
            report.warning(code, span, message, hint);
        }
    }
}
