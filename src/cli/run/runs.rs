//! `git mmm runs`.

use clap::Args;
use serde::Serialize;

use crate::app::Error;
use crate::app::context::Context;
use crate::app::project::{Access, Project};
use crate::app::runs;
use crate::app::runs::rfc3339;
use crate::base::text::one_line;
use crate::cli::exit_code::ExitCode;
use crate::cli::output::Output;
use crate::cli::run::words::{duration, status_style};
use crate::cli::table::{Cell, Table};
use crate::model::run::RunStatus;
use crate::spec::find;

/// List runs, the newest first
#[derive(Debug, Args)]
pub(crate) struct RunsArguments {
    /// Only runs that stand like this: running, waiting, lost, interrupted, success, failure, cancelled
    #[arg(long, value_name = "status", value_parser = parse_status)]
    status: Vec<RunStatus>,
    /// Only runs of this spec
    #[arg(long, value_name = "spec")]
    spec: Option<String>,
    /// At most this many
    #[arg(short = 'n', long, value_name = "count")]
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

fn parse_status(text: &str) -> Result<RunStatus, String> {
    RunStatus::from_word(text).ok_or_else(|| {
        "expected running, waiting, lost, interrupted, success, failure or cancelled".to_owned()
    })
}

/// Runs it.
pub(crate) fn run(
    context: &Context,
    output: &mut Output,
    arguments: &RunsArguments,
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
    let shown = found.runs.iter().filter(|summary| {
        (arguments.status.is_empty() || arguments.status.contains(&summary.status))
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
    let mut table = Table::new(["run", "status", "workflow", "spec", "started", "took"]).right(5);
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
    if !table.is_empty() {
        let look = output.data_look();
        output.text(&table.render(look));
    }
    for bad in &found.bad {
        output.line(format!(
            "! {}: {}",
            one_line(&bad.name),
            one_line(&bad.reason)
        ));
    }
    Ok(code)
}
