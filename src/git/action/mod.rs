//! What a `git` step of a workflow does: in the work tree that it stands in, with the real `git`,
//! the person's own settings and their hooks.
//!
//! Done again after a kill, each of these does the rest and nothing twice. Nothing is forced unless
//! the step says so.

mod branch;
mod commit;
mod error;
mod hand;
mod held;
mod merge;
mod perform;
mod tag;
mod unsolved;

pub(crate) use branch::Branch;
pub(crate) use commit::Commit;
pub(crate) use error::Refused;
pub(crate) use held::held;
pub(crate) use merge::How;
pub(crate) use merge::Merge;
pub(crate) use merge::OnConflict;
pub(crate) use perform::Action;
pub(crate) use perform::Outcome;
pub(crate) use perform::perform;
pub(crate) use tag::Tag;
