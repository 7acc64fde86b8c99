//! The keys of reuse: what an overlay may hold.

use crate::model::workflow::keys::{Place, Shape, key};
use crate::model::workflow::scopes;

/// One edit of an overlay.
pub(crate) static EDIT: Place = Place {
    name: "an edit",
    scope: scopes::NOTHING,
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
