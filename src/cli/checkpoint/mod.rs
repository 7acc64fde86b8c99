//! `git mmm checkpoint`: what waits for a person, and the person's answer.

pub(crate) mod answer;
mod group;
pub(crate) mod hint;
pub(crate) mod list;
pub(crate) mod name;
pub(crate) mod show;
pub(crate) mod signature;
pub(crate) mod terms;
pub(crate) mod words;

pub(crate) use group::CheckpointCommand;
