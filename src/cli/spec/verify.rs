//! `git mmm spec verify`.

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use crate::app::Error;
use crate::app::context::Context;
use crate::app::project::Access;
use crate::app::specs;
use crate::base::diagnostic::Problem;
use crate::base::ids::{CriterionId, ParseIdError};
use crate::cli::exit_code::ExitCode;
use crate::cli::output::Output;
use crate::model::spec::{Spec, Status};
use crate::spec::verify::{self, End, Found, Job, Keep, Outcome};
use crate::spec::{Desk, find};
use crate::state::specs::SpecBook;

/// Arguments of `git mmm spec verify`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The specs; by default all but dropped ones
    #[arg(value_name = "spec")]
    specs: Vec<String>,
    /// Verify only the criterion of this id (repeatable)
    #[arg(long, value_name = "id", value_parser = criterion)]
    criterion: Vec<CriterionId>,
}

/// The id of a criterion, in whatever case it was typed.
fn criterion(text: &str) -> Result<CriterionId, ParseIdError> {
    text.to_ascii_lowercase().parse()
}

/// One criterion in JSON.
#[derive(Debug, Serialize)]
pub(crate) struct FoundData {
    spec: String,
    criterion: String,
    text: String,
    outcome: &'static str,
    detail: Option<String>,
    elapsed_ms: u64,
    output: Vec<String>,
    changed_code: bool,
}

/// What is counted while outcomes are told.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
    pub(crate) without_command: usize,
    pub(crate) unreadable: usize,
    pub(crate) changed_code: usize,
}

/// Runs the commands of criteria and records what they said.
pub(crate) fn run(context: &Context, output: &mut Output, args: &Args) -> Result<ExitCode, Error> {
    let project = specs::open(context, Access::Write)?;
    project.repository.refuse_quarantine()?;
    project.require_writable()?;
    project.require_settings()?;
    let desk = specs::desk(context, &project);
    let book = desk.book()?;
    let graph = book.graph();
    let wanted = find::several(&book, &graph, &args.specs)?;
    let wanted = wanted.iter().filter_map(|index| book.specs().get(*index));
    let asked = |spec: &&Spec| !args.specs.is_empty() || spec.status != Status::Dropped;
    let wanted: Vec<&Spec> = wanted.filter(asked).collect();
    let jobs = verify::jobs(wanted.iter().copied(), &args.criterion)?;
    let (data, mut counts) = told(output, &desk, &jobs, Keep::Verdicts)?;
    let errors = if args.criterion.is_empty() {
        counts.unreadable = wanted.iter().map(|spec| spec.unreadable.len()).sum();
        errors(&book, &wanted, args.specs.is_empty())
    } else {
        Vec::new()
    };
    if output.is_json() {
        output.json("spec-verify", data, &errors)?;
    } else {
        output.problems(&errors);
        conclude(output, counts);
    }
    Ok(if errors.is_empty() {
        counts.answer()
    } else {
        ExitCode::No
    })
}

