//! `git mmm checkpoint list`.

use serde::Serialize;

use crate::app::Error;
use crate::app::context::Context;
use crate::app::project::{Access, Project};
use crate::app::runs;
use crate::app::runs::rfc3339;
use crate::base::text::visible;
use crate::cli::checkpoint::name::{elsewhere, where_to};
use crate::cli::exit_code::ExitCode;
use crate::cli::output::Output;
use crate::cli::table::{Cell, Table};

#[derive(Debug, Serialize)]
struct Waiting {
    checkpoint: String,
    run: String,
    number: u32,
    name: String,
    job: String,
    workflow: String,
    spec: Option<String>,
    message: String,
    branch: Option<String>,
    hash: String,
    since: String,
    options: Vec<String>,
    text_required: bool,
    approvers: Vec<String>,
    /// Until when it can be answered.
    expires: Option<String>,
    /// Whether that is over.
    expired: bool,
    /// Whether it can be answered in this work tree.
    here: bool,
    /// The work tree that it can be answered in, when it is another one.
    work_tree: Option<String>,
}

/// Runs it.
pub(crate) fn run(context: &Context, output: &mut Output) -> Result<ExitCode, Error> {
    let project = Project::open(context, Access::Write)?;
    let now = project.repository.clock().now_ms();
    let mut rows = Vec::new();
    for (summary, state) in runs::waiting(&project)? {
        rows.extend(state.asking(now).map(|(known, expired)| Waiting {
            checkpoint: format!("{}/{}", summary.run, known.opened.number),
            run: summary.run.to_string(),
            number: known.opened.number,
            name: known.opened.name.clone(),
            job: known.opened.job.clone(),
            workflow: summary.workflow.clone(),
            spec: summary.spec.clone(),
            message: known.opened.message.clone(),
            branch: known.opened.branch.clone(),
            hash: known.opened.hash.to_string(),
            since: rfc3339(known.opened_ms),
            options: known.opened.terms.options.clone(),
            text_required: known.opened.terms.text_required,
            approvers: known.opened.terms.approvers.clone(),
            expires: known.opened.terms.expires_ms.map(rfc3339),
            expired,
            here: summary.goes_on.is_here(),
            work_tree: elsewhere(&summary),
        }));
    }
    if output.is_json() {
        output.json("checkpoint-list", &rows, &[])?;
        return Ok(ExitCode::Ok);
    }
    let mut table =
        Table::new(["CHECKPOINT", "NAME", "WORKFLOW", "SPEC", "SINCE", "MESSAGE"]).flexible(5);
    for row in &rows {
        table.row([
            Cell::from(&row.checkpoint),
            Cell::from(&row.name),
            Cell::from(&row.workflow),
            Cell::from(row.spec.as_deref().unwrap_or("-")),
            Cell::from(&row.since),
            Cell::from(&row.message),
        ]);
    }
    if table.is_empty() {
        output.note("no run waits for an answer");
    } else {
        let look = output.data_look();
        output.text(&table.render(look));
    }
    for row in rows.iter().filter(|row| row.expired) {
        let run = &row.run;
        output.line(format!(
            "{}: expired; `git mmm run --resume {run}` goes on from it",
            row.checkpoint
        ));
    }
    for row in rows.iter().filter(|row| !row.here) {
        output.line(visible(&format!(
            "{}: {}",
            row.checkpoint,
            where_to(row.work_tree.as_deref())
        )));
    }
    Ok(ExitCode::Ok)
}
