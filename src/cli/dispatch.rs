//! From arguments to an exit code.

use std::ffi::OsString;

use clap::Parser;

use crate::app::Error;
use crate::app::context::Context;
use crate::app::terminal::OutputSettings;
use crate::cli::arguments::{Arguments, Command};
use crate::cli::exit_code::ExitCode;
use crate::cli::output::{Output, write_fatal};
use crate::cli::report::Look;
use crate::cli::run::{cancel, log, rerun, runs, show, start as run_spec};
use crate::cli::usage;
use crate::cli::{check, debug, init, quickstart, status, supervise};

/// Runs the command that the arguments (the program's name first) ask for.
pub(crate) fn run(arguments: impl IntoIterator<Item = OsString>) -> std::process::ExitCode {
    let arguments = usage::with_help(arguments.into_iter().collect());
    let code = match Arguments::try_parse_from(&arguments) {
        Ok(parsed) => start(&parsed),
        Err(error) => usage::answer(&error, &arguments),
    };
    code.into()
}

fn start(arguments: &Arguments) -> ExitCode {
    let context = match Context::of_process() {
        Ok(context) => context,
        Err(error) => {
            write_fatal(&error, arguments.common.json, Look::default());
            return error.kind().into();
        }
    };
    // The supervisor prints nothing, and must be up at once.
    let settings = match arguments.command {
        Some(Command::Supervise(_)) => OutputSettings::default(),
        _ => context.output_settings(),
    };
    let mut output = Output::new(arguments.common, &settings, &context);
    match command(&context, &mut output, arguments) {
        Ok(code) => match output.finish(&context) {
            Ok(()) => code,
            Err(error) => {
                // Standard output is what failed: there is no envelope to be had.
                write_fatal(&error, false, Look::default());
                error.kind().into()
            }
        },
        Err(error) => {
            output.fail(&error);
            error.kind().into()
        }
    }
}

/// Calls the command. Each line hands on to the file of one command.
fn command(
    context: &Context,
    output: &mut Output,
    arguments: &Arguments,
) -> Result<ExitCode, Error> {
    let Some(command) = &arguments.command else {
        return status::run(context, output);
    };
    match command {
        Command::Artifact(command) => command.run(context, output),
        Command::Cancel(arguments) => cancel::run(context, output, arguments),
        Command::Check(arguments) => check::run(context, output, arguments),
        Command::Checkpoint(command) => command.run(context, output),
        Command::Debug(arguments) => debug::run(context, output, arguments),
        Command::Init(arguments) => init::run(context, output, arguments),
        Command::Log(arguments) => log::run(context, output, arguments),
        Command::Quickstart(arguments) => quickstart::run(context, output, arguments),
        Command::Rerun(arguments) => rerun::run(context, output, arguments),
        Command::Run(arguments) => run_spec::run(context, output, arguments),
        Command::Runs(arguments) => runs::run(context, output, arguments),
        Command::Show(arguments) => show::run(context, output, arguments),
        Command::Spec(command) => command.run(context, output),
        Command::Status(_) => status::run(context, output),
        Command::Step(command) => command.run(context, output),
        Command::Supervise(arguments) => supervise::run(context, arguments),
        Command::Workflow(command) => command.run(context, output),
    }
}
