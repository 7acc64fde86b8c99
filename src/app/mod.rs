//! Wiring: the one place where an implementation meets the trait that asks for it.
//!
//! May know every layer below. It does not parse arguments and prints nothing: it gives `cli`
//! values and errors.

pub(crate) mod again;
pub(crate) mod answering;
pub(crate) mod artifacts;
pub(crate) mod context;
pub(crate) mod error;
pub(crate) mod next;
pub(crate) mod notify;
pub(crate) mod pager;
pub(crate) mod plans;
pub(crate) mod program;
pub(crate) mod project;
pub(crate) mod runs;
pub(crate) mod specs;
pub(crate) mod supervise;
pub(crate) mod terminal;

pub(crate) use error::Error;
