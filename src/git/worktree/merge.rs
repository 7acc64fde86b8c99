//! Merging the branch of a leg into that of its run.
//!
//! Git computes the merge without a work tree, so a conflict changes nothing, and a merge is there
//! whole or not at all. Only a conflict that somebody is to solve is brought into the work tree of
//! the run.

use std::collections::HashSet;

use crate::base::ids::ObjectId;
use crate::git::repository::parse_id;
use crate::git::worktree::conflict;
use crate::git::worktree::isolated::{Isolated, quiet};
use crate::git::worktree::marker::Marker;
use crate::git::worktree::names;
use crate::git::worktree::rebase::{self, Picked};
use crate::git::worktree::trees::{Worktrees, beside, by};
use crate::git::{Error, Repository};
use crate::proc::command::Exit;

/// Paths that an error names.
const NAMED: usize = 10;

/// The trailer of commits that stand for commits of a leg: its name and the commit.
const TRAILER: &str = "Mmm-Leg";

/// How the work of a leg is taken over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    /// By a merge commit.
    Merge,
    /// By one commit with all changes.
    Squash,
    /// By a commit for each of the leg's, on top.
    Rebase,
    /// Not at all: a person does it.
    Leave,
}

/// What becomes of a conflict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnConflict {
    /// Everything stays as it was.
    Abort,
    /// It stays in the work tree of the run, for a step or a person to solve.
    Keep,
}

/// What a merge is to be like.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Order<'a> {
    /// How it is done.
    pub(crate) how: How,
    /// What becomes of a conflict.
    pub(crate) on_conflict: OnConflict,
    /// The message of the commit, where one is made.
    pub(crate) message: &'a str,
}

/// How a merge went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum MergedBack {
    /// It is done; the branch of the run is at this commit.
    Merged {
        /// The commit.
        commit: ObjectId,
    },
    /// There was nothing to take over, or it was done before.
    UpToDate,
    /// It is for a person to do.
    Left,
    /// Both sides changed the same places.
    Conflict {
        /// The paths.
        paths: Vec<String>,
    },
}

