//! `git mmm spec done`.

use crate::app::Error;
use crate::app::context::Context;
use crate::cli::commit::Commit;
use crate::cli::exit_code::ExitCode;
use crate::cli::output::Output;
use crate::cli::spec::closing::{Closing, Judgement, close};
use crate::model::spec::{Spec, Status};
use crate::spec::close::refusal;
use crate::spec::proof::Proofs;

/// Arguments of `git mmm spec done`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The specs: slug, id, or a unique prefix
    #[arg(required = true, value_name = "spec")]
    specs: Vec<String>,
    /// Accept them although not every criterion is proved on this code
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    commit: Commit,
}

/// Accepts specs whose criteria are proved: all of them, or none.
pub(crate) fn run(context: &Context, output: &mut Output, args: &Args) -> Result<ExitCode, Error> {
    let closing = Closing {
        verb: "done",
        kind: "spec-done",
        status: Status::Done,
        specs: &args.specs,
        commit: args.commit,
    };
    close(context, output, closing, |desk, book, specs| {
        let open = specs.iter().filter(|spec| spec.status != Status::Done);
        let open: Vec<&&Spec> = open.collect();
        if args.force || open.is_empty() {
            return Ok(Judgement::default());
        }
        let proofs = Proofs::gather(desk)?;
        let refusals = open
            .into_iter()
            .filter_map(|spec| refusal(book, spec, &proofs));
        Ok(Judgement {
            refusals: refusals.collect(),
            ..Judgement::default()
        })
    })
}
