//! `git mmm spec list`.

use clap::ValueEnum;
use clap::builder::PossibleValuesParser;

use crate::app::Error;
use crate::app::context::Context;
use crate::app::project::Access;
use crate::app::specs::{self, Shelf};
use crate::base::text::counted;
use crate::cli::exit_code::ExitCode;
use crate::cli::output::Output;
use crate::cli::spec::row::{self, Faults};
use crate::cli::table::{Cell, Table};
use crate::spec::list::{self, Filter, Line, Readiness};
use crate::state::specs::SpecBook;

/// Words that `--status` knows: those in files and those that are derived.
const STATUSES: [&str; 9] = [
    "draft", "ready", "done", "dropped", "waiting", "running", "failing", "stale", "verified",
];

/// Arguments of `git mmm spec list`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// List specs of this stored or derived status (repeatable); by default all but dropped ones
    #[arg(long, value_name = "status", value_parser = PossibleValuesParser::new(STATUSES))]
    status: Vec<String>,
    /// List specs of this owner; `@me` is your `user.name`
    #[arg(long, value_name = "name")]
    owner: Option<String>,
    /// List specs with this label (repeatable: with all of them)
    #[arg(long, value_name = "label")]
    label: Vec<String>,
    /// List specs of this kind
    #[arg(long, value_name = "kind")]
    kind: Option<String>,
    /// List specs that can be worked on now
    #[arg(long, conflicts_with = "blocked")]
    ready: bool,
    /// List specs that wait for other specs
    #[arg(long)]
    blocked: bool,
    /// List dropped specs too
    #[arg(long)]
    all: bool,
    /// List at most this many
    #[arg(long, value_name = "n", value_parser = limit, allow_negative_numbers = true)]
    limit: Option<usize>,
    /// Sort by this
    #[arg(long, value_name = "key", default_value = "priority")]
    sort: Sort,
}

/// What to sort by.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Sort {
    /// Lower numbers first, none last
    Priority,
    /// The title
    Title,
    /// What needs somebody first
    Status,
    /// The day of creation
    Created,
}

impl From<Sort> for list::Sort {
    fn from(sort: Sort) -> Self {
        match sort {
            Sort::Priority => Self::Priority,
            Sort::Title => Self::Title,
            Sort::Status => Self::Status,
            Sort::Created => Self::Created,
        }
    }
}

/// How many are shown: one at least.
pub(crate) fn limit(text: &str) -> Result<usize, String> {
    let count = text.parse().ok().filter(|count| *count > 0);
    count.ok_or_else(|| "give a whole number from 1 on".to_owned())
}

/// Lists the specs. An unreadable one is a row too; it makes the answer a no, as any error does.
pub(crate) fn run(context: &Context, output: &mut Output, args: &Args) -> Result<ExitCode, Error> {
    let project = specs::open(context, Access::Write)?;
    let desk = specs::desk(context, &project);
    let shelf = Shelf::of(context, &project)?;
    let (book, proofs) = (&shelf.book, &shelf.proofs);
    let owner = args.owner.as_deref().map(|owner| desk.person(owner));
    let filter = Filter {
        statuses: args.status.clone(),
        owner: owner.transpose()?,
        labels: args.label.clone(),
        kind: args.kind.clone(),
        readiness: match (args.ready, args.blocked) {
            (true, _) => Some(Readiness::Ready),
            (_, true) => Some(Readiness::Blocked),
            _ => None,
        },
        dropped: args.all,
    };
    let graph = book.graph();
    let mut lines = list::lines(&graph, proofs, &shelf.activities, &filter, args.sort.into());
    let found = lines.len();
    lines.truncate(args.limit.unwrap_or(found));
    let faults = Faults::of(book, &graph);
    if output.is_json() {
        let data = lines.iter().map(|line| row::data(book, line));
        output.json("spec-list", row::rows(book, data), &faults.problems)?;
    } else {
        show(output, book, &lines);
        faults.show(output);
        if lines.len() < found {
            output.note(format!("{} of {found} shown", lines.len()));
        }
        if proofs.skipped > 0 {
            let records = counted(proofs.skipped, "record");
            output.note(format!(
                "{records} of verdicts cannot be read by this version"
            ));
        }
    }
    // The process ends now: to give back each piece of thousands of specs would take a while.
    std::mem::forget(shelf);
    Ok(faults.answer())
}

fn show(output: &mut Output, book: &SpecBook, lines: &[Line<'_>]) {
    let look = output.data_look();
    let headings = ["NAME", "TITLE", "STATUS", "PROVED", "OWNER", "BLOCKED BY"];
    let mut table = Table::new(headings).flexible(1);
    for line in lines {
        table.row([
            Cell::from(line.spec.name()),
            Cell::from(&line.spec.title),
            Cell::styled(line.status.as_str(), row::style(line.status)),
            Cell::from(row::proved(line.progress)),
            Cell::from(line.spec.owner.as_deref().unwrap_or("-")),
            Cell::from(row::blocked_by(book, line)),
        ]);
    }
    if table.is_empty() && book.unreadable().next().is_none() {
        output.note(if book.rows().is_empty() {
            "no specs yet: make one with `git mmm spec new <title>`"
        } else {
            "no spec is like that"
        });
        return;
    }
    if !table.is_empty() {
        output.text(&table.render(look));
    }
}
