//! Running parts of a run again: what is undone in it, and what another run takes over from it.

use crate::base::ids::RunId;
use crate::model::run::again::{self, Scope, Target, Unclear};
use crate::model::run::carry::Kept;
use crate::model::run::{AttemptName, Event, Outcome, RecordedEvent, RunState, carry};
use crate::model::workflow::policy::RetryOn;
use crate::workflow::Error;
use crate::workflow::pinned::Pinned;
use crate::workflow::resume::{Lost, Wish};

/// The events that fulfil a wish about a run that goes on.
pub(super) fn events(
    run: RunId,
    pinned: &Pinned,
    state: &RunState,
    wish: Wish<'_>,
) -> Result<Vec<Event>, Error> {
    let reopens = wish.reopen && state.outcome == Some(Outcome::Cancelled);
    if !reopens && wish.again.is_none() {
        return Ok(Vec::new());
    }
    let mut undoing = Undoing::of(state);
    if reopens {
        undoing.record(Event::Reopened);
    }
    if let Some(chosen) = wish.again {
        undoing.choose(run, pinned, chosen)?;
    }
    Ok(undoing.events)
}

/// What is known of a run once a wish about it is fulfilled.
pub(crate) struct Preview {
    /// Without what would be done again.
    pub(crate) state: RunState,
    /// An attempt whose end nobody knows, and that would not run again.
    pub(crate) still_lost: Option<AttemptName>,
}

/// What fulfilling a wish would leave of what is known of a run.
pub(crate) fn preview(
    run: RunId,
    pinned: &Pinned,
    state: &RunState,
    wish: Wish<'_>,
) -> Result<Preview, Error> {
    let at_ms = state.last_ms;
    let mut known = state.clone();
    for event in events(run, pinned, state, wish)? {
        known.apply(&RecordedEvent { at_ms, event });
    }
    let mut lost = known.lost_attempts().into_iter();
    let still_lost =
        lost.find(|attempt| wish.lost != Lost::Rerun && !retries_lost(pinned, &known, attempt));
    Ok(Preview {
        state: known,
        still_lost,
    })
}

/// What another run takes over from one that is over and of which the chosen part runs again.
pub(crate) fn from_step(
    run: RunId,
    pinned: &Pinned,
    state: &RunState,
    chosen: (Scope, &str),
) -> Result<Kept, Error> {
    let mut undoing = Undoing::of(state);
    undoing.choose(run, pinned, chosen)?;
    Ok(carry::kept(&undoing.state))
}

/// What is known of a run that is over when all that did not succeed is undone.
pub(crate) fn without_failed(pinned: &Pinned, state: &RunState) -> RunState {
    let mut undoing = Undoing::of(state);
    if state.outcome == Some(Outcome::Cancelled) {
        undoing.record(Event::Reopened);
    }
    let reset = again::failed(pinned.bundle(), &undoing.state);
    undoing.record(Event::Reset(Box::new(reset)));
    undoing.state
}

/// What is undone, and what follows from it.
struct Undoing {
    state: RunState,
    events: Vec<Event>,
}

impl Undoing {
    fn of(state: &RunState) -> Self {
        Self {
            state: state.clone(),
            events: Vec::new(),
        }
    }

    fn record(&mut self, event: Event) {
        let at_ms = self.state.last_ms;
        self.events.push(event.clone());
        self.state.apply(&RecordedEvent { at_ms, event });
    }

    /// Undoes what is chosen, and leaves out what has no end when one thing runs alone.
    fn choose(
        &mut self,
        run: RunId,
        pinned: &Pinned,
        (scope, text): (Scope, &str),
    ) -> Result<(), Error> {
        let target = target(run, pinned, &self.state, text)?;
        let bundle = pinned.bundle();
        let reset = again::choose(bundle, &self.state, &target, scope);
        self.record(Event::Reset(Box::new(reset)));
        if scope != Scope::Only {
            return Ok(());
        }
        let needs = again::unmet(bundle, &self.state, &target);
        if !needs.is_empty() {
            let step = target.name();
            return Err(Error::NotYet { run, step, needs });
        }
        let rest = again::rest(bundle, &self.state, &target);
        for event in rest {
            self.record(event);
        }
        Ok(())
    }
}

/// The job or step that a text names.
fn target(run: RunId, pinned: &Pinned, state: &RunState, text: &str) -> Result<Target, Error> {
    again::find(pinned.bundle(), state, text).map_err(|unclear| {
        let text = text.to_owned();
        match unclear {
            Unclear::Unknown(known) => Error::NoStep { run, text, known },
            Unclear::Several(candidates) => Error::AmbiguousStep {
                run,
                text,
                candidates,
            },
        }
    })
}

/// Whether an attempt whose end is not known is one that its step tries again.
pub(super) fn retries_lost(pinned: &Pinned, state: &RunState, attempt: &AttemptName) -> bool {
    let step = pinned.bundle().step(&attempt.job, &attempt.step);
    let Some(retry) = step.and_then(|(_, step)| step.retry.as_ref()) else {
        return false;
    };
    let tries = state.begun(attempt);
    let wanted = retry.on.iter().any(|on| matches!(on, RetryOn::Lost));
    wanted && tries < retry.attempts
}

/// Whether a run that lost attempts can go on without asking about some of them.
pub(super) fn may_go_on(pinned: &Pinned, state: &RunState) -> bool {
    let lost = state.lost_attempts();
    lost.iter().any(|lost| retries_lost(pinned, state, lost))
}
