//! A workflow that has been found valid.

use std::collections::HashMap;
use std::time::Duration;

use crate::base::source::SourceText;
use crate::base::source::Span;
use crate::base::text;
use crate::model::expression::Template;
use crate::model::expression::error::Fault;
use crate::model::expression::{Context, Error, Object, Value};
use crate::model::inputs;
use crate::model::inputs::InputDefinition;
use crate::model::workflow::condition::Condition;
use crate::model::workflow::data::{Data, DataKind};
use crate::model::workflow::policy::{
    ArtifactRule, Concurrency, Defaults, DotenvFile, Isolation, Retry, Setting, Strategy,
};
use crate::model::workflow::scalar::can_be_variable;

/// A workflow.
#[derive(Clone, Debug)]
pub(crate) struct Workflow {
    /// The file.
    pub(crate) source: SourceText,
    /// Its name: the key `name`, else the file's name without its ending.
    pub(crate) name: String,
    /// What people read of a run of it.
    pub(crate) run_name: Option<Template>,
    /// The same with what a run knows from its start filled in.
    pub(crate) title: Option<String>,
    /// What it is for.
    pub(crate) description: Option<String>,
    /// What it can be told when it starts.
    pub(crate) inputs: Vec<InputDefinition>,
    /// Files of variables, the later ones winning; below `env`.
    pub(crate) dotenv: Vec<DotenvFile>,
    /// Variables of every job.
    pub(crate) env: Vec<Variable>,
    /// For the steps that say nothing themselves.
    pub(crate) defaults: Defaults,
    /// Under which name it waits for other runs.
    pub(crate) concurrency: Option<Concurrency>,
    /// Whether all of it runs in a work tree of its own.
    pub(crate) isolation: Option<Isolation>,
    /// What a step that calls it can read afterwards.
    pub(crate) outputs: Vec<Variable>,
    /// The jobs in the order of the file; behind them those made of the `on-failure` and `ensure`
    /// of the workflow, which need all others.
    pub(crate) jobs: Vec<Job>,
    /// The places of the jobs by their ids: a run looks one up for each thing that it tells.
    pub(super) places: HashMap<String, usize>,
}

/// The places of jobs by their ids.
pub(super) fn places(jobs: &[Job]) -> HashMap<String, usize> {
    jobs.iter().map(|job| job.id.clone()).zip(0..).collect()
}

/// The job that is made of the `on-failure` of a workflow.
pub(crate) const ON_FAILURE_JOB: &str = "@on-failure";

/// The job that is made of the `ensure` of a workflow.
pub(crate) const ENSURE_JOB: &str = "@ensure";

/// What holds a job or a step back apart from its own condition: the place that it was written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Guard {
    /// Nothing: it was written among the jobs or the steps.
    #[default]
    None,
    /// `on-failure` of its job or workflow: something failed.
    OnFailure,
    /// `ensure` of its job or workflow: in any case.
    Ensure,
    /// `on-failure` of the step with this index: that one failed.
    AfterFailure(usize),
    /// `ensure` of the step with this index: that one ran.
    After(usize),
    /// `on-conflict` of its job: the work of that one does not merge.
    OnConflict,
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
    /// Why it stands where it stands.
    pub(crate) guard: Guard,
    /// Whether it runs several times.
    pub(crate) strategy: Option<Strategy>,
    /// Under which name it waits for other jobs and runs.
    pub(crate) concurrency: Option<Concurrency>,
    /// Whether the run goes on as if it had succeeded when it fails.
    pub(crate) continue_on_error: Option<Setting<bool>>,
    /// Whether it, and each of its legs, runs in a work tree of its own.
    pub(crate) isolation: Option<Isolation>,
    /// For the steps that say nothing themselves; those of the workflow are in it.
    pub(crate) defaults: Defaults,
    /// Files of variables, the later ones winning; below every `env`.
    pub(crate) dotenv: Vec<DotenvFile>,
    /// Variables of every step.
    pub(crate) env: Vec<Variable>,
    /// What jobs that need it can read.
    pub(crate) outputs: Vec<Variable>,
    /// Files that are kept when it is over.
    pub(crate) artifacts: Vec<ArtifactRule>,
    /// How long all of it may take.
    pub(crate) timeout: Option<Setting<Duration>>,
    /// The steps in their order, handlers behind what they handle.
    pub(crate) steps: Vec<Step>,
    /// Its key in the file.
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
    /// Why it stands where it stands.
    pub(crate) guard: Guard,
    /// Whether the job goes on as if it had succeeded when it fails.
    pub(crate) continue_on_error: Option<Setting<bool>>,
    /// When it is tried again.
    pub(crate) retry: Option<Retry>,
    /// Files that are kept when it has ended.
    pub(crate) artifacts: Vec<ArtifactRule>,
    /// Files of problem matchers for its output, relative to the top of the work tree.
    pub(crate) problem_matchers: Vec<Template>,
    /// Variables of this step.
    pub(crate) env: Vec<Variable>,
    /// Where it runs, relative to the top of the work tree.
    pub(crate) working_directory: Option<Template>,
    /// Where that is written, as `file:line:column`.
    pub(crate) working_directory_place: Option<String>,
    /// How long it may take.
    pub(crate) timeout: Option<Setting<Duration>>,
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
    Checkpoint(Box<CheckpointStep>),
    /// Runs the jobs of another workflow.
    Call {
        /// The name of the workflow.
        workflow: String,
        /// Where that stands.
        span: Span,
        /// Values of its inputs.
        with: Vec<(String, Data)>,
    },
    /// Tells somebody something.
    Notify(Data),
    /// Makes a branch, a commit, a tag or a merge.
    Git(Data),
}

