//! `git mmm spec set`.

use crate::app::Error;
use crate::app::context::Context;
use crate::app::project::Access;
use crate::app::specs;
use crate::cli::commit::Commit;
use crate::cli::exit_code::ExitCode;
use crate::cli::output::Output;
use crate::cli::spec::{refused, saved};
use crate::model::spec::edit::Scalar;
use crate::model::spec::{Spec, Status};
use crate::spec::change::{self, Change};
use crate::spec::proof::Proofs;
use crate::spec::{check, close, find};

/// Arguments of `git mmm spec set`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The spec: its slug, its id, or a unique prefix
    #[arg(value_name = "spec")]
    spec: String,
    /// `key=value`, `key=` to empty the key, `+key:item` or `-key:item` for lists; keys are
    /// `title`, `status`, `kind`, `owner`, `priority`, `created`, `workflow`, `labels` and
    /// `depends_on`
    #[arg(required_unless_present_any = ["l", "d"], value_name = "change")]
    changes: Vec<String>,
    // `-labels:x` is the flag `-l` with a value to clap. A positional argument that takes words with
    // a hyphen would swallow the flags that come after it.
    /// Take an item from `labels`: `-labels:auth`
    #[arg(id = "l", short = 'l', hide = true, value_name = "abels:item")]
    labels: Vec<String>,
    /// Take an item from `depends_on`: `-depends_on:login`
    #[arg(id = "d", short = 'd', hide = true, value_name = "epends_on:item")]
    depends_on: Vec<String>,
    #[command(flatten)]
    commit: Commit,
}

impl Args {
    /// The changes as they were typed, what is taken away first.
    fn words(&self) -> Vec<String> {
        let labels = self.labels.iter().map(|rest| format!("-l{rest}"));
        let depends_on = self.depends_on.iter().map(|rest| format!("-d{rest}"));
        let removals = labels.chain(depends_on);
        removals.chain(self.changes.iter().cloned()).collect()
    }
}

/// Changes keys of a spec: all of them, or none.
pub(crate) fn run(context: &Context, output: &mut Output, args: &Args) -> Result<ExitCode, Error> {
    let project = specs::open(context, Access::Write)?;
    let desk = specs::desk(context, &project);
    let mut writer = desk.writer()?;
    let book = desk.book()?;
    let index = find::one(&book, &book.graph(), &args.spec)?;
    let Some(spec) = book.specs().get(index) else {
        return Ok(ExitCode::No);
    };
    let words = args.words();
    let mut changes = Vec::with_capacity(words.len());
    for word in &words {
        changes.push(change::parse(&desk, &book, word)?);
    }
    change::refuse_twice(&changes)?;
    let done = Change::Set("status", Scalar::Text(Status::Done.as_str().to_owned()));
    if changes.contains(&done)
        && spec.status != Status::Done
        && let Some(refusal) = close::refusal(&book, spec, &Proofs::gather(&desk)?)
    {
        return refused::answer(output, "spec-set", &[refusal], 1);
    }
    let text = change::apply(&book, index, &changes)?;
    writer.replace(spec.source.path(), spec.source.text(), &text)?;
    let name = spec.name();
    let message = format!("mmm: spec set {name} {}", words.join(" "));
    let message = args.commit.message(&project.settings, message)?;
    let saved = writer.save(desk.repository, message.as_deref())?;
    let names_workflow = |change: &Change| matches!(change, Change::Set("workflow", _));
    let warnings = if changes.iter().any(names_workflow) {
        check::named_workflow(&desk, spec.source.path())?
    } else {
        Vec::new()
    };
    let names = [spec].map(Spec::name);
    saved::report(output, "spec-set", &names, &saved, &warnings)
}
