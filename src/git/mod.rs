//! Git: the only module that runs `git` or uses git2 and gix-hash.
//!
//! Layer 3. Objects go through git2's object database, refs, index, work tree and configuration
//! through the `git` command, so that any repository that Git can make works. It knows nothing of
//! the files under `.mmm/`, specs or workflows.

pub(crate) mod command;
pub(crate) mod configuration;
pub(crate) mod digest;
pub(crate) mod error;
pub(crate) mod identity;
pub(crate) mod repository;
#[cfg(test)]
pub(crate) mod testing;

pub(crate) use error::Error;
pub(crate) use repository::Repository;
