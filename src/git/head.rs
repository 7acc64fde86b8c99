//! Where `HEAD` is, and what is in progress there.

use std::path::Path;

use crate::base::ids::ObjectId;
use crate::git::repository::parse_id;
use crate::git::{Error, Repository};
use crate::proc::command::Exit;
use crate::sys::files;

/// Where `HEAD` is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    /// The branch, without `refs/heads/`; `None` when detached.
    pub(crate) branch: Option<String>,
    /// The commit; `None` when the branch has none yet.
    pub(crate) commit: Option<ObjectId>,
}

/// Something that git has begun and not ended.
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

impl Operation {
    /// What people call it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Rebase => "rebase",
            Self::Merge => "merge",
            Self::CherryPick => "cherry-pick",
            Self::Revert => "revert",
            Self::Am => "am",
            Self::Bisect => "bisect",
        }
    }
}

/// Asks git where `HEAD` is.
pub(super) fn ask(repository: &Repository) -> Result<Head, Error> {
    // One process when there is a commit, which is nearly always.
    let both = repository
        .command(["rev-parse", "HEAD", "--symbolic-full-name", "HEAD"])
        .run()?;
    let text = both.text();
    if both.exit.success() {
        let mut lines = text.lines();
        let (id, name) = (lines.next().unwrap_or(""), lines.next().unwrap_or(""));
        return Ok(Head {
            branch: branch(name),
            commit: Some(parse_id("rev-parse HEAD", id)?),
        });
    }
    if let Exit::Signal(_) = both.exit {
        // It has said nothing about the branch.
        return Err(Error::Git {
            arguments: "rev-parse HEAD".to_owned(),
            exit: both.exit,
            complaint: both.complaint(),
        });
    }
    let symbolic = repository
        .command(["symbolic-ref", "--quiet", "HEAD"])
        .run()?;
    match symbolic.exit {
        Exit::Code(0) => Ok(Head {
            branch: branch(symbolic.text().trim_end()),
            commit: None,
        }),
        // Detached at something that is not there, or a damaged `HEAD`.
        exit => Err(Error::Git {
            arguments: "rev-parse HEAD".to_owned(),
            exit,
            complaint: both.complaint(),
        }),
    }
}

/// Commits that are looked through for one with some code.
const RECENT: &str = "--max-count=256";

/// What clocks of machines that make commits may differ by, in seconds.
const SKEW: u64 = 24 * 60 * 60;

/// The commit of `HEAD`, then those reachable from it and from the person's branches that were
/// committed since a time (milliseconds since the Unix epoch) or not long before it, the newest
/// first, 256 at most. Nothing where `HEAD` has no commit.
pub(crate) fn recent(repository: &Repository, since_ms: u64) -> Result<Vec<ObjectId>, Error> {
    let Some(head) = repository.head()?.commit else {
        return Ok(Vec::new());
    };
    let since = format!("--since={}", (since_ms / 1000).saturating_sub(SKEW));
    let listing = repository.git([
        "rev-list",
        RECENT,
        &since,
        head.as_str(),
        "--exclude=mmm/checkpoint/*",
        "--branches",
        "--",
    ])?;
    let mut commits = vec![head];
    for line in listing.text().lines() {
        let commit = parse_id("rev-list", line)?;
        if commits.first() != Some(&commit) {
            commits.push(commit);
        }
    }
    Ok(commits)
}

/// The short name of the branch that a full ref name stands for.
fn branch(name: &str) -> Option<String> {
    (name != "HEAD" && !name.is_empty())
        .then(|| name.strip_prefix("refs/heads/").unwrap_or(name).to_owned())
}

/// Looks for what is in progress.
pub(super) fn operation(repository: &Repository) -> Option<Operation> {
    let folder = repository.git_dir();
    let has = |name: &str| folder.join(name).exists();
    if has("rebase-merge") {
        return Some(Operation::Rebase);
    }
    if has("rebase-apply") {
        let am = has("rebase-apply/applying");
        return Some(if am { Operation::Am } else { Operation::Rebase });
    }
    let pseudo = |name: &str| {
        // Reftable keeps these two among the refs. Without an answer the caller's own next
        // command fails for the same reason, and says it.
        has(name)
            || (!repository.has_ref_files()
                && repository
                    .command(["rev-parse", "--verify", "--quiet", name])
                    .run()
                    .is_ok_and(|output| output.exit.success()))
    };
    if has("MERGE_HEAD") {
        Some(Operation::Merge)
    } else if pseudo("CHERRY_PICK_HEAD") {
        Some(Operation::CherryPick)
    } else if pseudo("REVERT_HEAD") {
        Some(Operation::Revert)
    } else {
        sequence(folder).or_else(|| has("BISECT_LOG").then_some(Operation::Bisect))
    }
}

/// What stands next in a list of picks or reverts between two of its commits.
fn sequence(folder: &Path) -> Option<Operation> {
    /// A line for each commit that is left; longer lists are not of a person's making.
    const LIST_BYTES: u64 = 16 * 1024 * 1024;
    let todo = match files::read_text(&folder.join("sequencer/todo"), LIST_BYTES) {
        Err(error) if error.is_not_found() => return None,
        // A list that cannot be read is a sequence in progress all the same.
        read => read.unwrap_or_default(),
    };
    Some(if todo.starts_with("revert") {
        Operation::Revert
    } else {
        Operation::CherryPick
    })
}
