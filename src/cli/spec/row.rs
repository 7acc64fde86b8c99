//! A spec as lists, tables and JSON show it.

use std::collections::HashSet;
use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use crate::base::diagnostic::Problem;
use crate::base::text::one_line;
use crate::cli::exit_code::ExitCode;
use crate::cli::output::Output;
use crate::model::spec::Spec;
use crate::model::spec::graph::{Blocker, Graph};
use crate::model::spec::verdict::{DerivedStatus, Progress};
use crate::spec::list::Line;
use crate::state::specs::{Row, SpecBook};

/// Blocking specs that a cell names.
const BLOCKERS: usize = 2;

/// One file of the folder of specs, in JSON; `readable` tells which it is.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum RowData<T> {
    /// A spec.
    Spec(T),
    /// A file that cannot be read as one.
    Unreadable(UnreadableData),
}

/// A file that cannot be read as a spec, in JSON.
#[derive(Debug, Serialize)]
pub(crate) struct UnreadableData {
    path: String,
    readable: bool,
}

/// The rows of these specs, and behind them those of all files that cannot be read.
pub(crate) fn rows<T>(book: &SpecBook, specs: impl IntoIterator<Item = T>) -> Vec<RowData<T>> {
    let unreadable = book.unreadable().map(|row| {
        RowData::Unreadable(UnreadableData {
            path: row.path.clone(),
            readable: false,
        })
    });
    let specs = specs.into_iter().map(RowData::Spec);
    specs.chain(unreadable).collect()
}

/// A spec in JSON.
#[derive(Debug, Serialize)]
pub(crate) struct SpecData {
    readable: bool,
    id: String,
    name: String,
    slug: String,
    path: String,
    title: String,
    /// The word in the file.
    status: &'static str,
    /// What lists show.
    derived_status: &'static str,
    ready: bool,
    kind: Option<String>,
    owner: Option<String>,
    priority: Option<i64>,
    created: Option<String>,
    workflow: Option<String>,
    labels: Vec<String>,
    depends_on: Vec<String>,
    blocked_by: Vec<BlockerData>,
    criteria: ProgressData,
    /// The command that it needs, where that was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

impl SpecData {
    /// The same with the command that it needs.
    pub(crate) fn with_next(self, command: &str) -> Self {
        Self {
            next: Some(command.to_owned()),
            ..self
        }
    }
}

/// What keeps a spec from being worked on, in JSON.
#[derive(Debug, Serialize)]
pub(crate) struct BlockerData {
    name: String,
    reason: &'static str,
}

/// Counted criteria, in JSON.
#[derive(Debug, Serialize)]
pub(crate) struct ProgressData {
    total: usize,
    proved: usize,
    never_seen_red: usize,
    stale: usize,
    failed: usize,
    merely_ticked: usize,
    unreadable: usize,
}

impl From<Progress> for ProgressData {
    fn from(progress: Progress) -> Self {
        Self {
            total: progress.total,
            proved: progress.proved,
            never_seen_red: progress.never_seen_red,
            stale: progress.stale,
            failed: progress.failed,
            merely_ticked: progress.merely_ticked,
            unreadable: progress.unreadable,
        }
    }
}

/// A spec as JSON has it.
pub(crate) fn data(book: &SpecBook, line: &Line<'_>) -> SpecData {
    let spec = line.spec;
    SpecData {
        readable: true,
        id: spec.id.to_string(),
        name: spec.name(),
        slug: spec.slug.clone(),
        path: spec.source.path().to_owned(),
        title: spec.title.clone(),
        status: spec.status.as_str(),
        derived_status: line.status.as_str(),
        ready: line.is_ready(),
        kind: spec.kind.clone(),
        owner: spec.owner.clone(),
        priority: spec.priority,
        created: spec.created.clone(),
        workflow: spec.workflow.clone(),
        labels: spec.labels.clone(),
        depends_on: spec
            .depends_on
            .iter()
            .map(|dependency| dependency.text.clone())
            .collect(),
        blocked_by: blockers(book, line),
        criteria: line.progress.into(),
        next: None,
    }
}

/// What keeps a spec from being worked on.
pub(crate) fn blockers(book: &SpecBook, line: &Line<'_>) -> Vec<BlockerData> {
    let name = |index: usize| book.specs().get(index).map(Spec::name).unwrap_or_default();
    let found = line.blockers.iter();
    found
        .map(|blocker| match blocker {
            Blocker::NotDone(index) => BlockerData {
                name: name(*index),
                reason: "not-done",
            },
            Blocker::Dropped(index) => BlockerData {
                name: name(*index),
                reason: "dropped",
            },
            Blocker::Unresolved(text) => BlockerData {
                name: text.clone(),
                reason: "unresolved",
            },
        })
        .collect()
}

/// The blocking specs in one cell: `a, b and 2 more`.
pub(crate) fn blocked_by(book: &SpecBook, line: &Line<'_>) -> String {
    let mut names: Vec<String> = blockers(book, line)
        .into_iter()
        .map(|blocker| match blocker.reason {
            "not-done" => blocker.name,
            reason => format!("{} ({reason})", blocker.name),
        })
        .collect();
    let more = names.len().saturating_sub(BLOCKERS);
    names.truncate(BLOCKERS);
    match more {
        0 => names.join(", "),
        more => format!("{} and {more} more", names.join(", ")),
    }
}

/// The criteria in one cell: proved of all, and what only looks proved.
pub(crate) fn proved(progress: Progress) -> String {
    if progress.total == 0 {
        return "-".to_owned();
    }
    let mut text = format!("{}/{}", progress.proved, progress.total);
    let others = [
        (progress.unreadable, "unreadable"),
        (progress.failed, "failed"),
        (progress.stale, "stale"),
        (progress.merely_ticked, "only ticked"),
        (progress.never_seen_red, "never seen red"),
    ];
    for (count, what) in others {
        if count > 0 {
            // Writing to a string cannot fail.
            let _ = write!(text, ", {count} {what}");
        }
    }
    text
}

/// How a status is coloured.
pub(crate) fn style(status: DerivedStatus) -> Style {
    let colour = match status {
        DerivedStatus::Waiting | DerivedStatus::Stale => AnsiColor::Yellow,
        DerivedStatus::Running => AnsiColor::Blue,
        DerivedStatus::Failing => AnsiColor::Red,
        DerivedStatus::Verified => AnsiColor::Green,
        DerivedStatus::Ready => AnsiColor::Cyan,
        DerivedStatus::Draft | DerivedStatus::Done | DerivedStatus::Dropped => {
            return Style::new().dimmed();
        }
    };
    Style::new().fg_color(Some(colour.into()))
}

/// What is wrong with specs and between them, as every list shows it.
#[derive(Debug)]
pub(crate) struct Faults {
    /// All errors, in the order of the files.
    pub(crate) problems: Vec<Problem>,
}

impl Faults {
    /// Those of all specs, also of those that a list leaves out: what they say is not known.
    pub(crate) fn of(book: &SpecBook, graph: &Graph<'_>) -> Self {
        let mut problems = book.problems_with(graph);
        problems.retain(Problem::is_error);
        Self { problems }
    }

