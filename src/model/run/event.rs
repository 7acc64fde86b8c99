//! What happens in a run, one event for each transition.

use std::fmt;
use std::path::PathBuf;

use crate::base::ids::{ContentHash, CriterionId, ObjectId, RunId, SpecId};
use crate::model::annotation::Annotations;
use crate::model::run::artifact::ArtifactStored;
use crate::model::run::carry::EarlierTries;
use crate::model::run::terms::Terms;

pub(crate) use crate::model::run::attempt_name::AttemptName;

/// The pseudo-job whose steps are the criteria, verified before the workflow runs.
pub(crate) const BEFORE: &str = "@before";

/// The same after the workflow has run.
pub(crate) const AFTER: &str = "@after";

/// How a step or a job ended, in GitHub's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Outcome {
    /// It did what it should.
    Success,
    /// It did not.
    Failure,
    /// A person or a time limit of its job ended it.
    Cancelled,
    /// It was not to run.
    Skipped,
}

impl Outcome {
    /// Every outcome.
    pub(crate) const ALL: [Self; 4] =
        [Self::Success, Self::Failure, Self::Cancelled, Self::Skipped];

    /// The word in files, expressions and output.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Cancelled => "cancelled",
            Self::Skipped => "skipped",
        }
    }

    /// The outcome that a word names.
    pub(crate) fn from_word(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|outcome| outcome.as_str() == word)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

/// The spec that a run is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RunSpec {
    /// Its id.
    pub(crate) id: SpecId,
    /// Its slug at the start of the run.
    pub(crate) slug: String,
}

/// What is known when a run begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RunStart {
    /// The run.
    pub(crate) run: RunId,
    /// Name of the workflow: its file name without the ending.
    pub(crate) workflow: String,
    /// Digest of the workflow's text as pinned.
    pub(crate) workflow_hash: ContentHash,
    /// The spec, when the run has one.
    pub(crate) spec: Option<RunSpec>,
    /// The commit that the run began on; none in a repository without commits.
    pub(crate) base: Option<ObjectId>,
    /// The branch that was checked out.
    pub(crate) branch: Option<String>,
    /// The code tree at the start.
    pub(crate) tree: ObjectId,
    /// Whether that tree differs from the commit's.
    pub(crate) dirty: bool,
    /// The work tree, absolute: a run goes on where it began.
    pub(crate) work_tree: PathBuf,
    /// What tells that work tree from the others of its repository, wherever it is moved.
    pub(crate) work_tree_key: Option<String>,
    /// Who started it, as `Name <address>`.
    pub(crate) who: String,
    /// The values of its inputs as JSON, in the order of their definitions.
    pub(crate) inputs: Vec<Named>,
    /// The run that it does again.
    pub(crate) again: Option<RunId>,
    /// How many runs it is in the row of those that do one another again, from 1.
    pub(crate) attempt: u32,
}

/// How the process of a step ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum StepEnd {
    /// It exited with this code.
    Code(i32),
    /// This signal ended it.
    Signal(i32),
    /// It could not be started.
    NotStarted(String),
    /// It ended, and what it left for the steps after it cannot be used.
    Unusable(String),
    /// It never had a process: a checkpoint that was answered, or a workflow that was called.
    Answered,
}

/// Why a step was ended from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StepCause {
    /// It took longer than it may.
    TimedOut,
    /// The run, or its job, was cancelled.
    Cancelled,
}

/// How a step ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StepFinish {
    /// Success, failure or cancelled.
    pub(crate) outcome: Outcome,
    /// How its process ended.
    pub(crate) end: StepEnd,
    /// Whether it was ended from outside.
    pub(crate) cause: Option<StepCause>,
    /// How long it took, in milliseconds.
    pub(crate) elapsed_ms: u64,
    /// Bytes of its output that were kept.
    pub(crate) output_bytes: u64,
    /// What of its output was dropped; nothing as a rule.
    pub(crate) dropped: Option<Box<Dropped>>,
}

/// Output of a step that is not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Dropped {
    /// How many bytes.
    pub(crate) bytes: u64,
    /// Why it could not be written; nothing when there was too much of it.
    pub(crate) reason: Option<String>,
}

/// A name with its value.
pub(crate) type Named = (String, String);

/// What a step left for the steps after it. Values that hold a secret are masked here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StepOutputs {
    /// The attempt.
    pub(crate) attempt: AttemptName,
    /// Its outputs.
    pub(crate) outputs: Vec<Named>,
    /// Variables of the steps after it.
    pub(crate) env: Vec<Named>,
    /// Folders that go before the `PATH` of the steps after it, the last one first of all.
    pub(crate) path: Vec<String>,
}

