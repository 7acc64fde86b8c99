//! Plain values that every layer shares: ids, problems with positions, limits, masking, text.
//!
//! Layer 0. Pure: nothing here reads a file, a variable, a clock or the network, and nothing
//! here knows another module of the crate.

pub(crate) mod diagnostic;
pub(crate) mod glob;
pub(crate) mod ids;
pub(crate) mod limits;
pub(crate) mod redact;
pub(crate) mod source;
pub(crate) mod step_command;
pub(crate) mod text;
