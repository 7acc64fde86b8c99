//! The project itself: making `.mmm/` in a repository, and a sample repository to look at.
//!
//! Layer 5. It writes through `state::Transaction` only, and knows no other system.

pub(crate) mod error;
#[cfg(test)]
mod formats_page;
pub(crate) mod init;
pub(crate) mod quickstart;
pub(crate) mod sample;
pub(crate) mod templates;

pub(crate) use error::Error;
