//! End-to-end tests: the built program in repositories of its own. One folder a command group.
#![expect(
    clippy::disallowed_methods,
    reason = "tests make files and start programs themselves, in folders of their own"
)]
#![expect(clippy::print_stdout, reason = "long tests tell their counts")]

mod artifact;
mod check;
mod cli;
mod docs;
mod hooks;
mod init;
mod quickstart;
mod repository;
mod run;
mod spec;
mod status;
mod step;
mod support;
mod terminal;
mod workflow;
