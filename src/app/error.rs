//! Everything that can end a command, from every layer, with its kind.

use std::path::PathBuf;

use crate::base::diagnostic::Problem;
use crate::base::ids::RunId;
use crate::state::state_files::AtHead;

// The edge computes hints from the facts of a lower layer's error, and reaches them through here.
pub(crate) use crate::git::Error as GitError;
pub(crate) use crate::proc::Error as ProcessError;
pub(crate) use crate::project::Error as ProjectError;
pub(crate) use crate::spec::Error as SpecError;
pub(crate) use crate::state::Error as StateError;
pub(crate) use crate::sys::Error as MachineError;
pub(crate) use crate::workflow::Error as WorkflowError;

/// Why a command could not do its work.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The machine: files, locks, variables.
    #[error(transparent)]
    Machine(#[from] MachineError),
    /// A helper process.
    #[error(transparent)]
    Process(#[from] ProcessError),
    /// Git, or the repository.
    #[error(transparent)]
    Git(GitError),
    /// The state under `.mmm/`, or what is local to the repository.
    #[error(transparent)]
    State(StateError),
    /// Specs.
    #[error(transparent)]
    Spec(SpecError),
    /// Workflows and runs.
    #[error(transparent)]
    Workflow(WorkflowError),
    /// The project itself, where it is made.
    #[error(transparent)]
    Project(ProjectError),
    /// No run waits for a person.
    #[error("no run waits for an answer")]
    NothingWaits,
    /// Several do, and none is named.
    #[error("{} runs wait for an answer", runs.len())]
    SeveralWait {
        /// The runs, the newest first.
        runs: Vec<RunId>,
        /// The command that was to choose one, such as `show`.
        command: &'static str,
    },
    /// There are no runs.
    #[error("there is no run yet")]
    NoRuns,
    /// An empty text in the place of a run.
    #[error("an empty text names no run")]
    EmptyRun,
    /// A text that names no checkpoint.
    #[error("`{found}` does not name a checkpoint")]
    CheckpointName {
        /// The text.
        found: String,
    },
    /// `run` was given nothing to run.
    #[error("there is nothing to run: neither a spec nor a workflow is named")]
    NothingToRun,
    /// An option without the run that it is about.
    #[error("`{option}` needs `--resume <run>`")]
    NeedsRun {
        /// The option, with its value.
        option: &'static str,
    },
    /// What is named as a spec is a workflow.
    #[error("no spec is called `{reference}`: there is a workflow of this name")]
    WorkflowAsSpec {
        /// What was asked for.
        reference: String,
        /// The name of the workflow.
        workflow: String,
    },
    /// A run is over, and the commit of what it left could not be made.
    #[error("run {run} is recorded, and what it left under `.mmm/` is not committed")]
    RunNotCommitted {
        /// The run.
        run: RunId,
        /// What it left, relative to the top of the work tree.
        paths: Vec<String>,
        /// Why not.
        source: Box<Error>,
    },
    /// `git mmm init` was not run here.
    #[error("there is no project in {}: `.mmm/config.toml` is missing", top.display())]
    NotInitialized {
        /// Top of the work tree, or the repository where there is none.
        top: PathBuf,
        /// Whether one can be made here.
        has_work_tree: bool,
        /// The one that `HEAD` has.
        at_head: Option<AtHead>,
    },
    /// The folder that the command was started in is gone or closed to us.
    #[error("cannot tell the current folder")]
    CurrentFolder {
        /// Why not.
        source: std::io::Error,
    },
    /// This program does not know where it is.
    #[error("cannot tell the path of this program")]
    CurrentProgram {
        /// Why not.
        source: std::io::Error,
    },
    /// The supervisor was started without an engine at the other end.
    #[error("there is no engine at the other end of standard input")]
    NoEngine {
        /// What happened.
        source: std::io::Error,
    },
    /// The answer could not be written out.
    #[error("cannot write to standard output")]
    Output {
        /// Why not.
        source: std::io::Error,
    },
    /// The person stopped the command.
    #[error("interrupted")]
    Cancelled,
}

/// What kind of trouble an error is: who can do something about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The command line lacks something or asks for two things at once.
    Usage,
    /// The person asked for something that cannot be.
    User,
    /// A person has to answer first.
    Waiting,
    /// A setting is wrong.
    Config,
    /// State under `.mmm/` or our refs is damaged, or newer than this program.
    State,
    /// Git, the disk, the network or another program failed.
    External,
    /// Somebody stopped it.
    Cancelled,
    /// We are wrong.
    Bug,
}

