//! `git mmm spec`: one file a command.

pub(crate) mod check;
pub(crate) mod edit;
pub(crate) mod group;
pub(crate) mod hint;
pub(crate) mod list;
pub(crate) mod new;
pub(crate) mod row;
pub(crate) mod saved;
pub(crate) mod verify;

pub(crate) use group::SpecCommand;
