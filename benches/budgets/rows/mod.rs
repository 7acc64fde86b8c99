//! One file for each group of rows.

pub(crate) mod hook;
#[cfg(feature = "internals")]
pub(crate) mod internals;
pub(crate) mod memory;
pub(crate) mod notes;
pub(crate) mod specs;
pub(crate) mod status;
pub(crate) mod steps;
pub(crate) mod version;
