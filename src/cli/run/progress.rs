//! A run under way, as lines: each step with its output in one block when it ends.

use std::cell::RefCell;
use std::fmt::Write as _;

use anstyle::Style;

use crate::app::Error;
use crate::base::ids::CriterionId;
use crate::base::text::{one_line, visible};
use crate::cli::output::Output;
use crate::cli::run::live::LiveTree;
use crate::cli::run::words::{duration, in_brackets, outcome_style, reason};
use crate::model::run::event::{AFTER, BEFORE, CheckpointOpened, StepFinish};
use crate::model::run::{AttemptName, Event, Outcome, RecordedEvent, skipped};
use crate::model::workflow::{Step, Workflow};
use crate::workflow::driver::Watched;
use crate::workflow::{Observer, pinned::Pinned};

/// Shows a run as lines of data; with `--json` it only says what is not part of the record.
pub(crate) struct Lines<'a> {
    output: RefCell<&'a mut Output>,
    quiet: bool,
    /// On a terminal, the jobs at work below what was printed.
    live: Option<LiveTree>,
    /// The first failure to write: the run goes on, and the command tells at its end.
    failed: Option<Error>,
}

impl<'a> Lines<'a> {
    /// Shows on this output.
    pub(crate) fn new(output: &'a mut Output) -> Self {
        Self {
            quiet: output.is_json(),
            live: output.is_watched().then(LiveTree::new),
            output: RefCell::new(output),
            failed: None,
        }
    }

    /// Fails if something could not be shown.
    pub(crate) fn finish(self) -> Result<(), Error> {
        self.failed.map_or(Ok(()), Err)
    }

    fn show(&mut self, text: &str) {
        if self.quiet || text.is_empty() {
            return;
        }
        let output = self.output.get_mut();
        output.text(text);
        let sent = match &self.live {
            None => output.send(),
            Some(live) => live.suspend(|| output.send()),
        };
        if let Err(error) = sent {
            self.failed.get_or_insert(error);
        }
    }

    fn paint(&self, style: Style, text: &str) -> String {
        self.output.borrow().paint(style, text)
    }

    fn step_finished(
        &self,
        attempt: &AttemptName,
        finish: &StepFinish,
        run: &Watched<'_>,
    ) -> String {
        let phase = match attempt.job.as_str() {
            BEFORE => Some("before"),
            AFTER => Some("after"),
            _ => None,
        };
        let mut text = String::new();
        let (word, title) = if let Some(phase) = phase {
            let word = match (phase, finish.outcome) {
                (_, Outcome::Success) => "green",
                (_, Outcome::Failure) => "red",
                (_, other) => other.as_str(),
            };
            (
                word,
                format!("{phase}: {}", criterion_title(run.pinned, &attempt.step)),
            )
        } else {
            let title = step_title(&run.pinned.workflow, attempt);
            (
                finish.outcome.as_str(),
                format!("{} / {title}", attempt.job),
            )
        };
        // A criterion that is red before its run is as it should be.
        let style = if attempt.job == BEFORE && finish.outcome == Outcome::Failure {
            Style::new().dimmed()
        } else {
            outcome_style(finish.outcome)
        };
        let why = reason(finish).map(|why| format!(" ({})", visible(&why)));
        let _ = writeln!(
            text,
            "{:<9} {}  {}{}",
            self.paint(style, &format!("{word:<9}")),
            one_line(&title),
            duration(finish.elapsed_ms),
            why.unwrap_or_default(),
        );
        if attempt.job != BEFORE && (phase.is_none() || finish.outcome != Outcome::Success) {
            text.push_str(&step_output(attempt, finish, run));
        }
        text
    }
}

