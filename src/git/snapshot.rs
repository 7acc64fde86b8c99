//! What the work tree holds now, as a tree; and checkpoints, which keep it.
//!
//! Neither `HEAD`, nor the index, nor a file of the work tree is ever changed here.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use crate::base::ids::ObjectId;
use crate::base::limits;
use crate::git::objects::{NewCommit, ObjectKind};
use crate::git::refs::{Expected, RefUpdate};
use crate::git::scratch::Scratch;
use crate::git::secrets;
use crate::git::{Error, Repository};

/// The folder at the top that is state, not code.
pub(crate) const STATE_FOLDER: &str = ".mmm";

/// Branches that are checkpoints.
const CHECKPOINTS: &str = "mmm/checkpoint/";

/// Why a file is not in a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// It has this many bytes.
    TooLarge(u64),
    /// Its name or its content looks like a secret.
    LooksSecret,
}

/// A file that is not in a snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LeftOut {
    /// Its path from the top of the work tree, bytes that are not UTF-8 replaced.
    pub(crate) path: String,
    /// Why.
    pub(crate) reason: Reason,
}

impl std::fmt::Display for LeftOut {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.reason {
            Reason::TooLarge(bytes) => write!(formatter, "{} ({bytes} bytes)", self.path),
            Reason::LooksSecret => write!(formatter, "{} (looks like a secret)", self.path),
        }
    }
}

/// The work tree as a tree in the repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Snapshot {
    /// The tree.
    pub(crate) tree: ObjectId,
    /// Untracked files that are not in it.
    pub(crate) left_out: Vec<LeftOut>,
}

/// A branch that keeps a snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Checkpoint {
    /// Its commit.
    pub(crate) commit: ObjectId,
    /// Untracked files that are not in it.
    pub(crate) left_out: Vec<LeftOut>,
}

/// The id of the tree that `git add -A` and a commit would make of the work tree, without
/// `.mmm/`. Nothing is written into the repository.
pub(crate) fn code_tree(repository: &Repository) -> Result<ObjectId, Error> {
    repository.top()?;
    let status = repository.git([
        "status",
        "--porcelain=v1",
        "-z",
        "--untracked-files=all",
        // Changes inside of a submodule are not part of a tree; another commit of it is.
        "--ignore-submodules=dirty",
        "--",
        ".",
        ":(top,exclude).mmm",
    ])?;
    if status.stdout.is_empty() {
        return match repository.head()?.commit {
            Some(commit) => commit_code_tree(repository, &commit),
            None => repository.objects()?.hash(ObjectKind::Tree, b""),
        };
    }
    let scratch = Scratch::passing(repository)?;
    scratch.copy_index()?;
    scratch.stage(&[])?;
    let tree = scratch.write_tree()?;
    scratch.tree_without(&tree, STATE_FOLDER)
}

/// The id of a commit's tree without `.mmm/`. Nothing is written.
pub(crate) fn commit_code_tree(
    repository: &Repository,
    commit: &ObjectId,
) -> Result<ObjectId, Error> {
    let objects = repository.objects()?;
    objects.tree_without(&objects.commit_tree(commit)?, STATE_FOLDER)
}

/// Stores the whole work tree, `.mmm/` included, without untracked files that are too large or
/// look secret.
pub(crate) fn take(repository: &Repository) -> Result<Snapshot, Error> {
    repository.top()?;
    let scratch = Scratch::lasting(repository)?;
    scratch.copy_index()?;
    let (paths, left_out) = unwanted(repository)?;
    scratch.stage(&paths)?;
    let tree = scratch.write_tree()?;
    Ok(Snapshot { tree, left_out })
}

/// Keeps a snapshot as a commit on a new branch `mmm/checkpoint/…`.
pub(crate) fn checkpoint(
    repository: &Repository,
    branch: &str,
    message: &str,
) -> Result<Checkpoint, Error> {
    let name = checkpoint_ref(branch)?;
    let signature = repository
        .recorder()?
        .signature(repository.clock().now_ms());
    let Snapshot { tree, left_out } = take(repository)?;
    let objects = repository.objects()?;
    let parent = repository.head()?.commit;
    let commit = objects.write_commit(&NewCommit {
        tree: &tree,
        parents: parent.as_slice(),
        signature: &signature,
        message: &format!("{}\n", message.trim_end()),
    })?;
    objects.sync()?;
    let update = RefUpdate {
        name,
        new: Some(commit.clone()),
        expected: Expected::Absent,
    };
    // The reason in the reflog is an argument of a program: the message may be too long for one.
    repository.refs().update(&[update], "git mmm: checkpoint")?;
    Ok(Checkpoint { commit, left_out })
}

/// Removes the checkpoints with this name or below it, except those checked out in some work
/// tree; gives the branches removed.
pub(crate) fn delete_checkpoints(
    repository: &Repository,
    branch: &str,
) -> Result<Vec<String>, Error> {
    let name = checkpoint_ref(branch)?;
    let format = "--format=%(objectname) %(refname)%00%(worktreepath)";
    let text = repository
        .git(["for-each-ref", format, "--", &name])?
        .text();
    let mut updates = Vec::new();
    for line in text.lines() {
        let parts = line.split_once('\0').and_then(|(front, checked_out)| {
            let (id, name) = front.split_once(' ')?;
            Some((id.parse::<ObjectId>().ok()?, name, checked_out))
        });
        let (id, name, checked_out) = parts.ok_or_else(|| Error::Answer {
            command: "for-each-ref",
            found: line.chars().take(80).collect(),
        })?;
        if checked_out.is_empty() {
            updates.push(RefUpdate {
                name: name.to_owned(),
                new: None,
                expected: Expected::Is(id),
            });
        }
    }
    repository.refs().update(&updates, "remove checkpoints")?;
    let short = |update: RefUpdate| update.name.replacen("refs/heads/", "", 1);
    Ok(updates.into_iter().map(short).collect())
}

/// The ref of a checkpoint; any other branch is the person's.
fn checkpoint_ref(branch: &str) -> Result<String, Error> {
    if branch
        .strip_prefix(CHECKPOINTS)
        .is_some_and(|rest| !rest.is_empty())
    {
        Ok(format!("refs/heads/{branch}"))
    } else {
        Err(Error::RefName {
            name: branch.to_owned(),
        })
    }
}

/// The untracked files that a snapshot does not take.
fn unwanted(repository: &Repository) -> Result<(Vec<Vec<u8>>, Vec<LeftOut>), Error> {
    let top = repository.top()?;
    let listing = repository.git(["ls-files", "-z", "--others", "--exclude-standard"])?;
    let mut paths = Vec::new();
    let mut left_out = Vec::new();
    for path in listing
        .stdout
        .split(|&byte| byte == 0)
        .filter(|path| !path.is_empty())
    {
        let file = top.join(OsStr::from_bytes(path));
        // It may have gone since, and then there is nothing to leave out.
        let Ok(metadata) = std::fs::symlink_metadata(&file) else {
            continue;
        };
        let reason = if !metadata.is_file() {
            // A link is taken as text, a nested repository as the id of its commit.
            continue;
        } else if metadata.len() > limits::SNAPSHOT_FILE_BYTES {
            Reason::TooLarge(metadata.len())
        } else if secrets::looks_secret(&file)? {
            Reason::LooksSecret
        } else {
            continue;
        };
        paths.push(path.to_vec());
        left_out.push(LeftOut {
            path: String::from_utf8_lossy(path).into_owned(),
            reason,
        });
    }
    Ok((paths, left_out))
}

#[cfg(test)]
mod tests;
