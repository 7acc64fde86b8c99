//! A run under way on a terminal: a line for each job at work, below what has been printed.

use std::collections::HashMap;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::base::text::visible;
use crate::cli::run::progress::{criterion_title, step_title};
use crate::model::run::Event;
use crate::model::run::event::{AFTER, BEFORE};
use crate::workflow::driver::Watched;

/// Pause between two pictures of the spinner.
const TICK: Duration = Duration::from_millis(120);

/// The jobs that are at work, drawn on standard error.
#[derive(Debug)]
pub(crate) struct LiveTree {
    lines: MultiProgress,
    jobs: HashMap<String, ProgressBar>,
}

impl LiveTree {
    /// An empty tree.
    pub(crate) fn new() -> Self {
        Self {
            lines: MultiProgress::with_draw_target(ProgressDrawTarget::stderr()),
            jobs: HashMap::new(),
        }
    }

    /// Prints while the tree is out of the way.
    pub(crate) fn suspend<T>(&self, print: impl FnOnce() -> T) -> T {
        self.lines.suspend(print)
    }

    /// Takes note of what happened.
    pub(crate) fn event(&mut self, event: &Event, run: &Watched<'_>) {
        match event {
            Event::JobStarted { job } => {
                self.line(job);
            }
            Event::StepStarted(attempt) => {
                let title = match attempt.job.as_str() {
                    BEFORE | AFTER => criterion_title(run.pinned, &attempt.step),
                    _ => step_title(&run.pinned.workflow, attempt),
                };
                let steps = run.pinned.workflow.jobs.iter();
                let total = steps
                    .filter(|job| job.id == attempt.job)
                    .map(|job| job.steps.len())
                    .next();
                let at = run
                    .state
                    .jobs
                    .get(&attempt.job)
                    .map_or(0, |job| job.steps.len());
                let count = total.map(|total| format!("{at}/{total} "));
                let line = self.line(&attempt.job);
                line.set_message(format!("{}{}", count.unwrap_or_default(), visible(&title)));
                line.reset_elapsed();
            }
            Event::JobFinished { job, .. } => self.clear(job),
            Event::VerificationStarted { .. } => {
                for job in [BEFORE, AFTER] {
                    self.clear(job);
                }
            }
            Event::StepFinished(attempt, _) => {
                if matches!(attempt.job.as_str(), BEFORE | AFTER) {
                    self.clear(&attempt.job);
                }
            }
            Event::CheckpointOpened(opened) => {
                let text = format!("waits for a person: {}", visible(&opened.name));
                self.line(&opened.job).set_message(text);
            }
            _ => {}
        }
    }

    fn line(&mut self, job: &str) -> &ProgressBar {
        let lines = &self.lines;
        self.jobs.entry(job.to_owned()).or_insert_with(|| {
            let style = ProgressStyle::with_template("{spinner} {prefix}  {msg}  {elapsed}")
                .unwrap_or_else(|_| ProgressStyle::default_spinner());
            let prefix = match job {
                BEFORE => "verify before".to_owned(),
                AFTER => "verify after".to_owned(),
                job => visible(job).into_owned(),
            };
            let line = lines.add(
                ProgressBar::new_spinner()
                    .with_style(style)
                    .with_prefix(prefix),
            );
            line.enable_steady_tick(TICK);
            line
        })
    }

    fn clear(&mut self, job: &str) {
        if let Some(line) = self.jobs.remove(job) {
            line.finish_and_clear();
        }
    }
}

impl Drop for LiveTree {
    fn drop(&mut self) {
        for (_, line) in self.jobs.drain() {
            line.finish_and_clear();
        }
    }
}
