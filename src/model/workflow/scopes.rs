//! Which contexts an expression can read where: GitHub's table of availability, with our own
//! contexts added.

use crate::model::expression::{Scope, StatusFunctions};

/// A place whose expressions can read these contexts, sorted.
const fn scope(contexts: &'static [&'static str]) -> Scope {
    Scope {
        contexts,
        status_functions: StatusFunctions::Refused,
    }
}

/// No context.
pub(crate) const NOTHING: Scope = scope(&[]);

/// What belongs to the whole run: `run-name`, `concurrency`, `isolation`, `defaults`.
pub(crate) const RUN: Scope = scope(&["github", "inputs", "project", "run", "spec"]);

/// `env` of the workflow.
pub(crate) const RUN_ENV: Scope = scope(&["github", "inputs", "project", "run", "secrets", "spec"]);

/// `outputs` of the workflow.
pub(crate) const RUN_OUTPUTS: Scope =
    scope(&["github", "inputs", "jobs", "project", "run", "spec"]);

/// What decides whether a job runs, and how often: `if`, `strategy`, `for-each`.
pub(crate) const JOB_START: Scope = scope(&["github", "inputs", "needs", "project", "run", "spec"]);

/// `if` of a job.
pub(crate) const JOB_IF: Scope = JOB_START.condition_of_job();

/// What belongs to one leg of a job: `name`, `concurrency`, `timeout-minutes` and the like.
pub(crate) const JOB: Scope = scope(&[
    "github", "inputs", "item", "matrix", "needs", "project", "run", "spec", "strategy",
]);

/// `env` of a job.
pub(crate) const JOB_ENV: Scope = scope(&[
    "github", "inputs", "item", "matrix", "needs", "project", "run", "secrets", "spec", "strategy",
]);

/// `defaults` of a job.
pub(crate) const JOB_DEFAULTS: Scope = scope(&[
    "env", "github", "inputs", "item", "matrix", "needs", "project", "run", "spec", "strategy",
]);

/// What a job leaves behind: `outputs` and `artifacts`.
pub(crate) const JOB_END: Scope = scope(&[
    "checkpoint",
    "env",
    "github",
    "inputs",
    "item",
    "job",
    "matrix",
    "needs",
    "project",
    "run",
    "runner",
    "secrets",
    "spec",
    "steps",
    "strategy",
]);

/// A step.
pub(crate) const STEP: Scope = JOB_END;

/// `if` of a step: all but secrets.
pub(crate) const STEP_IF: Scope = scope(&[
    "checkpoint",
    "env",
    "github",
    "inputs",
    "item",
    "job",
    "matrix",
    "needs",
    "project",
    "run",
    "runner",
    "spec",
    "steps",
    "strategy",
]);
