//! `git mmm artifact`: the files that runs kept.

pub(crate) mod get;
pub(crate) mod group;
pub(crate) mod list;
