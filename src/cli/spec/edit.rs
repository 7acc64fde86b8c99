//! `git mmm spec edit`.

use serde::Serialize;

use crate::app::Error;
use crate::app::context::Context;
use crate::app::project::Access;
use crate::app::specs;
use crate::base::diagnostic::Problem;
use crate::cli::exit_code::ExitCode;
use crate::cli::output::Output;
use crate::model::spec::Spec;
use crate::spec::editor::{self, Prints};
use crate::spec::{Desk, Error as SpecError, find};

/// Arguments of `git mmm spec edit`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The spec: its slug, its id, or a unique prefix
    #[arg(value_name = "spec")]
    spec: String,
}

/// The answer in JSON.
#[derive(Debug, Serialize)]
struct Data {
    path: String,
}

/// Opens a spec in the person's editor and checks it afterwards.
pub(crate) fn run(context: &Context, output: &mut Output, args: &Args) -> Result<ExitCode, Error> {
    let project = specs::open(context, Access::Write)?;
    let desk = specs::desk(context, &project);
    let book = desk.book()?;
    let path = match find::one(&book, &book.graph(), &args.spec) {
        Ok(index) => book
            .specs()
            .get(index)
            .map(|spec: &Spec| spec.source.path().to_owned())
            .unwrap_or_default(),
        // The editor is where such a file is repaired.
        Err(SpecError::Unreadable { path, .. }) => path,
        Err(error) => return Err(error.into()),
    };
    editor::open(&desk, &path, prints(output))?;
    let problems = problems_of(&desk, &path)?;
    if output.is_json() {
        output.json("spec-edit", Data { path }, &problems)?;
    } else {
        output.problems(&problems);
    }
    Ok(answer(&problems))
}

/// Opens a spec that was just made; says what is wrong with it afterwards.
pub(crate) fn open(desk: &Desk<'_>, output: &Output, path: &str) -> Result<ExitCode, Error> {
    editor::open(desk, path, prints(output))?;
    let problems = problems_of(desk, path)?;
    output.problems(&problems);
    Ok(answer(&problems))
}

fn prints(output: &Output) -> Prints {
    if output.is_json() {
        Prints::Errors
    } else {
        Prints::Output
    }
}

fn answer(problems: &[Problem]) -> ExitCode {
    if problems.iter().any(Problem::is_error) {
        ExitCode::No
    } else {
        ExitCode::Ok
    }
}

fn problems_of(desk: &Desk<'_>, path: &str) -> Result<Vec<Problem>, Error> {
    Ok(desk.book()?.problems_of(path))
}
