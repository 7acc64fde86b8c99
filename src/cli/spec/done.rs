//! `git mmm spec done`.

use crate::app::Error;
use crate::app::context::Context;
use crate::app::project::Access;
use crate::app::specs;
use crate::cli::exit_code::ExitCode;
use crate::cli::output::Output;
use crate::cli::spec::{refused, saved};
use crate::model::spec::Spec;
use crate::model::spec::Status;
use crate::spec::close::{self, Refusal};
use crate::spec::find;
use crate::spec::proof::Proofs;
use crate::spec::save::Writer;

/// Arguments of `git mmm spec done`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The specs: slug, id, or a unique prefix
    #[arg(required = true, value_name = "spec")]
    specs: Vec<String>,
    /// Accept them although not every criterion is proved on this code
    #[arg(long)]
    force: bool,
    /// Commit the change, and nothing else
    #[arg(long)]
    commit: bool,
}

/// Accepts specs whose criteria are proved: all of them, or none.
pub(crate) fn run(context: &Context, output: &mut Output, args: &Args) -> Result<ExitCode, Error> {
    let project = specs::open(context, Access::Write)?;
    let desk = specs::desk(context, &project);
    let mut writer = Writer::begin(&desk)?;
    let book = desk.book()?;
    let wanted = find::several(&book, &book.graph(), &args.specs)?;
    let specs: Vec<&Spec> = wanted
        .iter()
        .filter_map(|index| book.specs().get(*index))
        .collect();
    let open = |spec: &&&Spec| spec.status != Status::Done;
    if !args.force && specs.iter().any(|spec| open(&spec)) {
        let proofs = Proofs::gather(&desk)?;
        let open = specs.iter().filter(open);
        let refusals: Vec<Refusal> = open
            .filter_map(|spec| close::refusal(&book, spec, &proofs))
            .collect();
        if !refusals.is_empty() {
            return refused::answer(output, "spec-done", &refusals);
        }
    }
    for index in &wanted {
        saved::set_status(&mut writer, &book, *index, Status::Done)?;
    }
    let names: Vec<String> = specs.iter().map(|spec| spec.name()).collect();
    let message = format!("spec: done {}", names.join(" "));
    let commit = args.commit || project.settings.commit;
    let saved = writer.save(&desk, commit.then_some(message.as_str()))?;
    saved::report(output, "spec-done", &names, &saved)
}