impl Worktrees<'_> {
    /// Takes what is committed on the branch of a leg over into the branch and the work tree of its
    /// run. Done again, also after a kill, it does nothing twice.
    ///
    /// With [`OnConflict::Keep`], a conflict is left in the work tree of the run as `git merge`
    /// leaves it, and [`Self::conclude`] goes on when the paths are solved and added.
    pub(crate) fn merge_back(
        &self,
        into: &Isolated,
        leg: &Isolated,
        order: &Order<'_>,
    ) -> Result<MergedBack, Error> {
        let tip = self.tip(leg)?;
        if order.how == How::Leave {
            return Ok(MergedBack::Left);
        }
        let _turn = self.turn(into.run)?;
        let here = self.open(into)?;
        conflict::recover(&here)?;
        if let Some(merging) = Marker::Conflict.read(here.git_dir())? {
            if self.is_taken_over(&here, into, &merging)? || !conflict::is_merging(&here, &merging)
            {
                conflict::end(&here)?;
            } else if merging == tip && order.on_conflict == OnConflict::Keep {
                let paths = conflict::unmerged(&here)?;
                return Ok(MergedBack::Conflict { paths });
            } else if merging == tip {
                conflict::give_up(&here)?;
            }
        }
        self.merge_fresh(&here, (into, leg), &tip, order)
    }

    /// Makes the commit of a merge whose conflict was solved: everything in the work tree of the
    /// run that is not ignored goes in. Paths that nobody has added since are still in conflict. Where
    /// a file there holds a masked value, no commit is made.
    pub(crate) fn conclude(
        &self,
        into: &Isolated,
        leg: &Isolated,
        order: &Order<'_>,
    ) -> Result<MergedBack, Error> {
        let turn = self.turn(into.run)?;
        let here = self.open(into)?;
        conflict::recover(&here)?;
        let Some(tip) = Marker::Conflict.read(here.git_dir())? else {
            drop(turn);
            return self.merge_back(into, leg, order);
        };
        let head = head_of(&here, into)?;
        if self.is_taken_over(&here, into, &tip)? {
            conflict::end(&here)?;
            return Ok(MergedBack::Merged { commit: head });
        }
        if !conflict::is_merging(&here, &tip) {
            drop(turn);
            return self.merge_back(into, leg, order);
        }
        let paths = conflict::unmerged(&here)?;
        if !paths.is_empty() {
            return Ok(MergedBack::Conflict { paths });
        }
        let (tree, held) = self.content(&here)?;
        if !held.is_empty() {
            return Err(Error::HoldsMasked {
                path: into.path.clone(),
                paths: held,
            });
        }
        let commit = self.commit_merge(&here, (leg, &tip), (&head, &tree), order)?;
        let full = names::full(&into.branch);
        self.move_branch(
            &full,
            &commit,
            Some(head).into(),
            "merge: a solved conflict",
        )?;
        conflict::end(&here)?;
        Ok(MergedBack::Merged { commit })
    }

    /// Whether a merge is in progress in a work tree, ours or somebody else's.
    pub(crate) fn is_merging(&self, isolated: &Isolated) -> Result<bool, Error> {
        let here = self.open(isolated)?;
        let marked = Marker::Conflict.read(here.git_dir())?.is_some();
        Ok(marked || here.operation().is_some())
    }

    /// Makes a work tree equal to its commit: what was done in it since goes, what is ignored stays.
    pub(crate) fn discard(&self, isolated: &Isolated) -> Result<(), Error> {
        let _turn = self.turn(isolated.run)?;
        conflict::reset(&self.open(isolated)?)
    }

    /// Gives a conflict up: the work tree of the run is as it was before the merge.
    pub(crate) fn abort(&self, into: &Isolated) -> Result<(), Error> {
        let _turn = self.turn(into.run)?;
        let here = self.open(into)?;
        conflict::recover(&here)?;
        match Marker::Conflict.read(here.git_dir())? {
            Some(_) => conflict::give_up(&here),
            None => Ok(()),
        }
    }

    /// The commit of the branch of a work tree.
    pub(crate) fn tip(&self, leg: &Isolated) -> Result<ObjectId, Error> {
        let full = names::full(&leg.branch);
        let tip = self.repository.refs().resolve(&full)?;
        tip.ok_or_else(|| Error::WorktreeGone {
            path: leg.path.clone(),
        })
    }

    fn merge_fresh(
        &self,
        here: &Repository,
        (into, leg): (&Isolated, &Isolated),
        tip: &ObjectId,
        order: &Order<'_>,
    ) -> Result<MergedBack, Error> {
        require_clean(here)?;
        let head = head_of(here, into)?;
        if self.is_taken_over(here, into, tip)? {
            return Ok(MergedBack::UpToDate);
        }
        let result = if order.how == How::Rebase {
            rebase::pick(self, here, (into, leg), (&head, tip))?
        } else {
            let taken = match order.how {
                How::Squash => last_taken(here, into, &head, tip)?,
                _ => None,
            };
            let merge = match &taken {
                // Merged from where they parted, what was taken before would be in conflict.
                Some(taken) => {
                    let tree = here.objects()?.commit_tree(&head)?;
                    let committer = self.signers()?.committer;
                    let beside = beside(here, &tree, Some(taken), &committer)?;
                    merge_trees(here, &beside, tip)?
                }
                None => merge_trees(here, &head, tip)?,
            };
            let same = here.objects()?.commit_tree(&head)? == merge.tree;
            if !merge.conflicts.is_empty() {
                Picked::Conflict(merge.conflicts)
            } else if same && order.how == How::Squash {
                Picked::Nothing
            } else {
                let tree = &merge.tree;
                Picked::Commit(self.commit_merge(here, (leg, tip), (&head, tree), order)?)
            }
        };
        match result {
            Picked::Nothing => Ok(MergedBack::UpToDate),
            Picked::Commit(commit) => {
                advance(here, &commit)?;
                Ok(MergedBack::Merged { commit })
            }
            Picked::Conflict(paths) if order.on_conflict == OnConflict::Abort => {
                Ok(MergedBack::Conflict { paths })
            }
            Picked::Conflict(_) => self.begin_conflict(here, (into, leg), tip, order),
        }
    }

    /// Writes the commit of a merge or of a squash.
    fn commit_merge(
        &self,
        here: &Repository,
        (leg, tip): (&Isolated, &ObjectId),
        (head, tree): (&ObjectId, &ObjectId),
        order: &Order<'_>,
    ) -> Result<ObjectId, Error> {
        if order.how == How::Merge {
            return self.write_commit(here, tree, &[head, tip], order.message);
        }
        let message = signed_off(order.message, leg, tip);
        self.write_commit(here, tree, &[head], &message)
    }

    /// Brings the conflict into the work tree of the run.
    fn begin_conflict(
        &self,
        here: &Repository,
        (into, leg): (&Isolated, &Isolated),
        tip: &ObjectId,
        order: &Order<'_>,
    ) -> Result<MergedBack, Error> {
        Marker::Starting.set(here, tip)?;
        let words = [
            "merge",
            "--quiet",
            "--no-commit",
            "--no-ff",
            "--no-autostash",
            "--no-verify-signatures",
            "-m",
            order.message,
            tip.as_str(),
        ];
        let signers = self.signers()?;
        let merge = by(quiet(here, words)?, &signers.author, &signers.committer);
        let output = merge.run()?;
        if !conflict::is_merging(here, tip) {
            return Err(Error::of_command(
                format!("merge {tip}"),
                output.exit,
                output.complaint(),
            ));
        }
        Marker::Conflict.set(here, tip)?;
        Marker::Starting.clear(here)?;
        let paths = conflict::unmerged(here)?;
        if !paths.is_empty() {
            return Ok(MergedBack::Conflict { paths });
        }
        // Commit by commit there was a conflict, all at once there is none.
        let head = head_of(here, into)?;
        // What the commits hold is in Git already.
        let tree = Repository::expect(&quiet(here, ["write-tree"])?)?.text();
        let tree = parse_id("write-tree", &tree)?;
        let commit = self.commit_merge(here, (leg, tip), (&head, &tree), order)?;
        let full = names::full(&into.branch);
        self.move_branch(&full, &commit, Some(head).into(), "merge: all at once")?;
        conflict::end(here)?;
        Ok(MergedBack::Merged { commit })
    }

    /// Whether a commit of a leg is in the branch of the run, as itself or by another that stands
    /// for it.
    pub(super) fn is_taken_over(
        &self,
        here: &Repository,
        into: &Isolated,
        tip: &ObjectId,
    ) -> Result<bool, Error> {
        let head = head_of(here, into)?;
        if self.is_ancestor(tip, &head)? {
            return Ok(true);
        }
        let stands = stand_ins(here, into, &head)?;
        Ok(stands.contains(tip))
    }
}

