//! The repository that a command works in: where it is, what it is, how to ask `git` about it.

use std::cell::OnceCell;
use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};

use crate::base::ids::ObjectId;
use crate::git::Error;
use crate::git::command;
use crate::git::configuration::Configuration;
use crate::git::error::NEEDED_VERSION;
use crate::git::identity::Identity;
use crate::proc::command::{Invocation, Output};
use crate::sys::environment::Environment;
use crate::sys::files;

/// Set by Git while the objects of a push are not accepted yet.
const QUARANTINE_VARIABLE: &str = "GIT_QUARANTINE_PATH";

/// Largest file of the sequencer that is read, in bytes.
const TODO_BYTES: u64 = 4 * 1024 * 1024;

/// The hash that names objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ObjectFormat {
    /// 40 hex digits.
    Sha1,
    /// 64 hex digits.
    Sha256,
}

/// An operation that Git left half done, waiting for the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    /// `git rebase`.
    Rebase,
    /// `git merge`.
    Merge,
    /// `git cherry-pick`.
    CherryPick,
    /// `git revert`.
    Revert,
    /// `git am`.
    Am,
    /// `git bisect`.
    Bisect,
}

impl fmt::Display for Operation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Rebase => "rebase",
            Self::Merge => "merge",
            Self::CherryPick => "cherry-pick",
            Self::Revert => "revert",
            Self::Am => "patch series (git am)",
            Self::Bisect => "bisect",
        })
    }
}

/// What is checked out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    /// The branch without `refs/heads/`; `None` when detached.
    pub(crate) branch: Option<String>,
    /// Its commit; `None` when there is no commit yet.
    pub(crate) commit: Option<ObjectId>,
}

/// A repository, found once a command.
#[derive(Debug)]
pub(crate) struct Repository {
    user_environment: Environment,
    environment: Environment,
    git_dir: PathBuf,
    common_dir: PathBuf,
    work_tree: Option<PathBuf>,
    prefix: String,
    object_format: ObjectFormat,
    shallow: bool,
    configuration: OnceCell<Configuration>,
}

/// The questions of [`Repository::discover`]; the last one fails where there is no work tree.
const QUESTIONS: &[&str] = &[
    "rev-parse",
    "--path-format=absolute",
    "--absolute-git-dir",
    "--git-common-dir",
    "--is-shallow-repository",
    "--show-object-format",
    "--show-prefix",
    "--show-toplevel",
];

impl Repository {
    /// Finds the repository that holds `start`, or that the environment names.
    pub(crate) fn discover(start: &Path, environment: &Environment) -> Result<Self, Error> {
        if !start.is_dir() {
            return Err(Error::NoFolder {
                start: start.to_owned(),
            });
        }
        let finding = command::discovery_environment(environment);
        let invocation = command::plain(QUESTIONS, start, &finding);
        let output = command::run(&invocation)?;
        let text = output.text();
        let answers: Vec<&str> = text.lines().collect();
        let (git_dir, common_dir, shallow, format, prefix, work_tree) = match answers.as_slice() {
            [git_dir, common_dir, shallow, format, prefix, top] if output.exit.success() => {
                (git_dir, common_dir, shallow, format, prefix, Some(*top))
            }
            // Only the last question failed: a bare repository, or a folder inside of `.git`.
            [git_dir, common_dir, shallow, format, prefix]
                if output.complaint().contains("work tree") =>
            {
                (git_dir, common_dir, shallow, format, prefix, None)
            }
            _ => return Err(not_found(start, &invocation, &output)),
        };
        let object_format = match *format {
            "sha1" => ObjectFormat::Sha1,
            "sha256" => ObjectFormat::Sha256,
            other => {
                let expected = "`sha1` or `sha256`";
                return Err(Error::answer(invocation.shown(), other, expected));
            }
        };
        Ok(Self {
            user_environment: environment.clone(),
            environment: command::repository_environment(environment),
            git_dir: PathBuf::from(git_dir),
            common_dir: PathBuf::from(common_dir),
            work_tree: work_tree.map(PathBuf::from),
            prefix: (*prefix).to_owned(),
            object_format,
            shallow: *shallow == "true",
            configuration: OnceCell::new(),
        })
    }

    /// The folder of this work tree in the repository: `.git`, or `.git/worktrees/<name>`.
    pub(crate) fn git_dir(&self) -> &Path {
        &self.git_dir
    }

