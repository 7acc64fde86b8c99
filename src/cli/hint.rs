//! What to do about an error, computed from its facts.

use std::io::ErrorKind;

use crate::app::Error;
use crate::app::error::{
    GitError, MachineError, ProcessError, ProjectError, StateError, WorkflowError,
};
use crate::base::text::{one_of, suggestion};
use crate::cli::spec;

/// The hint for an error, where there is something to do.
pub(crate) fn of(error: &Error) -> Option<String> {
    match error {
        Error::Machine(error) => machine(error),
        Error::Process(error) => process(error),
        Error::Git(error) => git(error),
        Error::State(error) => state(error),
        Error::Spec(error) => spec::hint::of(error),
        Error::Workflow(error) => workflow(error),
        Error::Project(error) => project(error),
        Error::NothingWaits => Some("run `git mmm runs`".to_owned()),
        Error::CheckpointName { .. } => {
            Some("write `<run>/<number>`, as `git mmm checkpoint list` does".to_owned())
        }
        Error::NothingToRun => Some(
            "name a spec (`git mmm spec next` finds one), or a workflow with `--workflow`"
                .to_owned(),
        ),
        Error::NotInitialized { .. } => Some("run `git mmm init`".to_owned()),
        Error::CurrentFolder { .. } => {
            Some("the folder may have been removed: change into one that exists".to_owned())
        }
        Error::Output { source } => file(source.kind()).map(str::to_owned),
        Error::CurrentProgram { .. } | Error::NoEngine { .. } | Error::Cancelled => None,
    }
}

fn machine(error: &MachineError) -> Option<String> {
    match error {
        MachineError::File { source, .. } => file(source.kind()).map(str::to_owned),
        MachineError::TooLarge { .. } => {
            Some("no file of this kind is that large: was it replaced by mistake?".to_owned())
        }
        MachineError::NotUtf8 { .. } => Some("save the file as UTF-8".to_owned()),
        MachineError::Locked { holder, .. } => Some(match holder.trim() {
            "" => "wait for the other `git mmm` to end, then try again".to_owned(),
            holder => format!("wait until it is done, then try again: {holder}"),
        }),
        MachineError::Variable { name, .. } => {
            Some(format!("`unset {name}`, or give it a value of that form"))
        }
    }
}

fn process(error: &ProcessError) -> Option<String> {
    match error {
        ProcessError::Start { program, source } if source.kind() == ErrorKind::NotFound => {
            Some(format!("install `{program}`, or put its folder into PATH"))
        }
        ProcessError::Start { .. }
        | ProcessError::Pipe { .. }
        | ProcessError::Timeout { .. }
        | ProcessError::Output { .. } => None,
    }
}

fn file(kind: ErrorKind) -> Option<&'static str> {
    match kind {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            Some("make room on the disk, then try again: nothing was lost")
        }
        ErrorKind::ReadOnlyFilesystem => Some("the file system is mounted read-only"),
        ErrorKind::PermissionDenied => Some("check who owns the file, with `ls -l`"),
        _ => None,
    }
}

fn git(error: &GitError) -> Option<String> {
    let hint = match error {
        GitError::NotARepository { .. } => "run `git init`, or change into a repository",
        GitError::GitMissing => "install Git 2.38 or later, or put its folder into PATH",
        GitError::GitTooOld { .. } => "install Git 2.38 or later",
        GitError::Unsafe { complaint, .. } => return Some(complaint.clone()),
        GitError::Bare { .. } => {
            "change into a work tree (`git worktree list`), or make one: `git worktree add <folder>`"
        }
        GitError::MissingIdentity { .. } => {
            "run `git config user.name \"Your Name\"` and `git config user.email you@example.org`"
        }
        GitError::Quarantine => "nothing is written from inside a `pre-receive` hook",
        GitError::OperationInProgress { .. } => {
            "finish or abort it first (`git status` says how), or leave out `--commit`"
        }
        GitError::RefLocked { lock, .. } => {
            return Some(format!(
                "another git command may be at work; if none is, look at {}",
                lock.display()
            ));
        }
        GitError::IndexLocked { .. } => "wait until the other git command is done, then try again",
        _ => return None,
    };
    Some(hint.to_owned())
}

fn state(error: &StateError) -> Option<String> {
    let hint = match error {
        StateError::NewerFormat { found, .. } => {
            return Some(format!(
                "install a git-mmm newer than {} that knows format {found}, or go back to the older format",
                env!("CARGO_PKG_VERSION")
            ));
        }
        StateError::Changed { .. } => "look at the file and run the command again",
        StateError::Invalid { .. } => "run `git mmm check`",
        StateError::Link { .. } | StateError::LinkInTheWay { .. } => {
            "replace the link by the file or folder itself"
        }
        _ => return None,
    };
    Some(hint.to_owned())
}

fn project(error: &ProjectError) -> Option<String> {
    let hint = match error {
        ProjectError::Name { .. } => "give one line of at most 100 characters: `--name greeter`",
        ProjectError::OtherName { .. } => "edit `name` in `.mmm/config.toml`",
        ProjectError::NotEmpty { .. } => "name a folder that is empty or not there yet",
        _ => return None,
    };
    Some(hint.to_owned())
}

fn workflow(error: &WorkflowError) -> Option<String> {
    let hint = match error {
        WorkflowError::NoWorkflow { name, known } => {
            match suggestion(name, known.iter().map(String::as_str)) {
                Some(near) => format!("did you mean `{near}`?"),
                None if known.is_empty() => format!("run `git mmm workflow new {name}`"),
                None => format!("there is {}", one_of(known.iter().map(String::as_str))),
            }
        }
        WorkflowError::InvalidWorkflow { name, .. } => {
            format!("run `git mmm workflow check {name}`")
        }
        WorkflowError::WorkflowExists { name, .. } => {
            format!("edit it, then run `git mmm workflow check {name}`")
        }
        WorkflowError::WorkflowName { .. } => {
            "use up to 64 of a-z, A-Z, 0-9, `-` and `_`, a letter or digit first".to_owned()
        }
        WorkflowError::Running { run, .. } => {
            format!("run `git mmm log {run} --follow`, or `git mmm cancel {run}`")
        }
        WorkflowError::Over { run, .. } => format!("run `git mmm show {run}`"),
        WorkflowError::Waiting { run, .. } => {
            format!("run `git mmm checkpoint approve {run}`, or `git mmm checkpoint reject {run}`")
        }
        WorkflowError::ElsewhereStarted { work_tree, .. } => {
            format!("run the command in {work_tree}")
        }
        WorkflowError::NotLive { run } => format!("run `git mmm show {run}` to see what it left"),
        WorkflowError::NoRun { .. } => "run `git mmm runs`".to_owned(),
        WorkflowError::AmbiguousRun { candidates, .. } => {
            let names: Vec<String> = candidates.iter().map(ToString::to_string).collect();
            format!("one of {}", names.join(", "))
        }
        WorkflowError::NoCheckpoint { .. } => "run `git mmm checkpoint list`".to_owned(),
        WorkflowError::SeveralCheckpoints { run, checkpoints } => {
            let names: Vec<String> = checkpoints
                .iter()
                .map(|(number, name)| format!("{run}/{number} ({name})"))
                .collect();
            format!("name one: {}", names.join(", "))
        }
        WorkflowError::InsideStep => "a person answers it, outside of the run".to_owned(),
        _ => return None,
    };
    Some(hint)
}