impl Kind {
    /// The word that `--json` uses as the code of the problem.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Usage => "usage",
            Self::User => "user",
            Self::Waiting => "waiting",
            Self::Config => "config",
            Self::State => "state",
            Self::External => "external",
            Self::Cancelled => "cancelled",
            Self::Bug => "bug",
        }
    }
}

impl Error {
    /// What kind of trouble it is.
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::Machine(MachineError::Variable { .. }) => Kind::Config,
            Self::Machine(MachineError::NotUtf8 { .. } | MachineError::TooLarge { .. }) => {
                Kind::State
            }
            Self::Git(error) => git_kind(error),
            Self::State(error) => match error {
                StateError::Setting(_) => Kind::Config,
                StateError::Outside { .. } => Kind::User,
                _ => Kind::State,
            },
            Self::Workflow(error) => match error {
                WorkflowError::Pinned { .. }
                | WorkflowError::NoStart { .. }
                | WorkflowError::BadRun { .. } => Kind::State,
                WorkflowError::NotRecorded { .. }
                | WorkflowError::NotSigned { .. }
                | WorkflowError::RecordGone { .. }
                | WorkflowError::Stopped { .. }
                | WorkflowError::StillEnding { .. } => Kind::External,
                WorkflowError::Waiting { .. } => Kind::Waiting,
                WorkflowError::Inputs { .. }
                | WorkflowError::WorkflowName { .. }
                | WorkflowError::RejectedByApproval { .. } => Kind::Usage,
                _ => Kind::User,
            },
            Self::Project(ProjectError::Template(_)) => Kind::Bug,
            Self::Spec(error) => spec_kind(error),
            Self::NothingToRun
            | Self::NeedsRun { .. }
            | Self::EmptyRun
            | Self::CheckpointName { .. }
            | Self::Project(ProjectError::Name { .. }) => Kind::Usage,
            Self::Project(_)
            | Self::WorkflowAsSpec { .. }
            | Self::NothingWaits
            | Self::SeveralWait { .. }
            | Self::NoRuns
            | Self::NotInitialized { .. } => Kind::User,
            Self::Machine(MachineError::File { .. } | MachineError::Locked { .. })
            | Self::Process(_)
            | Self::CurrentFolder { .. }
            | Self::CurrentProgram { .. }
            | Self::NoEngine { .. }
            | Self::Output { .. } => Kind::External,
            Self::RunNotCommitted { source, .. } => source.kind(),
            Self::Cancelled => Kind::Cancelled,
        }
    }

    /// Every problem in what people wrote that made it fail.
    pub(crate) fn problems(&self) -> &[Problem] {
        match self {
            Self::Workflow(
                WorkflowError::InvalidWorkflow { problems, .. }
                | WorkflowError::NotImported { problems, .. }
                | WorkflowError::Pinned { problems, .. },
            )
            | Self::State(StateError::Invalid { problems, .. })
            | Self::Spec(
                SpecError::Unreadable { problems, .. }
                | SpecError::Faulty { problems, .. }
                | SpecError::Breaks { problems, .. },
            ) => problems,
            _ => &[],
        }
    }

    /// The line of that file, where it is known.
    pub(crate) fn line(&self) -> Option<usize> {
        match self {
            Self::Workflow(WorkflowError::BadRun { line, .. }) => *line,
            _ => None,
        }
    }

    /// The file that the error is about, where it is about one.
    pub(crate) fn file(&self) -> Option<PathBuf> {
        match self {
            Self::Machine(
                MachineError::File { path, .. }
                | MachineError::TooLarge { path, .. }
                | MachineError::NotUtf8 { path, .. }
                | MachineError::Locked { path, .. },
            ) => Some(path.clone()),
            Self::Workflow(WorkflowError::BadRun { file, .. }) => Some(file.into()),
            Self::Machine(MachineError::Variable { .. })
            | Self::Process(_)
            | Self::Git(_)
            | Self::State(_)
            | Self::Workflow(_)
            | Self::Project(_)
            | Self::Spec(_)
            | Self::NothingToRun
            | Self::NeedsRun { .. }
            | Self::WorkflowAsSpec { .. }
            | Self::NothingWaits
            | Self::SeveralWait { .. }
            | Self::NoRuns
            | Self::EmptyRun
            | Self::CheckpointName { .. }
            | Self::NotInitialized { .. }
            | Self::RunNotCommitted { .. }
            | Self::CurrentFolder { .. }
            | Self::CurrentProgram { .. }
            | Self::NoEngine { .. }
            | Self::Output { .. }
            | Self::Cancelled => None,
        }
    }
}

