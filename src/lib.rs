//! `git mmm`: spec-driven development with every bit of state in Git.
//!
//! The crate is a program first: [`run`] is all that it promises. `docs/architecture.md`
//! has the map of the layers, and `tests/tidy.rs` keeps it true.

mod app;
mod base;
mod cli;
mod git;
#[cfg(feature = "internals")]
pub mod internals;
mod model;
mod net;
mod proc;
mod project;
mod render;
mod spec;
mod state;
mod sys;
mod workflow;

/// Runs the program with the arguments and the environment of this process.
pub fn run() -> std::process::ExitCode {
    cli::run(std::env::args_os())
}
