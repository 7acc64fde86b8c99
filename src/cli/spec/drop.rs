//! `git mmm spec drop`.

use crate::app::Error;
use crate::app::context::Context;
use crate::cli::commit::Commit;
use crate::cli::exit_code::ExitCode;
use crate::cli::output::Output;
use crate::cli::spec::closing::{Closing, Judgement, close};
use crate::model::spec::Status;
use crate::spec::close::decision;

/// Arguments of `git mmm spec drop`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The specs: slug, id, or a unique prefix
    #[arg(required = true, value_name = "spec")]
    specs: Vec<String>,
    /// Why; kept in a file beside each spec
    #[arg(short, long, value_name = "reason", value_parser = reason)]
    message: Option<String>,
    #[command(flatten)]
    commit: Commit,
}

/// A reason that says something.
fn reason(text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Err("say why, or leave `-m` out".to_owned()),
        text => Ok(text.to_owned()),
    }
}

/// Gives specs up. Their files stay, and so does the reason.
pub(crate) fn run(context: &Context, output: &mut Output, args: &Args) -> Result<ExitCode, Error> {
    let closing = Closing {
        verb: "drop",
        kind: "spec-drop",
        status: Status::Dropped,
        specs: &args.specs,
        commit: args.commit,
    };
    close(context, output, closing, |desk, _, specs| {
        let mut judgement = Judgement::default();
        if let Some(reason) = args.message.as_deref() {
            for spec in specs {
                judgement.remarks.push(decision(desk, spec, reason)?);
            }
        }
        Ok(judgement)
    })
}
