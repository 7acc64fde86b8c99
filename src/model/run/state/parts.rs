//! What is known of the parts of a run: its steps, jobs, checkpoints and verifications.

use std::collections::HashMap;

use crate::base::ids::{CriterionId, ObjectId};
use crate::model::run::event::{
    CheckpointAnswered, CheckpointOpened, JobExpanded, Named, Outcome, StepAnnotations, StepFinish,
    StepOutputs,
};
use crate::model::run::isolated::IsolatedJob;

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RunStatus {
    /// An engine is at work, or steps of it still run.
    Running,
    /// It waits for an answer to a checkpoint.
    Waiting,
    /// It waited for an answer that nobody gave in time; it goes on when it is resumed.
    Expired,
    /// It waits for a decision about an attempt whose end is not known.
    Lost,
    /// Its engine died; it can be resumed.
    Interrupted,
    /// It is over.
    Finished(Outcome),
}

impl RunStatus {
    /// The word in lists and JSON.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Waiting => "waiting",
            Self::Expired => "expired",
            Self::Lost => "lost",
            Self::Interrupted => "interrupted",
            Self::Finished(outcome) => outcome.as_str(),
        }
    }

    /// The status that a word names.
    pub(crate) fn from_word(word: &str) -> Option<Self> {
        let alive = [Self::Running, Self::Waiting, Self::Expired];
        alive
            .into_iter()
            .chain([Self::Lost, Self::Interrupted])
            .chain(Outcome::ALL.into_iter().map(Self::Finished))
            .find(|status| status.as_str() == word)
    }

    /// Whether the run can go on: it is not over, or was only cancelled.
    pub(crate) fn can_go_on(self) -> bool {
        matches!(self, Self::Finished(Outcome::Cancelled)) || !self.is_finished()
    }

    /// Whether the run is over.
    pub(crate) fn is_finished(self) -> bool {
        matches!(self, Self::Finished(_))
    }
}

/// What is known of one step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct StepState {
    /// The number of its last attempt; numbers that nobody may begin any more are passed over.
    pub(crate) attempts: u32,
    /// Attempts begun.
    pub(crate) begun: u32,
    /// Whether the last attempt has begun and not ended.
    pub(crate) running: bool,
    /// Whether the last attempt is lost.
    pub(crate) lost: bool,
    /// How the step ended, once it has.
    pub(crate) outcome: Option<Outcome>,
    /// How its last attempt ended.
    pub(crate) finish: Option<StepFinish>,
    /// When its last attempt began, in milliseconds since the Unix epoch.
    pub(crate) started_ms: u64,
    /// How many steps of its job were heard of before it.
    pub(crate) order: usize,
    /// Whether the run was being cancelled when it ended.
    pub(crate) ended_cancelled: bool,
    /// What most steps do not have.
    pub(crate) more: Option<Box<MoreOfStep>>,
}

/// What is known of a step beyond how it ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own; none follows from another"
)]
pub(crate) struct MoreOfStep {
    /// When its first attempt began, in milliseconds since the Unix epoch.
    pub(crate) first_ms: Option<u64>,
    /// When its next attempt begins.
    pub(crate) due_ms: Option<u64>,
    /// When it was decided that there is a next one.
    pub(crate) retried_ms: u64,
    /// How long the tries before the last one took, with what was waited for the next ones.
    pub(crate) tried_ms: u64,
    /// The last try that came to nothing and was to be followed by another one.
    pub(crate) failed_try: Option<u32>,
    /// It has ended with that try: it does not get another one.
    pub(crate) cut_off: bool,
    /// It failed, and its job goes on as if it had succeeded.
    pub(crate) continued: bool,
    /// The jobs of another workflow are under way for it.
    pub(crate) calling: bool,
    /// Whether the run had failed as a whole when they began.
    pub(crate) began_failed: bool,
    /// Another run ran it.
    pub(crate) carried: bool,
    /// What it left for the steps after it.
    pub(crate) left: Option<StepOutputs>,
    /// What its last attempt said about the code.
    pub(crate) said: Option<StepAnnotations>,
}

impl StepState {
    /// What counts for the steps after it.
    pub(crate) fn conclusion(&self) -> Option<Outcome> {
        match &self.more {
            Some(more) if more.continued => Some(Outcome::Success),
            _ => self.outcome,
        }
    }

    /// Whether nothing of it has begun, and nothing was decided about it.
    pub(crate) fn is_untouched(&self) -> bool {
        let begun = self.running || self.lost || self.started_ms > 0;
        !begun && self.outcome.is_none()
    }

    /// What its last attempt said about the code.
    pub(crate) fn said(&self) -> Option<&StepAnnotations> {
        self.more.as_ref().and_then(|more| more.said.as_ref())
    }

