//! The group `git mmm spec`.

use clap::Subcommand;

use crate::app::Error;
use crate::app::context::Context;
use crate::cli::exit_code::ExitCode;
use crate::cli::output::Output;
use crate::cli::spec::{check, deps, done, drop, edit, list, new, next, set, show, verify};

/// What can be done with specs.
#[derive(Debug, Subcommand)]
pub(crate) enum SpecCommand {
    /// Make a spec
    New(new::Args),
    /// List specs with what is proved about them
    List(list::Args),
    /// Open a spec in your editor, and check it afterwards
    Edit(edit::Args),
    /// Show a spec with what is proved about it
    Show(show::Args),
    /// Show what waits for what
    Deps(deps::Args),
    /// Show the spec to work on now
    Next(next::Args),
    /// Change keys of a spec
    Set(set::Args),
    /// Accept specs whose criteria are proved
    Done(done::Args),
    /// Give specs up
    Drop(drop::Args),
    /// Report everything that is wrong with specs
    Check(check::Args),
    /// Run the commands of criteria and record what they prove
    Verify(verify::Args),
}

impl SpecCommand {
    /// Runs it.
    pub(crate) fn run(&self, context: &Context, output: &mut Output) -> Result<ExitCode, Error> {
        match self {
            Self::New(args) => new::run(context, output, args),
            Self::Edit(args) => edit::run(context, output, args),
            Self::Verify(args) => verify::run(context, output, args),
            Self::Set(args) => set::run(context, output, args),
            Self::Done(args) => done::run(context, output, args),
            Self::Drop(args) => drop::run(context, output, args),
            Self::Show(args) => show::run(context, output, args),
            Self::Deps(args) => deps::run(context, output, args),
            Self::Next(args) => next::run(context, output, args),
            Self::Check(args) => check::run(context, output, args),
            Self::List(args) => list::run(context, output, args),
        }
    }
}
