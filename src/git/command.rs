//! Running `git`: which variables it may see, and what its failures mean.

use std::ffi::OsStr;
use std::io;
use std::path::Path;

use crate::base::limits;
use crate::git::Error;
use crate::proc;
use crate::proc::command::{Exit, Invocation, Output};
use crate::sys::environment::Environment;
use crate::sys::identifiers::SEED_VARIABLE;

/// What `git rev-parse --local-env-vars` names: variables that tie a process to one repository.
const LOCAL_VARIABLES: &[&str] = &[
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_CONFIG",
    "GIT_CONFIG_COUNT",
    "GIT_CONFIG_PARAMETERS",
    "GIT_DIR",
    "GIT_GRAFT_FILE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_INTERNAL_SUPER_PREFIX",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
];

/// Variables that change what a pathspec or a ref name of ours means, or where output goes.
const MEANING_VARIABLES: &[&str] = &[
    "GIT_GLOB_PATHSPECS",
    "GIT_ICASE_PATHSPECS",
    "GIT_LITERAL_PATHSPECS",
    "GIT_NAMESPACE",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_REDIRECT_STDERR",
    "GIT_REDIRECT_STDIN",
    "GIT_REDIRECT_STDOUT",
];

/// Variables about where objects and index are that a hook sets for its own moment.
const MOMENT_VARIABLES: &[&str] = &[
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
];

/// The environment for finding the repository: the user's, without the moment of a hook.
pub(crate) fn discovery_environment(user: &Environment) -> Environment {
    keep(user, |name| {
        !is_one_of(name, MOMENT_VARIABLES) && !is_one_of(name, MEANING_VARIABLES)
    })
}

/// The environment for a repository that was found: tied to no other one, with no one's identity.
pub(crate) fn repository_environment(user: &Environment) -> Environment {
    keep(user, |name| {
        // `git -c key=value mmm` and GIT_CONFIG_COUNT are the user's wish for this very command.
        let configuration = name == "GIT_CONFIG_PARAMETERS" || name == "GIT_CONFIG_COUNT";
        configuration
            || !(is_one_of(name, LOCAL_VARIABLES)
                || is_one_of(name, MEANING_VARIABLES)
                || is_person(name))
    })
}

/// The environment for the user's own commands: tied to no repository, not reproducible.
pub(crate) fn child_environment(user: &Environment) -> Environment {
    keep(user, |name| {
        let configuration =
            has_prefix(name, "GIT_CONFIG_KEY_") || has_prefix(name, "GIT_CONFIG_VALUE_");
        !(is_one_of(name, LOCAL_VARIABLES)
            || configuration
            || is_person(name)
            || name == SEED_VARIABLE)
    })
}

/// Whether a variable says who commits.
pub(crate) fn is_committer(name: &OsStr) -> bool {
    has_prefix(name, "GIT_COMMITTER_")
}

fn is_person(name: &OsStr) -> bool {
    is_committer(name) || has_prefix(name, "GIT_AUTHOR_")
}

fn is_one_of(name: &OsStr, known: &[&str]) -> bool {
    known.iter().any(|known| name == *known)
}

fn has_prefix(name: &OsStr, prefix: &str) -> bool {
    name.to_str().is_some_and(|name| name.starts_with(prefix))
}

fn keep(user: &Environment, wanted: impl Fn(&OsStr) -> bool) -> Environment {
    user.iter().filter(|(name, _)| wanted(name)).collect()
}

/// A `git` command that answers in plain English, asks nobody and takes no lock it can do without.
pub(crate) fn plain<A: AsRef<OsStr>>(
    arguments: impl IntoIterator<Item = A>,
    folder: &Path,
    environment: &Environment,
) -> Invocation {
    Invocation::new("git")
        .args(arguments)
        .folder(folder)
        .environment(environment)
        .env("LC_ALL", "C")
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("GIT_TERMINAL_PROMPT", "0")
        .timeout(limits::GIT_TIMEOUT)
        .output_limit(limits::GIT_OUTPUT_BYTES)
}

/// Runs a `git` command to its end, however it ends.
pub(crate) fn run(invocation: &Invocation) -> Result<Output, Error> {
    invocation.run().map_err(process_error)
}

/// Runs a `git` command that must succeed.
pub(crate) fn checked(invocation: &Invocation) -> Result<Output, Error> {
    let output = run(invocation)?;
    if output.exit.success() {
        Ok(output)
    } else {
        Err(failure(invocation, &output))
    }
}

/// What a `git` command that failed tells.
pub(crate) fn failure(invocation: &Invocation, output: &Output) -> Error {
    failure_of(invocation.shown(), output.exit, output.complaint())
}

/// The same for one that was talked to.
pub(crate) fn failure_of(arguments: String, exit: Exit, complaint: String) -> Error {
    let exit = match exit {
        Exit::Code(code) => format!("exit code {code}"),
        Exit::Signal(signal) => format!("signal {signal}"),
    };
    Error::Git {
        arguments,
        exit,
        complaint,
    }
}

/// Tells a missing `git` from other failures of processes.
pub(crate) fn process_error(error: proc::Error) -> Error {
    match error {
        proc::Error::Start { source, .. } if source.kind() == io::ErrorKind::NotFound => {
            Error::GitMissing
        }
        other => Error::Process(other),
    }
}
