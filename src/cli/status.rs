//! `git mmm status`, which is also `git mmm` alone.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::app::Error;
use crate::app::context::Context;
use crate::app::next::{self, Advice};
use crate::app::project::{Access, Project};
use crate::app::runs;
use crate::app::specs::Shelf;
use crate::base::ids::ObjectId;
use crate::base::text::{one_line, visible};
use crate::cli::checkpoint::name::{elsewhere, where_to};
use crate::cli::exit_code::ExitCode;
use crate::cli::next::command as next_command;
use crate::cli::output::Output;
use crate::cli::run::words::{bad_row, status_style};
use crate::cli::spec::row;
use crate::cli::table::{Cell, Table};
use crate::model::run::RunState;
use crate::model::spec::verdict::DerivedStatus;
use crate::spec::list::{Filter, Line, Sort, lines};
use crate::state::runs::{BadRun, RunSummary};
use crate::state::specs::SpecBook;

/// Most specs that are shown; `git mmm spec list` shows all.
const SPECS: usize = 10;

/// Runs that are over and still shown.
const RUNS: usize = 3;

/// Show specs, runs, what waits for you, and what to do next
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

#[derive(Debug, Serialize)]
struct StatusData {
    project: Option<String>,
    initialized: bool,
    /// Whether `HEAD` alone has the project.
    #[serde(skip)]
    at_head: bool,
    branch: Option<String>,
    /// Where `HEAD` is, in words.
    #[serde(skip)]
    place: String,
    /// How many specs have each status, as lists show it.
    specs: BTreeMap<&'static str, usize>,
    unreadable: usize,
    runs: Vec<RunData>,
    checkpoints: Vec<CheckpointData>,
    next: String,
}

#[derive(Debug, Serialize)]
struct RunData {
    run: String,
    status: &'static str,
    workflow: String,
    spec: Option<String>,
}

#[derive(Debug, Serialize)]
struct CheckpointData {
    checkpoint: String,
    name: String,
    message: String,
    /// Whether it could be answered until a moment that is over.
    expired: bool,
    /// Whether it can be answered in this work tree.
    here: bool,
    /// The work tree that it can be answered in, when it is another one.
    work_tree: Option<String>,
}

/// Runs it.
pub(crate) fn run(context: &Context, output: &mut Output) -> Result<ExitCode, Error> {
    let project = Project::open(context, Access::Write)?;
    let shelf = Shelf::of(context, &project)?;
    let book = &shelf.book;
    let graph = book.graph();
    let filter = Filter {
        dropped: true,
        ..Filter::default()
    };
    let all = lines(
        &graph,
        &shelf.proofs,
        &shelf.activities,
        &filter,
        Sort::Priority,
    );
    let runs::Runs { runs: found, bad } = &shelf.runs;
    let waiting = runs::waiting(&project)?;
    let checkpoints = checkpoints(&waiting, project.repository.clock().now_ms());
    let advice = next::overall(&project, &shelf, &graph, &waiting)?;
    let unusable = project.require_settings().is_err();
    let code = if unusable || book.unreadable().next().is_some() || !bad.is_empty() {
        ExitCode::No
    } else {
        ExitCode::Ok
    };
    let head = project.repository.head()?;
    let data = StatusData {
        project: project.about.as_ref().map(|known| known.name.clone()),
        initialized: project.initialized,
        at_head: matches!(advice, Advice::Restore(_)),
        place: place(head.branch.as_deref(), head.commit.as_ref()),
        branch: head.branch,
        specs: counts(&all),
        unreadable: book.unreadable().count(),
        runs: shown_runs(found).map(run_data).collect(),
        checkpoints,
        next: next_command(&advice),
    };
    if output.is_json() {
        let unreadable = book.unreadable().flat_map(|row| &row.problems).cloned();
        let problems = project.problems.iter().cloned().chain(unreadable);
        let problems: Vec<_> = problems.chain(bad.iter().map(runs::problem)).collect();
        output.json("status", &data, &problems)?;
    } else {
        text(output, &data, book, &all, (found, bad));
        if unusable {
            output.problems(&project.problems);
        }
    }
    Ok(code)
}

/// Where `HEAD` is, to follow the name of the project.
fn place(branch: Option<&str>, commit: Option<&ObjectId>) -> String {
    match (branch, commit) {
        (Some(branch), _) => format!(" on branch {branch}"),
        (None, Some(commit)) => format!(", HEAD detached at {}", commit.short()),
        (None, None) => String::new(),
    }
}