    /// When its next attempt begins, while it waits for that.
    pub(crate) fn due_ms(&self) -> Option<u64> {
        self.more.as_ref().and_then(|more| more.due_ms)
    }

    /// The number of the try after which it was to get another one, if there is one.
    pub(crate) fn failed_try(&self) -> Option<u32> {
        self.more.as_ref().and_then(|more| more.failed_try)
    }

    /// Whether it ended because it did not get another try.
    pub(crate) fn is_cut_off(&self) -> bool {
        self.more.as_ref().is_some_and(|more| more.cut_off)
    }

    /// How long the tries before the last one took, with what was waited for the next ones.
    pub(crate) fn tried_ms(&self) -> u64 {
        self.more.as_ref().map_or(0, |more| more.tried_ms)
    }

    /// Whether another run ran it.
    pub(crate) fn is_carried(&self) -> bool {
        self.more.as_ref().is_some_and(|more| more.carried)
    }

    /// Whether the jobs of another workflow are under way for it.
    pub(crate) fn is_calling(&self) -> bool {
        self.outcome.is_none() && self.more.as_ref().is_some_and(|more| more.calling)
    }

    pub(in crate::model::run) fn more(&mut self) -> &mut MoreOfStep {
        self.more.get_or_insert_default()
    }
}

/// What is known of one job.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own; none follows from another"
)]
pub(crate) struct JobState {
    /// When it began, in milliseconds since the Unix epoch.
    pub(crate) started_ms: Option<u64>,
    /// Whether the run was being cancelled when it began.
    pub(crate) began_cancelled: bool,
    /// Whether the run had failed as a whole when it began.
    pub(crate) began_failed: bool,
    /// When it ended.
    pub(crate) ended_ms: Option<u64>,
    /// Whether the run was being cancelled when it ended.
    pub(crate) ended_cancelled: bool,
    /// How it ended.
    pub(crate) result: Option<Outcome>,
    /// It failed, and the run goes on as if it had succeeded.
    pub(crate) continued: bool,
    /// What jobs that need it can read.
    pub(crate) outputs: Vec<Named>,
    /// Why it failed, where none of its steps says that.
    pub(crate) reason: Option<String>,
    /// How it runs several times, if it does.
    pub(crate) expanded: Option<Box<JobExpanded>>,
    /// Its work tree, if it has one of its own.
    pub(crate) isolated: Option<Box<IsolatedJob>>,
    /// Its steps by key; boxed, since a table of thousands is half empty when it has grown.
    pub(crate) steps: HashMap<String, Box<StepState>>,
}

impl JobState {
    /// What counts for the jobs that need it.
    pub(crate) fn conclusion(&self) -> Option<Outcome> {
        if self.continued {
            return self.result.map(|_| Outcome::Success);
        }
        self.result
    }
}

/// A checkpoint and its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CheckpointState {
    /// What was asked.
    pub(crate) opened: CheckpointOpened,
    /// When, in milliseconds since the Unix epoch.
    pub(crate) opened_ms: u64,
    /// What was answered.
    pub(crate) answered: Option<CheckpointAnswered>,
    /// When.
    pub(crate) answered_ms: Option<u64>,
    /// What asked is undone: neither the question counts any more nor the answer.
    pub(crate) undone: bool,
}

impl CheckpointState {
    /// Whether it waits for an answer.
    pub(crate) fn is_open(&self) -> bool {
        self.answered.is_none() && !self.undone
    }
}

/// A verification of criteria.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct VerificationState {
    /// When it began, in milliseconds since the Unix epoch.
    pub(crate) at_ms: u64,
    /// The code tree that was there when it began.
    pub(crate) tree: ObjectId,
    /// The criteria whose commands are run, in order.
    pub(crate) criteria: Vec<CriterionId>,
    /// The code trees that commands of criteria left, each with the first criterion that was tested
    /// on it as its place in `criteria`.
    pub(crate) changes: Vec<(usize, ObjectId)>,
}

impl VerificationState {
    /// The code tree that is there as far as is known.
    pub(crate) fn tree_now(&self) -> &ObjectId {
        self.changes.last().map_or(&self.tree, |(_, tree)| tree)
    }

    /// The code tree that a criterion was tested on.
    pub(crate) fn tree_of(&self, criterion: &CriterionId) -> &ObjectId {
        let place = self.criteria.iter().position(|known| known == criterion);
        let tested = self
            .changes
            .iter()
            .rev()
            .find(|(first, _)| place.is_some_and(|place| *first <= place));
        tested.map_or(&self.tree, |(_, tree)| tree)
    }
}
