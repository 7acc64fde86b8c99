//! What the steps of a run print, shown while it goes on.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use crate::app::Error;
use crate::app::context::Context;
use crate::app::error::StateError;
use crate::cli::output::Output;
use crate::cli::run::annotations;
use crate::cli::run::log::heading;
use crate::cli::run::streams::{Pick, Streams};
use crate::cli::run::titles::Titles;
use crate::model::run::{AttemptName, Event, RecordedEvent, RunState};
use crate::state::journal::Follower;
use crate::state::run_folder::RunFolder;

/// Pause between two looks at a run that is followed.
const LOOK: Duration = Duration::from_millis(100);

/// How long a step is silent, or a line without its end, before it is shown.
const PAUSE: Duration = Duration::from_millis(200);

/// How long a run that was just made may be without an engine.
const PATIENCE: Duration = Duration::from_secs(1);

/// What was shown of a run until it ended, stood still, or somebody had seen enough.
#[derive(Debug)]
pub(crate) struct Followed {
    /// The attempts of which everything was shown.
    pub(crate) whole: HashSet<AttemptName>,
    /// Those that had not ended.
    pub(crate) streams: Streams,
    /// Whether somebody asked to stop.
    pub(crate) interrupted: bool,
    /// Whether its reader has gone.
    pub(crate) unread: bool,
}

/// Shows what comes, until nothing drives the run any more; with `--json` it only waits.
pub(crate) fn follow(
    context: &Context,
    output: &mut Output,
    (folder, titles): (&RunFolder, &Titles),
    wanted: impl Fn(&str) -> bool,
) -> Result<Followed, Error> {
    context.interrupts()?;
    let start = Instant::now();
    let quiet = output.is_json();
    let mut followed = Followed {
        whole: HashSet::new(),
        streams: Streams::new(Pick::First(PAUSE)),
        interrupted: false,
        unread: false,
    };
    let mut follower = Follower::new(&folder.events());
    let mut state = RunState::default();
    loop {
        let alive = folder.is_alive()?;
        let events = match follower.poll() {
            Ok(events) => events,
            // The folder of a run that ends goes at any moment; what it left is sealed.
            Err(_) if !folder.exists() => return Ok(followed),
            Err(error) => return Err(StateError::Journal(error).into()),
        };
        for event in events {
            state.apply(&event);
            if quiet || attempt(&event).is_none_or(|attempt| !wanted(&attempt.job)) {
                continue;
            }
            match followed.event(output, &event, &state, (folder, titles))? {
                Some(text) => output.text(&text),
                None => return Ok(followed),
            }
        }
        if !quiet {
            output.text(&followed.streams.poll());
            if !output.deliver()? {
                followed.unread = true;
                return Ok(followed);
            }
        }
        if context.is_interrupted() {
            followed.interrupted = true;
            output.text(followed.streams.end_line());
            return Ok(followed);
        }
        if !alive && (state.engine_pid.is_some() || start.elapsed() > PATIENCE) {
            return Ok(followed);
        }
        std::thread::sleep(LOOK);
    }
}

impl Followed {
    /// What an event adds; `None` when the folder has gone.
    fn event(
        &mut self,
        output: &Output,
        event: &RecordedEvent,
        state: &RunState,
        (folder, titles): (&RunFolder, &Titles),
    ) -> Result<Option<String>, Error> {
        let Some(attempt) = attempt(event) else {
            return Ok(Some(String::new()));
        };
        let Some(step) = state.step(&attempt.job, &attempt.step) else {
            return Ok(Some(String::new()));
        };
        if let Event::Annotations(said) = &event.event {
            let printed = folder.read_output(attempt)?;
            self.streams.interrupt();
            return Ok(Some(annotations::untold(output, &said.said, &printed)));
        }
        let title = titles.title(state, &attempt.job, &attempt.step);
        let line = format!(
            "{}\n",
            heading(output, &titles.job(state, &attempt.job), &title, step)
        );
        // What it printed was told when the try ended.
        if step.is_cut_off() {
            return Ok(Some(self.streams.finished(attempt, &[], None, &line)));
        }
        let dropped = match &event.event {
            Event::StepStarted(_) => {
                self.streams.started(attempt, line, &folder.output(attempt));
                return Ok(Some(String::new()));
            }
            Event::StepFinished(_, finish) => finish.dropped.as_deref(),
            _ => None,
        };
        let printed = folder.read_output(attempt)?;
        if !folder.exists() {
            return Ok(None);
        }
        self.whole.insert(attempt.clone());
        Ok(Some(
            self.streams.finished(attempt, &printed, dropped, &line),
        ))
    }
}

/// The attempt that begins or ends by an event.
fn attempt(event: &RecordedEvent) -> Option<&AttemptName> {
    match &event.event {
        Event::StepStarted(attempt)
        | Event::StepFinished(attempt, _)
        | Event::AttemptLost(attempt) => Some(attempt),
        Event::Annotations(said) => Some(&said.attempt),
        _ => None,
    }
}
