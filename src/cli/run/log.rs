//! `git mmm log`.

use serde::Serialize;

use crate::app::Error;
use crate::app::context::Context;
use crate::app::project::{Access, Project};
use crate::app::runs;
use crate::base::text::{one_line, visible};
use crate::cli::checkpoint::name::elsewhere;
use crate::cli::exit_code::ExitCode;
use crate::cli::output::Output;
use crate::cli::run::annotations::{self, AnnotationJson};
use crate::cli::run::follow::{Followed, follow};
use crate::cli::run::outcome::{self, Standing};
use crate::cli::run::progress::block;
use crate::cli::run::show::{attempt, ordered};
use crate::cli::run::spoken::Telling;
use crate::cli::run::summaries::{self, Shelf};
use crate::cli::run::titles::Titles;
use crate::cli::run::words::{duration, in_brackets, outcome_style, reason};
use crate::model::run::event::Dropped;
use crate::model::run::state::StepState;
use crate::model::run::tries::Tries;
use crate::model::run::{AttemptName, Outcome, RunState};
use crate::state::run_folder::output_name;
use crate::state::runs::{RunPlace, RunSummary};
use crate::state::work_tree::GoesOn;
use crate::workflow::naming::job_title;

/// How often the folder of a run may go while it is read: a run ends once, and may be taken up.
const LIVES: usize = 3;

/// Show what the steps of a run printed, step by step
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The run: its id or a unique prefix; the newest one when left out
    #[arg(value_name = "run")]
    run: Option<String>,
    /// Show lines as they are printed, until the run ends or waits; with --json only wait for it
    #[arg(short, long)]
    follow: bool,
    /// Show the summaries that steps wrote instead
    #[arg(long, conflicts_with = "follow")]
    summary: bool,
    /// Only this job, with its legs and the workflows that it calls
    #[arg(long, value_name = "id")]
    job: Option<String>,
}

#[derive(Debug, Serialize)]
struct StepLog {
    job: String,
    step: String,
    /// What people call the job.
    #[serde(skip)]
    job_title: String,
    title: String,
    /// The number in the run's record; a run that was taken up may leave one out.
    attempt: u32,
    outcome: Option<&'static str>,
    output: String,
    annotations: Vec<AnnotationJson>,
    /// What it wrote for people, in Markdown.
    summary: Option<String>,
    /// The same as it was printed.
    #[serde(skip)]
    printed: Vec<u8>,
    /// The step as this attempt left it.
    #[serde(skip)]
    tried: StepState,
    /// Whether there were others.
    #[serde(skip)]
    is_one_of_several: bool,
}

impl StepLog {
    fn attempt_name(&self) -> AttemptName {
        AttemptName {
            job: self.job.clone(),
            step: self.step.clone(),
            number: self.attempt,
        }
    }

    /// The line that says which step this is, how the attempt stands, and which one it was.
    fn heading(&self, output: &Output) -> String {
        let first = if self.is_one_of_several && self.tried.begun == 1 {
            "  (attempt 1)"
        } else {
            ""
        };
        let line = heading(output, &self.job_title, &self.title, &self.tried);
        format!("{line}{first}")
    }

    fn dropped(&self) -> Option<&Dropped> {
        self.tried.finish.as_ref()?.dropped.as_deref()
    }
}

