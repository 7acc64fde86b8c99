//! `git mmm spec next`.

use anstyle::Style;

use crate::app::Error;
use crate::app::context::Context;
use crate::app::project::Access;
use crate::app::specs;
use crate::base::text::counted;
use crate::cli::exit_code::ExitCode;
use crate::cli::output::Output;
use crate::cli::spec::row::{self, Faults};
use crate::model::spec::Status;
use crate::model::spec::verdict::DerivedStatus;
use crate::spec::list::{self, Line};
use crate::spec::proof::Proofs;
use crate::state::specs::SpecBook;

/// Waiting specs that are named one by one.
const SHOWN: usize = 5;

/// Arguments of `git mmm spec next`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Show all that can be worked on, the most urgent first
    #[arg(long)]
    all: bool,
}

/// Shows the spec to work on now, or says why there is none.
pub(crate) fn run(context: &Context, output: &mut Output, args: &Args) -> Result<ExitCode, Error> {
    let project = specs::open(context, Access::Write)?;
    let desk = specs::desk(context, &project);
    let book = desk.book()?;
    let graph = book.graph();
    let proofs = Proofs::gather(&desk)?;
    let activities = specs::activities(&project)?;
    let line = |index: usize| list::line(&graph, index, &proofs, &activities);
    let open = |line: &Line<'_>| {
        matches!(
            line.status,
            DerivedStatus::Ready | DerivedStatus::Failing | DerivedStatus::Stale
        )
    };
    let ready = graph.ready().into_iter().filter_map(line).filter(open);
    let most = if args.all { usize::MAX } else { 1 };
    let found: Vec<Line<'_>> = ready.take(most).collect();
    let faults = Faults::of(&book);
    if output.is_json() {
        let data = found.iter().map(|line| row::data(&book, line));
        output.json("spec-next", row::rows(&book, data), &faults.problems)?;
    } else {
        for line in &found {
            let status = output.paint(row::style(line.status), line.status.as_str());
            let title = output.paint(Style::new(), &line.spec.title);
            output.line(format_args!("{}  {status}  {title}", line.spec.name()));
        }
        faults.show(output);
    }
    if !found.is_empty() {
        return Ok(faults.answer());
    }
    let all: Vec<Line<'_>> = (0..book.specs().len()).filter_map(line).collect();
    for reason in reasons(&book, &all) {
        output.note(reason);
    }
    Ok(ExitCode::No)
}

/// Why nothing can be worked on.
fn reasons(book: &SpecBook, all: &[Line<'_>]) -> Vec<String> {
    let mut reasons = Vec::new();
    let ready = || all.iter().filter(|line| line.spec.status == Status::Ready);
    let blocked: Vec<&Line<'_>> = ready().filter(|line| !line.blockers.is_empty()).collect();
    for line in blocked.iter().take(SHOWN) {
        let blockers = row::blocked_by(book, line);
        reasons.push(format!("{} waits for {blockers}", line.spec.name()));
    }
    if blocked.len() > SHOWN {
        reasons.push(format!("and {} more wait", blocked.len() - SHOWN));
    }
    for line in ready().filter(|line| line.blockers.is_empty()).take(SHOWN) {
        let name = line.spec.name();
        reasons.push(match line.status {
            DerivedStatus::Verified => {
                format!("{name} is proved: accept it with `git mmm spec done {name}`")
            }
            status => format!("{name} is {}", status.as_str()),
        });
    }
    let drafts = all.iter().filter(|line| line.spec.status == Status::Draft);
    let drafts = drafts.count();
    if drafts > 0 {
        reasons.push(format!(
            "{} not ready: `git mmm spec set <spec> status=ready`",
            counted(drafts, "draft")
        ));
    }
    if reasons.is_empty() {
        let reason = if book.rows().is_empty() {
            "there are no specs: make one with `git mmm spec new <title>`"
        } else if all.is_empty() {
            "no spec can be read: see `git mmm spec check`"
        } else if book.unreadable().next().is_some() {
            "every spec that can be read is done or dropped"
        } else {
            "every spec is done or dropped"
        };
        reasons.push(reason.to_owned());
    }
    reasons
}
