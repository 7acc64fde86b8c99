//! What the work tree holds now, as a tree; and checkpoints, which keep it.
//!
//! Neither `HEAD`, nor the index, nor a file of the work tree is ever changed here.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use crate::base::ids::ObjectId;
use crate::base::limits;
use crate::base::redact::Masker;
use crate::git::objects::{NewCommit, ObjectKind};
use crate::git::refs::{Expected, RefUpdate};
use crate::git::scratch::Scratch;
use crate::git::secrets;
use crate::git::{Error, Repository};

/// The folder at the top that is state, not code.
pub(crate) const STATE_FOLDER: &str = ".mmm";

/// Branches that are checkpoints.
const CHECKPOINTS: &str = "mmm/checkpoint/";

/// Paths from the top of a work tree.
type Paths = Vec<Vec<u8>>;

/// Why a file is not in a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// It has this many bytes.
    TooLarge(u64),
    /// Its name or its content looks like a secret.
    LooksSecret,
    /// It holds a value that is masked.
    HoldsMasked,
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
            Reason::HoldsMasked => write!(formatter, "{} (holds a masked value)", self.path),
        }
    }
}

/// The work tree as a tree in the repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Snapshot {
    /// The tree.
    pub(crate) tree: ObjectId,
    /// Files that are not in it as they are now.
    pub(crate) left_out: Vec<LeftOut>,
}

/// What a snapshot of the whole work tree, `.mmm/` included, would hold. Nothing is written into
/// the repository.
pub(crate) fn look(repository: &Repository, masker: &Masker) -> Result<Snapshot, Error> {
    take(repository, masker, &Scratch::passing(repository)?)
}

/// Takes the whole work tree, `.mmm/` included. Untracked files that are too large, look secret
/// or hold a masked value are not in it; a tracked one that holds such a value is there as it is
/// in `HEAD`.
fn take(
    repository: &Repository,
    masker: &Masker,
    scratch: &Scratch<'_>,
) -> Result<Snapshot, Error> {
    repository.top()?;
    scratch.copy_index()?;
    let (mut paths, mut left_out) = unwanted(repository, masker)?;
    let masked = changed_masked(repository, masker)?;
    paths.extend(masked.iter().cloned());
    scratch.stage(&paths)?;
    scratch.restore(&masked)?;
    let tree = scratch.write_tree()?;
    left_out.extend(masked.iter().map(|path| LeftOut {
        path: String::from_utf8_lossy(path).into_owned(),
        reason: Reason::HoldsMasked,
    }));
    Ok(Snapshot { tree, left_out })
}

