//! The keys of a job.

use crate::model::workflow::keys::policies::ARTIFACTS;
use crate::model::workflow::keys::workflow::{DOTENV, NO_TOKEN};
use crate::model::workflow::keys::{
    CONCURRENCY, DEFAULTS, FOR_EACH, ISOLATION, Place, STRATEGY, Shape, key,
};
use crate::model::workflow::scopes;

const RUNS_HERE: &str = "ignored: jobs run on this machine";

/// One job.
pub(crate) static JOB: Place = Place {
    name: "a job",
    scope: scopes::JOB,
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
        key(
            "abstract",
            Shape::Boolean,
            "Whether only what extends it runs",
        ),
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
            "strategy",
            Shape::Either(&[Shape::Expression, Shape::Record(&STRATEGY)]),
            "The combinations of values that it runs with",
        ),
        key(
            "for-each",
            Shape::Either(&[Shape::Items, Shape::Record(&FOR_EACH)]),
            "The list whose items it runs for, each as `item`",
        ),
        DOTENV,
        key(
            "env",
            Shape::Variables,
            "Variables of every step of the job",
        ),
        key(
            "defaults",
            Shape::Record(&DEFAULTS),
            "For steps that say nothing",
        ),
        key("outputs", Shape::Fields, "What jobs that need it can read"),
        key(
            "continue-on-error",
            Shape::Switch,
            "Whether the run succeeds although the job failed",
        ),
        key(
            "concurrency",
            Shape::Either(&[Shape::Template, Shape::Record(&CONCURRENCY)]),
            "The name under which jobs wait for one another",
        ),
        key(
            "isolation",
            Shape::Either(&[Shape::OneOf(&["worktree"]), Shape::Record(&ISOLATION)]),
            "A work tree of its own for the job",
        ),
        key(
            "timeout-minutes",
            Shape::Minutes,
            "How long the whole job may take",
        ),
        key(
            "artifacts",
            ARTIFACTS,
            "Files that are kept when it is over",
        ),
        key("steps", Shape::Steps, "What to do, one after the other").required(),
        key("on-failure", Shape::Steps, "Steps that run when one failed"),
        key(
            "ensure",
            Shape::Steps,
            "Steps that run at the end in any case",
        ),
        key("runs-on", Shape::Ignored, RUNS_HERE),
        key("permissions", Shape::Ignored, NO_TOKEN),
        key(
            "environment",
            Shape::Ignored,
            "ignored: there are no environments",
        )
        .instead("let a person approve with a step `checkpoint: <name>`"),
        key("container", Shape::Refused, "A container").instead(ON_THIS_MACHINE),
        key("services", Shape::Refused, "Containers beside it").instead(ON_THIS_MACHINE),
        key("uses", Shape::Refused, "A workflow of another repository")
            .instead("call a workflow of this repository with a step `workflow: <name>`"),
        key("with", Shape::Refused, "Inputs of the workflow of `uses`")
            .instead("a step `workflow: <name>` has `with`"),
        key(
            "secrets",
            Shape::Refused,
            "Secrets for the workflow of `uses`",
        )
        .instead("a workflow that is called reads the same `secrets` as its caller"),
        key(
            "cancel-timeout-minutes",
            Shape::Ignored,
            "ignored: a cancelled job has five minutes",
        ),
        key(
            "snapshot",
            Shape::Ignored,
            "ignored: this machine has no image",
        ),
    ],
};

const ON_THIS_MACHINE: &str =
    "commands run on this machine; start a container under `run:` of a step";
