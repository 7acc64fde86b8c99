//! Hidden commands: what steps that are no scripts run, each with a file of parameters.

pub(crate) mod git;
mod group;
pub(crate) mod notify;

pub(crate) use group::StepCommand;
