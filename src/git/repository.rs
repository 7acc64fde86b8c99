//! A repository: where it is, and how git is asked about it.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock};

use crate::base::ids::ObjectId;
use crate::base::limits;
use crate::git::Error;
use crate::git::configuration::Configuration;
use crate::git::environment;
use crate::git::head::{self, Head, Operation};
use crate::git::identity::{self, Identity};
use crate::git::objects::Objects;
use crate::git::refs::Refs;
use crate::git::session::Session;
use crate::proc;
use crate::proc::command::{Invocation, Output};
use crate::sys::clock::Clock;
use crate::sys::environment::Environment;

/// Set by git while it receives a push: what is written then may vanish.
const QUARANTINE: &str = "GIT_QUARANTINE_PATH";

/// Separates the answers of one `git rev-parse`: what it does not know, it prints.
const SEPARATOR: &str = "--mmm-next";

/// The hash that a repository names its objects with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ObjectFormat {
    /// SHA-1, 40 hex digits.
    Sha1,
    /// SHA-256, 64 hex digits.
    Sha256,
}

impl ObjectFormat {
    /// Length of an id in hex digits.
    pub(crate) fn hex_length(self) -> usize {
        match self {
            Self::Sha1 => 40,
            Self::Sha256 => 64,
        }
    }
}

/// A repository, opened once for a command.
#[derive(Debug)]
pub(crate) struct Repository {
    git_dir: PathBuf,
    common_dir: PathBuf,
    work_tree: Option<PathBuf>,
    object_format: ObjectFormat,
    ref_files: bool,
    #[cfg_attr(not(test), expect(dead_code, reason = "the tests ask for it"))]
    shallow: bool,
    clock: Clock,
    given: Environment,
    scrubbed: Environment,
    /// Whether git finds it from the top of the work tree, once that was asked for.
    pub(super) found_from_top: OnceLock<bool>,
    configuration: OnceLock<Configuration>,
    identity: OnceLock<Identity>,
    objects: OnceLock<Objects>,
    ref_session: Mutex<Option<Session>>,
}

impl Repository {
    /// Finds the repository that `start` is in, or the one that `GIT_DIR` names.
    pub(crate) fn discover(start: &Path, environment: &Environment) -> Result<Self, Error> {
        if !start.is_dir() {
            // Else the system's complaint would be taken for a missing program.
            return Err(Error::NotARepository {
                start: start.to_owned(),
            });
        }
        let questions = [
            "rev-parse",
            "--is-shallow-repository",
            "--show-object-format",
            "--show-ref-format",
            "--path-format=absolute",
            SEPARATOR,
            "--git-dir",
            SEPARATOR,
            "--git-common-dir",
            SEPARATOR,
            // Last: it fails without a work tree, when all else has been answered.
            "--show-toplevel",
        ];
        let invocation = Invocation::new("git")
            .args(questions)
            .environment(&environment::for_search(environment))
            .env("LC_ALL", "C")
            .timeout(limits::GIT_TIMEOUT)
            .folder(start);
        let output = invocation.run().map_err(missing)?;
        let clock = Clock::from_environment(environment)?;
        match Self::from_answers(&output.stdout, environment, clock) {
            Some(repository) => Ok(repository),
            None => Err(not_found(start, environment, &output)),
        }
    }

    fn from_answers(answer: &[u8], environment: &Environment, clock: Clock) -> Option<Self> {
        let separator = format!("{SEPARATOR}\n");
        let parts = split(answer, separator.as_bytes());
        let [facts, git_dir, common_dir, rest @ ..] = parts.as_slice() else {
            return None;
        };
        let facts = std::str::from_utf8(facts).ok()?;
        let mut facts = facts.lines();
        let shallow = facts.next()? == "true";
        let object_format = match facts.next()? {
            "sha1" => ObjectFormat::Sha1,
            "sha256" => ObjectFormat::Sha256,
            _ => return None,
        };
        // Git before 2.45 repeats the question, and knows files only.
        let ref_files = facts.next()? != "reftable";
        Some(Self {
            git_dir: path(git_dir)?,
            common_dir: path(common_dir)?,
            // Nothing in a bare repository, and inside of `.git`.
            work_tree: rest.first().and_then(|bytes| path(bytes)),
            object_format,
            ref_files,
            shallow,
            clock,
            given: environment.clone(),
            scrubbed: environment::for_git(environment),
            found_from_top: OnceLock::new(),
            configuration: OnceLock::new(),
            identity: OnceLock::new(),
            objects: OnceLock::new(),
            ref_session: Mutex::new(None),
        })
    }

