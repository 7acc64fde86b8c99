//! A merge that stands in conflict in the work tree of a run.

use crate::base::ids::ObjectId;
use crate::git::worktree::isolated::{Isolated, quiet};
use crate::git::worktree::marker::Marker;
use crate::git::worktree::trees::Worktrees;
use crate::git::{Error, Repository, unmerged};
use crate::sys::files;

/// Longest file that names the commit of a merge under way, in bytes.
const MERGE_HEAD_BYTES: u64 = 64 * 1024;

impl Worktrees<'_> {
    /// The commit of the leg whose conflict is kept in the work tree of the run.
    pub(crate) fn kept(&self, into: &Isolated) -> Result<Option<ObjectId>, Error> {
        let _turn = self.turn(into.run)?;
        let here = self.open(into)?;
        recover(&here)?;
        Marker::Conflict.read(here.git_dir())
    }
}

/// Puts right what a process that was killed left in the work tree of the run.
pub(super) fn recover(here: &Repository) -> Result<(), Error> {
    if Marker::Moving.read(here.git_dir())?.is_some() {
        // It was clean, and half brought to a commit that its branch may have or not.
        Repository::expect(&quiet(here, ["reset", "--hard", "--quiet"])?)?;
        Marker::Moving.clear(here)?;
    }
    if let Some(tip) = Marker::Starting.read(here.git_dir())? {
        if is_merging(here, &tip) {
            Marker::Conflict.set(here, &tip)?;
        } else {
            reset(here)?;
        }
        Marker::Starting.clear(here)?;
    }
    Ok(())
}

/// Forgets a conflict whose merge is committed, or that somebody gave up with Git's means.
pub(super) fn end(here: &Repository) -> Result<(), Error> {
    Repository::expect(&quiet(here, ["reset", "--quiet"])?)?;
    Marker::Conflict.clear(here)
}

/// Throws a conflict and all attempts to solve it away.
pub(super) fn give_up(here: &Repository) -> Result<(), Error> {
    reset(here)?;
    Marker::Conflict.clear(here)
}

/// Makes a work tree of ours equal to its commit; what is ignored stays.
pub(super) fn reset(here: &Repository) -> Result<(), Error> {
    Repository::expect(&quiet(here, ["reset", "--hard", "--quiet"])?)?;
    Repository::expect(&quiet(here, ["clean", "-d", "--force", "--quiet"])?).map(drop)
}

/// The paths that nobody has solved.
pub(super) fn unmerged(here: &Repository) -> Result<Vec<String>, Error> {
    unmerged::paths(quiet(here, [])?)
}

/// Whether a merge of this commit is under way.
pub(super) fn is_merging(here: &Repository, commit: &ObjectId) -> bool {
    let named = files::read_text(&here.git_dir().join("MERGE_HEAD"), MERGE_HEAD_BYTES);
    named.is_ok_and(|text| text.trim_end() == commit.as_str())
}
