//! `git mmm artifact list`.

use serde::Serialize;

use crate::app::Error;
use crate::app::artifacts;
use crate::app::context::Context;
use crate::app::project::{Access, Project};
use crate::cli::exit_code::ExitCode;
use crate::cli::output::Output;
use crate::cli::table::{Cell, Table};

/// What it takes.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The run: its id or a unique prefix; the newest one when left out
    #[arg(value_name = "run")]
    run: Option<String>,
}

#[derive(Debug, Serialize)]
struct Row {
    run: String,
    name: String,
    files: usize,
    bytes: u64,
}

/// Runs it.
pub(crate) fn run(
    context: &Context,
    output: &mut Output,
    arguments: &Args,
) -> Result<ExitCode, Error> {
    let project = Project::open(context, Access::Write)?;
    let (run, found) = artifacts::of(&project, arguments.run.as_deref())?;
    let mut rows = Vec::with_capacity(found.len());
    for (name, files) in &found {
        rows.push(Row {
            run: run.to_string(),
            name: name.clone(),
            files: files.len(),
            bytes: artifacts::bytes(&project, files)?,
        });
    }
    if output.is_json() {
        output.json("artifact-list", &rows, &[])?;
        return Ok(ExitCode::Ok);
    }
    if rows.is_empty() {
        output.note(format!("run {run} has no artifacts"));
        return Ok(ExitCode::Ok);
    }
    let mut table = Table::new(["NAME", "FILES", "BYTES"]).right(1).right(2);
    for row in &rows {
        table.row([
            Cell::from(&row.name),
            Cell::from(row.files.to_string()),
            Cell::from(row.bytes.to_string()),
        ]);
    }
    let look = output.data_look();
    output.text(&table.render(look));
    Ok(ExitCode::Ok)
}
