//! `git mmm workflow`.

mod check;
mod formats;
mod group;
mod list;
mod new;
mod resolved;
mod reuse;
mod schema;
mod show;
