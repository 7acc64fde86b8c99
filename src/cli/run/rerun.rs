//! `git mmm rerun`.

use serde::Serialize;

use crate::app::Error;
use crate::app::again::{self, Fate, Part, Plan};
use crate::app::context::Context;
use crate::app::project::Project;
use crate::app::runs;
use crate::base::text::one_line;
use crate::cli::commit::Commit;
use crate::cli::exit_code::ExitCode;
use crate::cli::output::Output;
use crate::cli::run::progress::Lines;
use crate::cli::run::session::Session;
use crate::cli::run::start::told;

/// Run again what a run did: a new run of the same workflow, spec and inputs
///
/// The workflow, the spec and the inputs are those that the run went by, whatever has changed
/// since. With `--failed`, what succeeded is taken over with its outputs, and what failed, was
/// cancelled or needs something that runs again is run; of a job that runs several times those
/// runs that did not succeed.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The run: its id or a unique prefix
    #[arg(value_name = "run")]
    run: String,
    /// Run only what did not succeed, and what needs it
    #[arg(long)]
    failed: bool,
    /// Show what would run, and run nothing
    #[arg(short = 'n', long)]
    dry_run: bool,
    #[command(flatten)]
    commit: Commit,
}

#[derive(Debug, Serialize)]
struct PlanJson<'a> {
    again: String,
    goes_on: bool,
    workflow: &'a str,
    spec: Option<&'a str>,
    note: Option<&'a str>,
    jobs: Vec<JobJson<'a>>,
}

#[derive(Debug, Serialize)]
struct JobJson<'a> {
    job: &'a str,
    /// Whether it would run; else its result is taken over, or it is left out.
    runs: bool,
    left_out: bool,
    /// The steps of it that would run, where that is not all of them.
    steps: Option<&'a [String]>,
}

/// Runs it.
pub(crate) fn run(
    context: &Context,
    output: &mut Output,
    arguments: &Args,
) -> Result<ExitCode, Error> {
    let project = Project::to_work_on(context)?;
    let found = runs::find(&project, Some(&arguments.run))?;
    let part = if arguments.failed {
        Part::Failed
    } else {
        Part::Whole
    };
    if arguments.dry_run {
        let plan = again::plan(&project, &found, part)?;
        return show(output, &plan);
    }
    let mut session = Session::begin(&project, arguments.commit, &found.spec_paths())?;
    let mut lines = Lines::new(output);
    let ended = again::rerun(context, &project, (&found, part), &mut lines);
    let ended = told(lines, ended)?;
    session.add(ended);
    session.report(context, output)
}

/// Shows what would be done.
pub(crate) fn show(output: &mut Output, plan: &Plan) -> Result<ExitCode, Error> {
    let jobs = plan.jobs.iter();
    if output.is_json() {
        let data = PlanJson {
            again: plan.again.to_string(),
            goes_on: plan.goes_on,
            workflow: &plan.workflow,
            spec: plan.spec.as_deref(),
            note: plan.note.as_deref(),
            jobs: jobs
                .map(|known| JobJson {
                    job: &known.job,
                    runs: known.fate == Fate::Runs,
                    left_out: known.fate == Fate::LeftOut,
                    steps: (!known.steps.is_empty()).then_some(&known.steps),
                })
                .collect(),
        };
        output.json("rerun-plan", data, &[])?;
        return Ok(ExitCode::Ok);
    }
    if let Some(note) = &plan.note {
        output.note(note);
    }
    let of = plan.spec.as_ref().map(|spec| format!(" for {spec}"));
    let what = if plan.goes_on { "goes on" } else { "again" };
    output.line(one_line(&format!(
        "{}{}, run {} {what}",
        plan.workflow,
        of.unwrap_or_default(),
        plan.again
    )));
    for known in jobs {
        let word = match known.fate {
            Fate::Runs => "run ",
            Fate::Kept => "keep",
            Fate::LeftOut => "skip",
        };
        let steps = if known.steps.is_empty() {
            String::new()
        } else {
            format!(": {}", known.steps.join(", "))
        };
        output.line(one_line(&format!("  {word}  {}{steps}", known.job)));
    }
    Ok(ExitCode::Ok)
}
