//! A run under way, as lines: each step with its output, never mixed with that of another one.

use std::cell::RefCell;
use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use crate::app::Error;
use crate::base::ids::{CriterionId, RunId};
use crate::base::text::title as short;
use crate::base::text::{counted, one_line, visible};
use crate::cli::checkpoint::terms;
use crate::cli::output::Output;
use crate::cli::run::annotations;
use crate::cli::run::live::Live;
use crate::cli::run::painter::Painter;
use crate::cli::run::spoken::Telling;
use crate::cli::run::words::{duration, in_brackets, outcome_style, reason};
use crate::model::run::event::{AFTER, BEFORE, CheckpointOpened, Dropped, StepEnd, StepFinish};
use crate::model::run::state::StepState;
use crate::model::run::{AttemptName, Event, Outcome, RecordedEvent, skipped};
use crate::workflow::driver::Watched;
use crate::workflow::naming::{job_title, step_title};
use crate::workflow::{Observer, pinned::Pinned};

/// Shows a run as lines of data; with `--json` it only says what is not part of the record.
pub(crate) struct Lines<'a> {
    output: RefCell<&'a mut Output>,
    /// None with `--json`.
    painter: Option<Painter>,
    /// The run, once it has begun.
    begun: Option<RunId>,
}

impl<'a> Lines<'a> {
    /// The run that was shown.
    pub(crate) fn begun(&self) -> Option<RunId> {
        self.begun
    }

    /// Shows on this output.
    pub(crate) fn new(output: &'a mut Output) -> Self {
        let live = output.is_watched();
        Self::drawn(output, live)
    }

    /// Shows on this output without a tree: somebody types there.
    pub(crate) fn plain(output: &'a mut Output) -> Self {
        Self::drawn(output, false)
    }

    fn drawn(output: &'a mut Output, live: bool) -> Self {
        let painter = (!output.is_json()).then(|| {
            let live = live.then(|| Live::new(output.data_look().coloured));
            let painter = Painter::start(live);
            // From now on data goes out at once, and past the pager.
            if let Err(error) = output.send() {
                painter.stage().failed(error);
            }
            painter
        });
        Self {
            begun: None,
            painter,
            output: RefCell::new(output),
        }
    }

    /// Fails if something could not be shown.
    pub(crate) fn finish(self) -> Result<(), Error> {
        self.painter.map_or(Ok(()), Painter::finish)
    }

    fn paint(&self, style: Style, text: &str) -> String {
        self.output.borrow().paint(style, text)
    }

    /// The line above what a step prints while it runs.
    fn running(&self, attempt: &AttemptName, run: &Watched<'_>) -> String {
        format!(
            "{} {}\n",
            self.paint(AnsiColor::Cyan.on_default(), "running  "),
            visible(&format!(
                "{} / {}",
                job_title(Some(run.pinned), run.state, &attempt.job),
                titled(run, attempt)
            ))
        )
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
                _ if never_ran(finish) => "not run",
                (_, Outcome::Success) => "green",
                (_, Outcome::Failure) => "red",
                (_, other) => other.as_str(),
            };
            (
                word,
                format!("{phase}: {}", criterion_title(run.pinned, &attempt.step)),
            )
        } else {
            let title = titled(run, attempt);
            let job = job_title(Some(run.pinned), run.state, &attempt.job);
            (finish.outcome.as_str(), format!("{job} / {title}"))
        };
        // A criterion that is red before its run is as it should be.
        let red = finish.outcome == Outcome::Failure && !never_ran(finish);
        let style = if attempt.job == BEFORE && red {
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
        text
    }

    /// What is told of an event; nothing of most.
    fn happened(&self, event: &Event, run: &Watched<'_>) -> String {
        match event {
            Event::StepFinished(attempt, finish) => self.step_finished(attempt, finish, run),
            Event::JobFinished { job, result, .. } if *result != Outcome::Success => {
                let word = self.paint(outcome_style(*result), &format!("{:<9}", result.as_str()));
                let why = skipped::why(&run.pinned.workflow, run.state, job);
                let job = one_line(&job_title(Some(run.pinned), run.state, job));
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
                let title = titled(run, &attempt);
                let job = one_line(&job_title(Some(run.pinned), run.state, job));
                format!("{word} {job} / {title}\n")
            }
            Event::AttemptLost(attempt) => {
                format!(
                    "lost      {} / {}\n",
                    one_line(&job_title(Some(run.pinned), run.state, &attempt.job)),
                    titled(run, attempt)
                )
            }
            Event::CheckpointOpened(opened) => checkpoint(opened, run),
            Event::CheckpointAnswered(answered) if answered.by_clock => {
                let option = one_line(&answered.option);
                format!("expired   checkpoint {}: {option}\n", answered.number)
            }
            Event::ArtifactStored(stored) => {
                let files = counted(usize::try_from(stored.files).unwrap_or(usize::MAX), "file");
                let name = one_line(&stored.name);
                format!(
                    "kept      artifact {name}: {files}, {} bytes\n",
                    stored.bytes
                )
            }
            Event::Annotations(said) => {
                let printed = run.folder.read_output(&said.attempt).unwrap_or_default();
                annotations::untold(&self.output.borrow(), &said.said, &printed)
            }
            _ => String::new(),
        }
    }
}

