//! What watchers are told and what is recorded: nothing that holds a value that is to be masked.

use std::collections::BTreeSet;

use crate::base::limits::JOB_REASON;
use crate::base::redact::Masker;
use crate::base::text::shortened;
use crate::model::run::event::{StepEnd, StepFinish};
use crate::model::run::{AttemptName, Event, RecordedEvent};
use crate::workflow::driver::{Observer, Watched};

/// Whoever watches a run, behind what masks all that is said.
pub(crate) struct Watcher<'a> {
    observer: &'a mut dyn Observer,
    masker: Masker,
    /// What is told once.
    told: BTreeSet<String>,
    /// An attempt whose end may yet turn out otherwise, and what is to be told then.
    awaited: Option<AttemptName>,
    /// That. The room for it is made once: made anew for each step, it would leave gaps among what
    /// is kept of the steps.
    held: Vec<Held>,
}

/// Something that is told later.
enum Held {
    Event(RecordedEvent),
    Note(String),
}

/// How many texts are remembered as told; what comes after them may be told again.
const TOLD: usize = 1000;

impl<'a> Watcher<'a> {
    /// Tells this observer, with these values masked.
    pub(crate) fn new<'v>(
        observer: &'a mut dyn Observer,
        values: impl IntoIterator<Item = &'v str>,
    ) -> Self {
        let masker = Masker::new(values);
        Self {
            observer,
            masker,
            told: BTreeSet::new(),
            awaited: None,
            held: Vec::new(),
        }
    }

    /// What masks the values; a copy costs next to nothing.
    pub(crate) fn masker(&self) -> Masker {
        self.masker.clone()
    }

    /// Masks these values too.
    pub(crate) fn learn(&mut self, values: &[String]) {
        for value in values {
            self.masker.add(value);
        }
    }

    /// Something happened.
    pub(crate) fn event(&mut self, event: &RecordedEvent, run: &Watched<'_>) {
        let Some(attempt) = &self.awaited else {
            return self.observer.event(event, run);
        };
        let is_its_end = matches!(&event.event, Event::StepFinished(ended, _) if ended == attempt);
        let event = Held::Event(event.clone());
        match self.held.first_mut().filter(|_| is_its_end) {
            Some(end) => *end = event,
            None => self.held.push(event),
        }
    }

    /// Tells the end of an attempt, which comes next, and all behind it only when that is final. One
    /// that comes meanwhile takes its place.
    pub(crate) fn hold(&mut self, attempt: AttemptName) {
        self.awaited = Some(attempt);
        self.held.clear();
    }

    /// Tells what was held.
    pub(crate) fn release(&mut self, run: &Watched<'_>) {
        self.awaited = None;
        for held in self.held.drain(..) {
            match held {
                Held::Event(event) => self.observer.event(&event, run),
                Held::Note(text) => self.observer.note(&text),
            }
        }
    }

    /// Something for the person that is not part of the record.
    pub(crate) fn note(&mut self, text: &str) {
        let text = self.masker.mask(text);
        if self.awaited.is_some() {
            self.held.push(Held::Note(text));
        } else {
            self.observer.note(&text);
        }
    }

    /// The same, unless it was told before.
    pub(crate) fn note_once(&mut self, text: String) {
        if self.told.contains(&text) {
            return;
        }
        self.note(&text);
        if self.told.len() < TOLD {
            self.told.insert(text);
        }
    }

    /// An event as it may be recorded. Values of steps are masked where they are taken; this is for
    /// reasons, which may quote what an expression came to.
    pub(crate) fn masked(&self, event: Event) -> Event {
        let (attempt, finish) = match event {
            Event::StepFinished(attempt, finish) => (attempt, finish),
            Event::JobFinished {
                job,
                result,
                continued,
                outputs,
                reason: Some(reason),
            } => {
                return Event::JobFinished {
                    job,
                    result,
                    continued,
                    outputs,
                    // A part of a secret is not known as one.
                    reason: Some(shortened(&self.masker.mask(&reason), JOB_REASON)),
                };
            }
            event => return event,
        };
        let mask = |reason: String| self.masker.mask(&reason);
        let end = match finish.end {
            StepEnd::NotStarted(reason) => StepEnd::NotStarted(mask(reason)),
            StepEnd::Unusable(reason) => StepEnd::Unusable(mask(reason)),
            end @ (StepEnd::Code(_) | StepEnd::Signal(_) | StepEnd::Answered) => end,
        };
        Event::StepFinished(attempt, StepFinish { end, ..finish })
    }
}
