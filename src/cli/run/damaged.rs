//! What `git mmm show` says of a run whose journal cannot be read.

use serde::Serialize;

use crate::app::Error;
use crate::app::project::Project;
use crate::app::runs;
use crate::base::ids::RunId;
use crate::base::text::visible;
use crate::cli::exit_code::ExitCode;
use crate::cli::output::Output;
use crate::cli::run::words::bad_row;

#[derive(Debug, Serialize)]
struct Damaged {
    run: String,
    folder: String,
    outputs: Vec<String>,
}

/// Shows what is wrong, what is left of it, and what to do about it.
pub(crate) fn show(project: &Project, output: &mut Output, run: RunId) -> Result<ExitCode, Error> {
    let (folder, outputs) = runs::remains(project, run)?;
    let mut bad = runs::list(project)?.bad;
    bad.retain(|bad| bad.run == Some(run));
    let data = Damaged {
        run: run.to_string(),
        folder: folder.to_string_lossy().into_owned(),
        outputs,
    };
    if output.is_json() {
        let problems: Vec<_> = bad.iter().map(runs::problem).collect();
        output.json("run-damaged", data, &problems)?;
        return Ok(ExitCode::No);
    }
    for bad in &bad {
        output.line(bad_row(bad));
    }
    output.line(visible(&format!("folder    {}", data.folder)));
    for name in &data.outputs {
        output.line(visible(&format!("output    out/{name}")));
    }
    output.line(format!("next: git mmm cancel {run}"));
    Ok(ExitCode::No)
}
