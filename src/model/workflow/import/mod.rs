//! Makes a workflow of one that another program reads.
//!
//! Pure: a tree of values in, the text of a workflow and remarks out. What cannot be taken is never
//! left out silently: it is a remark with its place in the original, and a comment
//! `# import: …` where it would have stood.

pub(crate) mod capture;
pub(crate) mod conditions;
pub(crate) mod convert;
pub(crate) mod expressions;
pub(crate) mod github;
pub(crate) mod github_actions;
pub(crate) mod github_events;
pub(crate) mod github_job;
pub(crate) mod github_names;
pub(crate) mod github_step;
pub(crate) mod jobs;
pub(crate) mod notes;
pub(crate) mod original;
pub(crate) mod original_stage;
pub(crate) mod original_text;
pub(crate) mod prodigy;
pub(crate) mod prodigy_action;
pub(crate) mod prodigy_env;
pub(crate) mod prodigy_map;
pub(crate) mod prodigy_step;
pub(crate) mod prodigy_text;
pub(crate) mod script;
pub(crate) mod shapes;
#[cfg(test)]
mod tests;
pub(crate) mod variables;
pub(crate) mod yaml;

pub(crate) use crate::model::workflow::import::convert::{Dialect, Imported, convert};
