//! The keys of how jobs and steps are run.

use crate::model::workflow::keys::{Key, Place, Shape, key};
use crate::model::workflow::scopes;

/// The same of legs, whatever they are made of.
const MAX_PARALLEL: Key = key("max-parallel", Shape::Count, "How many run at once");

/// `strategy`.
pub(crate) static STRATEGY: Place = Place {
    name: "`strategy`",
    scope: scopes::JOB_START,
    keys: &[
        key("matrix", Shape::Matrix, "Lists of values by name"),
        key(
            "fail-fast",
            Shape::Switch,
            "Whether one that fails ends the others; true by default",
        ),
        MAX_PARALLEL,
    ],
};

/// `for-each` with more than its list.
pub(crate) static FOR_EACH: Place = Place {
    name: "`for-each`",
    scope: scopes::JOB_START,
    keys: &[
        key("items", Shape::Items, "The list").required(),
        key(
            "fail-fast",
            Shape::Switch,
            "Whether one that fails ends the others; false by default",
        ),
        MAX_PARALLEL,
    ],
};

/// `retry`.
pub(crate) static RETRY: Place = Place {
    name: "`retry`",
    scope: scopes::STEP,
    keys: &[
        key("attempts", Shape::UpTo(100), "Tries in all").required(),
        key(
            "backoff",
            Shape::OneOf(&["constant", "linear", "exponential"]),
            "How the pauses grow; `exponential` by default",
        ),
        key(
            "initial",
            Shape::Duration,
            "The first pause; `1s` by default",
        ),
        key("max", Shape::Duration, "The longest pause; `5m` by default"),
        key(
            "jitter",
            Shape::Fraction,
            "The part of a pause that is left to chance; `true` is half of it",
        ),
        key(
            "on",
            Shape::Either(&[Shape::RetryOn, Shape::List(&RETRY_ONE)]),
            "What is worth another try; every failure by default",
        ),
        key(
            "budget",
            Shape::Duration,
            "No try begins later than this after the first",
        ),
    ],
};

/// One element of `retry.on`.
const RETRY_ONE: Shape = Shape::Either(&[Shape::RetryOn, Shape::Record(&RETRY_OUTPUT)]);

/// One element of `retry.on` that looks at the output.
pub(crate) static RETRY_OUTPUT: Place = Place {
    name: "an element of `on`",
    scope: scopes::STEP,
    keys: &[key(
        "output",
        Shape::Text,
        "A regular expression that the output has a match of",
    )
    .required()],
};

/// `artifacts`.
pub(crate) const ARTIFACTS: Shape = Shape::Map(&Shape::Either(&[
    Shape::Templates,
    Shape::Record(&ARTIFACT),
]));

/// One artifact.
pub(crate) static ARTIFACT: Place = Place {
    name: "an artifact",
    scope: scopes::JOB_END,
    keys: &[
        key("path", Shape::Templates, "Its files, as patterns").required(),
        key(
            "if-no-files-found",
            Shape::OneOf(&["warn", "error", "ignore"]),
            "What it means that there are none; `warn` by default",
        ),
    ],
};
