//! HTTP: the only user of reqwest.
//!
//! Blocking from outside; the runtime that requests need is made and ended inside. It knows
//! nothing of Git, specs or workflows: it is given an address, bytes and limits.

pub(crate) mod address;
pub(crate) mod error;
pub(crate) mod post;
pub(crate) mod retry;
pub(crate) mod signature;

pub(crate) use error::Error;
