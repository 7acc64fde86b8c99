//! `git mmm spec drop`.

use crate::app::Error;
use crate::app::context::Context;
use crate::app::project::Access;
use crate::app::specs;
use crate::cli::exit_code::ExitCode;
use crate::cli::output::Output;
use crate::cli::spec::saved;
use crate::model::spec::Spec;
use crate::model::spec::Status;
use crate::spec::save::Writer;
use crate::spec::{close, find};

/// Arguments of `git mmm spec drop`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The specs: slug, id, or a unique prefix
    #[arg(required = true, value_name = "spec")]
    specs: Vec<String>,
    /// Why; kept in a file beside each spec
    #[arg(short, long, value_name = "reason")]
    message: Option<String>,
    /// Commit the change, and nothing else
    #[arg(long)]
    commit: bool,
}

/// Gives specs up. Their files stay, and so does the reason.
pub(crate) fn run(context: &Context, output: &mut Output, args: &Args) -> Result<ExitCode, Error> {
    let project = specs::open(context, Access::Write)?;
    let desk = specs::desk(context, &project);
    let mut writer = Writer::begin(&desk)?;
    let book = desk.book()?;
    let wanted = find::several(&book, &book.graph(), &args.specs)?;
    let mut names = Vec::with_capacity(wanted.len());
    for index in wanted {
        saved::set_status(&mut writer, &book, index, Status::Dropped)?;
        let Some(spec) = book.specs().get(index) else {
            continue;
        };
        names.push(Spec::name(spec));
        let reason = args.message.as_deref().map(str::trim);
        if let Some(reason) = reason.filter(|reason| !reason.is_empty()) {
            let (path, text) = close::decision(&desk, spec, reason)?;
            writer.create(path, &text);
        }
    }
    let message = format!("spec: drop {}", names.join(" "));
    let commit = args.commit || project.settings.commit;
    let saved = writer.save(&desk, commit.then_some(message.as_str()))?;
    saved::report(output, "spec-drop", &names, &saved)
}