fn counts(all: &[Line<'_>]) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for line in all {
        *counts.entry(line.status.as_str()).or_insert(0) += 1;
    }
    counts
}

/// Everything that is not over, and the newest of what is.
fn shown_runs(found: &[RunSummary]) -> impl Iterator<Item = &RunSummary> {
    let mut over = 0;
    found.iter().filter(move |run| {
        over += usize::from(run.status.is_finished());
        !run.status.is_finished() || over <= RUNS
    })
}

fn run_data(run: &RunSummary) -> RunData {
    RunData {
        run: run.run.to_string(),
        status: run.status.as_str(),
        workflow: run.workflow.clone(),
        spec: run.spec.clone(),
    }
}

fn checkpoints(waiting: &[(RunSummary, RunState)], now_ms: u64) -> Vec<CheckpointData> {
    let of = |(run, state): &(RunSummary, RunState)| {
        let data = state.asking(now_ms).map(|(known, expired)| CheckpointData {
            checkpoint: format!("{}/{}", run.run, known.opened.number),
            name: known.opened.name.clone(),
            message: known.opened.message.clone(),
            expired,
            here: run.goes_on.is_here(),
            work_tree: elsewhere(run),
        });
        data.collect::<Vec<_>>()
    };
    waiting.iter().flat_map(of).collect()
}

fn text(
    output: &mut Output,
    data: &StatusData,
    book: &SpecBook,
    all: &[Line<'_>],
    (found, bad): (&[RunSummary], &[BadRun]),
) {
    let place = &data.place;
    match &data.project {
        Some(name) => output.line(one_line(&format!("project {name}{place}"))),
        None if data.initialized => output.line(one_line(&format!("project{place}"))),
        None if data.at_head => output.line("no project here: only `HEAD` has it"),
        None => output.line("no project here yet"),
    }
    if !all.is_empty() {
        let counts: Vec<String> = data
            .specs
            .iter()
            .map(|(status, count)| format!("{count} {status}"))
            .collect();
        output.line(format!("specs: {}", counts.join(", ")));
    }
    // One that is done has a row when it is not what it was: that is how a regression is seen.
    let open = |line: &&Line<'_>| {
        let settled = matches!(line.status, DerivedStatus::Done | DerivedStatus::Dropped);
        !settled
    };
    let mut table = Table::new(["NAME", "TITLE", "STATUS", "PROVED"]).flexible(1);
    for line in all.iter().filter(open).take(SPECS) {
        table.row([
            Cell::from(line.spec.name()),
            Cell::from(&line.spec.title),
            Cell::styled(line.status.as_str(), row::style(line.status)),
            Cell::from(row::proved(line.progress)),
        ]);
    }
    let look = output.data_look();
    if !table.is_empty() {
        output.text(&table.render(look));
    }
    let more = all.iter().filter(open).count().saturating_sub(SPECS);
    if more > 0 {
        output.line(format!("({more} more: git mmm spec list)"));
    }
    for unreadable in book.unreadable() {
        output.line(row::unreadable(unreadable));
    }
    let mut table = Table::new(["RUN", "STATUS", "WORKFLOW", "SPEC"]);
    for run in shown_runs(found) {
        table.row([
            Cell::from(run.run.to_string()),
            Cell::styled(run.status.as_str(), status_style(run.status)),
            Cell::from(&run.workflow),
            Cell::from(run.spec.as_deref().unwrap_or("-")),
        ]);
    }
    if !table.is_empty() {
        output.text(&table.render(look));
    }
    for bad in bad {
        output.line(bad_row(bad));
    }
    for checkpoint in &data.checkpoints {
        output.line(waits_for_you(checkpoint));
    }
    output.line(format!("next: {}", visible(&data.next)));
}

fn waits_for_you(checkpoint: &CheckpointData) -> String {
    let message = checkpoint.message.lines().next().unwrap_or("");
    let place = if checkpoint.here {
        String::new()
    } else {
        format!(" ({})", where_to(checkpoint.work_tree.as_deref()))
    };
    let (name, asked) = (&checkpoint.name, &checkpoint.checkpoint);
    let colon = if message.is_empty() { "" } else { ": " };
    let what = if checkpoint.expired {
        "expired"
    } else {
        "waits for you"
    };
    one_line(&format!("{what}: {asked} `{name}`{colon}{message}{place}"))
}
