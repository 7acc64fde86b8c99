//! The state of a project: the files under `.mmm/`, their formats, and the one door for writes.
//!
//! Layer 4. Knows Git and the model; knows no terminal, no AI and no running workflow.

pub(crate) mod artifacts;
pub(crate) mod bridge;
pub(crate) mod config;
pub(crate) mod error;
pub(crate) mod evidence_files;
pub(crate) mod format;
pub(crate) mod ignored;
pub(crate) mod journal;
pub(crate) mod layout;
pub(crate) mod masks;
pub(crate) mod pending;
pub(crate) mod remarks;
pub(crate) mod run_folder;
pub(crate) mod runs;
pub(crate) mod save;
pub(crate) mod specs;
pub(crate) mod state_files;
pub(crate) mod tail;
pub(crate) mod temporary;
pub(crate) mod tracked_files;
pub(crate) mod transaction;
pub(crate) mod verdicts;
pub(crate) mod work_tree;

pub(crate) use error::Error;
