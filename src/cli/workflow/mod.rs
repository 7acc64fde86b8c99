//! `git mmm workflow`: the files in `.mmm/workflows/`.

mod annotations;
pub(crate) mod check;
mod drawn;
pub(crate) mod eval;
pub(crate) mod graph;
mod group;
pub(crate) mod import;
pub(crate) mod list;
pub(crate) mod new;
mod origins;
pub(crate) mod read;
mod sarif;
pub(crate) mod schema;
pub(crate) mod show;

pub(crate) use group::WorkflowCommand;