    /// The folder that all work trees share.
    pub(crate) fn common_dir(&self) -> &Path {
        &self.common_dir
    }

    /// The top of the work tree, where there is one.
    pub(crate) fn work_tree(&self) -> Option<&Path> {
        self.work_tree.as_deref()
    }

    /// The top of the work tree, which must be there.
    pub(crate) fn top(&self) -> Result<&Path, Error> {
        self.work_tree().ok_or_else(|| Error::Bare {
            git_dir: self.git_dir.clone(),
        })
    }

    /// Where the command was started, below the top: empty or ending in `/`.
    pub(crate) fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The hash that names objects.
    pub(crate) fn object_format(&self) -> ObjectFormat {
        self.object_format
    }

    /// Whether history is cut off.
    pub(crate) fn is_shallow(&self) -> bool {
        self.shallow
    }

    /// Whether refs are kept in tables instead of files.
    pub(crate) fn has_reftable(&self) -> bool {
        self.common_dir.join("reftable").is_dir()
    }

    /// Our folder for what is local to this machine: locks, live journals, caches.
    pub(crate) fn local_folder(&self) -> PathBuf {
        self.common_dir.join("mmm")
    }

    /// A `git` command for this very repository.
    ///
    /// The repository is named by variables, which beat everything else and keep messages short.
    pub(crate) fn command<A: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = A>,
    ) -> Invocation {
        let folder = self.work_tree().unwrap_or(&self.git_dir);
        let invocation = command::plain(arguments, folder, &self.environment)
            .env("GIT_DIR", &self.git_dir)
            // libgit2 knows no replaced objects; both must give the same answers.
            .env("GIT_NO_REPLACE_OBJECTS", "1");
        match self.work_tree() {
            Some(top) => invocation.env("GIT_WORK_TREE", top),
            None => invocation.env("GIT_IMPLICIT_WORK_TREE", "0"),
        }
    }

    /// Runs a `git` command that must succeed.
    pub(crate) fn git<A: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = A>,
    ) -> Result<Output, Error> {
        command::checked(&self.command(arguments))
    }

    /// What is checked out.
    pub(crate) fn head(&self) -> Result<Head, Error> {
        let symbolic = self.command(["symbolic-ref", "--quiet", "HEAD"]);
        let output = command::run(&symbolic)?;
        let branch = match output.exit {
            exit if exit.success() => {
                let name = output.text();
                let name = name.trim_end_matches('\n');
                Some(name.strip_prefix("refs/heads/").unwrap_or(name).to_owned())
            }
            crate::proc::command::Exit::Code(1) => None,
            _ => return Err(command::failure(&symbolic, &output)),
        };
        Ok(Head {
            branch,
            commit: self.resolve("HEAD")?,
        })
    }

    /// The commit or other object that a revision names; `None` when it names nothing.
    pub(crate) fn resolve(&self, revision: &str) -> Result<Option<ObjectId>, Error> {
        let ask = self.command([
            "rev-parse",
            "--verify",
            "--quiet",
            "--end-of-options",
            revision,
        ]);
        let output = command::run(&ask)?;
        if output.exit.success() {
            self.parse_id(&ask.shown(), output.text().trim_end())
                .map(Some)
        } else if output.stderr.is_empty() {
            Ok(None)
        } else {
            Err(command::failure(&ask, &output))
        }
    }

    /// Takes an id out of an answer of `git`.
    pub(crate) fn parse_id(&self, arguments: &str, text: &str) -> Result<ObjectId, Error> {
        text.parse()
            .map_err(|_| Error::answer(arguments, text, "an object id"))
    }

    /// Git's configuration.
    pub(crate) fn configuration(&self) -> Result<&Configuration, Error> {
        if let Some(known) = self.configuration.get() {
            return Ok(known);
        }
        let listing = self.git(["config", "--list", "-z", "--show-scope", "--show-origin"])?;
        let parsed = Configuration::parse(&listing.stdout)?;
        Ok(self.configuration.get_or_init(|| parsed))
    }

    /// Who the user is to Git.
    pub(crate) fn identity(&self) -> Result<Identity, Error> {
        let ask = self.person(self.command(["var", "GIT_COMMITTER_IDENT"]));
        let output = command::run(&ask)?;
        if !output.exit.success() {
            return Err(Error::MissingIdentity {
                complaint: reason(&output.complaint()),
            });
        }
        let line = output.text();
        Identity::parse(&line).ok_or_else(|| Error::answer(ask.shown(), line, "an identity"))
    }

    /// Lets a command see who the user says they are in the environment.
    pub(crate) fn person(&self, invocation: Invocation) -> Invocation {
        self.user_environment
            .iter()
            .filter(|(name, _)| command::is_committer(name))
            .fold(invocation, |invocation, (name, value)| {
                invocation.env(name, value)
            })
    }

    /// The operation that Git left half done here, if any.
    pub(crate) fn operation(&self) -> Result<Option<Operation>, Error> {
        let there = |name: &str| self.git_dir.join(name).exists();
        if there("rebase-apply/applying") {
            return Ok(Some(Operation::Am));
        }
        if there("rebase-merge") || there("rebase-apply") {
            return Ok(Some(Operation::Rebase));
        }
        if there("MERGE_HEAD") {
            return Ok(Some(Operation::Merge));
        }
        if self.has_pseudo_ref("CHERRY_PICK_HEAD")? {
            return Ok(Some(Operation::CherryPick));
        }
        if self.has_pseudo_ref("REVERT_HEAD")? {
            return Ok(Some(Operation::Revert));
        }
        if there("sequencer/todo") {
            // Between two picks: the conflict was committed, the series was not continued.
            let todo = files::read_text(&self.git_dir.join("sequencer/todo"), TODO_BYTES)?;
            let revert = todo.starts_with("revert");
            return Ok(Some(if revert {
                Operation::Revert
            } else {
                Operation::CherryPick
            }));
        }
        Ok(there("BISECT_LOG").then_some(Operation::Bisect))
    }

    /// Whether a ref beside HEAD is there: a file, or a row where refs are in tables.
    fn has_pseudo_ref(&self, name: &str) -> Result<bool, Error> {
        if self.has_reftable() {
            return Ok(self.resolve(name)?.is_some());
        }
        Ok(self.git_dir.join(name).exists())
    }

    /// The environment that the program was started with.
    pub(crate) fn user_environment(&self) -> &Environment {
        &self.user_environment
    }

    /// The environment for the user's own commands: tied to no repository, with no identity of a
    /// commit that is being made.
    pub(crate) fn child_environment(&self) -> Environment {
        command::child_environment(&self.user_environment)
    }

    /// Refuses to write while a push is being checked: what is written then can vanish, and refs
    /// to it would break the repository.
    pub(crate) fn refuse_quarantine(&self) -> Result<(), Error> {
        match self.user_environment.var(QUARANTINE_VARIABLE) {
            Some(path) => Err(Error::Quarantine {
                path: path.to_owned(),
            }),
            None => Ok(()),
        }
    }
}

