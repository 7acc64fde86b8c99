//! The keys of what both a workflow and a job have.

use crate::model::workflow::keys::{Place, Shape, key};
use crate::model::workflow::scopes;

/// `defaults`.
pub(crate) static DEFAULTS: Place = Place {
    name: "`defaults`",
    scope: scopes::RUN,
    keys: &[key(
        "run",
        Shape::Record(&DEFAULTS_RUN),
        "For steps with `run`",
    )],
};

/// `defaults.run`.
pub(crate) static DEFAULTS_RUN: Place = Place {
    name: "`defaults.run`",
    scope: scopes::RUN,
    keys: &[
        key("shell", Shape::Shell, "What runs scripts"),
        key("working-directory", Shape::Template, "Where scripts run"),
    ],
};

/// `concurrency`.
pub(crate) static CONCURRENCY: Place = Place {
    name: "`concurrency`",
    scope: scopes::RUN,
    keys: &[
        key(
            "group",
            Shape::Template,
            "The name; one at a time runs under it",
        )
        .required(),
        key(
            "cancel-in-progress",
            Shape::Switch,
            "Whether a new one cancels the one under way",
        ),
        key(
            "queue",
            Shape::OneOf(&["single", "max"]),
            "Whether the newest alone waits, or all do",
        ),
    ],
};

/// `isolation`.
pub(crate) static ISOLATION: Place = Place {
    name: "`isolation`",
    scope: scopes::RUN,
    keys: &[
        key(
            "type",
            Shape::OneOf(&["worktree"]),
            "`worktree`, the default",
        ),
        key(
            "merge",
            Shape::OneOf(&["merge", "squash", "rebase", "leave"]),
            "How the work comes back; `merge` by default",
        ),
        key(
            "on-conflict",
            Shape::Either(&[Shape::OneOf(&["fail", "ask"]), Shape::Steps]),
            "What happens when it does not merge; `fail` by default",
        ),
        key(
            "into",
            Shape::Template,
            "The branch that all of it is merged into",
        ),
    ],
};

/// One file of variables.
pub(crate) static DOTENV_FILE: Place = Place {
    name: "a file of variables",
    scope: scopes::RUN,
    keys: &[
        key(
            "path",
            Shape::Text,
            "The file, from the top of the work tree",
        )
        .required(),
        key("optional", Shape::Boolean, "Whether it may be missing"),
    ],
};