fn git_kind(error: &GitError) -> Kind {
    match error {
        GitError::NotARepository { .. }
        | GitError::Bare { .. }
        | GitError::InsideGit { .. }
        | GitError::OperationInProgress { .. }
        | GitError::NothingToCommit => Kind::User,
        GitError::MissingIdentity { .. }
        | GitError::Setting { .. }
        | GitError::BadConfiguration { .. } => Kind::Config,
        GitError::Damaged { .. } => Kind::State,
        _ => Kind::External,
    }
}

fn spec_kind(error: &SpecError) -> Kind {
    match error {
        SpecError::Unreadable { .. } => Kind::State,
        SpecError::NoFreeId { .. }
        | SpecError::EditorFailed { .. }
        | SpecError::EditorRemoved { .. } => Kind::External,
        SpecError::NoEditor | SpecError::NoTerminal | SpecError::EmptyEditor => Kind::Config,
        // Wrong whatever the project holds: the command line has to be written in another way.
        SpecError::Assignment { .. }
        | SpecError::UnknownKey { .. }
        | SpecError::FixedKey { .. }
        | SpecError::RequiredKey { .. }
        | SpecError::ListKey { .. }
        | SpecError::Value { .. }
        | SpecError::NotOneLine { .. }
        | SpecError::Command { .. }
        | SpecError::Twice { .. } => Kind::Usage,
        _ => Kind::User,
    }
}

// What a layer only passes on is told as what it is.
impl From<GitError> for Error {
    fn from(error: GitError) -> Self {
        match error {
            GitError::System(error) => Self::Machine(error),
            GitError::Process(error) => Self::Process(error),
            error => Self::Git(error),
        }
    }
}

impl From<StateError> for Error {
    fn from(error: StateError) -> Self {
        match error {
            StateError::Machine(error) => Self::Machine(error),
            StateError::Git(error) => error.into(),
            error => Self::State(error),
        }
    }
}

impl From<SpecError> for Error {
    fn from(error: SpecError) -> Self {
        match error {
            SpecError::Machine(error) => Self::Machine(error),
            SpecError::Process(error) => Self::Process(error),
            SpecError::Git(error) => error.into(),
            SpecError::State(error) => error.into(),
            error => Self::Spec(error),
        }
    }
}

impl From<WorkflowError> for Error {
    fn from(error: WorkflowError) -> Self {
        match error {
            WorkflowError::Machine(error) => Self::Machine(error),
            WorkflowError::Process(error) => Self::Process(error),
            WorkflowError::Git(error) => error.into(),
            WorkflowError::State(error) => error.into(),
            WorkflowError::Interrupted => Self::Cancelled,
            WorkflowError::Journal(error) => Self::State(StateError::Journal(error)),
            error => Self::Workflow(error),
        }
    }
}

impl From<ProjectError> for Error {
    fn from(error: ProjectError) -> Self {
        match error {
            ProjectError::Machine(error) => Self::Machine(error),
            ProjectError::Git(error) => error.into(),
            ProjectError::State(error) => error.into(),
            error => Self::Project(error),
        }
    }
}
