//! `git mmm run`.

use clap::builder::NonEmptyStringValueParser;

use crate::app::Error;
use crate::app::again;
use crate::app::context::Context;
use crate::app::project::Project;
use crate::app::runs;
use crate::base::text::{counted, file_stem};
use crate::cli::commit::Commit;
use crate::cli::exit_code::ExitCode;
use crate::cli::output::Output;
use crate::cli::run::outcome;
use crate::cli::run::plan;
use crate::cli::run::progress::Lines;
use crate::cli::run::rerun;
use crate::cli::run::session::Session;
use crate::model::expression::Value;
use crate::model::inputs::assignment;
use crate::model::run::again::Scope;
use crate::model::spec::Spec;
use crate::spec::{Error as SpecError, change, find};
use crate::state::layout::StatePath;
use crate::state::specs::SpecBook;
use crate::workflow::Observer;
use crate::workflow::catalog;
use crate::workflow::resume::{Ended, Lost};

/// Run specs through their workflow, or a workflow alone
///
/// A run of a spec verifies its criteria before the workflow and after it, ticks what is proved
/// and leaves its evidence in `.mmm/runs/`. The workflow is the one named by `--workflow`, else by
/// the spec, else by the configuration. The exit code is 0 when everything went well, 1 when a
/// step or a criterion failed, and 3 when the run waits for a person. With `--commit`, a run that
/// ended has its ticks and its evidence committed; one that waits or was cancelled has nothing.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The specs: slug, id, or a unique prefix of either
    #[arg(value_name = "spec", conflicts_with = "resume")]
    specs: Vec<String>,
    /// The workflow: the name of its file without `.yaml`; without a spec it runs alone
    #[arg(
        short,
        long,
        value_name = "name",
        conflicts_with = "resume",
        value_parser = NonEmptyStringValueParser::new()
    )]
    workflow: Option<String>,
    /// Set an input of the workflow; may be given several times
    #[arg(long, value_name = "name=value", conflicts_with = "resume", value_parser = assignment)]
    set: Vec<(String, Value)>,
    /// Show what would run, and run nothing
    #[arg(short = 'n', long)]
    dry_run: bool,
    /// Go on with a run that was interrupted, parked or cancelled
    #[arg(long, value_name = "run")]
    resume: Option<String>,
    /// Run attempts again whose end is not known; they may have done their work already
    #[arg(long, requires = "resume")]
    rerun_lost: bool,
    /// Run this job or step again, all after it in its job, and all jobs that need that one
    ///
    /// A step is `<job>.<id or number>`, a run of a job that runs several times `<job>@<number>`.
    /// In a run that is over, the results of all else are taken over into a new run.
    #[arg(long, value_name = "step", requires = "resume", conflicts_with_all = ["only", "downstream"])]
    from: Option<String>,
    /// Run this job or step again, and nothing else
    #[arg(
        long,
        value_name = "step",
        requires = "resume",
        conflicts_with = "downstream"
    )]
    only: Option<String>,
    /// Run again what comes after this job or step, as with `--from`, without itself
    #[arg(long, value_name = "step", requires = "resume")]
    downstream: Option<String>,
    #[command(flatten)]
    commit: Commit,
}

impl Args {
    /// An option that says something about a run, when none is named.
    fn needs_run(&self) -> Option<&'static str> {
        let chosen = self.chosen().map(|(scope, _)| match scope {
            Scope::From => "--from <step>",
            Scope::Only => "--only <step>",
            Scope::Downstream => "--downstream <step>",
        });
        chosen.or(self.rerun_lost.then_some("--rerun-lost"))
    }

    /// What of the run is to run again.
    fn chosen(&self) -> Option<(Scope, &str)> {
        let all = [
            (Scope::From, &self.from),
            (Scope::Only, &self.only),
            (Scope::Downstream, &self.downstream),
        ];
        all.into_iter()
            .find_map(|(scope, step)| Some((scope, step.as_deref()?)))
    }
}

