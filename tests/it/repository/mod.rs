//! Repositories that do not have `.mmm/` in a work tree.

mod bare;
mod partial;
mod sparse;
