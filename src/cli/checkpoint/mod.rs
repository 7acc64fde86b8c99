//! `git mmm checkpoint`: what waits for a person, and the person's answer.

pub(crate) mod answer;
pub(crate) mod group;
pub(crate) mod list;
pub(crate) mod name;
pub(crate) mod show;
