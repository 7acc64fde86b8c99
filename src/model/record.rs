//! What is known about a commit: one record a fact, never changed once made.

use crate::base::ids::{ContentHash, CriterionId, ObjectId, RecordId, RunId, SpecId};
use crate::model::run::Outcome;

/// One fact with the id that makes it unique; the time is in the id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    /// Its id.
    pub(crate) id: RecordId,
    /// What it says.
    pub(crate) fact: Fact,
}

/// What a record says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fact {
    /// A criterion was verified, and passed or failed.
    Verdict(VerdictFact),
    /// A run ran on the commit.
    Run(RunFact),
    /// What the commit is, so that its records are found again after a squash or a pick.
    Anchor(Anchor),
    /// An earlier record is taken back.
    Void(RecordId),
}

/// The result of verifying one criterion, bound to all that it depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct VerdictFact {
    /// The spec.
    pub(crate) spec: SpecId,
    /// The criterion in it.
    pub(crate) criterion: CriterionId,
    /// Hash of the criterion's text.
    pub(crate) text_hash: ContentHash,
    /// Hash of its command.
    pub(crate) command_hash: ContentHash,
    /// The code that was tested: the tree of the work tree without `.mmm/`.
    pub(crate) tree: ObjectId,
    /// Whether the command succeeded.
    pub(crate) passed: bool,
    /// The run that verified it, if one did.
    pub(crate) run: Option<RunId>,
}

/// That a run ran on a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RunFact {
    /// The run.
    pub(crate) run: RunId,
    /// Name of its workflow.
    pub(crate) workflow: String,
    /// The spec it was for, if it was for one.
    pub(crate) spec: Option<SpecId>,
    /// How it ended.
    pub(crate) outcome: Outcome,
    /// The code tree when it ended.
    pub(crate) tree: ObjectId,
    /// How long it took, in milliseconds.
    pub(crate) duration_ms: u64,
}

/// What a commit holds and changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Anchor {
    /// Its code tree.
    pub(crate) tree: ObjectId,
    /// The patch id of what it changes; a merge and a root commit have none.
    pub(crate) patch_id: Option<ObjectId>,
}
