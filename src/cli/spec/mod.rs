//! `git mmm spec`: one file a command.

pub(crate) mod check;
pub(crate) mod closing;
pub(crate) mod deps;
pub(crate) mod done;
pub(crate) mod drop;
pub(crate) mod edit;
pub(crate) mod group;
pub(crate) mod hint;
pub(crate) mod list;
pub(crate) mod new;
pub(crate) mod next;
pub(crate) mod refused;
pub(crate) mod row;
pub(crate) mod saved;
pub(crate) mod set;
pub(crate) mod show;
pub(crate) mod verify;

pub(crate) use group::SpecCommand;
