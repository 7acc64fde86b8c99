//! Every limit of the program that is not part of one algorithm, with its unit and its reason.

use std::time::Duration;

/// Largest file under `.mmm/` that is read, in bytes: larger is never a spec.
pub(crate) const STATE_FILE_BYTES: u64 = 1024 * 1024;

/// Largest workflow that is read, in bytes: 10,000 jobs with several lines each.
pub(crate) const WORKFLOW_FILE_BYTES: u64 = 4 * 1024 * 1024;

/// Most specs that one project may hold; past that a list says so and stops.
pub(crate) const SPECS: usize = 100_000;

/// Largest line of a note, in bytes, its line feed left out.
pub(crate) const NOTE_LINE_BYTES: usize = 512;

/// Largest note that we write, in bytes.
pub(crate) const NOTE_BYTES: usize = 1024 * 1024;

/// Longest reason that is recorded of a job, in characters: it may quote values of any length.
pub(crate) const JOB_REASON: usize = 1_000;

/// Output kept of one step, in bytes.
pub(crate) const STEP_OUTPUT_BYTES: u64 = 1024 * 1024;

/// Largest file that a step hands values on in, in bytes.
pub(crate) const STEP_FILE_BYTES: u64 = 1024 * 1024;

/// Values that one run may hide by `::add-mask::`: each makes its whole output slower to write.
pub(crate) const LEARNT_MASKS: usize = 2_000;

/// Size of these values together, in bytes; each takes some thirty times as much in its encodings.
pub(crate) const LEARNT_MASK_BYTES: usize = 1024 * 1024;

/// Largest file of values that the steps of a run said are to be masked, in bytes.
pub(crate) const MASK_FILE_BYTES: u64 = 16 * 1024 * 1024;

/// Largest file of problem matchers, in bytes.
pub(crate) const MATCHER_FILE_BYTES: u64 = 1024 * 1024;

/// Output kept of one run, in bytes.
pub(crate) const RUN_OUTPUT_BYTES: u64 = 8 * 1024 * 1024;

/// Size of one evidence file, in bytes.
pub(crate) const EVIDENCE_BYTES: usize = 4 * 1024;

/// Time that a criterion's command may take unless the criterion says otherwise.
pub(crate) const VERIFY_TIMEOUT: Duration = Duration::from_mins(10);

/// Time that a step may take unless it says otherwise: GitHub's 360 minutes.
pub(crate) const STEP_TIMEOUT: Duration = Duration::from_hours(6);

/// Time that steps which run in any case get after the time of their job is over, or after their
/// run was cancelled: GitHub's five minutes.
pub(crate) const LAST_STEPS_TIMEOUT: Duration = Duration::from_mins(5);

/// Time that one `git` command of ours may take.
pub(crate) const GIT_TIMEOUT: Duration = Duration::from_mins(2);

/// Output taken from one `git` command of ours, in bytes.
pub(crate) const GIT_OUTPUT_BYTES: usize = 256 * 1024 * 1024;

/// Time that a writer waits for another writer of the same repository.
pub(crate) const LOCK_TIMEOUT: Duration = Duration::from_mins(1);

/// Objects from which writing goes through `git fast-import`: below it, loose objects are
/// quicker; above it, one pack is (measured: 0.03 against 0.7 ms an object).
pub(crate) const BULK_OBJECTS: usize = 50;

/// Tries of one compare-and-swap on a ref before giving up.
pub(crate) const REF_TRIES: u32 = 50;

/// Longest message of a checkpoint, in bytes: a person is to read it.
pub(crate) const CHECKPOINT_MESSAGE_BYTES: usize = 10_000;

/// Largest untracked file that a checkpoint takes along, in bytes.
pub(crate) const SNAPSHOT_FILE_BYTES: u64 = 10 * 1024 * 1024;

/// Jobs of one run that are under way at once.
pub(crate) const PARALLEL_JOBS: usize = 8;

/// Jobs in one workflow.
pub(crate) const JOBS: usize = 10_000;

/// Bytes of one id: the one that GitHub takes too.
pub(crate) const ID_BYTES: usize = 100;

/// Steps in one workflow.
pub(crate) const STEPS: usize = 100_000;

/// Items that one job runs over.
pub(crate) const ITEMS: usize = 10_000;

/// What the values of all legs of one job take in the record of a run, in bytes.
pub(crate) const LEGS_BYTES: usize = 1024 * 1024;

/// How deep workflows call one another.
pub(crate) const CALL_DEPTH: usize = 8;

/// Largest regular expression that a workflow may hold, compiled, in bytes.
pub(crate) const PATTERN_BYTES: usize = 1024 * 1024;

/// Legs that a matrix may have: GitHub's limit.
pub(crate) const MATRIX_LEGS: usize = 256;

/// Options of a checkpoint: a person is to choose.
pub(crate) const CHECKPOINT_OPTIONS: usize = 10;

/// Workflows that one extends in a row, and the same for jobs and for common steps: whoever reads
/// one has to read all of them.
pub(crate) const EXTENDS: usize = 8;

/// Values that a workflow gets by reuse: as many as one file may hold with its aliases.
pub(crate) const REUSED_VALUES: usize = 300_000;

/// Files and folders that one `hashFiles()` looks at.
pub(crate) const HASHED_ENTRIES: usize = 1_000_000;

/// Bytes that one `hashFiles()` reads: as much as a machine hashes in the two minutes that GitHub
/// allows.
pub(crate) const HASHED_BYTES: u64 = 64 * 1024 * 1024 * 1024;

/// Bytes of all artifacts of one run: they stay in Git, and go wherever its record goes.
pub(crate) const ARTIFACT_BYTES: u64 = 64 * 1024 * 1024;

/// Files of all artifacts of one run.
pub(crate) const ARTIFACT_FILES: usize = 10_000;

/// Steps that a plan shows, those of legs and of called workflows among them.
pub(crate) const FORECAST_STEPS: usize = 200_000;

/// Jobs that a graph shows, those of called workflows among them.
pub(crate) const GRAPH_JOBS: usize = 100_000;

/// Files that one workflow is made of: those that it extends and those that its steps call.
pub(crate) const WORKFLOW_FILES: usize = 64;
