//! `git mmm artifact`: the files that runs kept.

pub(crate) mod get;
mod group;
pub(crate) mod list;

pub(crate) use group::ArtifactCommand;
