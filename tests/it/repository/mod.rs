//! Repositories that do not have `.mmm/` in a work tree.

mod bare;
mod commit;
mod partial;
mod sparse;
