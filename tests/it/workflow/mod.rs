//! `git mmm workflow`.

mod check;
mod eval;
mod formats;
mod group;
mod import;
mod list;
mod new;
mod resolved;
mod reuse;
mod schema;
mod show;
