//! `git mmm workflow new`.

use serde::Serialize;

use crate::app::Error;
use crate::app::context::Context;
use crate::app::project::Project;
use crate::cli::commit::Commit;
use crate::cli::exit_code::ExitCode;
use crate::cli::output::Output;
use crate::cli::saved;
use crate::workflow::catalog;

/// Write a new workflow, with comments that explain it
///
/// The file is `.mmm/workflows/<name>.yaml`; one that is there is never overwritten.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The name: letters, digits, `-` and `_`
    #[arg(value_name = "name")]
    name: String,
    #[command(flatten)]
    commit: Commit,
}

#[derive(Debug, Serialize)]
struct Answer {
    name: String,
    path: String,
    commit: Option<String>,
}

/// Runs it.
pub(crate) fn run(
    context: &Context,
    output: &mut Output,
    arguments: &Args,
) -> Result<ExitCode, Error> {
    let project = Project::to_work_on(context)?;
    let mut writer = project.writer()?;
    let name = arguments.name.clone();
    let path = catalog::write_new(&project.files, &mut writer, &name)?;
    let message = format!("mmm: workflow new {name}");
    let message = arguments.commit.message(&project.settings, message)?;
    let saved = writer.save(&project.repository, message.as_deref())?;
    saved::tell(output, &saved);
    if output.is_json() {
        let path = path.to_string();
        let commit = saved.commit.as_ref().map(ToString::to_string);
        output.json("workflow-new", Answer { name, path, commit }, &[])?;
        return Ok(ExitCode::Ok);
    }
    output.line(format!("created {path}"));
    output.line(format!("next: git mmm run -w {name}"));
    Ok(ExitCode::Ok)
}
