//! The project itself: making `.mmm/` in a repository, and a sample repository to look at.
//!
//! Layer 5. It writes through `state::Transaction` only, and knows no other system.

pub(crate) mod error;
pub(crate) mod init;
pub(crate) mod quickstart;
pub(crate) mod sample;
pub(crate) mod templates;

#[cfg(test)]
mod tests;

pub(crate) use error::Error;