/// The last commit in the history of a leg's that was taken over by one that stands for it.
///
/// Looked for among the leg's own commits, which are few: to ask Git about each that was taken over
/// would be to ask once more for every leg merged before.
fn last_taken(
    here: &Repository,
    into: &Isolated,
    head: &ObjectId,
    tip: &ObjectId,
) -> Result<Option<ObjectId>, Error> {
    let mut taken = stand_ins(here, into, head)?;
    if taken.is_empty() {
        return Ok(None);
    }
    let range = format!("{}..{tip}", into.base);
    let listing = here.git(["rev-list", &range, "--"])?.text();
    let own: HashSet<&str> = listing.lines().collect();
    taken.retain(|taken| own.contains(taken.as_str()));
    Ok(taken.into_iter().next())
}

/// The commits of legs that commits of the run's branch stand for, the last one first.
pub(super) fn stand_ins(
    here: &Repository,
    into: &Isolated,
    head: &ObjectId,
) -> Result<Vec<ObjectId>, Error> {
    let range = format!("{}..{head}", into.base);
    let format = format!("--format=%(trailers:key={TRAILER},valueonly)");
    let log = here.git(["log", "--no-show-signature", &format, &range, "--"])?;
    let text = log.text();
    let found = text
        .lines()
        .filter_map(|line| line.trim().split_once(' ')?.1.parse().ok());
    Ok(found.collect())
}