/// What a step said about the code. Values that hold a secret are masked here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StepAnnotations {
    /// The attempt.
    pub(crate) attempt: AttemptName,
    /// What it said, as far as it is kept.
    pub(crate) said: Annotations,
}

/// How a job runs several times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct JobExpanded {
    /// The job.
    pub(crate) job: String,
    /// The values of each leg as JSON: the names of the matrix, or the item.
    pub(crate) legs: Vec<String>,
    /// Whether one that fails ends the others.
    pub(crate) fail_fast: bool,
    /// How many at once.
    pub(crate) max_parallel: Option<usize>,
}

/// The key of a leg in the record: that of its job and a number from 1.
pub(crate) fn leg_key(job: &str, index: usize) -> String {
    format!("{job}@{}", index + 1)
}

/// The key of the job that a leg is of, and the place of the leg, from 0; nothing when the key is not
/// that of a leg.
pub(crate) fn leg_of(key: &str) -> Option<(&str, usize)> {
    let (job, number) = key.rsplit_once('@')?;
    let number: usize = number.parse().ok()?;
    let place = number.checked_sub(1)?;
    (!job.is_empty()).then_some((job, place))
}

/// A job gets a work tree of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct JobIsolated {
    /// The job.
    pub(crate) job: String,
    /// The branch of that work tree, without `refs/heads/`.
    pub(crate) branch: String,
    /// The commit that it starts from.
    pub(crate) base: ObjectId,
}

/// What became of the work of a job that has a work tree of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct JobMerged {
    /// The job.
    pub(crate) job: String,
    /// The commit that brought it to the branch of the run, where there was something to bring.
    pub(crate) commit: Option<ObjectId>,
    /// The branch on which it is left for a person.
    pub(crate) left: Option<String>,
    /// The paths that were in conflict, where that was not solved.
    pub(crate) conflicts: Vec<String>,
}

/// What a checkpoint asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum CheckpointKind {
    /// The workflow has a checkpoint here.
    Step,
    /// A step changed these files, which decide what a run does or proves.
    Edited(Vec<String>),
    /// The work of a job does not merge: these paths are in conflict.
    Conflict(Vec<String>),
}

/// A run waits for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CheckpointOpened {
    /// Counted from 1 in its run.
    pub(crate) number: u32,
    /// The job that waits.
    pub(crate) job: String,
    /// The step that waits, or after which the files had changed.
    pub(crate) step: String,
    /// What it asks.
    pub(crate) kind: CheckpointKind,
    /// Its name in the workflow.
    pub(crate) name: String,
    /// What the person is told.
    pub(crate) message: String,
    /// The branch with the snapshot; none in a repository without commits.
    pub(crate) branch: Option<String>,
    /// The code tree that is shown.
    pub(crate) tree: ObjectId,
    /// Digest of everything that is shown: tree, name, message, files, terms.
    pub(crate) hash: ContentHash,
    /// How it may be answered.
    pub(crate) terms: Terms,
}

/// What a person may answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Go on.
    Approve,
    /// Fail the step that asked.
    Reject,
}

impl Answer {
    /// The word in files and output.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Reject => "reject",
        }
    }
}

/// A person's answer, or what follows when nobody gave one in time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CheckpointAnswered {
    /// Which checkpoint of the run.
    pub(crate) number: u32,
    /// What the option means.
    pub(crate) answer: Answer,
    /// The option that was chosen.
    pub(crate) option: String,
    /// Who, as `Name <address>`.
    pub(crate) who: String,
    /// What they said.
    pub(crate) message: String,
    /// Digest of what was shown to them.
    pub(crate) hash: ContentHash,
    /// The code tree when they answered.
    pub(crate) tree: ObjectId,
    /// Whether nobody answered in time, and the checkpoint says what that means.
    pub(crate) by_clock: bool,
    /// Their signature.
    pub(crate) signed: Option<SignedAnswer>,
}

/// A signature under an answer: a commit whose message says what was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SignedAnswer {
    /// The commit.
    pub(crate) commit: ObjectId,
    /// When it was signed, in milliseconds since the Unix epoch.
    pub(crate) at_ms: u64,
}

/// When criteria are verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum VerificationPhase {
    /// Before the workflow, to see red.
    Before,
    /// After it.
    After,
}

/// Why a run stands still without an open checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ParkReason {
    /// It waits for the answer to a checkpoint.
    Checkpoint,
    /// The end of an attempt is not known, and nothing says that it may run twice.
    Lost,
}

