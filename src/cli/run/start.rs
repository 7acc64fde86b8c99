//! `git mmm run`.

use clap::Args;

use crate::app::Error;
use crate::app::context::Context;
use crate::app::project::{Access, Project};
use crate::app::runs;
use crate::base::text::counted;
use crate::cli::exit_code::ExitCode;
use crate::cli::output::Output;
use crate::cli::run::outcome;
use crate::cli::run::plan;
use crate::cli::run::progress::Lines;
use crate::model::spec::Spec;
use crate::spec::{Error as SpecError, change, find};
use crate::state::layout::StatePath;
use crate::state::specs::SpecBook;
use crate::workflow::resume::{Ended, Lost};

/// Run specs through their workflow, or a workflow alone
///
/// A run of a spec verifies its criteria before the workflow and after it, ticks what is proved
/// and leaves its evidence in `.mmm/runs/`. The workflow is the one named by `--workflow`, else by
/// the spec, else by the configuration. The exit code is 0 when everything went well, 1 when a
/// step or a criterion failed, and 3 when the run waits for a person.
#[derive(Debug, Args)]
pub(crate) struct RunArguments {
    /// The specs: slug, id, or a unique prefix of either
    #[arg(value_name = "spec", conflicts_with = "resume")]
    specs: Vec<String>,
    /// The workflow: the name of its file without `.yaml`; without a spec it runs alone
    #[arg(short, long, value_name = "name", conflicts_with = "resume")]
    workflow: Option<String>,
    /// Show what would run, and run nothing
    #[arg(short = 'n', long, conflicts_with = "resume")]
    dry_run: bool,
    /// Go on with a run that was interrupted or parked
    #[arg(long, value_name = "run")]
    resume: Option<String>,
    /// Run attempts again whose end is not known; they may have done their work already
    #[arg(long, requires = "resume")]
    rerun_lost: bool,
}

/// Runs it.
pub(crate) fn run(
    context: &Context,
    output: &mut Output,
    arguments: &RunArguments,
) -> Result<ExitCode, Error> {
    let project = Project::open(context, Access::Write)?;
    if let Some(text) = &arguments.resume {
        let run = runs::find(&project, Some(text))?.run;
        let lost = if arguments.rerun_lost {
            Lost::Rerun
        } else {
            Lost::Park
        };
        let mut lines = Lines::new(output);
        let ended = runs::resume(context, &project, run, lost, &mut lines)?;
        lines.finish()?;
        return report(output, &[ended]);
    }
    if arguments.specs.is_empty() && arguments.workflow.is_none() {
        return Err(Error::NothingToRun);
    }
    let book = project.specs()?;
    let graph = book.graph();
    let mut wanted: Vec<(String, Option<&Spec>)> = Vec::new();
    for text in &arguments.specs {
        let index = find::one(&book, &graph, text)?;
        let Some(spec) = book.specs().get(index) else {
            continue;
        };
        let workflow = arguments.workflow.clone().or_else(|| spec.workflow.clone());
        let workflow = workflow.unwrap_or_else(|| project.settings.workflow.clone());
        wanted.push((workflow, Some(spec)));
    }
    if let (Some(workflow), true) = (&arguments.workflow, wanted.is_empty()) {
        wanted.push((workflow.clone(), None));
    }
    let specs: Vec<&Spec> = wanted.iter().filter_map(|(_, spec)| *spec).collect();
    can_run(&project, &book, &specs)?;
    if arguments.dry_run {
        return plan::show(&project, output, &wanted);
    }
    let mut ended = Vec::new();
    let mut stopped = false;
    for (workflow, spec) in &wanted {
        let mut lines = Lines::new(output);
        let one = runs::start(context, &project, workflow, *spec, &mut lines)?;
        lines.finish()?;
        // What comes after a run that was stopped was not wanted any more; nor what comes after one
        // that was over but for its records when the signal came.
        stopped =
            outcome::exit_code(one.status) == ExitCode::Interrupted || context.is_interrupted();
        ended.push(one);
        if stopped {
            break;
        }
    }
    let left = wanted.len() - ended.len();
    let code = report(output, &ended)?;
    if stopped && left > 0 {
        output.note(format!("interrupted: {} not run", counted(left, "spec")));
        return Ok(ExitCode::Interrupted);
    }
    Ok(code)
}

/// Refuses specs that do not say clearly what they promise, and those whose file could not be
/// written when the run ends.
fn can_run(project: &Project, book: &SpecBook, specs: &[&Spec]) -> Result<(), Error> {
    let problems = book.errors_of(specs.iter().copied());
    if !problems.is_empty() {
        let faulty = |spec: &&&Spec| {
            let path = spec.source.path();
            problems.iter().any(|problem| problem.file() == path)
        };
        return Err(SpecError::Faulty {
            names: specs
                .iter()
                .filter(faulty)
                .map(|spec| spec.name())
                .collect(),
            problems,
        }
        .into());
    }
    if let Some(spec) = specs.iter().find(|spec| spec.is_newer()) {
        return Err(change::newer(spec).into());
    }
    if let (Some(top), false) = (project.repository.work_tree(), specs.is_empty()) {
        for spec in specs {
            StatePath::new(spec.source.path())?.to_write(top)?;
        }
        StatePath::in_runs()?.to_write(top)?;
    }
    Ok(())
}

/// Tells how runs ended; the exit code is the worst one.
pub(crate) fn report(output: &mut Output, ended: &[Ended]) -> Result<ExitCode, Error> {
    let codes = ended.iter().map(|ended| outcome::exit_code(ended.status));
    let code = codes.max().unwrap_or(ExitCode::Ok);
    if output.is_json() {
        let data: Vec<_> = ended.iter().map(outcome::json).collect();
        output.json("run", data, &[])?;
    } else {
        for one in ended {
            outcome::tell(output, one)?;
        }
    }
    Ok(code)
}