    /// The folder of this work tree's own state.
    pub(crate) fn git_dir(&self) -> &Path {
        &self.git_dir
    }

    /// The folder that all work trees share.
    pub(crate) fn common_dir(&self) -> &Path {
        &self.common_dir
    }

    /// The top of the work tree, when there is one here.
    pub(crate) fn work_tree(&self) -> Option<&Path> {
        self.work_tree.as_deref()
    }

    /// The top of the work tree.
    pub(crate) fn top(&self) -> Result<&Path, Error> {
        self.work_tree().ok_or_else(|| self.no_work_tree())
    }

    /// Says that something needs a work tree.
    pub(crate) fn no_work_tree(&self) -> Error {
        match self.beside() {
            Some(top) => Error::InsideGit {
                git_dir: self.git_dir.clone(),
                top,
            },
            None => Error::Bare {
                git_dir: self.git_dir.clone(),
            },
        }
    }

    /// The work tree that is around this `.git`, where the search began inside of it.
    pub(crate) fn beside(&self) -> Option<PathBuf> {
        let is_bare = || {
            let configuration = self.configuration().ok()?;
            configuration.get_bool("core.bare").ok()?
        };
        let inside = self.work_tree.is_none()
            && self.git_dir.file_name() == Some(OsStr::new(".git"))
            && is_bare() != Some(true);
        inside.then(|| self.git_dir.parent().map(Path::to_owned))?
    }

    /// The hash that objects are named with.
    pub(crate) fn object_format(&self) -> ObjectFormat {
        self.object_format
    }

    /// Whether refs are files, not tables.
    pub(crate) fn has_ref_files(&self) -> bool {
        self.ref_files
    }

    /// Whether history was cut off when it was cloned.
    #[cfg(test)]
    pub(crate) fn is_shallow(&self) -> bool {
        self.shallow
    }

    /// The folder for what is local to this clone.
    pub(crate) fn local_folder(&self) -> PathBuf {
        self.common_dir.join("mmm")
    }

    /// The time.
    pub(crate) fn clock(&self) -> Clock {
        self.clock
    }

    /// The environment that the command was started with.
    pub(crate) fn environment(&self) -> &Environment {
        &self.given
    }

    /// A git command on exactly this repository.
    pub(crate) fn command<A: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = A>,
    ) -> Invocation {
        let invocation = Invocation::new("git")
            .args(arguments)
            .environment(&self.scrubbed)
            .env("GIT_DIR", &self.git_dir)
            .env("LC_ALL", "C")
            .env("GIT_OPTIONAL_LOCKS", "0")
            // Libgit2 does not honour replacements: all views of an object must agree.
            .env("GIT_NO_REPLACE_OBJECTS", "1")
            .timeout(limits::GIT_TIMEOUT)
            .output_limit(limits::GIT_OUTPUT_BYTES)
            .apart(true);
        match &self.work_tree {
            Some(top) => invocation.env("GIT_WORK_TREE", top).folder(top),
            None => invocation.folder(&self.git_dir),
        }
    }

    /// Runs a git command; one that fails is an error.
    pub(crate) fn git<A: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = A>,
    ) -> Result<Output, Error> {
        Self::expect(&self.command(arguments))
    }

    /// Runs a prepared git command; one that fails is an error.
    pub(crate) fn expect(invocation: &Invocation) -> Result<Output, Error> {
        let output = invocation.run()?;
        if output.exit.success() {
            return Ok(output);
        }
        Err(Error::of_command(
            without_settings(&invocation.shown()),
            output.exit,
            output.complaint(),
        ))
    }

    /// Where `HEAD` is.
    pub(crate) fn head(&self) -> Result<Head, Error> {
        head::ask(self)
    }

    /// What git has begun and not ended in this work tree.
    pub(crate) fn operation(&self) -> Option<Operation> {
        head::operation(self)
    }

    /// The configuration, read when first asked for.
    pub(crate) fn configuration(&self) -> Result<&Configuration, Error> {
        if let Some(known) = self.configuration.get() {
            return Ok(known);
        }
        let output = self.git(["config", "--list", "-z", "--show-scope", "--show-origin"])?;
        let read = Configuration::parse(&output.text())?;
        Ok(self.configuration.get_or_init(|| read))
    }

    /// Who we are, asked when first needed.
    pub(crate) fn identity(&self) -> Result<Identity, Error> {
        if let Some(known) = self.identity.get() {
            return Ok(known.clone());
        }
        let asked = identity::ask(self)?;
        Ok(self.identity.get_or_init(|| asked).clone())
    }

    /// Who we are for records of our own: the person, or nobody in particular where git does not
    /// know them. A commit on their branch, or an answer that counts, asks [`Self::identity`].
    pub(crate) fn recorder(&self) -> Result<Identity, Error> {
        match self.identity() {
            Err(Error::MissingIdentity { .. }) => Ok(Identity::unknown()),
            known => known,
        }
    }

    /// The object database, opened when first needed.
    #[expect(
        clippy::unnecessary_wraps,
        reason = "what cannot be opened goes through the command today; callers are ready for more"
    )]
    pub(crate) fn objects(&self) -> Result<&Objects, Error> {
        Ok(self.objects.get_or_init(|| Objects::open(self)))
    }

    /// The refs.
    pub(crate) fn refs(&self) -> Refs<'_> {
        Refs::new(self)
    }

    /// The process that updates refs, once there is one.
    pub(super) fn ref_session(&self) -> &Mutex<Option<Session>> {
        &self.ref_session
    }

    /// Refuses to write while git receives a push: objects would vanish if it is rejected.
    pub(crate) fn refuse_quarantine(&self) -> Result<(), Error> {
        match self.given.var_os(QUARANTINE) {
            Some(_) => Err(Error::Quarantine),
            None => Ok(()),
        }
    }
}

