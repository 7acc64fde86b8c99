//! The summaries that steps wrote, in Markdown.

use std::collections::{HashMap, HashSet};

use crate::app::Error;
use crate::app::project::Project;
use crate::app::runs;
use crate::base::text::visible;
use crate::cli::output::Output;
use crate::model::run::{AttemptName, RunState};
use crate::state::run_folder::summary_name;
use crate::state::runs::RunSummary;

/// Lines of a summary that are shown with its step.
const FIRST_LINES: usize = 5;

/// Finds the summaries of a run.
pub(crate) struct Shelf<'a> {
    project: &'a Project,
    run: &'a RunSummary,
    /// What there is of a sealed run: its steps may be many, and few write one.
    sealed: Option<HashSet<String>>,
}

impl<'a> Shelf<'a> {
    /// Those of a run.
    pub(crate) fn of(project: &'a Project, run: &'a RunSummary) -> Result<Self, Error> {
        let sealed = runs::sealed_outputs(project, run)?;
        Ok(Self {
            project,
            run,
            sealed,
        })
    }

    /// What an attempt wrote, when it wrote something.
    pub(crate) fn read(&self, attempt: &AttemptName) -> Result<Option<String>, Error> {
        let name = summary_name(attempt);
        let sealed = self.sealed.as_ref();
        if sealed.is_some_and(|names| !names.contains(&name)) {
            return Ok(None);
        }
        let bytes = runs::file(self.project, self.run, &format!("out/{name}"))?;
        Ok(bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
    }
}

/// The summaries of the last attempts of a run, by job and step.
#[derive(Debug, Default)]
pub(crate) struct Summaries(HashMap<(String, String), String>);

impl Summaries {
    /// Reads those of a run.
    pub(crate) fn of(project: &Project, run: &RunSummary, state: &RunState) -> Result<Self, Error> {
        let shelf = Shelf::of(project, run)?;
        let mut found = HashMap::new();
        for (job, known) in &state.jobs {
            for (step, known) in known.steps.iter().filter(|(_, step)| step.attempts > 0) {
                let attempt = AttemptName {
                    job: job.clone(),
                    step: step.clone(),
                    number: known.attempts,
                };
                if let Some(text) = shelf.read(&attempt)? {
                    found.insert((job.clone(), step.clone()), text);
                }
            }
        }
        Ok(Self(found))
    }

    /// That of a step.
    pub(crate) fn get(&self, job: &str, step: &str) -> Option<&str> {
        let key = (job.to_owned(), step.to_owned());
        self.0.get(&key).map(String::as_str)
    }
}

/// The first lines of a summary, below its step.
pub(crate) fn show_first(output: &mut Output, text: &str) {
    let mut lines = text.lines();
    for line in lines.by_ref().take(FIRST_LINES) {
        output.line(format!("    | {}", visible(line)));
    }
    let left = lines.count();
    if left > 0 {
        output.line(format!(
            "    | ({left} more; `git mmm log --summary` shows all)"
        ));
    }
}

/// All of a summary.
pub(crate) fn show(output: &mut Output, text: &str) {
    for line in text.lines() {
        output.line(visible(line));
    }
}
