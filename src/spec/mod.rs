//! System 02: specs as people and commands work on them.
//!
//! Reads the specs with what is proved about them, changes them through transactions, and runs the
//! commands of their criteria. It knows no terminal and no arguments, and drives no workflow: what
//! runs of a spec are doing is handed in.

pub(crate) mod change;
pub(crate) mod check;
pub(crate) mod close;
pub(crate) mod create;
pub(crate) mod desk;
pub(crate) mod editor;
pub(crate) mod error;
pub(crate) mod find;
pub(crate) mod list;
pub(crate) mod next;
pub(crate) mod proof;
pub(crate) mod tree;
pub(crate) mod verify;

pub(crate) use desk::Desk;
pub(crate) use error::Error;