/// A step that waits for a person.
#[derive(Clone, Debug)]
pub(crate) struct CheckpointStep {
    /// What the person refers to it by.
    pub(crate) name: String,
    /// What the person is asked.
    pub(crate) message: Option<Template>,
    /// What they may answer; `reject` fails the step, every other one lets it go on.
    pub(crate) options: Vec<String>,
    /// Whether they must say something in their own words as well.
    pub(crate) text_required: bool,
    /// How long they have.
    pub(crate) expires: Option<Duration>,
    /// What it means that they said nothing until then.
    pub(crate) on_timeout: OnTimeout,
    /// Who may answer, by the address of their Git identity; everybody when it is empty.
    pub(crate) approvers: Vec<String>,
}

/// What it means that nobody answered a checkpoint in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnTimeout {
    /// As if it were rejected.
    Reject,
    /// The run fails: nothing but `always()` and the like still runs.
    Fail,
    /// As if it were approved, with the first option.
    Approve,
}

/// What a checkpoint may be answered with when it does not say.
pub(crate) const DEFAULT_OPTIONS: [&str; 2] = ["approve", "reject"];

/// The option that fails the step.
pub(crate) const REJECT: &str = "reject";

/// A variable of the environment.
#[derive(Clone, Debug)]
pub(crate) struct Variable {
    /// Its name; empty where the value is an object of variables.
    pub(crate) name: String,
    /// Its value.
    pub(crate) value: Template,
}

impl Variable {
    /// All variables of an object.
    pub(crate) fn all(value: Template) -> Self {
        let name = String::new();
        Self { name, value }
    }

    /// Whether it is all variables of an object, whose names are not known before.
    pub(crate) fn is_all(&self) -> bool {
        self.name.is_empty()
    }

    /// Its name and its value; those of all variables that it stands for.
    pub(crate) fn values(&self, context: &Context) -> Result<Vec<(String, String)>, Error> {
        if !self.is_all() {
            return Ok(vec![(self.name.clone(), self.value.render(context)?)]);
        }
        let fail = |found: String| Error::new(Fault::NoVariables { found }, self.value.span());
        let object = match self.value.evaluate(context)? {
            Value::Object(object) => object,
            Value::Null => return Ok(Vec::new()),
            other => return Err(fail(format!("its kind is {}", other.kind()))),
        };
        let variables = object.iter().map(|(name, value)| {
            let fits = value.is_primitive() && can_be_variable(name);
            let variable = || (name.to_owned(), value.to_text());
            let wrong = || fail(format!("`{name}` of it is of kind {}", value.kind()));
            fits.then(variable).ok_or_else(wrong)
        });
        variables.collect()
    }
}

impl Workflow {
    /// Fills in the names of the run and of the steps with what these contexts hold.
    pub(crate) fn fill_names(&mut self, context: &Context, known: &[&str]) {
        let title = self.run_name.as_ref();
        let title = title.and_then(|name| name.render(context).ok());
        self.title = title.filter(|title| !title.trim().is_empty());
        for step in self.jobs.iter_mut().flat_map(|job| &mut job.steps) {
            let name = step.name.as_ref();
            step.filled_name = name.map(|name| name.render_known(context, known));
        }
    }

    /// The job of an id, with its place among the jobs.
    pub(crate) fn job(&self, id: &str) -> Option<(usize, &Job)> {
        let place = *self.places.get(id)?;
        Some((place, self.jobs.get(place)?))
    }

    /// The workflows that its steps call, each with where its name stands.
    pub(crate) fn calls(&self) -> impl Iterator<Item = (&str, Span)> {
        let steps = self.jobs.iter().flat_map(|job| &job.steps);
        steps.filter_map(|step| match &step.kind {
            StepKind::Call { workflow, span, .. } => Some((workflow.as_str(), *span)),
            _ => None,
        })
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

    /// Whether its name tells its legs apart.
    pub(crate) fn is_named_by_leg(&self) -> bool {
        let (Some(strategy), Some(name)) = (&self.strategy, &self.name) else {
            return false;
        };
        let over = strategy.over.context_name();
        let mut reads = name.expressions().flat_map(|it| it.expression.reads());
        reads.any(|read| {
            let first = read.path.first();
            first.is_some_and(|first| [over, "strategy"].contains(first))
        })
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
            StepKind::Checkpoint(checkpoint) => {
                text::title(&format!("Checkpoint {}", checkpoint.name))
            }
            StepKind::Call { workflow, .. } => text::title(&format!("Workflow {workflow}")),
            StepKind::Notify(_) => "Notify".to_owned(),
            StepKind::Git(data) => match &data.kind {
                DataKind::Map(entries) => entries.first().map_or("Git".to_owned(), |(verb, _)| {
                    text::title(&format!("Git {verb}"))
                }),
                _ => "Git".to_owned(),
            },
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
            Self::Checkpoint(_) => "checkpoint",
            Self::Call { .. } => "workflow",
            Self::Notify(_) => "notify",
            Self::Git(_) => "git",
        }
    }
}

impl Workflow {
    /// The values of its inputs, given those that a call sets.
    pub(crate) fn bind_inputs(&self, given: &Object) -> Result<Value, String> {
        let given = given
            .iter()
            .map(|(name, value)| (name.to_owned(), value.clone()));
        let bound = inputs::bind(&self.inputs, &given.collect::<Vec<_>>());
        let bound = bound.map_err(|errors| {
            let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
            format!("with: {}", errors.join("; "))
        })?;
        Ok(Value::from(bound.context()))
    }
}
