//! `git mmm spec`: one file a command.

mod check;
mod done;
mod list;
mod new;
pub(crate) mod project;
mod set;
mod verify;
