//! The workflow language: from a tree of values to a [`Workflow`], or to every problem in it.
//!
//! Pure: it decides what a workflow means and what is wrong with it. It never reads a file, and
//! running is not its matter.

pub(crate) mod condition;
pub(crate) mod cycles;
pub(crate) mod definition;
pub(crate) mod error;
pub(crate) mod job;
pub(crate) mod keys;
pub(crate) mod needs;
pub(crate) mod parse;
pub(crate) mod plan;
pub(crate) mod record;
pub(crate) mod references;
pub(crate) mod report;
pub(crate) mod resolve;
pub(crate) mod scalar;
pub(crate) mod shell;
pub(crate) mod splice;
pub(crate) mod step;

#[cfg(test)]
mod tests;

pub(crate) use crate::model::workflow::definition::Job;
pub(crate) use crate::model::workflow::definition::Step;
pub(crate) use crate::model::workflow::definition::StepKind;
pub(crate) use crate::model::workflow::definition::Variable;
pub(crate) use crate::model::workflow::definition::Workflow;
pub(crate) use crate::model::workflow::parse::parse;
