//! The workflow language: from a tree of values to a [`Workflow`], or to every problem in it.
//!
//! Pure: it decides what a workflow means and what is wrong with it. It never reads a file, and
//! running is not its matter.

pub(crate) mod amount;
pub(crate) mod artifacts;
pub(crate) mod bundle;
pub(crate) mod checkpoints;
pub(crate) mod condition;
pub(crate) mod cycles;
pub(crate) mod data;
pub(crate) mod defaults;
pub(crate) mod definition;
pub(crate) mod error;
pub(crate) mod events;
pub(crate) mod forecast;
pub(crate) mod graph;
pub(crate) mod handlers;
pub(crate) mod import;
pub(crate) mod inputs;
pub(crate) mod isolation;
pub(crate) mod job;
pub(crate) mod keys;
pub(crate) mod kinds;
pub(crate) mod legs;
pub(crate) mod matrix;
pub(crate) mod needs;
pub(crate) mod outputs;
pub(crate) mod parse;
pub(crate) mod paths;
pub(crate) mod plan;
pub(crate) mod policy;
pub(crate) mod reachable;
pub(crate) mod record;
pub(crate) mod references;
pub(crate) mod report;
pub(crate) mod resolve;
pub(crate) mod retry;
pub(crate) mod scalar;
pub(crate) mod scopes;
pub(crate) mod shapes;
pub(crate) mod shell;
pub(crate) mod sites;
pub(crate) mod splice;
pub(crate) mod step;
pub(crate) mod strategy;
pub(crate) mod variables;

#[cfg(test)]
mod tests;

pub(crate) use crate::model::workflow::bundle::Bundle;
pub(crate) use crate::model::workflow::definition::Job;
pub(crate) use crate::model::workflow::definition::Step;
pub(crate) use crate::model::workflow::definition::StepKind;
pub(crate) use crate::model::workflow::definition::Variable;
pub(crate) use crate::model::workflow::definition::Workflow;