    /// Keeps those of these specs, and those of files that cannot be read and may be anything.
    pub(crate) fn keep(&mut self, book: &SpecBook, specs: impl Iterator<Item = usize>) {
        let specs = specs.filter_map(|index| book.specs().get(index));
        let mut paths: HashSet<&str> = specs.map(|spec| spec.source.path()).collect();
        paths.extend(book.unreadable().map(|row| row.path.as_str()));
        let of_these = |problem: &Problem| paths.contains(problem.file());
        self.problems.retain(of_these);
    }

    /// A list that does not show all that there is answers no.
    pub(crate) fn answer(&self) -> ExitCode {
        if self.problems.is_empty() {
            ExitCode::Ok
        } else {
            ExitCode::No
        }
    }

    /// Prints a row for each file: `! .mmm/specs/x.md:4:9 message`.
    pub(crate) fn show(&self, output: &mut Output) {
        let red = Style::new().fg_color(Some(AnsiColor::Red.into()));
        for of_file in self.problems.chunk_by(|a, b| a.file() == b.file()) {
            if let Some(first) = of_file.first() {
                let line = output.paint(red, &fault(first, of_file.len() - 1));
                output.line(line);
            }
        }
    }
}

fn fault(problem: &Problem, more: usize) -> String {
    let place = problem.position();
    let place = place.map(|place| format!(":{}:{}", place.line, place.column));
    let place = place.unwrap_or_default();
    let more = match more {
        0 => String::new(),
        more => format!(" (and {more} more)"),
    };
    let text = format!("! {}{place} {}{more}", problem.file(), problem.message);
    one_line(&text)
}

/// The row of a file that cannot be read.
pub(crate) fn unreadable(row: &Row) -> String {
    let first = row.problems.iter().find(|problem| problem.is_error());
    first.map_or_else(
        || one_line(&format!("! {} cannot be read", row.path)),
        |problem| fault(problem, 0),
    )
}
