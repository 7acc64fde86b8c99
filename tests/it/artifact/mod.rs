//! Artifacts: what is kept of a run, and how it is had back.

mod get;
mod kept;
mod refused;
