//! The table of keys: what a workflow, a job and a step may hold.
//!
//! The validator walks a file by this table, and whatever else must know the language (a schema
//! for editors, help) is made from it, so that they cannot disagree.

use crate::model::expression::Scope;

/// A place in a workflow that holds keys.
#[derive(Debug)]
pub(crate) struct Place {
    /// Its name in messages.
    pub(crate) name: &'static str,
    /// The keys it may hold.
    pub(crate) keys: &'static [Key],
    /// What expressions in it can read.
    pub(crate) scope: Scope,
}

/// A key.
#[derive(Debug)]
pub(crate) struct Key {
    /// How it is written.
    pub(crate) name: &'static str,
    /// What its value is.
    pub(crate) shape: Shape,
    /// Whether it must be there.
    pub(crate) required: bool,
    /// The key beside which alone it has a meaning.
    pub(crate) only_with: Option<&'static str>,
    /// One line for people.
    pub(crate) description: &'static str,
}

/// What the value of a key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Text without expressions.
    Text,
    /// Text that may have expressions in it.
    Template,
    /// A script: text that may have expressions in it, but none that bring foreign text.
    Script,
    /// A condition.
    Condition,
    /// A name: a letter or `_`, then letters, digits, `_` and `-`.
    Identifier,
    /// A known shell or a command with `{0}`.
    Shell,
    /// The number of the format that the file is written in.
    Format,
    /// A positive number of minutes.
    Minutes,
    /// One name or a list of names.
    Names,
    /// Names of variables with their values.
    Variables,
    /// Ids of jobs with the jobs.
    Jobs,
    /// A list of steps.
    Steps,
    /// `true` or `false`, and no expression.
    Flag,
    /// The name of a workflow, a job or common steps.
    Reference,
    /// A step that a job inherits: its id, its name or its number.
    StepReference,
    /// Names with lists of steps.
    CommonSteps,
    /// A list of edits of inherited steps.
    Overlay,
    /// Anything: the key is GitHub's, has no meaning here, and a warning says so.
    Ignored,
    /// Anything: the key is GitHub's and cannot work here.
    Refused,
}

impl Shape {
    /// The expected value in words.
    pub(crate) fn expected(self) -> &'static str {
        match self {
            Self::Text | Self::Template | Self::Script | Self::Shell => "text",
            Self::Identifier | Self::Reference => "a name",
            Self::Condition => "an expression",
            Self::Format => "the number 1",
            Self::Minutes => "a number of minutes",
            Self::Names => "the id of a job or a list of ids",
            Self::Variables => "a mapping of names to values",
            Self::Jobs => "a mapping of ids to jobs",
            Self::Steps => "a list of steps",
            Self::Flag => "`true` or `false`",
            Self::StepReference => "the id, the name or the number of a step",
            Self::CommonSteps => "a mapping of names to lists of steps",
            Self::Overlay => "a list of edits",
            Self::Ignored | Self::Refused => "anything",
        }
    }
}

const fn key(name: &'static str, shape: Shape, description: &'static str) -> Key {
    Key {
        name,
        shape,
        required: false,
        only_with: None,
        description,
    }
}

impl Key {
    const fn required(self) -> Self {
        Self {
            required: true,
            ..self
        }
    }

    const fn only_with(self, other: &'static str) -> Self {
        Self {
            only_with: Some(other),
            ..self
        }
    }
}

const RUNS_HERE: &str = "ignored: jobs run on this machine";
const NO_TOKEN: &str = "ignored: there is no token whose rights it could set";

/// The top level.
pub(crate) const WORKFLOW: Place = Place {
    name: "a workflow",
    scope: Scope {
        contexts: &["project", "run", "spec"],
        status_functions: false,
    },
    keys: &[
        key("format", Shape::Format, "The format of the file: 1"),
        key(
            "name",
            Shape::Text,
            "What people read; the file's name by default",
        ),
        key(
            "extends",
            Shape::Reference,
            "The workflow that this one adds to",
        ),
        key(
            "abstract",
            Shape::Flag,
            "Whether only what extends it is run",
        ),
        key(
            "common-steps",
            Shape::CommonSteps,
            "Lists of steps for `use`",
        ),
        key("env", Shape::Variables, "Variables of every step"),
        key("jobs", Shape::Jobs, "The jobs, each under its id").required(),
        key("permissions", Shape::Ignored, NO_TOKEN),
    ],
};