/// Keeps a snapshot as a commit on a new branch `mmm/checkpoint/…`.
pub(crate) fn checkpoint(
    repository: &Repository,
    branch: &str,
    message: &str,
    masker: &Masker,
) -> Result<Snapshot, Error> {
    let name = checkpoint_ref(branch)?;
    let signature = repository
        .recorder()?
        .signature(repository.clock().now_ms());
    let scratch = Scratch::lasting(repository)?;
    let snapshot = take(repository, masker, &scratch)?;
    let objects = repository.objects()?;
    let parent = repository.head()?.commit;
    let commit = objects.write_commit(&NewCommit {
        tree: &snapshot.tree,
        parents: parent.as_slice(),
        signature: &signature,
        message: &format!("{}\n", message.trim_end()),
    })?;
    objects.sync()?;
    let update = RefUpdate {
        name,
        new: Some(commit),
        expected: Expected::Absent,
    };
    // The reason in the reflog is an argument of a program: the message may be too long for one.
    repository.refs().update(&[update], "git mmm: checkpoint")?;
    Ok(snapshot)
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
fn unwanted(
    repository: &Repository,
    masker: &Masker,
) -> Result<(Vec<Vec<u8>>, Vec<LeftOut>), Error> {
    let top = repository.top()?;
    let listing = repository.git(["ls-files", "-z", "--others", "--exclude-standard"])?;
    let mut paths = Vec::new();
    let mut left_out = Vec::new();
    for path in parts(&listing.stdout) {
        let file = top.join(OsStr::from_bytes(path));
        // It may have gone since, and then there is nothing to leave out.
        let Ok(metadata) = std::fs::symlink_metadata(&file) else {
            continue;
        };
        let reason = if is_masked(&file, path, masker)? {
            Reason::HoldsMasked
        } else if !metadata.is_file() {
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

/// The files that git knows, that are not as in `HEAD`, and that hold a masked value, in the work
/// tree or staged.
fn changed_masked(repository: &Repository, masker: &Masker) -> Result<Vec<Vec<u8>>, Error> {
    if masker.is_empty() {
        return Ok(Vec::new());
    }
    let top = repository.top()?;
    let mut found = Vec::new();
    for path in parts(&changed(repository, "--name-only")?) {
        if is_masked(&top.join(OsStr::from_bytes(path)), path, masker)? {
            found.push(path.to_vec());
        }
    }
    let staged = staged_masked(repository, masker)?;
    let known = found.clone();
    found.extend(staged.into_iter().filter(|path| !known.contains(path)));
    Ok(found)
}

/// What is not as in `HEAD`, as `diff-index` lists it.
fn changed(repository: &Repository, flag: &str) -> Result<Vec<u8>, Error> {
    let against = match repository.head()?.commit {
        Some(commit) => commit,
        None => repository.objects()?.hash(ObjectKind::Tree, b"")?,
    };
    let words = ["diff-index", "-z", "--no-abbrev", flag];
    let common = ["--no-renames", "--ignore-submodules=all", against.as_str()];
    Ok(repository.git(words.into_iter().chain(common))?.stdout)
}

/// The files that are staged, not as in `HEAD`, and hold a masked value or are named by one.
pub(super) fn staged_masked(repository: &Repository, masker: &Masker) -> Result<Paths, Error> {
    if masker.is_empty() {
        return Ok(Vec::new());
    }
    let objects = repository.objects()?;
    let mut found = Vec::new();
    let staged = changed(repository, "--cached")?;
    let staged: Vec<&[u8]> = parts(&staged).collect();
    for pair in staged.chunks_exact(2) {
        let [facts, path] = pair else { continue };
        // `:<mode> <mode> <id> <id> <letter>`: the second id is the staged one.
        let id = facts.split(|&byte| byte == b' ').nth(3);
        let id = id.and_then(|id| std::str::from_utf8(id).ok()?.parse::<ObjectId>().ok());
        let content = id.map(|id| objects.read(&id)).transpose()?.flatten();
        // One that is staged as removed has no content.
        if content.is_some_and(|(_, bytes)| masker.finds(path) || masker.finds(&bytes)) {
            found.push(path.to_vec());
        }
    }
    Ok(found)
}

/// The files that are not as in `HEAD`, not ignored, and hold a masked value: those that git knows,
/// and the others.
pub(super) fn masked(repository: &Repository, masker: &Masker) -> Result<(Paths, Paths), Error> {
    if masker.is_empty() {
        return Ok((Vec::new(), Vec::new()));
    }
    let known = changed_masked(repository, masker)?;
    let top = repository.top()?;
    let listing = repository.git(["ls-files", "-z", "--others", "--exclude-standard"])?;
    let mut others = Vec::new();
    for path in parts(&listing.stdout) {
        if is_masked(&top.join(OsStr::from_bytes(path)), path, masker)? {
            others.push(path.to_vec());
        }
    }
    Ok((known, others))
}

/// Whether a file that is there holds a masked value, or is named by one.
fn is_masked(file: &Path, path: &[u8], masker: &Masker) -> Result<bool, Error> {
    let named = masker.finds(path) && std::fs::symlink_metadata(file).is_ok();
    Ok(named || secrets::holds_masked(file, masker)?)
}

/// The parts of a list that ends each with a zero byte.
fn parts(list: &[u8]) -> impl Iterator<Item = &[u8]> {
    list.split(|&byte| byte == 0)
        .filter(|part| !part.is_empty())
}

#[cfg(test)]
mod tests;