/// The words of a git command for a person: without `git` and the settings that are ours.
fn without_settings(shown: &str) -> String {
    let mut rest = shown.strip_prefix("git ").unwrap_or(shown);
    while let Some((_, after)) = rest
        .strip_prefix("-c ")
        .and_then(|setting| setting.split_once(' '))
    {
        rest = after;
    }
    rest.to_owned()
}

/// Reads an object id that git printed.
pub(super) fn parse_id(command: &'static str, text: &str) -> Result<ObjectId, Error> {
    text.trim_end().parse().map_err(|_| Error::Answer {
        command,
        found: text.chars().take(80).collect(),
    })
}

/// A program that is not there, told apart from other failures to start it.
fn missing(error: proc::Error) -> Error {
    match error {
        proc::Error::Start { source, .. } if source.kind() == std::io::ErrorKind::NotFound => {
            Error::GitMissing
        }
        other => other.into(),
    }
}

/// Why no repository was found.
fn not_found(start: &Path, environment: &Environment, output: &Output) -> Error {
    let complaint = output.complaint();
    let start = start.to_owned();
    if complaint.contains("not a git repository") {
        return Error::NotARepository { start };
    }
    if complaint.contains("dubious ownership") {
        let quoted = complaint.split('\'').nth(1);
        let folder = quoted.map_or_else(|| start.clone(), PathBuf::from);
        return Error::Unsafe { folder };
    }
    if complaint.contains("safe.bareRepository") {
        return Error::UnsafeBare { start };
    }
    if complaint.contains("unknown repository extension") {
        // The name stands in a line of its own, after a tab.
        let name = complaint.lines().find_map(|line| line.strip_prefix('\t'));
        let extension = name.unwrap_or("?").to_owned();
        return Error::Extension { start, extension };
    }
    let version = Invocation::new("git")
        .arg("version")
        .environment(&environment::for_git(environment))
        .run();
    match version.map(|version| version.text()) {
        Ok(text) if too_old(&text) => Error::GitTooOld {
            found: text.trim().trim_start_matches("git version ").to_owned(),
        },
        Ok(_) => Error::of_command("rev-parse".to_owned(), output.exit, complaint),
        Err(error) => missing(error),
    }
}

/// Whether `git version 2.37.1 (…)` is older than 2.38.
fn too_old(text: &str) -> bool {
    let Some(version) = text.trim().strip_prefix("git version ") else {
        return false;
    };
    let mut numbers = version.split('.').map(|part| part.parse::<u32>().ok());
    match (numbers.next().flatten(), numbers.next().flatten()) {
        (Some(major), Some(minor)) => (major, minor) < (2, 38),
        _ => false,
    }
}

fn split<'a>(bytes: &'a [u8], separator: &[u8]) -> Vec<&'a [u8]> {
    let mut parts = Vec::new();
    let mut rest = bytes;
    while let Some(at) = rest
        .windows(separator.len())
        .position(|window| window == separator)
    {
        parts.push(rest.get(..at).unwrap_or(&[]));
        rest = rest.get(at + separator.len()..).unwrap_or(&[]);
    }
    parts.push(rest);
    parts
}

/// A path without the line feed that ends the answer; one in it stays.
fn path(bytes: &[u8]) -> Option<PathBuf> {
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    (!bytes.is_empty()).then(|| PathBuf::from(OsStr::from_bytes(bytes)))
}

#[cfg(test)]
mod tests;