/// One job.
pub(crate) const JOB: Place = Place {
    name: "a job",
    scope: Scope {
        contexts: &["needs", "project", "run", "spec"],
        status_functions: false,
    },
    keys: &[
        key(
            "name",
            Shape::Template,
            "What people read; the id by default",
        ),
        key("needs", Shape::Names, "Jobs that must have ended before"),
        key(
            "extends",
            Shape::Reference,
            "The job of this workflow that this one adds to",
        ),
        key("abstract", Shape::Flag, "Whether only what extends it runs"),
        key(
            "overlay",
            Shape::Overlay,
            "Edits of the steps that the job inherits",
        ),
        key(
            "if",
            Shape::Condition,
            "When it runs; `success()` by default",
        ),
        key(
            "env",
            Shape::Variables,
            "Variables of every step of the job",
        ),
        key(
            "timeout-minutes",
            Shape::Minutes,
            "How long the job may take",
        ),
        key("steps", Shape::Steps, "What to do, in this order").required(),
        key("runs-on", Shape::Ignored, RUNS_HERE),
        key("permissions", Shape::Ignored, NO_TOKEN),
        key("uses", Shape::Refused, "Another repository's workflow"),
    ],
};

/// One step.
pub(crate) const STEP: Place = Place {
    name: "a step",
    scope: Scope {
        contexts: &["env", "needs", "project", "run", "spec", "steps"],
        status_functions: false,
    },
    keys: &[
        key(
            "name",
            Shape::Template,
            "What people read; what it does by default",
        ),
        key(
            "id",
            Shape::Identifier,
            "The name under which `steps` has it",
        ),
        key(
            "if",
            Shape::Condition,
            "When it runs; `success()` by default",
        ),
        key("env", Shape::Variables, "Variables of this step"),
        key("run", Shape::Script, "The script to run"),
        key("shell", Shape::Shell, "What runs the script").only_with("run"),
        key(
            "working-directory",
            Shape::Template,
            "Where the script runs",
        )
        .only_with("run"),
        key(
            "timeout-minutes",
            Shape::Minutes,
            "How long the step may take",
        )
        .only_with("run"),
        key(
            "checkpoint",
            Shape::Identifier,
            "Waits for a person; its name",
        ),
        key("message", Shape::Template, "What the person is asked").only_with("checkpoint"),
        key(
            "use",
            Shape::Reference,
            "Common steps that take the place of this one",
        ),
        key("uses", Shape::Refused, "Another repository's action"),
    ],
};

/// One edit of an overlay.
pub(crate) const EDIT: Place = Place {
    name: "an edit",
    scope: Scope {
        contexts: &[],
        status_functions: false,
    },
    keys: &[
        key(
            "insert-before",
            Shape::StepReference,
            "Puts `steps` before this one",
        ),
        key(
            "insert-after",
            Shape::StepReference,
            "Puts `steps` after this one",
        ),
        key(
            "replace",
            Shape::StepReference,
            "Puts `steps` in the place of this one",
        ),
        key("remove", Shape::StepReference, "Leaves this one out"),
        key("steps", Shape::Steps, "The steps to put there"),
    ],
};

/// The keys that make an edit what it is: each has exactly one of them.
pub(crate) const EDIT_KINDS: &[&str] = &["insert-before", "insert-after", "replace", "remove"];

/// The keys that make a step what it is: each step has exactly one of them.
pub(crate) const STEP_KINDS: &[&str] = &["run", "checkpoint"];

/// Keys of the language that this version does not have: no misspellings.
pub(crate) const LATER: &[&str] = &[
    "claude",
    "concurrency",
    "container",
    "continue-on-error",
    "defaults",
    "dotenv",
    "ensure",
    "environment",
    "expires",
    "for-each",
    "git",
    "inputs",
    "isolation",
    "notify",
    "on",
    "on-failure",
    "options",
    "outputs",
    "parallel",
    "retry",
    "run-name",
    "secrets",
    "services",
    "strategy",
    "with",
    "workflow",
];

impl Place {
    /// The key of a name.
    pub(crate) fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }

    /// The names of the keys that have a meaning here.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> {
        self.keys
            .iter()
            .filter(|key| !matches!(key.shape, Shape::Ignored | Shape::Refused))
            .map(|key| key.name)
    }
}