/// Runs it.
pub(crate) fn run(
    context: &Context,
    output: &mut Output,
    arguments: &Args,
) -> Result<ExitCode, Error> {
    let project = Project::to_work_on(context)?;
    if arguments.specs.is_empty() && arguments.workflow.is_none() && arguments.resume.is_none() {
        return Err(Error::NothingToRun);
    }
    if let Some(text) = &arguments.resume {
        return resume(context, &project, output, (text, arguments));
    }
    // With `--workflow` or a spec, which exclude `--resume`, clap asks for it no more.
    if let Some(option) = arguments.needs_run() {
        return Err(Error::NeedsRun { option });
    }
    let book = project.specs()?;
    let wanted = wanted(&project, &book, arguments)?;
    let specs: Vec<&Spec> = wanted.iter().filter_map(|(_, spec)| *spec).collect();
    can_run(&project, &book, &specs)?;
    if arguments.dry_run {
        return plan::show(context, &project, output, (&wanted, &arguments.set));
    }
    let paths: Vec<String> = specs
        .iter()
        .map(|spec| spec.source.path().to_owned())
        .collect();
    let mut session = Session::begin(&project, arguments.commit, &paths)?;
    let mut stopped = false;
    for (workflow, spec) in &wanted {
        let mut lines = Lines::new(output);
        let one = runs::start(
            context,
            &project,
            (workflow, &arguments.set),
            *spec,
            &mut lines,
        );
        let one = told(lines, one)?;
        // What comes after a run that was stopped was not wanted any more; nor what comes after one
        // that was over but for its records when the signal came.
        stopped =
            outcome::exit_code(one.status) == ExitCode::Interrupted || context.is_interrupted();
        if !session.add(one) || stopped {
            break;
        }
    }
    let left = wanted.len() - session.count();
    let code = session.report(context, output)?;
    if stopped && left > 0 {
        output.note(format!("interrupted: {} not run", counted(left, "spec")));
        return Ok(ExitCode::Interrupted);
    }
    Ok(code)
}

/// What is to run: each workflow with its spec, or a workflow alone.
fn wanted<'b>(
    project: &Project,
    book: &'b SpecBook,
    arguments: &Args,
) -> Result<Vec<(String, Option<&'b Spec>)>, Error> {
    let graph = book.graph();
    let mut wanted: Vec<(String, Option<&Spec>)> = Vec::new();
    for text in &arguments.specs {
        let index = find::one(book, &graph, text).map_err(|error| not_a_spec(error, project))?;
        let Some(spec) = book.specs().get(index) else {
            continue;
        };
        // One that is named twice is run once.
        if wanted
            .iter()
            .any(|(_, known)| known.is_some_and(|known| known.id == spec.id))
        {
            continue;
        }
        let workflow = arguments.workflow.clone().or_else(|| spec.workflow.clone());
        let workflow = workflow.unwrap_or_else(|| project.settings.workflow.clone());
        wanted.push((workflow, Some(spec)));
    }
    if let (Some(workflow), true) = (&arguments.workflow, wanted.is_empty()) {
        wanted.push((workflow.clone(), None));
    }
    Ok(wanted)
}

/// The error for what is no spec; a workflow may be meant.
fn not_a_spec(error: SpecError, project: &Project) -> Error {
    let SpecError::Unknown { reference, .. } = &error else {
        return error.into();
    };
    let name = file_stem(reference);
    if catalog::load(&project.files, name).is_err() {
        return error.into();
    }
    Error::WorkflowAsSpec {
        reference: reference.clone(),
        workflow: name.to_owned(),
    }
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

fn resume(
    context: &Context,
    project: &Project,
    output: &mut Output,
    (text, arguments): (&str, &Args),
) -> Result<ExitCode, Error> {
    let found = runs::find(project, Some(text))?;
    let lost = if arguments.rerun_lost {
        Lost::Rerun
    } else {
        Lost::Park
    };
    let wish = (lost, arguments.chosen());
    if arguments.dry_run {
        let plan = again::plan_going_on(project, &found, wish)?;
        return rerun::show(output, &plan);
    }
    let mut session = Session::begin(project, arguments.commit, &found.spec_paths())?;
    let mut lines = Lines::new(output);
    let ended = again::go_on(context, project, &found, wish, &mut lines);
    let ended = told(lines, ended)?;
    session.add(ended);
    session.report(context, output)
}

/// What became of a run; of one that was cut short it is said how it goes on.
pub(crate) fn told(mut lines: Lines<'_>, ended: Result<Ended, Error>) -> Result<Ended, Error> {
    if let (Some(run), Err(_)) = (lines.begun(), &ended) {
        lines.note(&format!(
            "run {run} was cut short: `git mmm run --resume {run}` goes on"
        ));
    }
    lines.finish()?;
    ended
}