/// A message that says which commit of which leg it stands for.
pub(super) fn signed_off(message: &str, leg: &Isolated, commit: &ObjectId) -> String {
    let message = message.trim_end();
    let last = message.rsplit("\n\n").next().unwrap_or("");
    let is_trailer = |line: &str| {
        line.split_once(": ")
            .is_some_and(|(key, _)| key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'))
    };
    // The first paragraph is the subject, whatever it looks like.
    let goes_on = message.contains("\n\n") && last.lines().all(is_trailer);
    let gap = if goes_on { "\n" } else { "\n\n" };
    format!("{message}{gap}{TRAILER}: {} {commit}\n", leg.name)
}

/// A merge that was computed.
pub(super) struct MergedTree {
    /// The tree; with marks in it where there are conflicts.
    pub(super) tree: ObjectId,
    /// The paths in conflict.
    pub(super) conflicts: Vec<String>,
}

/// Computes the merge of two commits.
pub(super) fn merge_trees(
    here: &Repository,
    ours: &ObjectId,
    theirs: &ObjectId,
) -> Result<MergedTree, Error> {
    let words = [
        "merge-tree",
        "--write-tree",
        "-z",
        "--name-only",
        "--no-messages",
        ours.as_str(),
        theirs.as_str(),
    ];
    let output = quiet(here, words)?.run()?;
    if !matches!(output.exit, Exit::Code(0 | 1)) {
        return Err(Error::of_command(
            format!("merge-tree {ours} {theirs}"),
            output.exit,
            output.complaint(),
        ));
    }
    let text = output.text();
    let mut fields = text.split_terminator('\0');
    let tree = parse_id("merge-tree", fields.next().unwrap_or(""))?;
    let mut conflicts: Vec<String> = fields.map(str::to_owned).collect();
    conflicts.dedup();
    Ok(MergedTree { tree, conflicts })
}

/// Brings a clean work tree of ours, and its branch, forward to a commit.
fn advance(here: &Repository, commit: &ObjectId) -> Result<(), Error> {
    Marker::Moving.set(here, commit)?;
    let words = [
        "merge",
        "--quiet",
        "--ff-only",
        "--no-autostash",
        "--no-verify-signatures",
        commit.as_str(),
    ];
    let moved = Repository::expect(&quiet(here, words)?);
    // A git that was killed may have done half of it.
    let is_over = match &moved {
        Ok(_) => true,
        Err(Error::Git { exit, .. }) => matches!(exit, Exit::Code(_)),
        Err(_) => false,
    };
    if is_over {
        Marker::Moving.clear(here)?;
    }
    moved.map(drop)
}

/// Refuses a work tree in which something is not committed.
fn require_clean(here: &Repository) -> Result<(), Error> {
    if let Some(operation) = here.operation() {
        return Err(Error::OperationInProgress {
            operation: operation.as_str(),
        });
    }
    require_unchanged(here)
}

/// Refuses a work tree in which something differs from its commit.
pub(super) fn require_unchanged(here: &Repository) -> Result<(), Error> {
    let paths = changed(here, "normal")?;
    if paths.is_empty() {
        return Ok(());
    }
    Err(Error::LocalChanges {
        path: here.top()?.to_owned(),
        paths: paths.into_iter().take(NAMED).collect(),
    })
}

/// The paths that differ from `HEAD`, with untracked files or (`no`) without.
pub(super) fn changed(here: &Repository, untracked: &str) -> Result<Vec<String>, Error> {
    let untracked = format!("--untracked-files={untracked}");
    let words = ["status", "--porcelain", "-z", "--no-renames", &untracked];
    let text = Repository::expect(&quiet(here, words)?)?.text();
    let paths = text
        .split_terminator('\0')
        .filter_map(|entry| entry.get(3..));
    Ok(paths.map(str::to_owned).collect())
}

/// The commit that the work tree of a run is at.
fn head_of(here: &Repository, into: &Isolated) -> Result<ObjectId, Error> {
    let head = here.head()?;
    match (head.branch, head.commit) {
        (Some(branch), Some(commit)) if branch == into.branch => Ok(commit),
        (_, Some(commit)) => Err(Error::Strayed {
            path: into.path.clone(),
            branch: into.branch.clone(),
            head: commit,
        }),
        (_, None) => Err(Error::WorktreeGone {
            path: into.path.clone(),
        }),
    }
}