/// Runs it.
pub(crate) fn run(
    context: &Context,
    output: &mut Output,
    arguments: &Args,
) -> Result<ExitCode, Error> {
    let project = Project::open(context, Access::Write)?;
    let summary = runs::find(&project, arguments.run.as_deref())?;
    if let Some(job) = &arguments.job {
        let state = runs::state(&project, &summary)?;
        runs::require_job(&project, &summary, &state, job)?;
    }
    let wanted = |job: &str| arguments.job.as_deref().is_none_or(|of| is_of(job, of));
    let mut followed = None;
    if arguments.follow
        && let RunPlace::Live(folder) = &summary.place
    {
        let titles = Titles::of(&project, &summary, &runs::state(&project, &summary)?)?;
        followed = Some(follow(context, output, (folder, &titles), wanted)?);
    }
    if followed.as_ref().is_some_and(|known| known.unread) {
        return Ok(ExitCode::Ok);
    }
    let interrupted = followed.as_ref().is_some_and(|known| known.interrupted);
    let code = if interrupted {
        ExitCode::Interrupted
    } else {
        ExitCode::Ok
    };
    if interrupted && !output.is_json() {
        return Ok(code);
    }
    let run = summary.run.to_string();
    let (state, logs) = read(&project, summary, wanted)?;
    if output.is_json() {
        output.json("run-log", &logs, &[])?;
        return Ok(code);
    }
    match followed {
        None if arguments.summary => print_summaries(output, &logs),
        None => print(output, &logs),
        Some(followed) => print_rest(output, &logs, followed),
    }
    if !arguments.summary {
        print_reasons(output, &state, wanted);
    }
    if arguments.follow {
        output.send()?;
        say_how_it_stands(context, &project, output, &run)?;
    }
    Ok(code)
}

/// Whether a job is this one, a leg of it, or in a workflow that it calls.
fn is_of(job: &str, wanted: &str) -> bool {
    let rest = job.strip_prefix(wanted);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['@', '+']))
}

/// Why there is nothing more to follow, for the person: how the run stands, and what to do.
fn say_how_it_stands(
    context: &Context,
    project: &Project,
    output: &Output,
    run: &str,
) -> Result<(), Error> {
    let summary = runs::find(project, Some(run))?;
    let state = runs::state(project, &summary)?;
    let pinned = runs::pinned(project, &summary, &state)?;
    let standing = Standing {
        run: summary.run,
        status: summary.status,
        state: &state,
        pinned: pinned.as_ref(),
    };
    output.note(outcome::line(standing, summary.status.as_str()));
    let next = match &summary.goes_on {
        GoesOn::OtherClone if !summary.status.is_finished() => Some(format!("git mmm show {run}")),
        _ => outcome::next_of(context, project, standing, elsewhere(&summary))?,
    };
    if let Some(next) = next {
        output.note(format_args!("next: {next}"));
    }
    Ok(())
}

/// What the steps of a run printed. A run that ends meanwhile takes its folder away; it is then
/// read anew from what was sealed, for a part of it would look like the whole.
fn read(
    project: &Project,
    mut summary: RunSummary,
    wanted: impl Fn(&str) -> bool,
) -> Result<(RunState, Vec<StepLog>), Error> {
    for _ in 0..LIVES {
        let found = read_once(project, &summary, &wanted);
        match &summary.place {
            RunPlace::Live(folder) if !folder.exists() => {}
            _ => return found,
        }
        summary = runs::find(project, Some(&summary.run.to_string()))?;
    }
    read_once(project, &summary, wanted)
}

fn read_once(
    project: &Project,
    summary: &RunSummary,
    wanted: impl Fn(&str) -> bool,
) -> Result<(RunState, Vec<StepLog>), Error> {
    let (state, tries) = runs::tried(project, summary)?;
    let logs = collect(project, summary, (&state, &tries), wanted)?;
    Ok((state, logs))
}

/// Shows what following a run has left out: what came when its folder had gone.
fn print_rest(output: &mut Output, logs: &[StepLog], mut followed: Followed) {
    for log in logs {
        let attempt = log.attempt_name();
        let begun = followed.streams.is_shown(&attempt);
        if followed.whole.contains(&attempt) || !(begun || log.outcome.is_some()) {
            continue;
        }
        let line = format!("{}\n", log.heading(output));
        let printed = log.printed.as_slice();
        let streams = &mut followed.streams;
        let text = streams.finished(&attempt, printed, log.dropped(), &line);
        output.text(&text);
        if let Some(said) = log.tried.said() {
            let untold = annotations::untold(output, &said.said, printed);
            output.text(&untold);
        }
    }
    output.text(followed.streams.end_line());
}

