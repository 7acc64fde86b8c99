//! The domain, pure: it parses, validates and decides.
//!
//! No clock, no disk, no network, no environment, no Git. What it needs from outside comes in
//! as a value.

pub(crate) mod annotation;
pub(crate) mod dotenv;
pub(crate) mod evidence;
pub(crate) mod expression;
pub(crate) mod inputs;
pub(crate) mod notice;
pub(crate) mod port;
pub(crate) mod problem_matcher;
pub(crate) mod project;
pub(crate) mod record;
pub(crate) mod remark;
pub(crate) mod run;
pub(crate) mod scalar;
pub(crate) mod spec;
pub(crate) mod step_commands;
pub(crate) mod step_files;
pub(crate) mod tree;
pub(crate) mod workflow;
