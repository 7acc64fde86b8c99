//! `git mmm step`: what steps that are no scripts run.

mod git;
mod git_kept;
mod notify;
