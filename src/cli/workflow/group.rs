//! The group `git mmm workflow`.

use clap::Subcommand;

use crate::app::Error;
use crate::app::context::Context;
use crate::cli::exit_code::ExitCode;
use crate::cli::output::Output;
use crate::cli::workflow::{check, eval, graph, import, list, new, schema, show};

/// What can be done with workflows.
#[derive(Debug, Subcommand)]
pub(crate) enum WorkflowCommand {
    Check(check::Args),
    Eval(eval::Args),
    Graph(graph::Args),
    Import(import::Args),
    List(list::Args),
    New(new::Args),
    Schema(schema::Args),
    Show(show::Args),
}

impl WorkflowCommand {
    /// Runs it.
    pub(crate) fn run(&self, context: &Context, output: &mut Output) -> Result<ExitCode, Error> {
        match self {
            Self::Check(arguments) => check::run(context, output, arguments),
            Self::Eval(arguments) => eval::run(context, output, arguments),
            Self::Graph(arguments) => graph::run(context, output, arguments),
            Self::Import(arguments) => import::run(context, output, arguments),
            Self::List(arguments) => list::run(context, output, arguments),
            Self::New(arguments) => new::run(context, output, arguments),
            Self::Schema(arguments) => schema::run(context, output, arguments),
            Self::Show(arguments) => show::run(context, output, arguments),
        }
    }
}
