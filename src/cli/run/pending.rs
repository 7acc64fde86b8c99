//! The jobs of a run that have not begun, and what they wait for, in words.

use crate::app::Error;
use crate::app::error::WorkflowError;
use crate::app::project::Project;
use crate::cli::run::titles::Titles;
use crate::model::run::{RunState, RunStatus, pending};
use crate::state::runs::RunSummary;
use crate::workflow::groups::waiting::{self, WaitsFor};

/// How many of the jobs that one waits for are named.
const NEEDS: usize = 5;

/// A job that has not begun.
#[derive(Debug)]
pub(crate) struct PendingJob {
    /// Its key.
    pub(crate) job: String,
    /// What it waits for, when that is known.
    pub(crate) reason: Option<String>,
}

/// Those of a run, in the order of the file; none where it cannot be read what the run goes by.
pub(crate) fn jobs(
    project: &Project,
    (summary, state): (&RunSummary, &RunState),
    titles: &Titles,
) -> Result<Vec<PendingJob>, Error> {
    let Some(bundle) = titles.bundle() else {
        return Ok(Vec::new());
    };
    let found = pending::jobs(bundle, state);
    let waits = match summary.status {
        RunStatus::Running if !found.is_empty() => {
            let found = waiting::waiting(&project.local, summary.run);
            found.map_err(WorkflowError::from)?
        }
        _ => Vec::new(),
    };
    let jobs = found.into_iter().map(|pending| {
        let reason = reason(&pending, &waits);
        PendingJob {
            job: pending.job,
            reason,
        }
    });
    Ok(jobs.collect())
}

fn reason(pending: &pending::Pending, waits: &[WaitsFor]) -> Option<String> {
    let named = |count: usize| {
        pending
            .needs
            .iter()
            .take(count)
            .cloned()
            .collect::<Vec<_>>()
    };
    match pending.needs.len() {
        0 => {}
        count @ 1..=NEEDS => return Some(format!("needs {}", named(count).join(", "))),
        count => {
            let (some, more) = (named(NEEDS).join(", "), count - NEEDS);
            return Some(format!("needs {some} and {more} more"));
        }
    }
    let own = |waits: &&WaitsFor| waits.job.as_ref() == Some(&pending.job);
    if let Some(own) = waits.iter().find(own) {
        return Some(format!("waits for the concurrency group `{}`", own.group));
    }
    let run = waits.iter().find(|waits| waits.job.is_none())?;
    let group = &run.group;
    Some(format!("the run waits for the concurrency group `{group}`"))
}
