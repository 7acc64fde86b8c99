//! Version 1 of `run.toml`: what a sealed run says about itself, for people who look at its tree.
//!
//! The journal beside it is what counts; this file is written and never read by the program.

use std::fmt::Write as _;

use crate::model::run::RunState;
use crate::state::format::toml_tree::quoted;
use crate::state::runs::RunSummary;
use crate::sys::clock::rfc3339;

/// The version that this module writes.
const FORMAT: u32 = 1;

/// Writes the file.
pub(crate) fn render(summary: &RunSummary, state: &RunState) -> String {
    let mut text = format!(
        "format = {FORMAT}\nrun = {}\nworkflow = {}\nstatus = {}\n",
        quoted(&summary.run.to_string()),
        quoted(&summary.workflow),
        quoted(summary.status.as_str()),
    );
    let mut line = |key: &str, value: &str| {
        // Writing into a text does not fail.
        let _ = writeln!(text, "{key} = {}", quoted(value));
    };
    if let Some(spec) = &summary.spec {
        line("spec", spec);
    }
    line("started", &rfc3339(state.started_ms));
    line("last", &rfc3339(state.last_ms));
    if let Some(start) = &state.start {
        line("workflow_hash", start.workflow_hash.as_str());
        line("tree", start.tree.as_str());
        line("who", &start.who);
        if let Some(base) = &start.base {
            line("base", base.as_str());
        }
        if let Some(branch) = &start.branch {
            line("branch", branch);
        }
    }
    text
}