/// Verifies criteria, tells or collects each outcome, and counts them.
pub(crate) fn told(
    output: &mut Output,
    desk: &Desk<'_>,
    jobs: &[Job<'_>],
    keep: Keep,
) -> Result<(Vec<FoundData>, Counts), Error> {
    let (mut data, mut counts) = (Vec::new(), Counts::default());
    let end = verify::run(desk, jobs, keep, |found| {
        counts.add(found);
        if output.is_json() {
            data.push(json(found));
            Ok(())
        } else {
            tell(output, found)
        }
    })?;
    match end {
        End::Interrupted => Err(Error::Cancelled),
        End::Complete => Ok((data, counts)),
    }
}

/// What is wrong with the specs that are verified: what they say may not be all that they promise.
/// When all are, also what is wrong with the files that cannot be read as a spec.
fn errors(book: &SpecBook, wanted: &[&Spec], all: bool) -> Vec<Problem> {
    let mut errors = book.errors_of(wanted.iter().copied());
    if all {
        let unreadable = book.unreadable().flat_map(|row| &row.problems);
        let folder = book.folder_problems().iter();
        errors.extend(folder.chain(unreadable).filter(|it| it.is_error()).cloned());
    }
    errors
}

impl Counts {
    /// Counts one outcome.
    fn add(&mut self, found: &Found<'_>) {
        match found.outcome {
            Outcome::Passed => self.passed += 1,
            Outcome::Failed(_) | Outcome::TimedOut(_) => self.failed += 1,
            Outcome::NoCommand => self.without_command += 1,
        }
        self.changed_code += usize::from(found.changed_code);
    }

    fn answer(self) -> ExitCode {
        if self.failed + self.without_command + self.unreadable == 0 {
            ExitCode::Ok
        } else {
            ExitCode::No
        }
    }
}

/// The words for an outcome: the word for machines, and what there is to say beyond it.
fn words(outcome: &Outcome) -> (&'static str, Option<String>) {
    match outcome {
        Outcome::Passed => ("passed", None),
        Outcome::Failed(exit) => ("failed", Some(exit.to_string())),
        Outcome::TimedOut(limit) => {
            let detail = format!("ended after {} s", limit.as_secs());
            ("timed-out", Some(detail))
        }
        Outcome::NoCommand => ("no-command", Some("it has no command".to_owned())),
    }
}

/// One criterion as JSON has it.
fn json(found: &Found<'_>) -> FoundData {
    let (outcome, detail) = words(&found.outcome);
    FoundData {
        spec: found.spec.name(),
        criterion: found.criterion.id.to_string(),
        text: found.criterion.text.clone(),
        outcome,
        detail,
        elapsed_ms: u64::try_from(found.elapsed.as_millis()).unwrap_or(u64::MAX),
        output: found.output.clone(),
        changed_code: found.changed_code,
    }
}

/// Prints one criterion with its outcome at once, and why it failed.
fn tell(output: &mut Output, found: &Found<'_>) -> Result<(), Error> {
    let (_, detail) = words(&found.outcome);
    let (word, colour) = match found.outcome {
        Outcome::Passed => ("ok  ", AnsiColor::Green),
        Outcome::Failed(_) | Outcome::TimedOut(_) => ("FAIL", AnsiColor::Red),
        Outcome::NoCommand => ("none", AnsiColor::Yellow),
    };
    let style = Style::new().bold().fg_color(Some(colour.into()));
    let plain = Style::new();
    let word = output.paint(style, word);
    let detail = detail
        .map(|detail| format!(": {detail}"))
        .unwrap_or_default();
    let time = if found.outcome == Outcome::NoCommand {
        String::new()
    } else {
        format!(" {}ms", found.elapsed.as_millis())
    };
    let text = format!(
        "{} {} {}{detail}{time}",
        found.spec.name(),
        found.criterion.id,
        found.criterion.text
    );
    let text = output.paint(plain, &text);
    output.line(format_args!("{word}  {text}"));
    for line in &found.output {
        let line = output.paint(Style::new().dimmed(), line);
        output.line(format_args!("      {line}"));
    }
    output.send()?;
    if found.changed_code {
        output.note(format!(
            "warning: the command of {} {} changed the code: its verdict holds for the code before it",
            found.spec.name(),
            found.criterion.id
        ));
    }
    Ok(())
}

/// The last line.
pub(crate) fn conclude(output: &mut Output, counts: Counts) {
    let mut parts = vec![format!("{} passed", counts.passed)];
    if counts.failed > 0 {
        parts.push(format!("{} failed", counts.failed));
    }
    if counts.without_command > 0 {
        parts.push(format!("{} without a command", counts.without_command));
    }
    if counts.unreadable > 0 {
        parts.push(format!("{} unreadable", counts.unreadable));
    }
    let all = counts.passed + counts.failed + counts.without_command + counts.unreadable;
    output.line(format_args!(
        "{}: {}",
        if all == 1 {
            "1 criterion".to_owned()
        } else {
            format!("{all} criteria")
        },
        parts.join(", ")
    ));
    if counts.changed_code > 0 {
        output.note(
            "hint: let Git ignore what the commands leave behind, or verdicts are stale at once",
        );
    }
}
