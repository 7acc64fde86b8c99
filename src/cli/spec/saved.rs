//! What is told about every change of specs.

use anstyle::Style;
use serde::Serialize;

use crate::app::Error;
use crate::base::diagnostic::Problem;
use crate::cli::exit_code::ExitCode;
use crate::cli::output::Output;
use crate::cli::saved::tell;
use crate::model::spec::Status;
use crate::model::spec::edit::Scalar;
use crate::spec::change::{self, Change};
use crate::state::save::{Saved, Writer};
use crate::state::specs::SpecBook;

/// A change in JSON.
#[derive(Debug, Serialize)]
struct Data<'a> {
    names: &'a [String],
    paths: &'a [String],
    commit: Option<String>,
}

/// Answers with the files that were changed.
pub(crate) fn report(
    output: &mut Output,
    kind: &str,
    names: &[String],
    saved: &Saved,
    warnings: &[Problem],
) -> Result<ExitCode, Error> {
    tell(output, saved);
    if output.is_json() {
        let data = Data {
            names,
            paths: &saved.paths,
            commit: saved.commit.as_ref().map(ToString::to_string),
        };
        output.json(kind, data, warnings)?;
        return Ok(ExitCode::Ok);
    }
    output.problems(warnings);
    if saved.paths.is_empty() && saved.commit.is_none() {
        output.note("nothing to change");
    }
    for path in &saved.paths {
        let path = output.paint(Style::new(), path);
        output.line(path);
    }
    Ok(ExitCode::Ok)
}

/// Gives a spec another stored status.
pub(crate) fn set_status(
    writer: &mut Writer,
    book: &SpecBook,
    index: usize,
    status: Status,
) -> Result<(), Error> {
    let Some(spec) = book.specs().get(index) else {
        return Ok(());
    };
    let value = Scalar::Text(status.as_str().to_owned());
    let text = change::apply(book, index, &[Change::Set("status", value)])?;
    writer.replace(spec.source.path(), spec.source.text(), &text)?;
    Ok(())
}