impl Observer for Lines<'_> {
    fn event(&mut self, event: &RecordedEvent, run: &Watched<'_>) {
        let is_first = self.begun.replace(run.run).is_none();
        let Some(painter) = &self.painter else {
            // Its process told nothing of it.
            if let Event::StepFinished(attempt, finish) = &event.event
                && let StepEnd::Unusable(reason) = &finish.end
            {
                let told = format!("step `{}`: {reason}", attempt.step);
                self.output.get_mut().note(told);
            }
            return;
        };
        let text = self.happened(&event.event, run);
        let mut stage = painter.stage();
        // Steps that a dead engine left running end before the next one begins.
        if is_first {
            stage.show(&heading(run));
        }
        if let Some(live) = &mut stage.live {
            live.event(event, run);
        }
        let text = match &event.event {
            Event::StepStarted(attempt) if is_step(attempt) => {
                let output = run.folder.output(attempt);
                let head = self.running(attempt, run);
                stage.streams.started(attempt, head, &output);
                text
            }
            Event::StepFinished(attempt, finish) => {
                let (output, trouble) = kept_output(attempt, finish, run);
                let streams = &mut stage.streams;
                let dropped = finish.dropped.as_deref();
                streams.finished(attempt, &output, dropped, &text) + &trouble
            }
            Event::AttemptLost(attempt) => stage.streams.finished(attempt, &[], None, &text),
            _ => text,
        };
        stage.show(&text);
        drop(stage);
        painter.wake();
    }

    fn note(&mut self, text: &str) {
        let output = self.output.get_mut();
        match &self.painter {
            None => output.note(text),
            Some(painter) => painter.stage().aside(|| output.note(text)),
        }
    }
}

/// Whether this is a step of the workflow, not a criterion.
fn is_step(attempt: &AttemptName) -> bool {
    !matches!(attempt.job.as_str(), BEFORE | AFTER)
}

fn heading(run: &Watched<'_>) -> String {
    let spec = run
        .state
        .start
        .as_ref()
        .and_then(|start| start.spec.as_ref());
    let of = spec.map(|spec| format!(" for {}-{}", spec.slug, spec.id));
    let workflow = run.state.start.as_ref().map_or("", |start| &start.workflow);
    let title = run.pinned.workflow.title.as_ref();
    let title = title.map(|title| format!(": {}", short(title)));
    format!(
        "run {} of {}{}{}\n",
        run.run,
        one_line(workflow),
        one_line(&of.unwrap_or_default()),
        title.unwrap_or_default()
    )
}

/// Whether there was no process, so that nothing was found out.
fn never_ran(finish: &StepFinish) -> bool {
    matches!(finish.end, StepEnd::NotStarted(_))
}

fn checkpoint(opened: &CheckpointOpened, run: &Watched<'_>) -> String {
    let job = match opened.job.as_str() {
        "" => String::new(),
        BEFORE => format!("before: {} / ", opened.step),
        AFTER => format!("after: {} / ", opened.step),
        job => format!("{} / ", job_title(Some(run.pinned), run.state, job)),
    };
    let mut text = format!(
        "waiting   {}checkpoint {}\n",
        one_line(&job),
        one_line(&opened.name)
    );
    for line in opened.message.lines() {
        let _ = writeln!(text, "  | {}", visible(line));
    }
    for (name, said) in terms::lines(opened) {
        let _ = writeln!(text, "  {name} {said}");
    }
    if let Some(branch) = &opened.branch {
        let _ = writeln!(text, "  branch {branch}");
    }
    text
}

/// What people call the step of an attempt.
fn titled(run: &Watched<'_>, attempt: &AttemptName) -> String {
    step_title(run.pinned, run.state, (&attempt.job, &attempt.step))
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

/// What a step printed, and why it cannot be read; of a criterion it is nothing, unless it tells
/// why that is not green.
fn kept_output(attempt: &AttemptName, finish: &StepFinish, run: &Watched<'_>) -> (Vec<u8>, String) {
    let untold = match attempt.job.as_str() {
        BEFORE => true,
        AFTER => finish.outcome == Outcome::Success,
        _ => false,
    };
    // It was told when the try ended.
    let known = run.state.step(&attempt.job, &attempt.step);
    let again = known.is_some_and(StepState::is_cut_off);
    if untold || again || finish.output_bytes == 0 {
        return (Vec::new(), String::new());
    }
    match run.folder.read_output(attempt) {
        Ok(bytes) => (bytes, String::new()),
        Err(error) => (Vec::new(), format!("  | {error}\n")),
    }
}

/// Output as a block of lines; `telling` remembers what the lines before them said.
pub(crate) fn block(bytes: &[u8], dropped: Option<&Dropped>, telling: &mut Telling) -> String {
    let mut text = String::new();
    for line in String::from_utf8_lossy(bytes).lines() {
        // A carriage return rewinds the line on a terminal: what came last is what was meant.
        let line = line
            .trim_end_matches('\r')
            .rsplit('\r')
            .next()
            .unwrap_or(line);
        for line in telling.line(line) {
            let _ = writeln!(text, "  | {}", visible(&line));
        }
    }
    if let Some(Dropped { bytes, reason }) = dropped {
        let why = reason
            .as_deref()
            .map(|reason| format!(": {}", visible(reason)));
        let why = why.unwrap_or_default();
        let _ = writeln!(text, "  | ({bytes} more bytes were not kept{why})");
    }
    text
}
