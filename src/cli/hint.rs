//! What to do about an error, computed from its facts.

use std::io::ErrorKind;

use crate::app::Error;
use crate::app::error::{
    GitError, MachineError, ProcessError, ProjectError, StateError, WorkflowError,
};
use crate::base::text::{file_stem, one_of, suggestion, without_ending};
use crate::cli::checkpoint;
use crate::cli::next::{cd, no_project, restore};
use crate::cli::spec;
use crate::model::inputs::InputError;
use crate::model::run::RunStatus;
use crate::state::layout::WORKFLOWS;
use crate::workflow::sources::ABSTRACT;

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
        Error::SeveralWait { runs, command } => {
            let runs = some(runs.iter().map(ToString::to_string));
            Some(format!(
                "name one, as in `git mmm checkpoint {command} <run>`: {runs}"
            ))
        }
        Error::EmptyRun => Some("name one that `git mmm runs` lists, or a prefix of it".to_owned()),
        Error::NoRuns => Some("start one with `git mmm run <spec>`, or `-w <workflow>`".to_owned()),
        Error::CheckpointName { .. } => {
            Some("write `<run>/<number>`, as `git mmm checkpoint list` does".to_owned())
        }
        Error::NothingToRun => Some(
            "name a spec (`git mmm spec next` finds one), or a workflow with `--workflow`"
                .to_owned(),
        ),
        Error::NeedsRun { option } => Some(format!(
            "`git mmm run --resume <run> {option}`; `git mmm runs` lists them"
        )),
        Error::WorkflowAsSpec { workflow, .. } => Some(format!("run `git mmm run -w {workflow}`")),
        Error::RunNotCommitted { paths, source, .. } => {
            let signature = matches!(**source, Error::Git(GitError::Signature { .. }));
            Some(commit_later(paths, signature))
        }
        Error::NotInitialized {
            has_work_tree: false,
            ..
        } => Some(NO_WORK_TREE.to_owned()),
        Error::NotInitialized { at_head, .. } => Some(no_project(*at_head)),
        Error::CurrentFolder { .. } => {
            Some("the folder may have been removed: change into one that exists".to_owned())
        }
        // What was written under `.mmm/` is there: doing it again would do it twice.
        Error::Output { .. } => {
            Some("only the answer is lost: what the command has done stays done".to_owned())
        }
        Error::CurrentProgram { .. } => Some("start git-mmm by its full path".to_owned()),
        Error::NoEngine { .. } | Error::Cancelled => None,
    }
}

/// What to do where a work tree is needed.
const NO_WORK_TREE: &str =
    "change into a work tree (`git worktree list`), or make one: `git worktree add <folder>`";

/// How a command goes without a commit, whoever asked for one.
const UNCOMMITTED: &str =
    "leave `--commit` out (where `mmm.commit` asks for it: `git -c mmm.commit=false mmm …`)";

/// What to do about a submodule without its repository.
const NO_SUBMODULE: &str = "keep a copy of what you changed in it; `git submodule deinit -f <path>`, then `git submodule \
                            update --init <path>`, makes it anew";

/// How the place of a setting of Git is found.
fn where_set(key: &str) -> String {
    format!("`git config --show-origin --get-all {key}` shows where it is set")
}

/// What to do where a commit cannot be signed.
pub(crate) const UNSIGNED: &str = "`git config --show-origin commit.gpgsign` tells who asks for a signature; \
                        without one: `git -c commit.gpgsign=false mmm …`";

/// How files that are written and not committed get their commit.
fn commit_later(paths: &[String], signature: bool) -> String {
    // From the top, wherever the person is.
    let paths: Vec<String> = paths.iter().map(|path| format!(":/{path}")).collect();
    let paths = paths.join(" ");
    let later = |git: &str| format!("`git add {paths} && {git} commit -- {paths}`");
    if signature {
        let unsigned = later("git -c commit.gpgsign=false");
        format!("see `git config commit.gpgsign`; to commit it without a signature: {unsigned}")
    } else {
        format!("when it is put right, run {}", later("git"))
    }
}

