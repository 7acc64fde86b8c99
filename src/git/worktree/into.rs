//! Bringing a branch of the person's to the commit that a run came to.

use std::path::{Path, PathBuf};

use crate::base::ids::ObjectId;
use crate::git::refs::Expected;
use crate::git::worktree::isolated::{self, quiet};
use crate::git::worktree::merge::{changed, merge_trees};
use crate::git::worktree::names;
use crate::git::worktree::trees::Worktrees;
use crate::git::{Error, Repository, writer};

/// How many times it is waited a little for what a git does last of all.
const PAUSES: u32 = 6;

/// Paths that a refusal names.
const NAMED: usize = 10;

/// How it went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Updated {
    /// The branch has it now.
    Moved,
    /// The branch had it already.
    UpToDate,
    /// The branch is as it was.
    NotMerged(NotMerged),
}

/// Why a branch was left as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NotMerged {
    /// It is checked out, and there are changes that are not committed.
    Dirty {
        /// The work tree.
        path: PathBuf,
        /// The first paths that are changed.
        paths: Vec<String>,
    },
    /// It is checked out, and a merge, a rebase or the like is in progress there.
    Busy {
        /// The work tree.
        path: PathBuf,
        /// What is in progress.
        operation: &'static str,
    },
    /// It is checked out, and a git is at work there or was killed.
    Locked {
        /// The lock.
        lock: PathBuf,
    },
    /// It is checked out in several work trees at once.
    Twice {
        /// They.
        paths: Vec<PathBuf>,
    },
    /// Both sides changed the same places.
    Conflict {
        /// The paths.
        paths: Vec<String>,
    },
    /// Git refuses, most often because of a file that it does not know and would overwrite.
    Refused {
        /// The work tree.
        path: PathBuf,
        /// What Git said.
        complaint: String,
    },
}

impl Worktrees<'_> {
    /// Brings a branch (without `refs/heads/`) forward to a commit, with the work tree that it is
    /// checked out in; one that is not there is made. Commits that it has and the run does not know
    /// are merged, with this message, where that goes without a conflict. What is not committed is
    /// never touched.
    pub(crate) fn update_into(
        &self,
        branch: &str,
        commit: &ObjectId,
        message: &str,
    ) -> Result<Updated, Error> {
        let full = names::full(branch);
        let checked = self.repository.command(["check-ref-format", &full]).run()?;
        if branch.starts_with('-') || !checked.exit.success() {
            return Err(Error::RefName {
                name: branch.to_owned(),
            });
        }
        let reason = "mmm: the work of a run";
        let places = self.checked_out(&full)?;
        let mut locked = None;
        for path in &places {
            locked = locked.or(self.wait_for_git(path)?);
        }
        let Some(tip) = self.repository.refs().resolve(&full)? else {
            self.move_branch(&full, commit, Expected::Absent, reason)?;
            return Ok(Updated::Moved);
        };
        if self.is_ancestor(commit, &tip)? {
            return Ok(Updated::UpToDate);
        }
        if let Some(lock) = locked {
            return Ok(Updated::NotMerged(NotMerged::Locked { lock }));
        }
        let target = if self.is_ancestor(&tip, commit)? {
            commit.clone()
        } else {
            let merge = merge_trees(self.repository, &tip, commit)?;
            if !merge.conflicts.is_empty() {
                let paths = merge.conflicts;
                return Ok(Updated::NotMerged(NotMerged::Conflict { paths }));
            }
            self.write_commit(self.repository, &merge.tree, &[&tip, commit], message)?
        };
        let refused = match places.as_slice() {
            [] => {
                self.move_branch(&full, &target, Expected::Is(tip), reason)?;
                None
            }
            [path] => self.forward(path, &target)?,
            _ => Some(NotMerged::Twice { paths: places }),
        };
        Ok(match refused {
            Some(reason) => Updated::NotMerged(reason),
            None => Updated::Moved,
        })
    }

    /// Waits until no git changes a work tree of the person's. It may be the one that brings the
    /// branch forward for an engine that was killed: it goes on without that. Gives the lock where it
    /// stays.
    fn wait_for_git(&self, path: &Path) -> Result<Option<PathBuf>, Error> {
        let there = isolated::open(self.repository, path)?;
        let lock = there.git_dir().join("index.lock");
        if !lock.exists() {
            return Ok(None);
        }
        if !self.wait_for(&lock) {
            return Ok(Some(lock));
        }
        // The branch moves after the index.
        (1..=PAUSES).for_each(writer::pause);
        Ok(None)
    }

    /// Brings a work tree of the person's forward.
    fn forward(&self, path: &Path, target: &ObjectId) -> Result<Option<NotMerged>, Error> {
        let there = isolated::open(self.repository, path)?;
        if let Some(operation) = there.operation() {
            return Ok(Some(NotMerged::Busy {
                path: path.to_owned(),
                operation: operation.as_str(),
            }));
        }
        let paths = changed(&there, "no")?;
        if !paths.is_empty() {
            return Ok(Some(NotMerged::Dirty {
                path: path.to_owned(),
                paths: paths.into_iter().take(NAMED).collect(),
            }));
        }
        let words = [
            "merge",
            "--quiet",
            "--ff-only",
            "--no-autostash",
            "--no-overwrite-ignore",
            "--no-verify-signatures",
            target.as_str(),
        ];
        let output = quiet(&there, words)?.run()?;
        Ok((!output.exit.success()).then(|| NotMerged::Refused {
            path: path.to_owned(),
            complaint: output.complaint(),
        }))
    }

    /// The work trees that a branch is checked out in.
    pub(super) fn checked_out(&self, full: &str) -> Result<Vec<PathBuf>, Error> {
        use std::os::unix::ffi::OsStrExt;
        let listing = Repository::expect(&self.repository.command([
            "worktree",
            "list",
            "--porcelain",
            "-z",
        ]))?;
        let mut found = Vec::new();
        let mut at = None;
        let mut is_bare = false;
        for line in listing.stdout.split(|byte| *byte == 0) {
            if let Some(path) = line.strip_prefix(b"worktree ") {
                at = Some(PathBuf::from(std::ffi::OsStr::from_bytes(path)));
                is_bare = false;
            } else if line == b"bare" {
                is_bare = true;
            } else if line.strip_prefix(b"branch ") == Some(full.as_bytes()) && !is_bare {
                found.extend(at.take());
            }
        }
        // The folder of a work tree that was removed by hand holds nothing to lose.
        found.retain(|path| path.exists());
        Ok(found)
    }
}
