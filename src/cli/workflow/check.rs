//! `git mmm workflow check`.

use serde::Serialize;

use crate::app::Error;
use crate::app::context::Context;
use crate::app::project::{Access, Project};
use crate::base::diagnostic::{self, Problem};
use crate::base::text::counted;
use crate::cli::exit_code::ExitCode;
use crate::cli::output::Output;
use crate::cli::workflow::group::{self, Read};
use crate::workflow::catalog;

/// Report everything that is wrong in workflows
///
/// Every problem of every file is reported at once. Ends with 1 when there is an error; warnings
/// alone are no error.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Names of workflows, or paths of files, from here or from the top: by default all workflows
    #[arg(value_name = "name|file")]
    which: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Row {
    name: String,
    path: String,
    valid: bool,
}

/// Runs it.
pub(crate) fn run(
    context: &Context,
    output: &mut Output,
    arguments: &Args,
) -> Result<ExitCode, Error> {
    let mut problems = Vec::new();
    let mut rows = Vec::new();
    let reads = if arguments.which.is_empty() {
        let project = Project::open(context, Access::ReadOnly)?;
        let catalog = catalog::list(project.top())?;
        problems.extend(catalog.problems);
        catalog.entries.into_iter().map(group::read).collect()
    } else {
        let which = arguments.which.iter();
        which
            .map(|which| one(context, which))
            .collect::<Result<Vec<_>, _>>()?
    };
    for read in reads {
        rows.push(Row {
            valid: read.workflow.is_some(),
            name: read.name,
            path: read.path,
        });
        problems.extend(read.problems);
    }
    diagnostic::sort(&mut problems);
    let code = if problems.iter().any(Problem::is_error) {
        ExitCode::No
    } else {
        ExitCode::Ok
    };
    if output.is_json() {
        output.json("workflow-check", rows, &problems)?;
        return Ok(code);
    }
    output.problems(&problems);
    if code == ExitCode::Ok {
        output.line(format!("{} valid", counted(rows.len(), "workflow")));
    }
    Ok(code)
}

/// A workflow by its name or, with a `/` or an ending, by its path from the current folder. A file
/// needs no project, and not even a repository.
fn one(context: &Context, which: &str) -> Result<Read, Error> {
    let is_path = which.contains('/')
        || [".yaml", ".yml"]
            .iter()
            .any(|ending| which.ends_with(ending));
    if is_path {
        let mut path = context.folder.join(which);
        // Other commands print paths from the top of the work tree.
        if let (false, Ok(repository)) = (path.exists(), context.repository())
            && let Some(top) = repository.work_tree()
        {
            path = top.join(which);
        }
        let source = catalog::load_file(&path, which)?;
        return Ok(group::read_text(&source));
    }
    let project = Project::open(context, Access::ReadOnly)?;
    group::find(&project, which)
}
