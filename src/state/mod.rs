//! The `.mmm` layout: what stands where, in which format, and the one door that changes it.
//!
//! Layer 4. Knows files, YAML, TOML and Git; never the terminal, AI or running workflows.

pub(crate) mod format;