/// Candidates that a hint names.
const SHOWN: usize = 10;

/// The first of these names, and how many more there are.
fn some(names: impl ExactSizeIterator<Item = String>) -> String {
    let more = names.len().saturating_sub(SHOWN);
    let names: Vec<String> = names.take(SHOWN).collect();
    let shown = one_of(names.iter().map(String::as_str));
    if more > 0 {
        format!("{shown}, and {more} more")
    } else {
        shown
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
        ProcessError::NoFolder { .. } => {
            Some("the folder was removed or moved: change into one that exists".to_owned())
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

/// About the work trees of runs.
fn worktree(error: &GitError) -> Option<String> {
    Some(match error {
        GitError::BranchTaken { branch, .. } => {
            format!("keep what it holds under another name: `git branch -m {branch} <name>`")
        }
        GitError::WorktreeGone { .. } => {
            "`git worktree list` shows those that are left; what was committed is on its branch"
                .to_owned()
        }
        GitError::Strayed { branch, head, .. } => {
            format!(
                "keep what was done there: `git branch <name> {head}`; `{branch}` stays as it is"
            )
        }
        GitError::LocalChanges { path, .. } => format!(
            "commit them or put them aside there: `{}`, then `git stash --include-untracked`",
            cd(path)
        ),
        _ => return None,
    })
}

fn git(error: &GitError) -> Option<String> {
    let hint = match error {
        GitError::NotARepository { .. } => "run `git init`, or change into a repository",
        GitError::GitMissing => "install Git 2.38 or later, or put its folder into PATH",
        GitError::GitTooOld { .. } => "install Git 2.38 or later",
        GitError::Unsafe { folder } => {
            let folder = folder.display();
            return Some(format!(
                "if you trust it, run `git config --global --add safe.directory '{folder}'`"
            ));
        }
        GitError::UnsafeBare { .. } => "name it: `git --git-dir=<folder> mmm …`",
        GitError::Extension { .. } => "install a newer Git",
        GitError::TemporaryFolder { .. } => "set TMPDIR to a folder that can be written",
        GitError::RefConflict { other, .. } => {
            return Some(match other.strip_prefix("refs/heads/") {
                Some(branch) => {
                    format!("give that branch another name: `git branch -m {branch} <name>`")
                }
                None => format!("remove it, if nothing needs it: `git update-ref -d {other}`"),
            });
        }
        GitError::Ignored { rule, .. } => {
            return Some(format!(
                "take the rule back in {}, or {UNCOMMITTED}",
                rule.file
            ));
        }
        GitError::Signature { .. } => UNSIGNED,
        GitError::Setting { key, .. } => {
            return Some(format!(
                "`git config --show-origin {key}` shows where it is set"
            ));
        }
        GitError::ForeignRef { name, .. } => {
            return Some(format!(
                "another program made it; keep it under another name, then run `git update-ref -d {name}`"
            ));
        }
        GitError::NoSubmodule { .. } => NO_SUBMODULE,
        GitError::Bare { .. } => NO_WORK_TREE,
        GitError::InsideGit { top, .. } => return Some(format!("run `{}` first", cd(top))),
        GitError::BadConfiguration { key, .. } => return Some(where_set(key)),
        GitError::MissingIdentity { .. } => {
            "run `git config user.name \"Your Name\"` and `git config user.email you@example.org`"
        }
        GitError::Quarantine => "nothing is written from inside a `pre-receive` hook",
        GitError::OperationInProgress { .. } => {
            return Some(format!(
                "finish or abort it first (`git status` says how), or {UNCOMMITTED}"
            ));
        }
        GitError::RefLocked { lock, writer, .. } => {
            let lock = lock.display();
            return Some(match writer {
                Some(pid) => format!(
                    "a `git mmm` that was killed left it (process {pid}); if no git command is at \
                     work here, run `rm '{lock}'`"
                ),
                None => {
                    format!("another git command may be at work; if none is, run `rm '{lock}'`")
                }
            });
        }
        GitError::IndexLocked { .. } => "wait until the other git command is done, then try again",
        _ => return worktree(error),
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
        StateError::NotCommitted { paths, source } => {
            let signature = matches!(**source, StateError::Git(GitError::Signature { .. }));
            return Some(commit_later(paths, signature));
        }
        StateError::Setting(bad) => {
            let name = bad.name;
            return Some(match &bad.origin {
                None => format!("`unset {name}`, or give it a value of that form"),
                Some(origin) if origin.scope == "command" => {
                    "leave it out, or give it a value of that form".to_owned()
                }
                Some(origin) => format!(
                    "`git config --{} --unset-all {name}` removes it, or give it a value of that form",
                    origin.scope
                ),
            });
        }
        StateError::NoFolder { path } => {
            return Some(format!(
                "git-mmm keeps its files there: move this one away, `mv {path} {path}.old`"
            ));
        }
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
        ProjectError::AtHead(at_head) => return Some(format!("run `{}`", restore(*at_head))),
        ProjectError::NotEmpty { .. } => "name a folder that is empty or not there yet",
        _ => return None,
    };
    Some(hint.to_owned())
}

/// What helps when a run, or a part of one, does not run again.
fn again(error: &WorkflowError) -> Option<String> {
    let hint = match error {
        WorkflowError::NoStep { text, known, .. } => {
            match suggestion(text, known.iter().map(String::as_str)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("there is {}", one_of(known.iter().map(String::as_str))),
            }
        }
        WorkflowError::AmbiguousStep { candidates, .. } => {
            format!("write more of it: {}", some(candidates.iter().cloned()))
        }
        WorkflowError::NotYet { run, step, .. } => {
            format!("run `git mmm run --resume {run} --from {step}`, which waits for it")
        }
        WorkflowError::CancelledElsewhere { run } => {
            format!("resume it where it was cancelled, or run `git mmm rerun {run}`")
        }
        WorkflowError::NothingFailed { run } => {
            format!("run `git mmm rerun {run}` to run all of it again")
        }
        WorkflowError::NotOver { run, status } => {
            let first = match status {
                RunStatus::Waiting => format!("answer it: `git mmm checkpoint show {run}`"),
                RunStatus::Running => format!("wait for it: `git mmm log --follow {run}`"),
                _ => format!("run `git mmm run --resume {run}`"),
            };
            format!("{first}, or end it with `git mmm cancel {run}`")
        }
        _ => return None,
    };
    Some(hint)
}

/// What to do about a run that is in the way, out of reach or not found.
fn of_run(error: &WorkflowError) -> Option<String> {
    let hint = match error {
        WorkflowError::Running { run, .. } => {
            format!("run `git mmm log {run} --follow`, or `git mmm cancel {run}`")
        }
        WorkflowError::Stopped { pid, .. } => format!("run `kill -CONT {pid}`"),
        WorkflowError::StillEnding { run, .. } => {
            format!("run `git mmm log {run} --follow` to see what it still does")
        }
        WorkflowError::Over { run, .. } => format!("run `git mmm show {run}`"),
        WorkflowError::Waiting { run, .. } => {
            format!("`git mmm checkpoint show {run}` tells what it asks and how it is answered")
        }
        WorkflowError::ElsewhereStarted { work_tree, .. } => {
            format!("run the command in {}", work_tree.display())
        }
        WorkflowError::WorkTreeGone { run, .. } => {
            format!(
                "run the command in the work tree where it was moved, or `git mmm cancel {run}`"
            )
        }
        WorkflowError::BadRun { run, .. } => format!(
            "run `git mmm show {run}` to see what is left of it, `git mmm cancel {run}` to put it aside"
        ),
        WorkflowError::NotLive { run } => format!("run `git mmm show {run}` to see what it left"),
        WorkflowError::NoRun { .. } => "run `git mmm runs`".to_owned(),
        WorkflowError::AmbiguousRun { candidates, .. } => {
            let runs = some(candidates.iter().map(ToString::to_string));
            format!("write more of it: {runs}")
        }
        WorkflowError::RecordGone { .. } => {
            "nothing of it can go on; start it again, and leave `.git/mmm` alone".to_owned()
        }
        _ => return None,
    };
    Some(hint)
}

fn workflow(error: &WorkflowError) -> Option<String> {
    if let Some(hint) = again(error).or_else(|| of_run(error)) {
        return Some(hint);
    }
    let hint = match error {
        WorkflowError::NoWorkflow { name, known } => no_workflow(name, known),
        WorkflowError::NothingToIsolate { .. } => {
            "commit something first: run `git commit`".to_owned()
        }
        // The problem has the hint: a check finds nothing wrong with it.
        WorkflowError::InvalidWorkflow { problems, .. }
            if problems.iter().any(|problem| problem.code == ABSTRACT) =>
        {
            return None;
        }
        WorkflowError::InvalidWorkflow { name, .. } => {
            format!("run `git mmm workflow check {name}`")
        }
        WorkflowError::Inputs { errors, .. } => {
            return errors.iter().find_map(InputError::hint);
        }
        WorkflowError::Secret(error) => return error.hint(),
        WorkflowError::WorkflowExists { path, .. } => workflow_exists(path),
        WorkflowError::WorkflowName { .. } => {
            "use up to 64 of a-z, A-Z, 0-9, `-` and `_`, a letter or digit first".to_owned()
        }
        WorkflowError::NoJob { job, known, .. } => {
            match suggestion(job, known.iter().map(String::as_str)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("there is {}", one_of(known.iter().map(String::as_str))),
            }
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
        other => return checkpoint::hint::of(other).or_else(|| artifact(other)),
    };
    Some(hint)
}

fn artifact(error: &WorkflowError) -> Option<String> {
    let elsewhere = "name another folder with `--output <folder>`";
    match error {
        WorkflowError::NoArtifact { name, known, .. } => {
            let known = known.iter().map(String::as_str);
            match suggestion(name, known.clone()) {
                Some(near) => Some(format!("did you mean `{near}`?")),
                None if known.len() == 0 => None,
                None => Some(format!("there is {}", one_of(known))),
            }
        }
        WorkflowError::InTheWay {
            replaceable: true, ..
        } => Some(format!("{elsewhere}, or replace it with `--force`")),
        WorkflowError::InTheWay { .. } | WorkflowError::LinkInTheWay { .. } => {
            Some(elsewhere.to_owned())
        }
        _ => None,
    }
}

fn no_workflow(name: &str, known: &[String]) -> String {
    // Files under another ending are listed, with it, only to be refused.
    let known = known.iter().map(String::as_str);
    let (refused, usable): (Vec<&str>, Vec<&str>) =
        known.partition(|name| without_ending(name).is_some());
    let stem = without_ending(name);
    let wanted = stem.unwrap_or(name);
    if usable.contains(&wanted) {
        return format!("leave out the ending: `{wanted}`");
    }
    let own = file_stem(name);
    if stem.is_some() && usable.contains(&own) {
        return format!("a workflow is named without its folder and ending: `{own}`");
    }
    let is_wanted = |name: &&&str| without_ending(name) == Some(wanted);
    if let Some(file) = refused.iter().find(is_wanted) {
        return format!("rename its file `{WORKFLOWS}/{file}` to `{wanted}.yaml`");
    }
    match suggestion(name, usable.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if usable.is_empty() => format!("run `git mmm workflow new {wanted}`"),
        None => format!("there is {}", one_of(usable)),
    }
}

fn workflow_exists(path: &str) -> String {
    let file = path.rsplit('/').next().unwrap_or(path);
    match file.strip_suffix(".yaml") {
        Some(name) => format!("edit it, then run `git mmm workflow check {name}`"),
        None => "rename it so that its name ends in `.yaml`, or remove it".to_owned(),
    }
}
