//! Everything that can be wrong with the tracked state of a project, found at once.

use crate::base::diagnostic::{self, Problem, Severity};
use crate::base::source::{SourceText, Span};
use crate::base::text::{all_of, suggestion};
use crate::model::spec::verdict::Standing;
use crate::model::spec::{Spec, Status};
use crate::spec::Desk;
use crate::spec::Error;
use crate::spec::proof::Proofs;
use crate::spec::verify::Job;
use crate::state::Error as StateError;
use crate::state::config;
use crate::state::evidence_files;
use crate::state::format::spec as spec_format;
use crate::state::ignored;
use crate::state::layout::StatePath;
use crate::state::remarks;
use crate::state::specs::SpecBook;
use crate::state::tracked_files::{EVIDENCE, TrackedFiles, WORKFLOWS};

/// Names of workflows that a hint tells.
const NAMES: usize = 10;

/// What was looked at, and what is wrong with it.
#[derive(Debug)]
pub(crate) struct Checked {
    /// How many specs there are, readable or not.
    pub(crate) specs: usize,
    /// How many evidence files can be used.
    pub(crate) evidence: usize,
    /// Everything that is wrong, in the order of the files.
    pub(crate) problems: Vec<Problem>,
}

/// Checks configuration, specs and evidence, and whether workflows are there that specs name. What
/// is wrong in workflows is for those to tell who read them. Reads only.
pub(crate) fn project(desk: &Desk<'_>, book: &SpecBook) -> Result<Checked, Error> {
    let workflows = desk.files.load(WORKFLOWS)?;
    let mut problems = book.problems();
    problems.extend(unknown_workflows(book.specs(), &workflows));
    problems.extend(configuration(desk)?);
    let mut paths: Vec<String> = book.rows().iter().map(|row| row.path.clone()).collect();
    paths.extend(workflows.files.into_iter().map(|file| file.path));
    let evidence = desk.files.load(EVIDENCE)?;
    paths.extend(evidence.files.iter().map(|file| file.path.clone()));
    problems.extend(ignored::problems(
        desk.repository,
        paths.iter().map(String::as_str),
    )?);
    let evidence = evidence_files::read(evidence);
    problems.extend(evidence.problems);
    problems.extend(beside(desk, book)?);
    problems.extend(ticked_without_command(book.specs()));
    problems.extend(links(desk, book.specs()));
    diagnostic::sort(&mut problems);
    Ok(Checked {
        specs: book.rows().len(),
        evidence: evidence.evidence.len() + evidence.newer.len(),
        problems,
    })
}

/// Everything that is wrong in and between specs, and with what they name, in the order of the
/// files. Reads only.
pub(crate) fn specs(desk: &Desk<'_>, book: &SpecBook) -> Result<Vec<Problem>, Error> {
    let workflows = desk.files.load(WORKFLOWS)?;
    let mut problems = book.problems();
    problems.extend(unknown_workflows(book.specs(), &workflows));
    diagnostic::sort(&mut problems);
    Ok(problems)
}

/// The same for one file.
pub(crate) fn file(desk: &Desk<'_>, book: &SpecBook, path: &str) -> Result<Vec<Problem>, Error> {
    let mut problems = specs(desk, book)?;
    problems.retain(|problem| problem.file() == path);
    Ok(problems)
}

/// A warning where a spec that was just written names a workflow that is not there: it can be
/// written later.
pub(crate) fn named_workflow(desk: &Desk<'_>, path: &str) -> Result<Vec<Problem>, Error> {
    let path = StatePath::new(path)?;
    let bytes = desk.files.read(&path)?.unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let (spec, _) = spec_format::read(&SourceText::new(path.as_str(), text));
    let workflows = desk.files.load(WORKFLOWS)?;
    let found = unknown_among(spec.as_slice(), &workflows).into_iter();
    let warnings = found.map(|problem| Problem {
        severity: Severity::Warning,
        ..problem
    });
    Ok(warnings.collect())
}

/// Open specs that name a workflow that is not there: they cannot be run.
fn unknown_workflows(specs: &[Spec], workflows: &TrackedFiles) -> Vec<Problem> {
    let is_open = |spec: &&Spec| matches!(spec.status, Status::Draft | Status::Ready);
    unknown_among(specs.iter().filter(is_open), workflows)
}

/// Those of these specs, whatever became of them, that name a workflow that is not there.
fn unknown_among<'a>(
    specs: impl IntoIterator<Item = &'a Spec>,
    workflows: &TrackedFiles,
) -> Vec<Problem> {
    let names = workflows.files.iter().filter_map(|file| {
        let name = file.path.rsplit('/').next()?;
        name.strip_suffix(WORKFLOWS.ending)
    });
    let names: Vec<&str> = names.collect();
    let unknown = specs.into_iter().filter_map(|spec| {
        let name = spec.workflow.as_deref()?;
        (!names.contains(&name)).then(|| unknown_workflow(spec, name, &names))
    });
    unknown.collect()
}

