//! The keys of the top level.

use crate::model::inputs::InputKind;
use crate::model::workflow::keys::{
    CONCURRENCY, DEFAULTS, DOTENV_FILE, ISOLATION, Key, Place, Shape, key,
};
use crate::model::workflow::scopes;

/// The top level.
pub(crate) static WORKFLOW: Place = Place {
    name: "a workflow",
    scope: scopes::RUN,
    keys: &[
        key("format", Shape::Format, "The format of the file: 1"),
        key(
            "name",
            Shape::Text,
            "What people read; the file's name by default",
        ),
        key("run-name", Shape::Template, "What people read of a run"),
        key("description", Shape::Text, "What it is for"),
        key(
            "extends",
            Shape::Reference,
            "The workflow that this one adds to",
        ),
        key(
            "abstract",
            Shape::Boolean,
            "Whether only what extends it is run",
        ),
        key(
            "common-steps",
            Shape::CommonSteps,
            "Lists of steps for `use`",
        ),
        key("on", Shape::Events, "The events that start it"),
        key(
            "inputs",
            Shape::Inputs,
            "What it can be told when it starts",
        ),
        DOTENV,
        key("env", Shape::Variables, "Variables of every step"),
        key(
            "defaults",
            Shape::Record(&DEFAULTS),
            "For steps that say nothing",
        ),
        key(
            "concurrency",
            Shape::Either(&[Shape::Template, Shape::Record(&CONCURRENCY)]),
            "The name under which runs wait for one another",
        ),
        key(
            "isolation",
            Shape::Either(&[Shape::OneOf(&["worktree"]), Shape::Record(&ISOLATION)]),
            "A work tree of its own for the run",
        ),
        key("jobs", Shape::Jobs, "The jobs, each under its id").required(),
        key(
            "outputs",
            Shape::Map(&Shape::Either(&[Shape::Template, Shape::Record(&OUTPUT)])),
            "What a step that calls it can read",
        ),
        key(
            "on-failure",
            Shape::Steps,
            "Steps that run when a job failed",
        ),
        key(
            "ensure",
            Shape::Steps,
            "Steps that run at the end in any case",
        ),
        key("permissions", Shape::Ignored, NO_TOKEN),
    ],
};

/// One input of a workflow.
pub(crate) static INPUT: Place = Place {
    name: "an input",
    scope: scopes::NOTHING,
    keys: &[
        key("description", Shape::Text, "What it is for"),
        key(
            "type",
            Shape::OneOf(&InputKind::NAMES),
            "What it may be; `string` by default",
        ),
        key("required", Shape::Boolean, "Whether it must be given"),
        key("default", Shape::Text, "Its value when it is not given"),
        key("options", Shape::Texts, "What a choice may be"),
        key(
            "deprecationMessage",
            Shape::Text,
            "Why it should not be given any more",
        ),
    ],
};

/// One output of a workflow.
pub(crate) static OUTPUT: Place = Place {
    name: "an output",
    scope: scopes::RUN_OUTPUTS,
    keys: &[
        key("description", Shape::Text, "What it is"),
        key("value", Shape::Template, "Its value").required(),
    ],
};

/// `dotenv`, of a workflow or a job.
pub(crate) const DOTENV: Key = key(
    "dotenv",
    DOTENV_FILES,
    "Files of variables, below every `env`",
);

const DOTENV_FILES: Shape = Shape::Either(&[
    Shape::Text,
    Shape::Record(&DOTENV_FILE),
    Shape::List(&ONE_DOTENV_FILE),
]);

const ONE_DOTENV_FILE: Shape = Shape::Either(&[Shape::Text, Shape::Record(&DOTENV_FILE)]);

/// What is said of `permissions`.
pub(crate) const NO_TOKEN: &str = "ignored: there is no token whose rights it could set";
