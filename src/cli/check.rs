//! `git mmm check`: what CI calls. Writes nothing.

use serde::Serialize;

use crate::app::Error;
use crate::app::context::Context;
use crate::app::project::Access;
use crate::app::specs;
use crate::base::diagnostic;
use crate::base::text::counted;
use crate::cli::exit_code::ExitCode;
use crate::cli::output::Output;
use crate::cli::spec::check::{TickedData, answer, words};
use crate::cli::spec::verify::{Counts, FoundData, conclude, told};
use crate::cli::workflow::read;
use crate::spec::check::{self, Ticked};
use crate::spec::proof::Proofs;
use crate::spec::verify::Keep;

/// Arguments of `git mmm check`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Also run the command of every ticked criterion on this code; nothing is recorded
    #[arg(long)]
    verify: bool,
}

/// The answer in JSON.
#[derive(Debug, Serialize)]
struct Data {
    specs: usize,
    workflows: usize,
    evidence: usize,
    errors: usize,
    warnings: usize,
    ticked: TickedData,
    /// `null` without `--verify`.
    verified: Option<Vec<FoundData>>,
}

/// Checks everything under `.mmm/` and, if asked to, verifies what is ticked.
pub(crate) fn run(context: &Context, output: &mut Output, args: &Args) -> Result<ExitCode, Error> {
    let project = specs::open(context, Access::ReadOnly)?;
    let desk = specs::desk(context, &project);
    let book = desk.book()?;
    let checked = check::project(&desk, &book)?;
    let (workflows, found) = read::check(&project)?;
    let mut problems = checked.problems;
    problems.extend(found);
    diagnostic::sort(&mut problems);
    let problems = &problems;
    let ticked = Ticked::of(book.specs(), &Proofs::gather(&desk)?);
    let errors = problems.iter().filter(|problem| problem.is_error()).count();
    if !output.is_json() {
        output.problems(problems);
        output.line(format_args!(
            "{}, {}, {} checked{}{}",
            counted(checked.specs, "spec"),
            counted(workflows, "workflow"),
            counted(checked.evidence, "evidence file"),
            if problems.is_empty() {
                ": no problems"
            } else {
                ""
            },
            words(ticked)
        ));
    }
    let (mut found_data, mut counts) = (Vec::new(), Counts::default());
    // What the configuration masks is not known when it cannot be read.
    let verifies = args.verify && project.require_settings().is_ok();
    if verifies {
        let jobs = check::ticked(&book);
        (found_data, counts) = told(output, &desk, &jobs, Keep::Nothing)?;
    }
    if output.is_json() {
        let data = Data {
            specs: checked.specs,
            workflows,
            evidence: checked.evidence,
            errors,
            warnings: problems.len() - errors,
            ticked: ticked.into(),
            verified: verifies.then_some(found_data),
        };
        output.json("check", data, problems)?;
    } else if verifies {
        conclude(output, counts);
    } else if args.verify {
        output.note("nothing was verified: the configuration cannot be read");
    }
    Ok(if counts.failed > 0 {
        ExitCode::No
    } else {
        answer(problems)
    })
}
