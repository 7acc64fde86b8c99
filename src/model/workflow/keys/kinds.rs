//! The keys of the step kinds that have some of their own.

use crate::model::workflow::keys::{Place, Shape, key};
use crate::model::workflow::scopes;

/// `notify`.
pub(crate) static NOTIFY: Place = Place {
    name: "`notify`",
    scope: scopes::STEP,
    keys: &[
        key(
            "to",
            Shape::OneOf(&["terminal", "desktop", "webhook", "command"]),
            "Whom to tell; `terminal` by default",
        ),
        key("title", Shape::Template, "The first line"),
        key("message", Shape::Template, "What to say"),
        key(
            "level",
            Shape::OneOf(&["info", "warning", "error"]),
            "How bad it is; `info` by default",
        ),
        key("url", Shape::Template, "Where the webhook is"),
        key(
            "secret",
            Shape::Identifier,
            "The secret that signs what is sent",
        ),
        key("headers", Shape::Fields, "Headers of what is sent"),
        key(
            "body",
            Shape::Template,
            "What is sent instead of the message as JSON",
        ),
        key(
            "command",
            Shape::Template,
            "The program that is given the message",
        ),
        key("retry", Shape::UpTo(100), "How often sending is tried"),
    ],
};

/// `git`: one of these.
pub(crate) static GIT: Place = Place {
    name: "`git`",
    scope: scopes::STEP,
    keys: &[
        key(
            "branch",
            Shape::Either(&[Shape::Template, Shape::Record(&BRANCH)]),
            "Makes a branch",
        ),
        key(
            "commit",
            Shape::Either(&[Shape::Template, Shape::Record(&COMMIT)]),
            "Makes a commit",
        ),
        key(
            "tag",
            Shape::Either(&[Shape::Template, Shape::Record(&TAG)]),
            "Makes a tag",
        ),
        key(
            "merge",
            Shape::Either(&[Shape::Template, Shape::Record(&MERGE)]),
            "Merges a branch",
        ),
    ],
};

/// `git: {branch: …}`.
pub(crate) static BRANCH: Place = Place {
    name: "`branch`",
    scope: scopes::STEP,
    keys: &[
        key("name", Shape::Template, "Its name").required(),
        key(
            "from",
            Shape::Template,
            "Where it begins; the current commit by default",
        ),
        key(
            "checkout",
            Shape::Switch,
            "Whether it is checked out; false by default",
        ),
        key("force", Shape::Switch, "Whether one that is there is moved"),
    ],
};

/// `git: {commit: …}`.
pub(crate) static COMMIT: Place = Place {
    name: "`commit`",
    scope: scopes::STEP,
    keys: &[
        key("message", Shape::Template, "Its message").required(),
        key(
            "paths",
            Shape::Templates,
            "What is committed; what is staged by default",
        ),
        key("all", Shape::Switch, "Whether every change is committed"),
        key(
            "allow-empty",
            Shape::Switch,
            "Whether one without a change is made",
        ),
        key("author", Shape::Template, "Who made it: `Name <address>`"),
        key("sign", Shape::Switch, "Whether it is signed"),
        key("no-verify", Shape::Switch, "Whether hooks are left out"),
    ],
};

/// `git: {tag: …}`.
pub(crate) static TAG: Place = Place {
    name: "`tag`",
    scope: scopes::STEP,
    keys: &[
        key("name", Shape::Template, "Its name").required(),
        key(
            "message",
            Shape::Template,
            "Its message; without one it is a light one",
        ),
        key(
            "at",
            Shape::Template,
            "What it names; the current commit by default",
        ),
        key("force", Shape::Switch, "Whether one that is there is moved"),
        key("sign", Shape::Switch, "Whether it is signed"),
    ],
};

/// `git: {merge: …}`.
pub(crate) static MERGE: Place = Place {
    name: "`merge`",
    scope: scopes::STEP,
    keys: &[
        key("from", Shape::Template, "What is merged").required(),
        key(
            "how",
            Shape::OneOf(&["merge", "squash", "rebase", "fast-forward"]),
            "How; `merge` by default",
        ),
        key("message", Shape::Template, "The message of the commit"),
        key(
            "on-conflict",
            Shape::OneOf(&["fail", "leave"]),
            "What happens when it does not merge; `fail` by default",
        ),
    ],
};
