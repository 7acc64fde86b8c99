//! Workflows and their runs: starting, driving, parking, resuming, ending and sealing them.
//!
//! Layer 5. It decides with `model`, keeps with `state`, spawns through `proc`'s supervisor. It
//! knows no other system, no arguments and no terminal: whoever watches implements [`Observer`].

pub(crate) mod again;
pub(crate) mod answers;
pub(crate) mod artifacts;
pub(crate) mod asking;
pub(crate) mod attempts;
pub(crate) mod calls;
pub(crate) mod cancel;
pub(crate) mod catalog;
pub(crate) mod checkpoint;
pub(crate) mod closing;
pub(crate) mod contexts;
pub(crate) mod debug;
pub(crate) mod driver;
pub(crate) mod env_files;
pub(crate) mod error;
pub(crate) mod expected;
pub(crate) mod finish;
pub(crate) mod git_step;
pub(crate) mod groups;
pub(crate) mod hash_files;
mod holding;
pub(crate) mod import;
pub(crate) mod isolation;
pub(crate) mod isolation_end;
pub(crate) mod jobs;
pub(crate) mod judge;
mod kept;
pub(crate) mod kind_data;
pub(crate) mod left;
pub(crate) mod leftovers;
mod masked_legs;
pub(crate) mod merging;
pub(crate) mod naming;
pub(crate) mod notify;
pub(crate) mod own_step;
pub(crate) mod pinned;
pub(crate) mod prepare;
pub(crate) mod protected;
pub(crate) mod queues;
pub(crate) mod recorder;
pub(crate) mod resume;
pub(crate) mod revive;
pub(crate) mod said;
pub(crate) mod salvage;
pub(crate) mod seal;
pub(crate) mod secrets;
mod shared;
pub(crate) mod signatures;
pub(crate) mod sources;
pub(crate) mod start;
pub(crate) mod time;
pub(crate) mod trouble;
pub(crate) mod unpack;
pub(crate) mod verification;
pub(crate) mod watcher;

pub(crate) use driver::Observer;
pub(crate) use driver::Workshop;
pub(crate) use error::Error;
