//! What every end-to-end test stands on: an isolated repository and the program in it.
//!
//! Isolation is kept here and nowhere else: no test inherits a variable, a home folder or a Git
//! configuration from the person who runs it.

mod child;
mod filters;
mod repo;
mod run;
pub(crate) mod server;
mod terminal;

pub(crate) use child::{Child, LIMIT, let_pass, wait_until};
pub(crate) use repo::{TestRepo, View};
pub(crate) use run::Run;
pub(crate) use terminal::Terminal;
