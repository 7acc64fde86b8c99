//! What can go wrong with workflows and runs.

use std::path::PathBuf;

use crate::base::diagnostic::Problem;
use crate::base::ids::RunId;
use crate::model::run::RunStatus;
use crate::workflow::groups;

/// A failure of the workflow system, with its facts.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The machine failed us.
    #[error(transparent)]
    Machine(#[from] crate::sys::Error),
    /// A process failed us.
    #[error(transparent)]
    Process(#[from] crate::proc::Error),
    /// Git failed us.
    #[error(transparent)]
    Git(#[from] crate::git::Error),
    /// The state cannot be read or written.
    #[error(transparent)]
    State(#[from] crate::state::Error),
    /// The journal of a run cannot be read or written.
    #[error(transparent)]
    Journal(#[from] crate::state::journal::Error),
    /// There is no such workflow.
    #[error("there is no workflow `{name}`")]
    NoWorkflow {
        /// The name asked for.
        name: String,
        /// The names there are.
        known: Vec<String>,
    },
    /// A workflow cannot be used as it is written.
    #[error("the workflow `{name}` cannot run: {} found", crate::base::text::counted(problems.iter().filter(|problem| problem.is_error()).count(), "error"))]
    InvalidWorkflow {
        /// Its name.
        name: String,
        /// Everything that is wrong with it.
        problems: Vec<Problem>,
    },
    /// A concurrency group cannot be entered.
    #[error(transparent)]
    Group(groups::Error),
    /// A secret that a workflow reads cannot be had.
    #[error(transparent)]
    Secret(#[from] crate::workflow::secrets::Error),
    /// A work tree of its own needs a commit to start from.
    #[error("the workflow `{name}` has `isolation`, and there is no commit to start from")]
    NothingToIsolate {
        /// The name of the workflow.
        name: String,
    },
    /// What a run was given does not fit the inputs of its workflow.
    #[error("the inputs of the workflow `{name}`: {}", errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Inputs {
        /// Its name.
        name: String,
        /// Everything that is wrong with them.
        errors: Vec<crate::model::inputs::InputError>,
    },
    /// A file cannot be read as a workflow of another program.
    #[error("`{}` cannot be imported", crate::base::text::one_line(path))]
    NotImported {
        /// The file.
        path: String,
        /// Why not.
        problems: Vec<Problem>,
    },
    /// A workflow is there already.
    #[error("there is a workflow `{name}` already ({path})")]
    WorkflowExists {
        /// Its name.
        name: String,
        /// Its file.
        path: String,
    },
    /// A name that no workflow file can have.
    #[error("`{name}` is not a name for a workflow")]
    WorkflowName {
        /// The name.
        name: String,
    },
    /// A run reads a spec that it does not have.
    #[error("run {run} has no start in its journal")]
    NoStart {
        /// The run.
        run: RunId,
    },
    /// The record of a run is damaged.
    #[error("run {run} cannot be read: {}: {reason}", located(file, *line))]
    BadRun {
        /// The run.
        run: RunId,
        /// The file.
        file: String,
        /// Its line, where one is known.
        line: Option<usize>,
        /// What is wrong with it.
        reason: String,
    },
    /// What a run pinned at its start cannot be read any more.
    #[error("what run {run} pinned at its start cannot be read: {} found", crate::base::text::counted(problems.len(), "problem"))]
    Pinned {
        /// The run.
        run: RunId,
        /// What is wrong with it.
        problems: Vec<Problem>,
    },
    /// Another engine drives the run.
    #[error("run {run} is under way (process {pid})")]
    Running {
        /// The run.
        run: RunId,
        /// The engine's process id, as it wrote it.
        pid: String,
    },
    /// Who is to end the run was stopped and does nothing.
    #[error(
        "run {run} was asked to end, and the request stands, but its {what} (process {pid}) is stopped"
    )]
    Stopped {
        /// The run.
        run: RunId,
        /// What does not react: the engine or the supervisor.
        what: &'static str,
        /// Its process id.
        pid: u32,
    },
    /// The run was asked to end and takes longer than it may.
    #[error("run {run} was asked to end and has not ended yet (process {pid}); the request stands")]
    StillEnding {
        /// The run.
        run: RunId,
        /// The engine's process id, as it wrote it.
        pid: String,
    },
    /// The run is over.
    #[error("run {run} is over: {}", status.as_str())]
    Over {
        /// The run.
        run: RunId,
        /// How it ended.
        status: RunStatus,
    },
    /// The run waits for an answer, so there is nothing to resume.
    #[error("run {run} waits for a person at checkpoint `{checkpoint}`")]
    Waiting {
        /// The run.
        run: RunId,
        /// The checkpoint's name.
        checkpoint: String,
    },
    /// The run was started in another work tree.
    #[error("run {run} was started in {}, and goes on there only", work_tree.display())]
    ElsewhereStarted {
        /// The run.
        run: RunId,
        /// The work tree.
        work_tree: PathBuf,
    },
    /// The run was started in a work tree that is gone, and this one is another.
    #[error("run {run} was started in {}, which is gone", work_tree.display())]
    WorkTreeGone {
        /// The run.
        run: RunId,
        /// The work tree.
        work_tree: PathBuf,
    },
    /// Only the sealed record of the run is here.
    #[error("run {run} is not live in this clone")]
    NotLive {
        /// The run.
        run: RunId,
    },
    /// No run fits.
    #[error("there is no run `{text}`")]
    NoRun {
        /// What was asked for.
        text: String,
    },
    /// Several runs fit.
    #[error("`{text}` fits {} runs", candidates.len())]
    AmbiguousRun {
        /// What was asked for.
        text: String,
        /// The runs that fit.
        candidates: Vec<RunId>,
    },
    /// The folder of a run was removed while it was under way.
    #[error("the record of run {run} was removed while it was under way: there is no {}", folder.display())]
    RecordGone {
        /// The run.
        run: RunId,
        /// Its folder.
        folder: PathBuf,
    },
    /// The run has no such job.
    #[error("run {run} has no job `{job}`")]
    NoJob {
        /// The run.
        run: RunId,
        /// The job asked for.
        job: String,
        /// The jobs that it has.
        known: Vec<String>,
    },
    /// The run has no such artifact.
    #[error("run {run} has no artifact `{name}`")]
    NoArtifact {
        /// The run.
        run: RunId,
        /// The artifact asked for.
        name: String,
        /// The artifacts that it has.
        known: Vec<String>,
    },
    /// Something stands where a file is to be written.
    #[error("{} is there already", path.display())]
    InTheWay {
        /// What is there.
        path: PathBuf,
        /// Whether it is a file.
        replaceable: bool,
    },
    /// A link stands where a folder is to be.
    #[error("{} is a link, and nothing is written through it", path.display())]
    LinkInTheWay {
        /// The link.
        path: PathBuf,
    },
    /// The run has no such job or step.
    #[error("run {run} has no job or step `{text}`")]
    NoStep {
        /// The run.
        run: RunId,
        /// What was asked for.
        text: String,
        /// The jobs and steps that it has.
        known: Vec<String>,
    },
    /// Several steps of the run fit.
    #[error("`{text}` fits {} steps of run {run}", candidates.len())]
    AmbiguousStep {
        /// The run.
        run: RunId,
        /// What was asked for.
        text: String,
        /// The steps that fit.
        candidates: Vec<String>,
    },
    /// A step cannot run before what its job needs.
    #[error("`{step}` of run {run} cannot run alone: `{}` has not ended", needs.join("`, `"))]
    NotYet {
        /// The run.
        run: RunId,
        /// The step.
        step: String,
        /// The jobs that have not ended.
        needs: Vec<String>,
    },
    /// A run that was cancelled can go on only where that was done.
    #[error("run {run} cannot go on here: nothing says that it was cancelled in this clone")]
    CancelledElsewhere {
        /// The run.
        run: RunId,
    },
    /// Nothing of a run failed.
    #[error("nothing of run {run} failed")]
    NothingFailed {
        /// The run.
        run: RunId,
    },
    /// A run that can go on is not done again.
    #[error("run {run} is not over: {}", status.as_str())]
    NotOver {
        /// The run.
        run: RunId,
        /// Where it stands.
        status: RunStatus,
    },
    /// The supervisor could not record what happened.
    #[error("the end of `{attempt}` could not be recorded: {reason}")]
    NotRecorded {
        /// The attempt.
        attempt: String,
        /// Why not.
        reason: String,
    },
    /// The run has no checkpoint that waits.
    #[error("run {run} has no checkpoint{} that waits for an answer", number.map_or(String::new(), |number| format!(" {number}")))]
    NoCheckpoint {
        /// The run.
        run: RunId,
        /// The number of the one that was asked for.
        number: Option<u32>,
    },
    /// Several checkpoints wait.
    #[error("run {run} waits at {} checkpoints", checkpoints.len())]
    SeveralCheckpoints {
        /// The run.
        run: RunId,
        /// Their numbers and names.
        checkpoints: Vec<(u32, String)>,
    },
    /// The checkpoint has no such option.
    #[error(
        "checkpoint {checkpoint} cannot be answered with `{}`",
        crate::base::text::one_line(option)
    )]
    NoOption {
        /// The checkpoint.
        checkpoint: String,
        /// What was asked for.
        option: String,
        /// What there is.
        known: Vec<String>,
    },
    /// Several options let the run go on, and none is named.
    #[error("checkpoint {checkpoint} lets the run go on in {} ways", known.len())]
    ManyOptions {
        /// The checkpoint.
        checkpoint: String,
        /// The options.
        known: Vec<String>,
    },
    /// Approving with the option that rejects.
    #[error("`--option reject` does not approve checkpoint {checkpoint}")]
    RejectedByApproval {
        /// The checkpoint.
        checkpoint: String,
    },
    /// The answer comes too late.
    #[error("checkpoint `{name}` of run {run} could be answered until {at}")]
    Expired {
        /// The run.
        run: RunId,
        /// The name of the checkpoint.
        name: String,
        /// When it expired.
        at: String,
    },
    /// The person is not one of those who may answer.
    #[error("{who} may not answer checkpoint {checkpoint}")]
    NotApprover {
        /// The checkpoint.
        checkpoint: String,
        /// Who tried.
        who: String,
        /// The addresses of those who may.
        approvers: Vec<String>,
    },
    /// The answer needs words, and there are none.
    #[error("checkpoint {checkpoint} asks for an answer in words")]
    NoText {
        /// The checkpoint.
        checkpoint: String,
    },
    /// The words of an answer are too many.
    #[error("an answer has at most {limit} bytes of text, this one has {bytes}")]
    LongText {
        /// How many there are.
        bytes: usize,
        /// How many there may be.
        limit: usize,
    },
    /// The person looked at something else.
    #[error(
        "checkpoint {checkpoint} shows {shown}, not `{}`",
        crate::base::text::one_line(seen)
    )]
    OtherHash {
        /// The checkpoint.
        checkpoint: String,
        /// What the person named.
        seen: String,
        /// What is shown.
        shown: String,
    },
    /// The snapshot of a checkpoint is not what it was when it opened.
    #[error("the snapshot of checkpoint {checkpoint} was changed: `{branch}` is not what it shows")]
    SnapshotMoved {
        /// The checkpoint.
        checkpoint: String,
        /// Its branch.
        branch: String,
    },
    /// The answer could not be signed.
    #[error("git could not sign the answer, and nothing is recorded: {complaint}")]
    NotSigned {
        /// What the signing program said.
        complaint: String,
    },
    /// The person stopped us while we waited for another process.
    #[error("interrupted")]
    Interrupted,
    /// Answering from inside a step of a run.
    #[error("a step of a run cannot answer a checkpoint")]
    InsideStep,
}

impl From<groups::Error> for Error {
    fn from(error: groups::Error) -> Self {
        match error {
            groups::Error::Machine(error) => Self::Machine(error),
            error @ groups::Error::OwnRun { .. } => Self::Group(error),
        }
    }
}

/// `file:line`, or the file alone.
fn located(file: &str, line: Option<usize>) -> String {
    line.map_or_else(|| file.to_owned(), |line| format!("{file}:{line}"))
}
