//! The machine: clock, randomness, environment, files and locks.
//!
//! The only module that reads variables, tells the time and writes files. It knows nothing of
//! Git, `.mmm/` or processes.

mod bounded;
pub(crate) mod clock;
pub(crate) mod environment;
pub(crate) mod error;
pub(crate) mod files;
pub(crate) mod folder;
pub(crate) mod identifiers;
pub(crate) mod lock;
pub(crate) mod terminal;

pub(crate) use error::Error;
