//! Processes: the only module that starts any.
//!
//! Blocking. It knows nothing of Git, specs or workflows: it is given a program, an environment
//! and limits.

pub(crate) mod bell;
pub(crate) mod command;
pub(crate) mod error;
pub(crate) mod interrupt;
pub(crate) mod live;
mod program;
pub(crate) mod supervisor;
pub(crate) mod task;
pub(crate) mod tree;
pub(crate) mod typed;

pub(crate) use error::Error;
