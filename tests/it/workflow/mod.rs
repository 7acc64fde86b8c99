//! `git mmm workflow`.

mod check;
mod group;
mod list;
mod new;
mod reuse;
mod show;
