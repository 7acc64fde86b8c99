//! Work trees of runs: each leg of a run works on a branch and in a folder of its own.
//!
//! They are linked work trees under `mmm/worktrees/` in the folder that all work trees share. The
//! person's own branch and work tree are not touched; only [`Worktrees::update_into`] moves a
//! branch of theirs, when it is told to. No hook of theirs is run, and nothing is signed.

mod carried;
mod conflict;
mod into;
mod isolated;
mod marker;
mod merge;
mod names;
mod rebase;
mod remove;
#[cfg(test)]
mod tests;
mod trees;

pub(crate) use into::NotMerged;
pub(crate) use into::Updated;
pub(crate) use isolated::Isolated;
pub(crate) use merge::How;
pub(crate) use merge::MergedBack;
pub(crate) use merge::OnConflict;
pub(crate) use merge::Order;
pub(crate) use remove::Removed;
pub(crate) use trees::Worktrees;
