//! The keys of a step.

use crate::model::workflow::keys::policies::ARTIFACTS;
use crate::model::workflow::keys::{GIT, NOTIFY, Place, RETRY, Shape, key};
use crate::model::workflow::scopes;

/// The kinds of steps that are processes.
const PROCESSES: &[&str] = &["run", "notify", "git"];
/// The kinds of steps that can take long.
const TIMED: &[&str] = &["run", "notify", "git", "workflow"];

/// One step.
pub(crate) static STEP: Place = Place {
    name: "a step",
    scope: scopes::STEP,
    keys: &[
        key("name", Shape::Template, "What people read"),
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
        key("shell", Shape::Shell, "What runs the script").only_with(&["run"]),
        key(
            "working-directory",
            Shape::Template,
            "Where the script runs",
        )
        .only_with(&["run"]),
        key(
            "timeout-minutes",
            Shape::Minutes,
            "How long the step may take",
        )
        .only_with(TIMED),
        key(
            "continue-on-error",
            Shape::Switch,
            "Whether the job goes on although the step failed",
        ),
        key(
            "retry",
            Shape::Either(&[Shape::UpTo(100), Shape::Record(&RETRY)]),
            "When it is tried again: a number of tries, or more exactly",
        )
        .only_with(PROCESSES),
        key(
            "artifacts",
            ARTIFACTS,
            "Files that are kept when it has ended",
        ),
        key(
            "problem-matchers",
            Shape::Templates,
            "Files that say how to find problems in its output",
        )
        .only_with(&["run"]),
        key("on-failure", Shape::Steps, "Steps that run when it failed"),
        key(
            "ensure",
            Shape::Steps,
            "Steps that run after it in any case",
        ),
        key(
            "checkpoint",
            Shape::Identifier,
            "Waits for a person; its name",
        ),
        key("message", Shape::Template, "What the person is asked").only_with(CHECKPOINT),
        key(
            "options",
            Shape::Identifiers,
            "What they may answer; `approve` and `reject` by default",
        )
        .only_with(CHECKPOINT),
        key(
            "text",
            Shape::OneOf(&["optional", "required"]),
            "Whether they must say something in their own words",
        )
        .only_with(CHECKPOINT),
        key("expires", Shape::Duration, "How long they have").only_with(CHECKPOINT),
        key(
            "on-timeout",
            Shape::OneOf(&["reject", "fail", "approve"]),
            "What it means that nobody answered; `reject` by default",
        )
        .only_with(CHECKPOINT),
        key(
            "approvers",
            Shape::Texts,
            "The addresses of those who may answer",
        )
        .only_with(CHECKPOINT),
        key(
            "workflow",
            Shape::Text,
            "Runs the jobs of another workflow; its name",
        ),
        key("with", Shape::DataMap, "Its inputs").only_with(&["workflow"]),
        key(
            "notify",
            Shape::Either(&[Shape::Template, Shape::Record(&NOTIFY)]),
            "Tells somebody something",
        ),
        key(
            "git",
            Shape::Record(&GIT),
            "Makes a branch, a commit, a tag or a merge",
        ),
        key(
            "use",
            Shape::Reference,
            "Common steps that take the place of this one",
        ),
        key("uses", Shape::Refused, "Another repository's action"),
    ],
};

const CHECKPOINT: &[&str] = &["checkpoint"];
