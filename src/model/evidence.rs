//! What a run of a spec leaves for a reviewer: how it went, what was proved, who agreed.

use crate::base::ids::{ContentHash, CriterionId, ObjectId, RunId, SpecId};
use crate::model::run::Outcome;

/// The evidence of one run of a spec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Evidence {
    /// The run.
    pub(crate) run: RunId,
    /// The spec that it was for.
    pub(crate) spec: SpecId,
    /// Name of the workflow.
    pub(crate) workflow: String,
    /// Content hash of the workflow as it was pinned at the start.
    pub(crate) workflow_hash: ContentHash,
    /// When it started, in milliseconds since the Unix epoch; kept to the second.
    pub(crate) started_ms: u64,
    /// When it ended, likewise.
    pub(crate) ended_ms: u64,
    /// How it ended.
    pub(crate) outcome: Outcome,
    /// The commit it ran on; none in a repository without a commit.
    pub(crate) base: Option<ObjectId>,
    /// The code tree when it ended: the work tree without `.mmm/`.
    pub(crate) tree: ObjectId,
    /// Whether the code tree is not that of the commit.
    pub(crate) dirty: bool,
    /// Its steps, in the order they ended.
    pub(crate) steps: Vec<StepEvidence>,
    /// What was verified.
    pub(crate) verdicts: Vec<VerdictEvidence>,
    /// Who agreed to what.
    pub(crate) approvals: Vec<Approval>,
    /// What it cost, where something was paid for.
    pub(crate) cost: Option<Cost>,
    /// How much was left out, to keep the file small.
    pub(crate) omitted: Omitted,
}

/// How one step went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StepEvidence {
    /// The job that it is part of.
    pub(crate) job: String,
    /// Its name.
    pub(crate) name: String,
    /// How it ended.
    pub(crate) outcome: Outcome,
    /// How long it took, in milliseconds.
    pub(crate) duration_ms: u64,
}

/// What was found about one criterion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct VerdictEvidence {
    /// The criterion.
    pub(crate) criterion: CriterionId,
    /// Hash of its text.
    pub(crate) text_hash: ContentHash,
    /// Hash of its command.
    pub(crate) command_hash: ContentHash,
    /// Whether the command succeeded.
    pub(crate) passed: bool,
    /// Whether the same criterion was seen failing before.
    pub(crate) red_before: bool,
}

/// That a person agreed, to what, and what was shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Approval {
    /// Who: name and address as Git has them.
    pub(crate) who: String,
    /// Which option was chosen.
    pub(crate) option: String,
    /// When, in milliseconds since the Unix epoch; kept to the second.
    pub(crate) at_ms: u64,
    /// Hash of what was shown.
    pub(crate) hash: ContentHash,
}

/// What a run cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cost {
    /// Tokens read by a model.
    pub(crate) input_tokens: u64,
    /// Tokens written by a model.
    pub(crate) output_tokens: u64,
    /// Price, in millionths of a millionth of a dollar.
    pub(crate) pico_usd: u64,
}

/// How many entries were left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Omitted {
    /// Steps.
    pub(crate) steps: usize,
    /// Verdicts; the notes have them all.
    pub(crate) verdicts: usize,
    /// Approvals; the sealed run has them all.
    pub(crate) approvals: usize,
}