/// What of a run is undone, so that it runs again; all that belongs to it goes with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reset {
    /// Whole jobs, or legs of them.
    pub(crate) jobs: Vec<String>,
    /// Single steps, each with its job.
    pub(crate) steps: Vec<(String, String)>,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// The run began.
    Started(Box<RunStart>),
    /// An engine took the run up, the first or a later one.
    EngineStarted {
        /// Its process id.
        pid: u32,
        /// Where the work tree of the run is now, when it was moved.
        work_tree: Option<PathBuf>,
    },
    /// Verification began.
    VerificationStarted {
        /// Before or after the workflow.
        phase: VerificationPhase,
        /// The code tree that is tested.
        tree: ObjectId,
        /// The criteria whose commands are run.
        criteria: Vec<CriterionId>,
    },
    /// A command of a verification changed the code: those that follow it test what is there now.
    CodeChanged {
        /// Before or after the workflow.
        phase: VerificationPhase,
        /// The code tree that there is now.
        tree: ObjectId,
    },
    /// A job began.
    JobStarted {
        /// Which.
        job: String,
    },
    /// A job that runs several times began: these are its legs.
    JobExpanded(Box<JobExpanded>),
    /// A job gets a work tree of its own.
    JobIsolated(Box<JobIsolated>),
    /// The work of a job does not merge, and somebody is to solve that.
    JobConflict {
        /// Which.
        job: String,
        /// The paths.
        paths: Vec<String>,
    },
    /// It is known what became of the work of a job with a work tree of its own.
    JobMerged(Box<JobMerged>),
    /// A job ended.
    JobFinished {
        /// Which.
        job: String,
        /// How.
        result: Outcome,
        /// Whether the run goes on as if it had succeeded.
        continued: bool,
        /// What jobs that need it can read, masked.
        outputs: Vec<Named>,
        /// Why it failed, where none of its steps says that; masked.
        reason: Option<String>,
    },
    /// A step is about to be spawned.
    StepStarted(AttemptName),
    /// A step ended.
    StepFinished(AttemptName, StepFinish),
    /// A step begins to run the jobs of another workflow.
    CallStarted {
        /// Its job.
        job: String,
        /// Its key.
        step: String,
    },
    /// What a step that has ended left for later ones.
    StepOutputs(Box<StepOutputs>),
    /// Files that a step or a job left are kept.
    ArtifactStored(Box<ArtifactStored>),
    /// What a step that has ended said about the code.
    Annotations(Box<StepAnnotations>),
    /// A step that failed is tried again.
    StepRetried {
        /// The try that failed.
        attempt: AttemptName,
        /// When the next one begins, in milliseconds since the Unix epoch.
        due_ms: u64,
    },
    /// A step failed, and its job goes on as if it had succeeded.
    StepContinued {
        /// Its job.
        job: String,
        /// Its key.
        step: String,
    },
    /// A step was not to run.
    StepSkipped {
        /// Its job.
        job: String,
        /// Its key.
        step: String,
    },
    /// An attempt was started, nobody knows how it ended, and nothing of it is alive.
    AttemptLost(AttemptName),
    /// A person agreed that a lost attempt runs again.
    RerunLost(AttemptName),
    /// The run waits for a person.
    CheckpointOpened(Box<CheckpointOpened>),
    /// A person answered.
    CheckpointAnswered(Box<CheckpointAnswered>),
    /// The run stands still and its engine ends.
    Parked {
        /// Why.
        reason: ParkReason,
    },
    /// Somebody asked to cancel the run.
    CancelRequested,
    /// A run that was cancelled goes on: what the cancellation did is undone.
    Reopened,
    /// A person wants this to run again.
    Reset(Box<Reset>),
    /// All that stands before this, but the start, was taken over from another run.
    Carried {
        /// That run.
        from: RunId,
        /// The tries of steps that do not stand there.
        tried: Vec<EarlierTries>,
    },
    /// The run is over.
    Finished {
        /// How.
        outcome: Outcome,
    },
}

/// An event with its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RecordedEvent {
    /// Milliseconds since the Unix epoch.
    pub(crate) at_ms: u64,
    /// What happened.
    pub(crate) event: Event,
}

/// The job under which the commands of a phase are recorded.
pub(crate) fn pseudo_job(phase: VerificationPhase) -> &'static str {
    match phase {
        VerificationPhase::Before => BEFORE,
        VerificationPhase::After => AFTER,
    }
}
