//! Git: the only module that uses git2, gix-hash and the `git` command.
//!
//! Objects go through the object database of libgit2, refs, index, work tree and configuration
//! through the `git` command. It knows nothing of what the files in a work tree mean: it is
//! told paths and ref names.

pub(crate) mod action;
pub(crate) mod bulk;
mod children;
pub(crate) mod code_tree;
pub(crate) mod commit;
pub(crate) mod configuration;
pub(crate) mod create;
pub(crate) mod digest;
mod environment;
pub(crate) mod error;
mod fanout;
mod glance;
pub(crate) mod head;
mod hidden;
pub(crate) mod identity;
pub(crate) mod ignore;
mod library;
pub(crate) mod nested;
pub(crate) mod notes;
pub(crate) mod objects;
pub(crate) mod origin;
mod pack;
pub(crate) mod patch;
mod plain_pack;
pub(crate) mod refs;
pub(crate) mod repository;
mod scratch;
mod secrets;
mod session;
pub(crate) mod signed;
pub(crate) mod snapshot;
mod stale;
pub(crate) mod stored;
#[cfg(test)]
mod testing;
pub(crate) mod tree;
mod unmerged;
pub(crate) mod worktree;
pub(crate) mod writer;

pub(crate) use environment::LOCAL as LOCAL_VARIABLES;
pub(crate) use error::Error;
pub(crate) use repository::Repository;
