//! `git mmm cancel`.

use serde::Serialize;

use crate::app::Error;
use crate::app::context::Context;
use crate::app::project::{Access, Project};
use crate::app::runs;
use crate::cli::exit_code::ExitCode;
use crate::cli::output::Output;
use crate::cli::run::progress::Lines;
use crate::cli::run::words::status_style;

/// End a run: its steps are asked to stop, then made to
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
}

/// Runs it.
pub(crate) fn run(
    context: &Context,
    output: &mut Output,
    arguments: &Args,
) -> Result<ExitCode, Error> {
    let project = Project::open(context, Access::Write)?;
    let run = runs::find(&project, Some(&arguments.run))?.run;
    let mut lines = Lines::new(output);
    let status = runs::cancel(context, &project, run, &mut lines)?;
    lines.finish()?;
    if output.is_json() {
        let data = Cancelled {
            run: run.to_string(),
            status: status.as_str(),
        };
        output.json("run-cancelled", data, &[])?;
    } else {
        let word = output.paint(status_style(status), status.as_str());
        output.line(format!("run {run} {word}"));
    }
    Ok(ExitCode::Ok)
}
