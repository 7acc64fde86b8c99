//! `git mmm spec`: one file a command.

mod check;
mod list;
mod new;
pub(crate) mod project;
mod verify;
