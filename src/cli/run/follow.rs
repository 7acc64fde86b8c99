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
use crate::model::run::{AttemptName, Event, Outcome, RecordedEvent, RunState};
use crate::state::journal::Follower;
use crate::state::run_folder::RunFolder;

/// Pause between two looks at a run that is followed.
const LOOK: Duration = Duration::from_millis(100);

/// How long a step is silent, or a line without its end, before it is shown.
const PAUSE: Duration = Duration::from_millis(200);

/// How long a run that was just made may be without an engine.
const PATIENCE: Duration = Duration::from_secs(1);

/// How long the end of a step that may yet fail by what it left is held, when nothing else comes of
/// its job.
const HELD: Duration = Duration::from_secs(1);

/// The end of a step that did what it should, with what came after it. It is shown when its job goes
/// on: until then it may fail by what it left, and is shown as that alone.
#[derive(Debug)]
struct Held {
    since: Instant,
    events: Vec<RecordedEvent>,
}

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
    /// What is shown when it is final, by attempt.
    held: Vec<(AttemptName, Held)>,
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
        held: Vec::new(),
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
            let due = followed.due(&event);
            let mut shown = followed.show(output, &due, &state, (folder, titles))?;
            state.apply(&event);
            if !quiet && attempt(&event).is_some_and(|attempt| wanted(&attempt.job)) {
                let now = followed.hold(event);
                shown = shown && followed.show(output, &now, &state, (folder, titles))?;
            }
            if !shown {
                return Ok(followed);
            }
        }
        let interrupted = context.is_interrupted();
        if !quiet {
            let late = followed.late(alive && !interrupted);
            if !followed.show(output, &late, &state, (folder, titles))? {
                return Ok(followed);
            }
            output.text(&followed.streams.poll());
            if !output.deliver()? {
                followed.unread = true;
                return Ok(followed);
            }
        }
        if interrupted {
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
    /// What is final, as this event says: its job goes on.
    fn due(&mut self, event: &RecordedEvent) -> Vec<RecordedEvent> {
        let Some(job) = event.event.job() else {
            return Vec::new();
        };
        let ended = match &event.event {
            Event::StepFinished(attempt, _) => Some(attempt),
            _ => None,
        };
        self.take(|known, _| known.job == job && ended != Some(known))
    }

    /// What is shown although its job does not go on: it has not for a while, or is not followed.
    fn late(&mut self, goes_on: bool) -> Vec<RecordedEvent> {
        self.take(|_, held| !goes_on || held.since.elapsed() > HELD)
    }

    fn take(&mut self, which: impl Fn(&AttemptName, &Held) -> bool) -> Vec<RecordedEvent> {
        let taken = self.held.extract_if(.., |(known, held)| which(known, held));
        taken.flat_map(|(_, held)| held.events).collect()
    }

    /// Holds what may not be final; gives what is to be shown at once.
    fn hold(&mut self, event: RecordedEvent) -> Vec<RecordedEvent> {
        let Some(attempt) = attempt(&event) else {
            return Vec::new();
        };
        let at = self.held.iter().position(|(known, _)| known == attempt);
        match (&event.event, at) {
            (Event::StepFinished(..), Some(at)) => {
                // It takes the place of the end that was held.
                let (_, mut held) = self.held.remove(at);
                if let Some(end) = held.events.first_mut() {
                    *end = event;
                }
                held.events
            }
            (_, Some(at)) => {
                let held = self.held.get_mut(at).into_iter();
                held.for_each(|(_, held)| held.events.push(event.clone()));
                Vec::new()
            }
            (Event::StepFinished(attempt, finish), None)
                if finish.outcome == Outcome::Success && !self.whole.contains(attempt) =>
            {
                let held = Held {
                    since: Instant::now(),
                    events: vec![event.clone()],
                };
                self.held.push((attempt.clone(), held));
                Vec::new()
            }
            (_, None) => vec![event],
        }
    }

    /// Shows events; `false` when the folder of the run has gone.
    fn show(
        &mut self,
        output: &mut Output,
        events: &[RecordedEvent],
        state: &RunState,
        of: (&RunFolder, &Titles),
    ) -> Result<bool, Error> {
        for event in events {
            match self.event(output, event, state, of)? {
                Some(text) => output.text(&text),
                None => return Ok(false),
            }
        }
        Ok(true)
    }

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
        if step.is_cut_off() || self.whole.contains(attempt) {
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
