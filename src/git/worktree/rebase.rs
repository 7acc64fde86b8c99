//! Taking the commits of a leg over one by one, without a work tree.

use crate::base::ids::ObjectId;
use crate::git::repository::parse_id;
use crate::git::worktree::isolated::Isolated;
use crate::git::worktree::merge::{merge_trees, signed_off, stand_ins};
use crate::git::worktree::trees::{Worktrees, beside, commit_object};
use crate::git::{Error, Repository};

/// What taking over came to.
pub(super) enum Picked {
    /// There was nothing to take.
    Nothing,
    /// This commit holds it; no ref stands for it yet.
    Commit(ObjectId),
    /// These paths are in conflict.
    Conflict(Vec<String>),
}

/// Makes a copy of each commit of the leg on top of `head`, but of merges, of those that change
/// nothing there, and of those that were taken before.
pub(super) fn pick(
    trees: &Worktrees<'_>,
    here: &Repository,
    (into, leg): (&Isolated, &Isolated),
    (head, tip): (&ObjectId, &ObjectId),
) -> Result<Picked, Error> {
    let done = stand_ins(here, into, head)?;
    let range = format!("{head}..{tip}");
    let words = [
        "rev-list",
        "--reverse",
        "--topo-order",
        "--no-merges",
        &range,
        "--",
    ];
    let listing = here.git(words)?.text();
    let signers = trees.signers()?;
    let mut on = head.clone();
    for line in listing.lines() {
        let commit = parse_id("rev-list", line)?;
        if done.contains(&commit) {
            continue;
        }
        let original = Original::read(here, &commit)?;
        let objects = here.objects()?;
        let base = objects.commit_tree(&on)?;
        // A commit with the tree of `on` beside the original: what they have in common is the
        // original's parent, whatever the real histories are.
        let beside = beside(here, &base, original.parent.as_ref(), &signers.committer)?;
        let merge = merge_trees(here, &beside, &commit)?;
        if !merge.conflicts.is_empty() {
            return Ok(Picked::Conflict(merge.conflicts));
        }
        if merge.tree == base {
            continue;
        }
        let message = signed_off(&original.message, leg, &commit);
        let who = (original.author.as_str(), signers.committer.as_str());
        on = commit_object(here, (&merge.tree, &[&on]), who, &message)?;
    }
    Ok(if on == *head {
        Picked::Nothing
    } else {
        Picked::Commit(on)
    })
}

/// What is taken of a commit, besides its changes.
struct Original {
    parent: Option<ObjectId>,
    author: String,
    message: String,
}

impl Original {
    fn read(here: &Repository, commit: &ObjectId) -> Result<Self, Error> {
        let format = "--format=%P%n%an <%ae> %ad%n%B";
        let words = [
            "log",
            "-1",
            "--no-show-signature",
            "--date=raw",
            "--encoding=UTF-8",
            format,
            commit.as_str(),
            "--",
        ];
        let text = here.git(words)?.text();
        let mut parts = text.splitn(3, '\n');
        let mut part = || parts.next().unwrap_or("").to_owned();
        Ok(Self {
            parent: part().parse().ok(),
            author: part(),
            message: part(),
        })
    }
}