/// Why `git` found no repository, from its complaint.
fn not_found(start: &Path, invocation: &Invocation, output: &Output) -> Error {
    let complaint = output.complaint();
    if complaint.contains("dubious ownership") {
        let path = complaint.split('\'').nth(1).map(PathBuf::from);
        return Error::NotOwner {
            path: path.unwrap_or_else(|| start.to_owned()),
        };
    }
    if complaint.contains("not a git repository") {
        return Error::NotARepository {
            start: start.to_owned(),
        };
    }
    if let Some(found) = old_version(start) {
        return Error::GitTooOld { found };
    }
    if output.exit.success() {
        return Error::answer(invocation.shown(), output.text(), "six lines");
    }
    command::failure(invocation, output)
}

/// The version of `git`, when it is older than needed or tells none.
fn old_version(start: &Path) -> Option<String> {
    let output = command::run(&command::plain(
        ["version"],
        start,
        &Environment::of_process(),
    ));
    let text = output.ok()?.text();
    let found = text.trim().trim_start_matches("git version ");
    let mut numbers = found.split('.').map(|part| part.parse::<u32>().ok());
    let version = (numbers.next()??, numbers.next()??);
    (version < NEEDED_VERSION).then(|| found.to_owned())
}

/// The last line of a complaint, where Git says what is wrong after its advice.
fn reason(complaint: &str) -> String {
    let line = complaint.lines().last().unwrap_or(complaint);
    line.trim_start_matches("fatal: ").to_owned()
}

#[cfg(test)]
mod tests;
