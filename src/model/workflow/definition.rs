//! A workflow that has been found valid.

use std::time::Duration;

use crate::base::source::SourceText;
use crate::base::source::Span;
use crate::base::text;
use crate::model::expression::Context;
use crate::model::expression::Template;
use crate::model::workflow::condition::Condition;

/// A workflow.
#[derive(Clone, Debug)]
pub(crate) struct Workflow {
    /// The file.
    pub(crate) source: SourceText,
    /// Its name: the key `name`, else the file's name without its ending.
    pub(crate) name: String,
    /// Variables of every job.
    pub(crate) env: Vec<Variable>,
    /// The jobs in the order of the file.
    pub(crate) jobs: Vec<Job>,
}

/// Steps that run one after the other.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    /// Its key under `jobs`.
    pub(crate) id: String,
    /// What people read.
    pub(crate) name: Option<Template>,
    /// The jobs that must have ended before, as indexes into [`Workflow::jobs`].
    pub(crate) needs: Vec<usize>,
    /// Whether it runs.
    pub(crate) condition: Condition,
    /// Variables of every step.
    pub(crate) env: Vec<Variable>,
    /// How long all of it may take.
    pub(crate) timeout: Option<Duration>,
    /// The steps in their order.
    pub(crate) steps: Vec<Step>,
    /// Its key in the file.
    #[cfg_attr(not(test), expect(dead_code, reason = "tests compare places with it"))]
    pub(crate) span: Span,
}

/// One thing to do.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    /// Unique in its job: the id, else the number of the step, counted from 1.
    pub(crate) key: String,
    /// The name that expressions use.
    pub(crate) id: Option<String>,
    /// What people read.
    pub(crate) name: Option<Template>,
    /// The name with what a run knows of it from its start filled in.
    pub(crate) filled_name: Option<String>,
    /// Whether it runs.
    pub(crate) condition: Condition,
    /// Variables of this step.
    pub(crate) env: Vec<Variable>,
    /// Where it runs, relative to the top of the work tree.
    pub(crate) working_directory: Option<Template>,
    /// Where that is written, as `file:line:column`.
    pub(crate) working_directory_place: Option<String>,
    /// How long it may take.
    pub(crate) timeout: Option<Duration>,
    /// What it does.
    pub(crate) kind: StepKind,
    /// Its first key in the file.
    pub(crate) span: Span,
}

/// What a step does.
#[derive(Clone, Debug)]
pub(crate) enum StepKind {
    /// Runs a script.
    Run {
        /// The script.
        script: Template,
        /// What runs it, for [`shell::parse`](crate::model::workflow::shell::parse).
        shell: Option<String>,
    },
    /// Waits for a person.
    Checkpoint {
        /// What the person refers to it by.
        name: String,
        /// What the person is asked.
        message: Option<Template>,
    },
}

/// A variable of the environment.
#[derive(Clone, Debug)]
pub(crate) struct Variable {
    /// Its name.
    pub(crate) name: String,
    /// Its value.
    pub(crate) value: Template,
}

impl Workflow {
    /// Fills in the names of the steps with what these contexts hold.
    pub(crate) fn fill_names(&mut self, context: &Context, known: &[&str]) {
        for step in self.jobs.iter_mut().flat_map(|job| &mut job.steps) {
            let name = step.name.as_ref();
            step.filled_name = name.map(|name| name.render_known(context, known));
        }
    }

    /// A step by the id of its job and its key.
    pub(crate) fn step(&self, job: &str, key: &str) -> Option<&Step> {
        let job = self.jobs.iter().find(|known| known.id == job)?;
        job.steps.iter().find(|step| step.key == key)
    }

    /// Where something stands in it: `file:line:column`.
    pub(crate) fn place(&self, span: Span) -> String {
        self.source.locate(span.start).to_string()
    }
}

impl Job {
    /// What people read, in one line, expressions not replaced: the name, else the id.
    pub(crate) fn title(&self) -> String {
        let name = self.name.as_ref().and_then(written);
        text::title(name.unwrap_or(&self.id))
    }
}

impl Step {
    /// What it is called in files: the name as it is written, else its key.
    pub(crate) fn written_name(&self) -> &str {
        self.name.as_ref().map_or(&self.key, Template::source_text)
    }

    /// What people read, in one line: the name, else what it does. Expressions are replaced as far
    /// as a run has filled them in.
    pub(crate) fn title(&self) -> String {
        let filled = self.filled_name.as_deref();
        if let Some(name) = filled.filter(|name| !name.trim().is_empty()) {
            return text::title(name);
        }
        if let Some(name) = self.name.as_ref().and_then(written) {
            return text::title(name);
        }
        match &self.kind {
            StepKind::Run { script, .. } => {
                let text = script.source_text();
                let first = text.lines().find(|line| !line.trim().is_empty());
                text::title(&first.map_or("Run nothing".to_owned(), |first| {
                    format!("Run {}", first.trim())
                }))
            }
            StepKind::Checkpoint { name, .. } => text::title(&format!("Checkpoint {name}")),
        }
    }
}

/// A name as it is written; an empty one is none.
fn written(name: &Template) -> Option<&str> {
    Some(name.source_text().trim()).filter(|text| !text.is_empty())
}

impl StepKind {
    /// The key that makes a step one of this kind.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Run { .. } => "run",
            Self::Checkpoint { .. } => "checkpoint",
        }
    }
}
