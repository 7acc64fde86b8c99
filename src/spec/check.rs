//! Everything that can be wrong with the tracked state of a project, found at once.

use crate::base::diagnostic::{self, Problem};
use crate::base::source::{SourceText, Span};
use crate::model::spec::{Spec, Status};
use crate::model::workflow;
use crate::spec::Desk;
use crate::spec::Error;
use crate::spec::verify::Job;
use crate::state::Error as StateError;
use crate::state::config;
use crate::state::evidence_files;
use crate::state::format::yaml;
use crate::state::layout::StatePath;
use crate::state::remarks;
use crate::state::specs::SpecBook;
use crate::state::tracked_files::WORKFLOWS;

/// What was looked at, and what is wrong with it.
#[derive(Debug)]
pub(crate) struct Checked {
    /// How many specs there are, readable or not.
    pub(crate) specs: usize,
    /// How many workflows.
    pub(crate) workflows: usize,
    /// How many evidence files can be used.
    pub(crate) evidence: usize,
    /// Everything that is wrong, in the order of the files.
    pub(crate) problems: Vec<Problem>,
}

/// Checks configuration, specs, workflows and evidence. Reads only.
pub(crate) fn project(desk: &Desk<'_>, book: &SpecBook) -> Result<Checked, Error> {
    let mut problems = book.problems();
    problems.extend(configuration(desk)?);
    let workflows = desk.files.load(WORKFLOWS)?;
    problems.extend(workflows.problems);
    let count = workflows.files.len();
    for file in workflows.files {
        match file.text {
            Ok(source) => problems.extend(workflow(&source)),
            Err(problem) => problems.push(problem),
        }
    }
    let evidence = evidence_files::load(desk.files)?;
    problems.extend(evidence.problems);
    problems.extend(beside(desk, book)?);
    problems.extend(ticked_without_command(book.specs()));
    problems.extend(links(desk, book.specs()));
    diagnostic::sort(&mut problems);
    Ok(Checked {
        specs: book.rows().len(),
        workflows: count,
        evidence: evidence.evidence.len() + evidence.newer.len(),
        problems,
    })
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

fn workflow(source: &SourceText) -> Vec<Problem> {
    let all = Span::new(0, source.text().len());
    match yaml::read(source, all) {
        Ok(root) => workflow::parse::parse(source, &root).1,
        Err(problem) => vec![problem],
    }
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
