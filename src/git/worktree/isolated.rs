//! One work tree of a run: what leads to it, and the git commands that are for it.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::base::ids::{ObjectId, RunId};
use crate::git::environment;
use crate::git::{Error, Repository};
use crate::proc::command::Invocation;
use crate::sys::files;

/// Longest `.git` file that is read, in bytes: it holds one path.
pub(super) const LINK_BYTES: u64 = 64 * 1024;

/// A linked work tree on a branch of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Isolated {
    /// The run that it belongs to.
    pub(crate) run: RunId,
    /// The name of its folder: the leg's, spelled so that every file system takes it.
    pub(crate) name: String,
    /// Its top.
    pub(crate) path: PathBuf,
    /// Its branch, without `refs/heads/`.
    pub(crate) branch: String,
    /// The commit that it started from.
    pub(crate) base: ObjectId,
}

/// Settings under which nothing of the person's is set off: no hook, no signature, no housekeeping,
/// no monitor for each work tree.
const SETTINGS: &[&str] = &[
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "commit.gpgSign=false",
    "tag.gpgSign=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "rerere.enabled=false",
    "submodule.recurse=false",
    "advice.detachedHead=false",
    "core.fsync=committed,loose-object",
    "core.fsyncMethod=batch",
];

/// After how many seconds git tells what it is at: some commands do in spite of `--quiet`. With nobody
/// there to read it, because we were killed, they would end half done.
const PROGRESS_DELAY: &str = "GIT_PROGRESS_DELAY";
const NEVER: &str = "1000000";

/// A git command under these settings.
pub(super) fn quiet<'a>(
    repository: &Repository,
    arguments: impl IntoIterator<Item = &'a str>,
) -> Result<Invocation, Error> {
    let mut words: Vec<String> = Vec::new();
    let mut set = |setting: String| words.extend(["-c".to_owned(), setting]);
    for setting in SETTINGS {
        set((*setting).to_owned());
    }
    // Git 2.54 and later run hooks that the configuration names as well.
    let hooks = repository.configuration()?.subsections("hook");
    for hook in hooks.iter().filter(|hook| !hook.contains('=')) {
        set(format!("hook.{hook}.enabled=false"));
    }
    words.extend(arguments.into_iter().map(str::to_owned));
    Ok(repository.command(words).env(PROGRESS_DELAY, NEVER))
}

/// Opens the work tree at this top, as somebody would who stands in it.
pub(super) fn open(near: &Repository, top: &Path) -> Result<Repository, Error> {
    let gone = || Error::WorktreeGone {
        path: top.to_owned(),
    };
    if !top.join(".git").exists() {
        return Err(gone());
    }
    let repository = Repository::discover(top, &environment::for_other(near.environment()))
        .map_err(|error| match error {
            Error::NotARepository { .. } => gone(),
            other => other,
        })?;
    match repository.work_tree() {
        Some(found) if is_same(found, top) => Ok(repository),
        // Git went on to a folder above.
        _ => Err(gone()),
    }
}

/// The folder of Git's own state that the `.git` file of a work tree names.
pub(super) fn state_folder(top: &Path) -> Option<PathBuf> {
    let bytes = files::read_bytes(&top.join(".git"), LINK_BYTES).ok()?;
    let named = bytes.strip_prefix(b"gitdir: ")?;
    let named = named.strip_suffix(b"\n").unwrap_or(named);
    Some(top.join(OsStr::from_bytes(named)))
}

/// Whether two paths lead to the same place.
pub(super) fn is_same(one: &Path, other: &Path) -> bool {
    match (std::fs::canonicalize(one), std::fs::canonicalize(other)) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}
