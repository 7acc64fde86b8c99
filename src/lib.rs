//! `git mmm`: spec-driven development with every bit of state in Git.
//!
//! The crate is a program first: [`run`] is all that it promises. `docs/architecture.md`
//! has the map of the layers, and `tests/tidy.rs` keeps it true.

mod base;
mod git;
mod model;
mod proc;
mod sys;
