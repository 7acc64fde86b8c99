//! `git mmm debug`.

use std::io::{self, IsTerminal};

use crate::app::Error;
use crate::app::context::Context;
use crate::app::project::Project;
use crate::app::runs;
use crate::base::text::visible;
use crate::cli::commit::Commit;
use crate::cli::exit_code::ExitCode;
use crate::cli::output::{Output, write_note};
use crate::cli::run::progress::Lines;
use crate::cli::run::session::Session;
use crate::cli::run::start;
use crate::model::expression::Value;
use crate::model::inputs::assignment;
use crate::workflow::debug::{Console, Debugger, Stops};

/// Run a workflow and stop before its steps, to look around
///
/// It stops before the first step, or at breakpoints and after failures when some are given, and
/// reads commands from standard input; `help` lists them. What is done is a run like any other, one
/// job at a time. When the commands end, the run goes on to its end.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The workflow: the name of its file without `.yaml`
    #[arg(value_name = "workflow")]
    workflow: String,
    /// Set an input of the workflow; may be given several times
    #[arg(long, value_name = "name=value", value_parser = assignment)]
    set: Vec<(String, Value)>,
    /// Stop before the steps of this job, or before this step of it; may be given several times
    #[arg(long = "break", value_name = "job[.step]")]
    breakpoint: Vec<String>,
    /// Stop after every step that has failed
    #[arg(long)]
    break_on_failure: bool,
}

/// The terminal that the debugger was started on.
#[derive(Debug)]
struct Terminal {
    /// Whether somebody types.
    watched: bool,
}

impl Console for Terminal {
    fn say(&mut self, text: &str) {
        write_note(&format!("{}\n", visible(text)));
    }

    fn ask(&mut self) {
        if self.watched {
            write_note("(debug) ");
        }
    }
}

/// Runs it.
pub(crate) fn run(
    context: &Context,
    output: &mut Output,
    arguments: &Args,
) -> Result<ExitCode, Error> {
    let project = Project::to_work_on(context)?;
    let console = Terminal {
        watched: io::stdin().is_terminal(),
    };
    let stops = Stops {
        breakpoints: arguments.breakpoint.clone(),
        on_failure: arguments.break_on_failure,
    };
    let debugger = Debugger::new(Box::new(console), stops)?;
    let mut session = Session::begin(&project, Commit::default(), &[])?;
    let mut lines = Lines::plain(output);
    let what = (arguments.workflow.as_str(), arguments.set.as_slice());
    let ended = runs::debug(context, &project, what, debugger, &mut lines);
    session.add(start::told(lines, ended)?);
    session.report(context, output)
}
