//! Answering checkpoints.

use crate::base::ids::RunId;
use crate::base::redact::Masker;
use crate::git::code_tree;
use crate::model::run::event::{Answer, CheckpointAnswered};
use crate::model::run::state::CheckpointState;
use crate::model::run::{Event, RunState};
use crate::state::journal::{self, Journal};
use crate::state::run_folder::RunFolder;
use crate::sys::lock;
use crate::workflow::Error;
use crate::workflow::attempts;
use crate::workflow::driver::Workshop;
use crate::workflow::pinned::Pinned;
use crate::workflow::resume::{start_here, take_lock};

impl Workshop<'_> {
    /// What masks the values that no record may show.
    pub(crate) fn masker(&self) -> Masker {
        Masker::new(self.masked.iter().map(String::as_str))
    }
}

/// What a person decided.
pub(crate) struct Decision<'a> {
    /// The answer.
    pub(crate) answer: Answer,
    /// Why, in their words.
    pub(crate) message: &'a str,
}

/// The checkpoint of a run that is meant: the one with this number, or the only one that waits.
pub(crate) fn find(
    run: RunId,
    state: &RunState,
    number: Option<u32>,
) -> Result<&CheckpointState, Error> {
    let waiting: Vec<&CheckpointState> = state
        .checkpoints
        .iter()
        .filter(|checkpoint| checkpoint.is_open())
        .collect();
    match (number, waiting.as_slice()) {
        (Some(number), _) => waiting
            .into_iter()
            .find(|checkpoint| checkpoint.opened.number == number)
            .ok_or(Error::NoCheckpoint { run }),
        (None, [only]) => Ok(only),
        (None, []) => Err(Error::NoCheckpoint { run }),
        (None, several) => Err(Error::SeveralCheckpoints {
            run,
            checkpoints: several
                .iter()
                .map(|checkpoint| (checkpoint.opened.number, checkpoint.opened.name.clone()))
                .collect(),
        }),
    }
}

/// Records an answer. Whoever takes the run up next acts on it.
pub(crate) fn answer(
    shop: &Workshop<'_>,
    run: RunId,
    number: Option<u32>,
    decision: &Decision<'_>,
) -> Result<(), Error> {
    // A step that could approve its own checkpoint would make it worthless.
    if attempts::is_inside_step(shop) {
        return Err(Error::InsideStep);
    }
    let folder = RunFolder::of(&shop.local.runs(), run);
    if !folder.exists() {
        return Err(Error::NotLive { run });
    }
    let lock = take_lock(&folder, run)?;
    if !lock::is_held(&folder.supervisor_lock())? {
        // A torn last line would swallow the answer.
        journal::repair(&folder.events())?;
    }
    let state = RunState::fold(&journal::read(&folder.events())?);
    if state.outcome.is_some() {
        let status = state.status(false);
        return Err(Error::Over { run, status });
    }
    let checkpoint = find(run, &state, number)?;
    // Whatever can refuse, refuses now: what is written counts, and is not taken back.
    let start = start_here(shop, run, &state)?;
    Pinned::read(&folder, &start, shop.project.as_ref())?;
    shop.repository.refuse_quarantine()?;
    let who = shop.repository.identity()?.to_string();
    let tree = code_tree::code_tree(shop.repository)?;
    let mut journal = Journal::open(&folder.events(), shop.clock)?;
    journal.append(Event::CheckpointAnswered(Box::new(CheckpointAnswered {
        number: checkpoint.opened.number,
        answer: decision.answer,
        who,
        message: shop.masker().mask(decision.message),
        hash: checkpoint.opened.hash.clone(),
        tree,
    })))?;
    journal.sync()?;
    drop(lock);
    Ok(())
}
