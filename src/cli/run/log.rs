//! `git mmm log`.

use std::time::Duration;

use serde::Serialize;

use crate::app::Error;
use crate::app::context::Context;
use crate::app::error::StateError;
use crate::app::project::{Access, Project};
use crate::app::runs;
use crate::base::text::visible;
use crate::cli::exit_code::ExitCode;
use crate::cli::output::Output;
use crate::cli::run::outcome;
use crate::cli::run::progress::block;
use crate::cli::run::show::ordered;
use crate::cli::run::titles::Titles;
use crate::cli::run::words::{duration, outcome_style, reason};
use crate::model::run::state::StepState;
use crate::model::run::{AttemptName, Event, RunState, RunStatus};
use crate::state::journal::Follower;
use crate::state::run_folder::{RunFolder, output_name};
use crate::state::runs::{RunPlace, RunSummary};

/// Pause between two looks at a run that is followed.
const LOOK: Duration = Duration::from_millis(100);

/// Show what the steps of a run printed, step by step
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The run: its id or a unique prefix; the newest one when left out
    #[arg(value_name = "run")]
    run: Option<String>,
    /// Keep showing what comes until the run ends or waits
    #[arg(short, long)]
    follow: bool,
    /// Only this job
    #[arg(long, value_name = "id")]
    job: Option<String>,
}

#[derive(Debug, Serialize)]
struct StepLog {
    job: String,
    step: String,
    title: String,
    attempt: u32,
    outcome: Option<&'static str>,
    output: String,
}

impl StepLog {
    fn attempt_name(&self) -> AttemptName {
        AttemptName {
            job: self.job.clone(),
            step: self.step.clone(),
            number: self.attempt,
        }
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
    let wanted = |job: &str| arguments.job.as_deref().is_none_or(|wanted| wanted == job);
    if arguments.follow
        && !output.is_json()
        && let RunPlace::Live(folder) = &summary.place
    {
        let shown = follow(output, folder, wanted)?;
        let summary = runs::find(&project, Some(&summary.run.to_string()))?;
        // The folder of a run that ends goes at any moment; what it left is sealed.
        let state = runs::state(&project, &summary)?;
        let mut rest = collect(&project, &summary, &state, wanted)?;
        rest.retain(|log| !shown.contains(&log.attempt_name()) && log.outcome.is_some());
        print(output, &state, &rest);
        return Ok(match summary.status {
            RunStatus::Running => ExitCode::Ok,
            status => outcome::exit_code(status),
        });
    }
    let state = runs::state(&project, &summary)?;
    let logs = collect(&project, &summary, &state, wanted)?;
    if output.is_json() {
        output.json("run-log", &logs, &[])?;
        return Ok(ExitCode::Ok);
    }
    print(output, &state, &logs);
    Ok(ExitCode::Ok)
}

fn print(output: &mut Output, state: &RunState, logs: &[StepLog]) {
    for log in logs {
        let step = state.step(&log.job, &log.step);
        let line = step.map_or(String::new(), |step| {
            heading(output, &log.job, &log.title, step)
        });
        output.line(line);
        let dropped = step
            .and_then(|step| step.finish.as_ref())
            .map_or(0, |finish| finish.dropped_bytes);
        output.text(&block(log.output.as_bytes(), dropped));
    }
}

fn heading(output: &Output, job: &str, title: &str, step: &StepState) -> String {
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
    let took = step.finish.as_ref().map_or(String::new(), |finish| {
        let why = reason(finish).map(|why| format!(" ({})", visible(&why)));
        format!(
            "  {}{}",
            duration(finish.elapsed_ms),
            why.unwrap_or_default()
        )
    });
    format!("{} / {}  {word}{took}", visible(job), visible(title))
}

fn collect(
    project: &Project,
    summary: &RunSummary,
    state: &RunState,
    wanted: impl Fn(&str) -> bool,
) -> Result<Vec<StepLog>, Error> {
    let titles = Titles::of(project, summary, state)?;
    let mut logs = Vec::new();
    for id in state.job_order.iter().filter(|id| wanted(id)) {
        let Some(job) = state.jobs.get(id) else {
            continue;
        };
        for (key, step) in ordered(job).filter(|(_, step)| step.attempts > 0) {
            let attempt = AttemptName {
                job: id.clone(),
                step: key.clone(),
                number: step.attempts,
            };
            let name = format!("out/{}", output_name(&attempt));
            let bytes = runs::file(project, summary, &name)?.unwrap_or_default();
            logs.push(StepLog {
                job: id.clone(),
                step: key.clone(),
                title: titles.title(id, key),
                attempt: step.attempts,
                outcome: step.outcome.map(crate::model::run::Outcome::as_str),
                output: String::from_utf8_lossy(&bytes).into_owned(),
            });
        }
    }
    Ok(logs)
}

/// Shows each step when it ends, until nothing drives the run any more; gives what it showed.
fn follow(
    output: &mut Output,
    folder: &RunFolder,
    wanted: impl Fn(&str) -> bool,
) -> Result<Vec<AttemptName>, Error> {
    let mut shown = Vec::new();
    let mut follower = Follower::new(&folder.events());
    let mut state = RunState::default();
    loop {
        let alive = folder.is_alive()?;
        let events = match follower.poll() {
            Ok(events) => events,
            Err(_) if !folder.exists() => return Ok(shown),
            Err(error) => return Err(StateError::Journal(error).into()),
        };
        for event in events {
            state.apply(&event);
            if let Event::StepFinished(attempt, finish) = &event.event
                && wanted(&attempt.job)
                && let Some(step) = state.step(&attempt.job, &attempt.step)
            {
                let bytes = folder.read_output(attempt)?;
                if !folder.exists() {
                    return Ok(shown);
                }
                let line = heading(output, &attempt.job, &attempt.step, step);
                output.line(line);
                output.text(&block(&bytes, finish.dropped_bytes));
                shown.push(attempt.clone());
                output.send()?;
            }
        }
        if !alive {
            return Ok(shown);
        }
        std::thread::sleep(LOOK);
    }
}
