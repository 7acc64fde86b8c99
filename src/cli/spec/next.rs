//! `git mmm spec next`.

use anstyle::Style;

use crate::app::Error;
use crate::app::context::Context;
use crate::app::next;
use crate::app::project::Access;
use crate::app::specs::{self, Shelf};
use crate::base::text::counted;
use crate::cli::exit_code::ExitCode;
use crate::cli::next::command;
use crate::cli::output::Output;
use crate::cli::spec::row::{self, Faults};
use crate::model::spec::Status;
use crate::spec::list::{self, Line};
use crate::spec::next::needy;
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
    let shelf = Shelf::of(context, &project)?;
    let book = &shelf.book;
    let graph = book.graph();
    let needy = needy(&graph, &shelf.proofs, &shelf.activities);
    let most = if args.all { usize::MAX } else { 1 };
    let work = needy.iter().filter(|needy| needy.need.is_work());
    let mut found = Vec::new();
    for needy in work.take(most) {
        let advice = next::of_needy(&project, &shelf, needy)?;
        found.push((needy, command(&advice)));
    }
    let faults = Faults::of(book, &graph);
    if output.is_json() {
        let data = found
            .iter()
            .map(|(needy, next)| row::data(book, &needy.line).with_next(next));
        output.json("spec-next", row::rows(book, data), &faults.problems)?;
    } else {
        for (needy, _) in &found {
            let line = &needy.line;
            let status = output.paint(row::style(line.status), line.status.as_str());
            let title = output.paint(Style::new(), &line.spec.title);
            output.line(format_args!("{}  {status}  {title}", line.spec.name()));
        }
        faults.show(output);
        if let Some((_, next)) = found.first() {
            output.line(format_args!("next: {next}"));
        }
    }
    if !found.is_empty() {
        return Ok(faults.answer());
    }
    let line = |index| list::line(&graph, index, &shelf.proofs, &shelf.activities);
    let all: Vec<Line<'_>> = (0..book.specs().len()).filter_map(line).collect();
    for reason in reasons(book, &all) {
        output.note(reason);
    }
    if let Some(first) = needy.first() {
        let advice = next::of_needy(&project, &shelf, first)?;
        output.note(format!("hint: run `{}`", command(&advice)));
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
        reasons.push(format!("{} is {}", line.spec.name(), line.status.as_str()));
    }
    let drafts = all.iter().filter(|line| line.spec.status == Status::Draft);
    let drafts = drafts.count();
    if drafts > 0 {
        reasons.push(format!("{} not ready", counted(drafts, "draft")));
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
