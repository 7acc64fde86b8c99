//! `git mmm workflow`: the files in `.mmm/workflows/`.

pub(crate) mod check;
pub(crate) mod eval;
pub(crate) mod group;
pub(crate) mod list;
pub(crate) mod new;
pub(crate) mod show;
