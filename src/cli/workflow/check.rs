//! `git mmm workflow check`.

use std::path::{Component, Path, PathBuf};

use clap::ValueEnum;
use serde::Serialize;

use crate::app::Error;
use crate::app::context::Context;
use crate::app::error::WorkflowError;
use crate::app::project::{Access, Project};
use crate::base::diagnostic::{self, Problem};
use crate::base::source::Position;
use crate::base::text::counted;
use crate::cli::exit_code::ExitCode;
use crate::cli::hint;
use crate::cli::output::Output;
use crate::cli::report;
use crate::cli::workflow::read::{self, Read};
use crate::cli::workflow::{annotations, sarif};
use crate::model::workflow::resolve::Missing;
use crate::state::layout::WORKFLOWS;
use crate::workflow::catalog::{self, Entry};

/// Report everything that is wrong in workflows
///
/// Every problem of every file is reported at once. Ends with 1 when there is an error and with 128
/// when one of several files is not there; warnings alone are no error.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Names of workflows, or paths of files, from here or from the top: by default all workflows
    #[arg(value_name = "name|file")]
    which: Vec<String>,
    /// How problems are told: for people, as `--json` does, as SARIF 2.1.0, or as annotations of
    /// a GitHub runner; the last two name files from the top
    #[arg(
        long,
        value_name = "format",
        default_value = "text",
        conflicts_with = "json"
    )]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
    Sarif,
    Github,
}

#[derive(Debug, Serialize)]
struct Row {
    name: String,
    path: String,
    valid: bool,
}

/// The files that are checked, and what is wrong beside them.
#[derive(Debug, Default)]
struct Found {
    reads: Vec<Read>,
    problems: Vec<Problem>,
    /// Whether one of those that were asked for is not there.
    missing: bool,
}

/// Runs it.
pub(crate) fn run(
    context: &Context,
    output: &mut Output,
    arguments: &Args,
) -> Result<ExitCode, Error> {
    if arguments.format == Format::Json {
        output.answer_json();
    }
    let found = find(context, arguments)?;
    let mut problems = found.problems;
    let mut rows = Vec::new();
    for read in found.reads {
        rows.push(Row {
            valid: read.is_valid(),
            name: read.name,
            path: read.path,
        });
        problems.extend(read.problems);
    }
    once(&mut problems);
    let code = if found.missing {
        ExitCode::Fatal
    } else if problems.iter().any(Problem::is_error) {
        ExitCode::No
    } else {
        ExitCode::Ok
    };
    match arguments.format {
        _ if output.is_json() => output.json("workflow-check", rows, &problems)?,
        Format::Sarif => output.text(&sarif::render(&problems)),
        Format::Github => output.text(&annotations::render(&problems)),
        Format::Json | Format::Text => {
            output.problems(&problems);
            if code == ExitCode::Ok {
                output.line(format!("{} valid", counted(rows.len(), "workflow")));
            }
        }
    }
    Ok(code)
}

/// Reads what is asked for.
fn find(context: &Context, arguments: &Args) -> Result<Found, Error> {
    let mut found = Found::default();
    if arguments.which.is_empty() {
        let project = Project::open(context, Access::ReadOnly)?;
        let catalog = catalog::list(&project.files)?;
        let entries = catalog.entries.iter();
        found.reads = entries.map(|entry| read::read(entry, &catalog)).collect();
        found.problems = catalog.problems;
        return Ok(found);
    }
    let from_top = matches!(arguments.format, Format::Sarif | Format::Github);
    let alone = arguments.which.len() == 1;
    for which in &arguments.which {
        match one(context, which, from_top) {
            Ok(read) => found.reads.push(read),
            // The others are checked all the same.
            Err(
                error @ (Error::Workflow(WorkflowError::NoWorkflow { .. }) | Error::Machine(_)),
            ) if !alone => {
                found.missing = true;
                found.problems.push(absent(which, &error));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

/// A workflow by its name or, with a `/` or an ending, by its path from the current folder. A file
/// needs no project, and not even a repository. Messages name it as it was given or, `from_top`,
/// from the top of the work tree.
fn one(context: &Context, which: &str, from_top: bool) -> Result<Read, Error> {
    let is_path = which.contains('/')
        || [".yaml", ".yml"]
            .iter()
            .any(|ending| which.ends_with(ending));
    let project = || Project::open(context, Access::ReadOnly);
    if !is_path {
        return read::find(&project()?, which);
    }
    let mut path = context.folder.join(which);
    let repository = context.repository().ok();
    let top = repository.as_ref().and_then(|found| found.work_tree());
    // Other commands print paths from the top of the work tree.
    if let (false, Some(top)) = (path.exists(), top)
        && top.join(which).exists()
    {
        path = top.join(which);
    }
    let shown = match top.filter(|_| from_top) {
        Some(top) => below(&path, top).unwrap_or_else(|| which.to_owned()),
        None => which.to_owned(),
    };
    let error = match catalog::load_file(&path, &shown) {
        Ok(entry) => return Ok(read_file(&entry, &path, project().ok().as_ref())),
        Err(error) => Error::from(error),
    };
    // Not a file here: perhaps the name of a workflow's file, which is meant without its folder.
    let name = which.strip_suffix(".yaml").filter(|_| !which.contains('/'));
    let found = name.and_then(|name| read::find(&project().ok()?, name).ok());
    found.ok_or(error)
}

/// A path from the top of the work tree, when it leads into it.
fn below(path: &Path, top: &Path) -> Option<String> {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    Some(plain.strip_prefix(top).ok()?.to_str()?.to_owned())
}

/// Reads a file. What it extends is a workflow of the project; without a project, a file beside it.
fn read_file(entry: &Entry, path: &Path, project: Option<&Project>) -> Read {
    let catalog = project.and_then(|project| catalog::list(&project.files).ok());
    if let Some(catalog) = catalog {
        return read::read(entry, &catalog);
    }
    read::read_with(entry, &mut |name| {
        let shown = format!("{name}.yaml");
        let absent = Missing::Absent { known: Vec::new() };
        if name.is_empty() || name.contains(['/', '\0']) {
            return Err(absent);
        }
        let entry = catalog::load_file(&path.with_file_name(&shown), &shown);
        let text = entry.map_err(|_| absent)?.text;
        text.map_err(|problem| Missing::Unreadable(vec![problem]))
    })
}

/// Sorts problems; what is wrong in one file is found again in each that extends it.
pub(super) fn once(problems: &mut Vec<Problem>) {
    diagnostic::sort(problems);
    problems.dedup_by_key(|problem| told(problem));
}

/// What a person reads of a problem.
fn told(problem: &Problem) -> (String, Option<Position>, &'static str, String) {
    let file = problem.file().to_owned();
    (
        file,
        problem.position(),
        problem.code,
        problem.message.clone(),
    )
}

/// One of several that is not there.
fn absent(which: &str, error: &Error) -> Problem {
    let is_name = error.file().is_none();
    let path = if is_name {
        format!("{WORKFLOWS}/{which}.yaml")
    } else {
        which.to_owned()
    };
    let problem = Problem::in_file("no-workflow", path, report::chain(error));
    match hint::of(error) {
        Some(hint) => problem.with_hint(hint),
        None => problem,
    }
}