impl Observer for Lines<'_> {
    fn event(&mut self, event: &RecordedEvent, run: &Watched<'_>) {
        let text = match &event.event {
            Event::EngineStarted { .. } => heading(run),
            Event::StepFinished(attempt, finish) => self.step_finished(attempt, finish, run),
            Event::JobFinished { job, result } if *result != Outcome::Success => {
                let word = self.paint(outcome_style(*result), &format!("{:<9}", result.as_str()));
                let why = skipped::why(&run.pinned.workflow, run.state, job);
                format!("{word} {job}{}\n", in_brackets(why))
            }
            Event::StepSkipped { job, step } => {
                let style = outcome_style(Outcome::Skipped);
                let word = self.paint(style, &format!("{:<9}", Outcome::Skipped.as_str()));
                let attempt = AttemptName {
                    job: job.clone(),
                    step: step.clone(),
                    number: 1,
                };
                let title = step_title(&run.pinned.workflow, &attempt);
                format!("{word} {job} / {title}\n")
            }
            Event::AttemptLost(attempt) => {
                format!(
                    "lost      {} / {}\n",
                    attempt.job,
                    step_title(&run.pinned.workflow, attempt)
                )
            }
            Event::CheckpointOpened(opened) => checkpoint(opened),
            _ => String::new(),
        };
        self.show(&text);
        if let Some(live) = &mut self.live {
            live.event(&event.event, run);
        }
    }

    fn note(&mut self, text: &str) {
        let output = self.output.get_mut();
        match &self.live {
            None => output.note(text),
            Some(live) => live.suspend(|| output.note(text)),
        }
    }
}

fn heading(run: &Watched<'_>) -> String {
    let spec = run
        .state
        .start
        .as_ref()
        .and_then(|start| start.spec.as_ref());
    let of = spec.map(|spec| format!(" for {}-{}", spec.slug, spec.id));
    let workflow = run.state.start.as_ref().map_or("", |start| &start.workflow);
    format!(
        "run {} of {}{}\n",
        run.run,
        one_line(workflow),
        one_line(&of.unwrap_or_default())
    )
}

fn checkpoint(opened: &CheckpointOpened) -> String {
    let mut text = format!(
        "waiting   {} / checkpoint {}\n",
        opened.job,
        one_line(&opened.name)
    );
    for line in opened.message.lines() {
        let _ = writeln!(text, "  | {}", visible(line));
    }
    if let Some(branch) = &opened.branch {
        let _ = writeln!(text, "  branch {branch}");
    }
    text
}

/// What people call a step.
pub(crate) fn step_title(workflow: &Workflow, attempt: &AttemptName) -> String {
    let job = workflow.jobs.iter().find(|job| job.id == attempt.job);
    let step = job.and_then(|job| job.steps.iter().find(|step| step.key == attempt.step));
    step.map_or_else(|| attempt.step.clone(), Step::title)
}

/// What people call a criterion.
pub(crate) fn criterion_title(pinned: &Pinned, id: &str) -> String {
    let known = pinned.spec.iter().flat_map(|spec| &spec.criteria);
    let found = id
        .parse::<CriterionId>()
        .ok()
        .and_then(|id| known.into_iter().find(|criterion| criterion.id == id));
    found.map_or_else(
        || id.to_owned(),
        |criterion| format!("{} ({id})", criterion.text),
    )
}

fn step_output(attempt: &AttemptName, finish: &StepFinish, run: &Watched<'_>) -> String {
    if finish.output_bytes == 0 {
        return String::new();
    }
    match run.folder.read_output(attempt) {
        Ok(bytes) => block(&bytes, finish.dropped_bytes),
        Err(error) => format!("  | {error}\n"),
    }
}

/// Output as a block of lines.
pub(crate) fn block(bytes: &[u8], dropped: u64) -> String {
    let mut text = String::new();
    for line in String::from_utf8_lossy(bytes).lines() {
        // A carriage return rewinds the line on a terminal: what came last is what was meant.
        let line = line
            .trim_end_matches('\r')
            .rsplit('\r')
            .next()
            .unwrap_or(line);
        let _ = writeln!(text, "  | {}", visible(line));
    }
    if dropped > 0 {
        let _ = writeln!(text, "  | ({dropped} more bytes were not kept)");
    }
    text
}