fn unknown_workflow(spec: &Spec, name: &str, names: &[&str]) -> Problem {
    let opened = spec_format::open(&spec.source).ok();
    let value = opened.and_then(|opened| Some(opened.front.get("workflow")?.span));
    let span = value.unwrap_or(spec.status_span);
    let message = format!("there is no workflow `{name}`");
    let shown = names.iter().copied().take(NAMES);
    let more = names.len().saturating_sub(NAMES);
    let there = match (names.len(), more) {
        (0, _) => format!("write it: `git mmm workflow new {name}`"),
        (1, _) => format!("there is {}", all_of(shown)),
        (_, 0) => format!("there are {}", all_of(shown)),
        (_, more) => format!("there are {}, and {more} more", all_of(shown)),
    };
    let hint = match suggestion(name, names.iter().copied()) {
        Some(near) => format!("did you mean `{near}`? {there}"),
        None => there,
    };
    Problem::error("unknown-workflow", &spec.source, span, message).with_hint(hint)
}

/// What ticks are worth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ticked {
    /// All ticked criteria.
    pub(crate) total: usize,
    /// Proved as they are now.
    pub(crate) proved: usize,
    /// Proved once.
    pub(crate) stale: usize,
    /// Failed as they are now.
    pub(crate) failed: usize,
    /// Only ticked.
    pub(crate) unproved: usize,
}

impl Ticked {
    /// Counts the ticked criteria of specs that are not dropped.
    pub(crate) fn of<'a>(specs: impl IntoIterator<Item = &'a Spec>, proofs: &Proofs) -> Self {
        let mut ticked = Self::default();
        let kept = specs.into_iter();
        for spec in kept.filter(|spec| spec.status != Status::Dropped) {
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
}

/// The ticked criteria that a command can verify, of all specs that are not dropped.
pub(crate) fn ticked(book: &SpecBook) -> Vec<Job<'_>> {
    let specs = book.specs().iter();
    let kept = specs.filter(|spec| spec.status != Status::Dropped);
    kept.flat_map(|spec| {
        let criteria = spec.criteria.iter();
        let wanted = criteria.filter(|criterion| criterion.ticked && criterion.verify.is_some());
        wanted.map(move |criterion| (spec, criterion))
    })
    .collect()
}

/// What is wrong with the decisions and comments beside specs.
fn beside(desk: &Desk<'_>, book: &SpecBook) -> Result<Vec<Problem>, Error> {
    // The folder of specs as a whole is reported with the specs.
    if !book.folder_problems().is_empty() {
        return Ok(Vec::new());
    }
    let names = book.rows().iter().filter_map(|row| {
        let name = row.path.rsplit('/').next()?;
        name.strip_suffix(".md")
    });
    Ok(remarks::all(desk.files, &names.collect())?.problems)
}

fn configuration(desk: &Desk<'_>) -> Result<Vec<Problem>, Error> {
    let read = config::agreed(desk.files)?;
    Ok(read.map(|read| read.problems).unwrap_or_default())
}

/// A file that is read through a link, and that no command can change.
fn links(desk: &Desk<'_>, specs: &[Spec]) -> Vec<Problem> {
    let Some(top) = desk.repository.work_tree() else {
        return Vec::new();
    };
    let found = specs.iter().filter_map(|spec| {
        let path = StatePath::new(spec.source.path()).ok()?;
        let Err(StateError::LinkInTheWay { path, target }) = path.to_write(top) else {
            return None;
        };
        let start = Span::new(0, 0);
        let message = format!(
            "`{path}` is a symbolic link to `{}`: no command writes it, and no run starts",
            target.display()
        );
        Some(
            Problem::warning("link", &spec.source, start, message)
                .with_hint("replace the link by the file or folder itself"),
        )
    });
    found.collect()
}

/// A tick without a command is a claim that nobody can check.
fn ticked_without_command(specs: &[Spec]) -> Vec<Problem> {
    let kept = specs.iter().filter(|spec| spec.status != Status::Dropped);
    kept.flat_map(|spec| {
        let criteria = spec.criteria.iter();
        let claimed = criteria.filter(|criterion| criterion.ticked && criterion.verify.is_none());
        claimed.map(|criterion| {
            let line = spec.source.line_span(criterion.span.start);
            let message = format!("`{}` is ticked, and no command can verify it", criterion.id);
            Problem::warning("ticked-without-command", &spec.source, line, message)
                .with_hint("add a paragraph such as verify: `cargo test`, or take the tick away")
        })
    })
    .collect()
}
