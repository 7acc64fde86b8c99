//! Runs: what they do, what they leave, and what survives their death.

mod cancel;
mod checkpoint;
mod committed;
mod crash;
mod edited;
pub(crate) mod fixture;
mod listing;
mod names;
mod proved;
mod refused;
mod steps;
mod taking_up;
mod writers;
