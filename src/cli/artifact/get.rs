//! `git mmm artifact get`.

use std::path::PathBuf;

use serde::Serialize;

use crate::app::Error;
use crate::app::artifacts;
use crate::app::context::Context;
use crate::app::project::{Access, Project};
use crate::base::text::visible;
use crate::cli::exit_code::ExitCode;
use crate::cli::output::Output;

/// What it takes.
#[derive(Debug, clap::Args)]
#[command(allow_missing_positional = true)]
pub(crate) struct Args {
    /// The run: its id or a unique prefix; the newest one when left out
    #[arg(value_name = "run")]
    run: Option<String>,
    /// The artifact
    #[arg(value_name = "name", required = true)]
    name: String,
    /// Where its files go; a folder of its name when left out
    #[arg(short, long, value_name = "folder")]
    output: Option<PathBuf>,
    /// Replace files that are there
    #[arg(short, long)]
    force: bool,
}

#[derive(Debug, Serialize)]
struct Got {
    run: String,
    name: String,
    folder: String,
    files: Vec<String>,
}

/// Runs it.
pub(crate) fn run(
    context: &Context,
    output: &mut Output,
    arguments: &Args,
) -> Result<ExitCode, Error> {
    let project = Project::open(context, Access::Write)?;
    let name = arguments.name.as_str();
    let (run, files) = artifacts::one(&project, arguments.run.as_deref(), name)?;
    let folder = arguments.output.clone();
    let folder = folder.unwrap_or_else(|| PathBuf::from(name));
    artifacts::write(&project, &files, &folder, arguments.force)?;
    let shown = folder.to_string_lossy().into_owned();
    if output.is_json() {
        let got = Got {
            run: run.to_string(),
            name: name.to_owned(),
            folder: shown,
            files: files.into_iter().map(|leaf| leaf.path).collect(),
        };
        output.json("artifact", &got, &[])?;
        return Ok(ExitCode::Ok);
    }
    for leaf in &files {
        let path = folder.join(&leaf.path);
        output.line(visible(&path.to_string_lossy()));
    }
    Ok(ExitCode::Ok)
}
