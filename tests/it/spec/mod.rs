//! `git mmm spec`: one file a command.

mod check;
mod deps;
mod done;
mod editor;
mod faults;
mod list;
mod merge;
mod new;
mod newer;
pub(crate) mod project;
mod set;
mod show;
mod verify;
