//! `git mmm runs`.

use clap::builder::PossibleValuesParser;
use serde::Serialize;

use crate::app::Error;
use crate::app::context::Context;
use crate::app::project::{Access, Project};
use crate::app::runs;
use crate::app::runs::rfc3339;
use crate::cli::exit_code::ExitCode;
use crate::cli::next::no_project;
use crate::cli::output::Output;
use crate::cli::run::words::{bad_row, duration, status_style};
use crate::cli::spec::list::limit;
use crate::cli::table::{Cell, Table};
use crate::model::run::RunStatus;
use crate::spec::find;
use crate::state::runs::RunSummary;

/// Words that `--status` knows.
const STATUSES: [&str; 8] = [
    "running",
    "waiting",
    "expired",
    "lost",
    "interrupted",
    "success",
    "failure",
    "cancelled",
];

/// List runs, the newest first
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Only runs that stand like this (repeatable)
    #[arg(long, value_name = "status", value_parser = PossibleValuesParser::new(STATUSES))]
    status: Vec<String>,
    /// Only runs of this spec
    #[arg(long, value_name = "spec")]
    spec: Option<String>,
    /// At most this many
    #[arg(short = 'n', long, value_name = "count", value_parser = limit, allow_negative_numbers = true)]
    limit: Option<usize>,
}

#[derive(Debug, Serialize)]
struct RunRow {
    run: String,
    workflow: String,
    spec: Option<String>,
    status: &'static str,
    started: String,
    elapsed_ms: u64,
}

/// Runs it.
pub(crate) fn run(
    context: &Context,
    output: &mut Output,
    arguments: &Args,
) -> Result<ExitCode, Error> {
    let project = Project::open(context, Access::Write)?;
    let spec = match &arguments.spec {
        None => None,
        Some(text) => {
            let book = project.specs()?;
            let index = find::one(&book, &book.graph(), text)?;
            book.specs().get(index).map(|spec| spec.id.clone())
        }
    };
    let found = runs::list(&project)?;
    let is_wanted = |status: RunStatus| {
        let mut words = arguments.status.iter();
        words.any(|word| word == status.as_str())
    };
    let shown = found.runs.iter().filter(|summary| {
        (arguments.status.is_empty() || is_wanted(summary.status))
            && (spec.is_none() || summary.spec_id() == spec)
    });
    let shown = shown.take(arguments.limit.unwrap_or(usize::MAX));
    let code = if found.bad.is_empty() {
        ExitCode::Ok
    } else {
        ExitCode::No
    };
    if output.is_json() {
        let rows: Vec<RunRow> = shown
            .map(|summary| RunRow {
                run: summary.run.to_string(),
                workflow: summary.workflow.clone(),
                spec: summary.spec.clone(),
                status: summary.status.as_str(),
                started: rfc3339(summary.run.timestamp_ms()),
                elapsed_ms: summary.elapsed_ms,
            })
            .collect();
        let problems: Vec<_> = found.bad.iter().map(runs::problem).collect();
        output.json("runs", rows, &problems)?;
        return Ok(code);
    }
    let table = table(shown);
    if table.is_empty() {
        output.note(match (project.initialized, found.runs.is_empty()) {
            (false, true) => {
                let hint = no_project(project.files.only_at_head()?);
                format!("no runs, and no project here yet: {hint}")
            }
            (true, true) => "no runs yet: start one with `git mmm run <spec>`".to_owned(),
            (_, false) => "no run is like that".to_owned(),
        });
    } else {
        let look = output.data_look();
        output.text(&table.render(look));
    }
    for bad in &found.bad {
        output.line(bad_row(bad));
    }
    Ok(code)
}

fn table<'a>(shown: impl Iterator<Item = &'a RunSummary>) -> Table<'a> {
    let mut table = Table::new(["RUN", "STATUS", "WORKFLOW", "SPEC", "STARTED", "TOOK"]).right(5);
    for summary in shown {
        table.row([
            Cell::from(summary.run.to_string()),
            Cell::styled(summary.status.as_str(), status_style(summary.status)),
            Cell::from(&summary.workflow),
            Cell::from(summary.spec.as_deref().unwrap_or("-")),
            Cell::from(rfc3339(summary.run.timestamp_ms())),
            Cell::from(duration(summary.elapsed_ms)),
        ]);
    }
    table
}
