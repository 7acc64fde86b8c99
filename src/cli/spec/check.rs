//! `git mmm spec check`.

use std::collections::HashSet;

use serde::Serialize;

use crate::app::Error;
use crate::app::context::Context;
use crate::app::project::Access;
use crate::app::specs;
use crate::base::diagnostic::Problem;
use crate::base::text::counted;
use crate::cli::exit_code::ExitCode;
use crate::cli::output::Output;
use crate::spec::check::{self, Ticked};
use crate::spec::proof::Proofs;
use crate::spec::{Error as SpecError, find};
use crate::state::specs::SpecBook;

/// Arguments of `git mmm spec check`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The specs; by default all
    #[arg(value_name = "spec")]
    specs: Vec<String>,
}

/// The answer in JSON.
#[derive(Debug, Serialize)]
struct Data {
    specs: usize,
    errors: usize,
    warnings: usize,
    ticked: TickedData,
}

/// What the ticks are worth, in JSON.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct TickedData {
    total: usize,
    proved: usize,
    stale: usize,
    failed: usize,
    unproved: usize,
}

impl From<Ticked> for TickedData {
    fn from(ticked: Ticked) -> Self {
        Self {
            total: ticked.total,
            proved: ticked.proved,
            stale: ticked.stale,
            failed: ticked.failed,
            unproved: ticked.unproved,
        }
    }
}

/// Reports everything that is wrong with specs, and what their ticks are worth.
pub(crate) fn run(context: &Context, output: &mut Output, args: &Args) -> Result<ExitCode, Error> {
    let project = specs::open(context, Access::Write)?;
    let desk = specs::desk(context, &project);
    let book = desk.book()?;
    let mut problems = check::specs(&desk, &book)?;
    let wanted = wanted(&book, &args.specs)?;
    if let Some(paths) = &wanted {
        problems.retain(|problem| paths.contains(problem.file()));
    }
    let kept = book.specs().iter().filter(|spec| {
        let asked = wanted.as_ref();
        asked.is_none_or(|paths| paths.contains(spec.source.path()))
    });
    let ticked = Ticked::of(kept, &Proofs::gather(&desk)?);
    let checked = wanted.as_ref().map_or(book.rows().len(), HashSet::len);
    let errors = problems.iter().filter(|problem| problem.is_error()).count();
    if output.is_json() {
        let data = Data {
            specs: checked,
            errors,
            warnings: problems.len() - errors,
            ticked: ticked.into(),
        };
        output.json("spec-check", data, &problems)?;
    } else {
        output.problems(&problems);
        output.line(format_args!(
            "{} checked{}{}",
            counted(checked, "spec"),
            if problems.is_empty() {
                ": no problems"
            } else {
                ""
            },
            words(ticked)
        ));
    }
    Ok(answer(&problems))
}

/// No as soon as there is an error.
pub(crate) fn answer(problems: &[Problem]) -> ExitCode {
    if problems.iter().any(Problem::is_error) {
        ExitCode::No
    } else {
        ExitCode::Ok
    }
}

/// The files of the specs that are asked for, readable or not; none asks for all.
fn wanted(book: &SpecBook, references: &[String]) -> Result<Option<HashSet<String>>, Error> {
    if references.is_empty() {
        return Ok(None);
    }
    let graph = book.graph();
    let mut paths = HashSet::new();
    for reference in references {
        match find::one(book, &graph, reference) {
            Ok(index) => {
                let spec = book.specs().get(index);
                paths.extend(spec.map(|spec| spec.source.path().to_owned()));
            }
            Err(SpecError::Unreadable { path, .. }) => {
                paths.insert(path);
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(Some(paths))
}

/// `; 3 ticked: 1 proved, 2 only ticked`, or nothing.
pub(crate) fn words(ticked: Ticked) -> String {
    if ticked.total == 0 {
        return String::new();
    }
    let counts = [
        (ticked.proved, "proved"),
        (ticked.stale, "proved, but stale"),
        (ticked.failed, "failed"),
        (ticked.unproved, "only ticked"),
    ];
    let words: Vec<String> = counts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    format!("; {} ticked: {}", ticked.total, words.join(", "))
}
