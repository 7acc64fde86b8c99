//! The formats of what is stored: the only place that knows how values are spelled on disk.
//!
//! Each format turns text into types of `model` and back; it never decides what they mean.

pub(crate) mod spec;
pub(crate) mod yaml;
