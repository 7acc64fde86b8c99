//! Runs: `run`, `rerun`, `runs`, `show`, `log`, `cancel`, and how a run under way is shown.

pub(crate) mod annotations;
pub(crate) mod cancel;
pub(crate) mod damaged;
pub(crate) mod follow;
pub(crate) mod live;
pub(crate) mod log;
pub(crate) mod outcome;
pub(crate) mod painter;
pub(crate) mod pending;
pub(crate) mod plan;
pub(crate) mod progress;
pub(crate) mod rerun;
pub(crate) mod rows;
pub(crate) mod runs;
pub(crate) mod session;
pub(crate) mod show;
pub(crate) mod spoken;
pub(crate) mod start;
pub(crate) mod streams;
pub(crate) mod summaries;
pub(crate) mod titles;
pub(crate) mod tree;
pub(crate) mod unfinished;
pub(crate) mod words;
