//! `git mmm workflow list`.

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use crate::app::Error;
use crate::app::context::Context;
use crate::app::project::{Access, Project};
use crate::base::diagnostic::Problem;
use crate::base::text::{counted, title};
use crate::cli::exit_code::ExitCode;
use crate::cli::next::no_project;
use crate::cli::output::Output;
use crate::cli::table::{Cell, Table};
use crate::cli::workflow::read::{self, Read};
use crate::workflow::catalog;

/// List all workflows, readable or not
///
/// Ends with 1 when one of them cannot be run as it is.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

#[derive(Debug, Serialize)]
struct Row {
    name: String,
    path: String,
    title: Option<String>,
    /// Whether only what extends it is run.
    r#abstract: bool,
    jobs: Option<usize>,
    steps: Option<usize>,
    errors: usize,
    warnings: usize,
}

/// Runs it.
pub(crate) fn run(
    context: &Context,
    output: &mut Output,
    _arguments: &Args,
) -> Result<ExitCode, Error> {
    let project = Project::open(context, Access::ReadOnly)?;
    let catalog = catalog::list(&project.files)?;
    let mut problems = catalog.problems.clone();
    let mut rows = Vec::new();
    for entry in &catalog.entries {
        let read = read::read(entry, &catalog);
        rows.push(row(&read));
        problems.extend(read.problems);
    }
    let code = if problems.iter().any(Problem::is_error) {
        ExitCode::No
    } else {
        ExitCode::Ok
    };
    if output.is_json() {
        output.json("workflow-list", rows, &problems)?;
        return Ok(code);
    }
    if rows.is_empty() {
        output.note(if project.initialized {
            "no workflows; `git mmm workflow new <name>` writes one".to_owned()
        } else {
            let hint = no_project(project.files.only_at_head()?);
            format!("no workflows, and no project here yet: {hint}")
        });
    } else {
        let table = table(&rows).render(output.data_look());
        output.text(&table);
    }
    if code == ExitCode::No {
        output.note("hint: `git mmm workflow check` says what is wrong");
    }
    Ok(code)
}

fn row(read: &Read) -> Row {
    let errors = read.problems.iter().filter(|found| found.is_error());
    let errors = errors.count();
    let jobs = read.workflow.as_ref().map(|workflow| &workflow.jobs);
    Row {
        name: read.name.clone(),
        path: read.path.clone(),
        title: read.workflow.as_ref().map(|found| title(&found.name)),
        r#abstract: read.is_abstract,
        jobs: jobs.map(Vec::len),
        steps: jobs.map(|jobs| jobs.iter().map(|job| job.steps.len()).sum()),
        errors,
        warnings: read.problems.len() - errors,
    }
}

fn table(rows: &[Row]) -> Table<'_> {
    let mut table = Table::new(["NAME", "JOBS", "STEPS", "TITLE"])
        .right(1)
        .right(2)
        .flexible(3);
    let count = |number: Option<usize>| number.map_or("-".to_owned(), |number| number.to_string());
    for row in rows {
        let cell = match (&row.title, row.errors) {
            (Some(title), 0) if row.warnings > 0 => {
                Cell::from(format!("{title} ({})", counted(row.warnings, "warning")))
            }
            (Some(title), 0) if row.r#abstract => Cell::from(format!("{title} (abstract)")),
            (Some(title), 0) => Cell::from(title),
            (None, 0) => Cell::from("(abstract)"),
            (_, errors) => Cell::styled(
                format!("! {} in {}", counted(errors, "error"), row.path),
                Style::new().fg_color(Some(AnsiColor::Red.into())),
            ),
        };
        table.row([
            Cell::from(&row.name),
            Cell::from(count(row.jobs)),
            Cell::from(count(row.steps)),
            cell,
        ]);
    }
    table
}
