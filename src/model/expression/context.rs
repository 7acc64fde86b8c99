//! What an expression can read: which contexts there are, which of them a place allows, and
//! their values.

use std::sync::Arc;

use crate::model::expression::value::Object;
use crate::model::expression::value::Value;
use crate::model::port::HashFiles;

/// Every context with what it holds.
pub(crate) const CONTEXTS: &[(&str, &str)] = &[
    ("checkpoint", "how the checkpoints of the run were answered"),
    ("env", "the variables set by `env:` up to here"),
    (
        "github",
        "what GitHub's workflows read of a run, as far as it is known here",
    ),
    ("inputs", "the inputs of the workflow"),
    ("item", "the item of a job with `for-each`"),
    ("job", "the job under way"),
    ("jobs", "the jobs of a called workflow, in its `outputs`"),
    ("matrix", "the values of a job with `strategy.matrix`"),
    ("needs", "`needs.<job>.result` of the jobs in `needs`"),
    ("project", "the project of this repository"),
    ("run", "the run under way"),
    ("runner", "this machine"),
    ("secrets", "the secrets that the workflow names"),
    ("spec", "the spec that the run is for"),
    (
        "steps",
        "`steps.<id>.outcome` and `.conclusion` of the steps before this one",
    ),
    ("strategy", "which of the jobs of a matrix this one is"),
    ("vars", "variables of the configuration"),
];

/// What an expression in one kind of place may use.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scope {
    /// Names of the contexts, sorted.
    pub(crate) contexts: &'static [&'static str],
    /// Whether `success()` and its kin may be called.
    pub(crate) status_functions: StatusFunctions,
}

/// Whether a place may ask how the work before went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StatusFunctions {
    /// It is no condition.
    Refused,
    /// About all of it: the condition of a step.
    OfAll,
    /// About all of it or about jobs by their ids, as in `success('build')`: the condition of a
    /// job.
    OfJobs,
}

impl Scope {
    /// The same contexts in an `if`.
    pub(crate) const fn condition(self) -> Self {
        match self.status_functions {
            StatusFunctions::Refused => Self {
                status_functions: StatusFunctions::OfAll,
                ..self
            },
            StatusFunctions::OfAll | StatusFunctions::OfJobs => self,
        }
    }

    /// The same contexts in the `if` of a job.
    pub(crate) const fn condition_of_job(self) -> Self {
        Self {
            status_functions: StatusFunctions::OfJobs,
            ..self
        }
    }
}

/// How the work before an expression went, for the status functions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum JobStatus {
    /// Nothing has failed.
    #[default]
    Success,
    /// Nothing has failed, and something that was needed did not run.
    Skipped,
    /// Something has failed.
    Failure,
    /// The run is being cancelled.
    Cancelled,
}

/// The values that an expression is evaluated with.
#[derive(Clone, Debug, Default)]
pub(crate) struct Context {
    contexts: Object,
    status: JobStatus,
    files: Option<Arc<dyn HashFiles>>,
}

impl Context {
    /// No context yet, and a status.
    pub(crate) fn new(status: JobStatus) -> Self {
        Self {
            contexts: Object::new(),
            status,
            files: None,
        }
    }

    /// Sets one of the contexts.
    pub(crate) fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.contexts.set(name, value);
    }

    /// Sets the context `env`. Its names differ by case, as those of variables do, and the rule
    /// that keeps foreign text out of scripts relies on it.
    pub(crate) fn set_env(&mut self, variables: impl IntoIterator<Item = (String, String)>) {
        let mut env = Object::case_sensitive();
        for (name, value) in variables {
            env.set(name, value);
        }
        self.set("env", env);
    }

    /// The same with one more context.
    #[cfg(test)]
    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.set(name, value);
        self
    }

    /// Changes the status.
    pub(crate) fn set_status(&mut self, status: JobStatus) {
        self.status = status;
    }

    /// The value of a context; nothing when it was not set.
    pub(crate) fn get(&self, name: &str) -> Value {
        self.contexts.get(name).cloned().unwrap_or_default()
    }

    /// Says what `hashFiles()` looks at.
    pub(crate) fn set_files(&mut self, files: Arc<dyn HashFiles>) {
        self.files = Some(files);
    }

    /// What `hashFiles()` looks at, where there is something.
    pub(crate) fn files(&self) -> Option<&dyn HashFiles> {
        self.files.as_deref()
    }

    /// How the work so far went.
    pub(crate) fn status(&self) -> JobStatus {
        self.status
    }
}
