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
use crate::model::spec::verdict::Standing;
use crate::model::spec::{Spec, Status};
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
    ticked: Ticked,
}

/// What the ticks are worth.
#[derive(Clone, Copy, Debug, Default, Serialize)]
struct Ticked {
    total: usize,
    proved: usize,
    stale: usize,
    failed: usize,
    unproved: usize,
}

/// Reports everything that is wrong with specs, and what their ticks are worth.
pub(crate) fn run(context: &Context, output: &mut Output, args: &Args) -> Result<ExitCode, Error> {
    let project = specs::open(context, Access::Write)?;
    let desk = specs::desk(context, &project);
    let book = desk.book()?;
    let mut problems = book.problems();
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
            ticked,
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
            ticked.words()
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

impl Ticked {
    fn of<'a>(specs: impl Iterator<Item = &'a Spec>, proofs: &Proofs) -> Self {
        let mut ticked = Self::default();
        for spec in specs.filter(|spec| spec.status != Status::Dropped) {
            for criterion in spec.criteria.iter().filter(|criterion| criterion.ticked) {
                ticked.total += 1;
                match proofs.standing(spec, criterion) {
                    Standing::Proved { .. } => ticked.proved += 1,
                    Standing::Stale { .. } => ticked.stale += 1,
                    Standing::Failed => ticked.failed += 1,
                    Standing::MerelyTicked | Standing::Unverified => ticked.unproved += 1,
                }
            }
        }
        ticked
    }

    /// `; 3 ticked: 1 proved, 2 only ticked`, or nothing.
    fn words(self) -> String {
        if self.total == 0 {
            return String::new();
        }
        let counts = [
            (self.proved, "proved"),
            (self.stale, "proved, but stale"),
            (self.failed, "failed"),
            (self.unproved, "only ticked"),
        ];
        let words: Vec<String> = counts
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
        format!("; {} ticked: {}", self.total, words.join(", "))
    }
}
