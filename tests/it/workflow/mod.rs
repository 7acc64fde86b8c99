//! `git mmm workflow`.

mod check;
mod eval;
mod group;
mod list;
mod new;
mod reuse;
mod show;
