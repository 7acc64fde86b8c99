//! What `spec done` and `spec drop` have in common: specs get a status in which their work ends.

use crate::app::Error;
use crate::app::context::Context;
use crate::app::project::Access;
use crate::app::specs;
use crate::cli::commit::Commit;
use crate::cli::exit_code::ExitCode;
use crate::cli::output::Output;
use crate::cli::spec::{refused, saved};
use crate::model::spec::{Spec, Status};
use crate::spec::close::Refusal;
use crate::spec::{Desk, find};
use crate::state::layout::StatePath;
use crate::state::specs::SpecBook;

/// What is to be done with which specs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Closing<'a> {
    /// The command, as one types it.
    pub(crate) verb: &'static str,
    /// The kind of its answer in JSON.
    pub(crate) kind: &'static str,
    /// The status that the specs get.
    pub(crate) status: Status,
    /// What names the specs.
    pub(crate) specs: &'a [String],
    /// Whether to commit.
    pub(crate) commit: Commit,
}

/// What is said to it.
#[derive(Debug, Default)]
pub(crate) struct Judgement {
    /// Why not; nothing is done if there is any.
    pub(crate) refusals: Vec<Refusal>,
    /// Files that are written along.
    pub(crate) remarks: Vec<(StatePath, String)>,
}

/// Gives the specs their status: all of them, or none.
pub(crate) fn close(
    context: &Context,
    output: &mut Output,
    closing: Closing<'_>,
    judge: impl FnOnce(&Desk<'_>, &SpecBook, &[&Spec]) -> Result<Judgement, Error>,
) -> Result<ExitCode, Error> {
    let project = specs::open(context, Access::Write)?;
    let desk = specs::desk(context, &project);
    let mut writer = desk.writer()?;
    let book = desk.book()?;
    let wanted = find::several(&book, &book.graph(), closing.specs)?;
    let specs: Vec<&Spec> = wanted
        .iter()
        .filter_map(|index| book.specs().get(*index))
        .collect();
    let judgement = judge(&desk, &book, &specs)?;
    if !judgement.refusals.is_empty() {
        return refused::answer(output, closing.kind, &judgement.refusals, specs.len());
    }
    for index in &wanted {
        saved::set_status(&mut writer, &book, *index, closing.status)?;
    }
    for (path, text) in judgement.remarks {
        writer.create(path, &text);
    }
    let names: Vec<String> = specs.iter().map(|spec| spec.name()).collect();
    let message = format!("mmm: spec {} {}", closing.verb, names.join(" "));
    let message = closing.commit.message(&project.settings, message)?;
    let saved = writer.save(desk.repository, message.as_deref())?;
    saved::report(output, closing.kind, &names, &saved, &[])
}