fn print(output: &mut Output, logs: &[StepLog]) {
    for log in logs {
        output.line(log.heading(output));
        let mut telling = Telling::default();
        output.text(&block(&log.printed, log.dropped(), &mut telling));
        if let Some(said) = log.tried.said() {
            let untold = annotations::untold(output, &said.said, &log.printed);
            output.text(&untold);
        }
    }
}

/// Says of the jobs that failed by themselves why they did.
fn print_reasons(output: &mut Output, state: &RunState, wanted: impl Fn(&str) -> bool) {
    for id in state.job_order.iter().filter(|id| wanted(id)) {
        let job = state.jobs.get(id);
        let Some((result, reason)) = job.and_then(|job| Some((job.result?, &job.reason))) else {
            continue;
        };
        if reason.is_some() {
            let job = one_line(&job_title(None, state, id));
            let word = output.paint(outcome_style(result), result.as_str());
            output.line(format!("{job}  {word}{}", in_brackets(reason.clone())));
        }
    }
}

/// Shows what steps wrote for people, each below its line.
fn print_summaries(output: &mut Output, logs: &[StepLog]) {
    for log in logs {
        if let Some(text) = log.summary.as_deref() {
            output.line(log.heading(output));
            summaries::show(output, text);
        }
    }
}

/// The line that says which step this is and how it stands.
pub(crate) fn heading(output: &Output, job: &str, title: &str, step: &StepState) -> String {
    let word = step.outcome.map_or_else(
        || {
            if step.running {
                "running".to_owned()
            } else {
                "unknown".to_owned()
            }
        },
        |outcome| output.paint(outcome_style(outcome), outcome.as_str()),
    );
    // While an attempt runs, what is known is the end of the one before.
    let finish = step.finish.as_ref().filter(|_| !step.running);
    let took = finish.map_or(String::new(), |finish| {
        let why = reason(finish).map(|why| format!(" ({})", visible(&why)));
        format!(
            "  {}{}",
            duration(finish.elapsed_ms),
            why.unwrap_or_default()
        )
    });
    let attempt = attempt(step);
    format!(
        "{} / {}  {word}{took}{attempt}",
        one_line(job),
        one_line(title)
    )
}

fn collect(
    project: &Project,
    summary: &RunSummary,
    (state, tries): (&RunState, &Tries),
    wanted: impl Fn(&str) -> bool,
) -> Result<Vec<StepLog>, Error> {
    let titles = Titles::of(project, summary, state)?;
    let shelf = Shelf::of(project, summary)?;
    let mut logs = Vec::new();
    for id in state.job_order.iter().filter(|id| wanted(id)) {
        let Some(job) = state.jobs.get(id) else {
            continue;
        };
        for (key, step) in ordered(job).filter(|(_, step)| step.attempts > 0) {
            let all = tries.of((id, key), step);
            let is_one_of_several = all.len() > 1;
            for tried in all {
                let attempt = AttemptName {
                    job: id.clone(),
                    step: key.clone(),
                    number: tried.attempts,
                };
                let name = format!("out/{}", output_name(&attempt));
                let bytes = runs::file(project, summary, &name)?.unwrap_or_default();
                let said = tried.said();
                logs.push(StepLog {
                    job_title: titles.job(state, id),
                    title: titles.title(state, id, key),
                    attempt: tried.attempts,
                    outcome: tried.outcome.map(Outcome::as_str),
                    output: String::from_utf8_lossy(&bytes).into_owned(),
                    summary: shelf.read(&attempt)?,
                    annotations: said.map_or_else(Vec::new, |said| annotations::json(&said.said)),
                    printed: bytes,
                    job: attempt.job,
                    step: attempt.step,
                    is_one_of_several,
                    tried,
                });
            }
        }
    }
    Ok(logs)
}
