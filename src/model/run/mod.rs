//! A run of a workflow: what is recorded of it, and the state that follows from the records.
//!
//! A run is an append-only list of events; its state is a fold over them and is stored nowhere.

mod about;
pub(crate) mod again;
pub(crate) mod artifact;
mod attempt_name;
pub(crate) mod carry;
pub(crate) mod cut_off;
pub(crate) mod event;
pub(crate) mod isolated;
pub(crate) mod pending;
pub(crate) mod schedule;
pub(crate) mod skipped;
pub(crate) mod state;
pub(crate) mod step_context;
pub(crate) mod terms;
pub(crate) mod tries;
mod undo;
pub(crate) mod used;

pub(crate) use attempt_name::AttemptName;
pub(crate) use event::Event;
pub(crate) use event::Outcome;
pub(crate) use event::RecordedEvent;
pub(crate) use state::RunState;
pub(crate) use state::RunStatus;
