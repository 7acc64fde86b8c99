//! The supervisor: one small process a run that owns the run's steps.
//!
//! It lives in a session of its own and outlives the engine that started it: when the engine
//! dies, steps in flight end normally and are recorded, and nothing new starts. It spawns the
//! steps, holds their pipes, masks and caps what they print, ends them with everything they
//! started, reaps them, and records how they ended. It decides nothing.

pub(crate) mod client;
pub(crate) mod protocol;
pub(crate) mod serve;

mod attempt;
mod commands;
mod engine;
mod lineage;
mod output;
mod spawn;
mod variables;

pub(crate) use client::Supervisor;
pub(crate) use protocol::Cause;
pub(crate) use protocol::Dropped;
pub(crate) use protocol::Ending;
pub(crate) use protocol::Finish;
pub(crate) use protocol::Reply;
pub(crate) use protocol::Start;
pub(crate) use serve::Recorder;
pub(crate) use serve::serve;
pub(crate) use variables::HoldsNul;
pub(crate) use variables::Variables;

#[cfg(test)]
mod tests;
