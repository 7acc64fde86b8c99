//! The command line: arguments in; text, JSON and an exit code out.
//!
//! The only user of clap, indicatif and the crates that draw text, and the only place that knows
//! exit codes. One file for each command, `<group>/<command>.rs`, holds its arguments and its
//! `run` side by side. It decides nothing about specs or runs: `app` and the systems do.

pub(crate) mod arguments;
pub(crate) mod artifact;
pub(crate) mod check;
pub(crate) mod checkpoint;
pub(crate) mod commit;
pub(crate) mod debug;
pub(crate) mod dispatch;
pub(crate) mod exit_code;
pub(crate) mod hint;
pub(crate) mod init;
pub(crate) mod json;
pub(crate) mod layers;
pub(crate) mod next;
pub(crate) mod output;
pub(crate) mod quickstart;
pub(crate) mod report;
pub(crate) mod run;
pub(crate) mod saved;
pub(crate) mod spec;
pub(crate) mod status;
pub(crate) mod step;
pub(crate) mod supervise;
pub(crate) mod table;
pub(crate) mod usage;
pub(crate) mod workflow;

pub(crate) use dispatch::run;
