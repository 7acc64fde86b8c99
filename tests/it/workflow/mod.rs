//! `git mmm workflow`.

mod check;
mod eval;
mod formats;
mod graph;
mod group;
mod import;
mod list;
mod new;
mod planned;
mod resolved;
mod reuse;
mod schema;
mod show;
