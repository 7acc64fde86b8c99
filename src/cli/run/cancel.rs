//! `git mmm cancel`.

use serde::Serialize;

use crate::app::Error;
use crate::app::context::Context;
use crate::app::error::WorkflowError;
use crate::app::project::{Access, Project};
use crate::app::runs;
use crate::base::ids::RunId;
use crate::base::text::visible;
use crate::cli::exit_code::ExitCode;
use crate::cli::output::Output;
use crate::cli::run::progress::Lines;
use crate::cli::run::words::status_style;

/// End a run: its steps are asked to stop, then made to
///
/// It ends `cancelled`, and `git mmm run --resume` goes on with it in the clone that it ran in.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The run: its id or a unique prefix
    #[arg(value_name = "run")]
    run: String,
}

#[derive(Debug, Serialize)]
struct Cancelled {
    run: String,
    status: &'static str,
    /// Where the folder of a run is that could not be read.
    rescued: Option<String>,
}

/// Runs it.
pub(crate) fn run(
    context: &Context,
    output: &mut Output,
    arguments: &Args,
) -> Result<ExitCode, Error> {
    let project = Project::open(context, Access::Write)?;
    let run = match runs::find(&project, Some(&arguments.run)) {
        Ok(found) => found.run,
        Err(Error::Workflow(WorkflowError::BadRun { run, .. })) => {
            return put_aside(context, &project, output, run);
        }
        Err(error) => return Err(error),
    };
    let mut lines = Lines::new(output);
    let (status, resumable) = runs::cancel(context, &project, run, &mut lines)?;
    lines.finish()?;
    if output.is_json() {
        let data = Cancelled {
            run: run.to_string(),
            status: status.as_str(),
            rescued: None,
        };
        output.json("run-cancelled", data, &[])?;
    } else {
        let word = output.paint(status_style(status), status.as_str());
        output.line(format!("run {run} {word}"));
        if resumable {
            output.line(format!("next: git mmm run --resume {run}"));
        }
    }
    Ok(ExitCode::Ok)
}

/// A run that cannot be read cannot be ended either; it no longer stands in the way.
fn put_aside(
    context: &Context,
    project: &Project,
    output: &mut Output,
    run: RunId,
) -> Result<ExitCode, Error> {
    let mut lines = Lines::new(output);
    let rescued = runs::put_aside(context, project, run, &mut lines)?;
    lines.finish()?;
    let rescued = rescued.to_string_lossy().into_owned();
    if output.is_json() {
        let data = Cancelled {
            run: run.to_string(),
            status: "damaged",
            rescued: Some(rescued),
        };
        output.json("run-cancelled", data, &[])?;
    } else {
        output.line(format!("run {run} put aside: {}", visible(&rescued)));
    }
    Ok(ExitCode::Ok)
}
