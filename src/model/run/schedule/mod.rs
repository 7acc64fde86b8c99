//! What a run does next: a pure function of the workflow and of what has happened.
//!
//! The same code decides in a fresh run and after a resume; it is told how steps ended and says
//! what to do, one [`Decision`] at a time. Each decision is made once and costs time in
//! proportion to what it concerns, never to the size of the workflow.
//!
//! Jobs are nodes of a graph that grows: a job that runs several times becomes the node of a group
//! with a node for each leg when it begins, and a step that calls another workflow gets a node for
//! each of that one's jobs.

mod calls;
mod contexts;
mod decision;
mod failing;
mod groups;
mod hand;
mod holding;
mod isolation;
mod leg_value;
mod look;
mod node;
mod queue;
mod replay;
mod told;
mod walk;

#[cfg(test)]
mod tests;

pub(crate) use decision::Decision;
pub(crate) use isolation::Workspace;
pub(crate) use leg_value::{read as json_value, write as json_text};
pub(crate) use node::Settled;
pub(crate) use walk::Schedule;
