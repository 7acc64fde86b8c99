//! Merging another branch into the one that is checked out.

use std::collections::BTreeSet;

use crate::base::ids::ObjectId;
use crate::git::Error;
use crate::git::action::hand::{Hand, failed, short};
use crate::git::action::{Outcome, Refused};
use crate::git::head::Operation;
use crate::git::unmerged;
use crate::sys::files;

/// How it is merged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum How {
    /// By a merge commit, always.
    #[default]
    Merge,
    /// By one commit with all changes.
    Squash,
    /// By a commit for each of the other's, on top.
    Rebase,
    /// Only where no commit is needed.
    FastForward,
}

/// What becomes of a conflict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum OnConflict {
    /// Everything stays as it was, and the step fails.
    #[default]
    Fail,
    /// It stays, for a step or a person to solve, and the step does not fail.
    Leave,
}

/// A merge that is to be made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Merge {
    /// What is merged.
    pub(crate) from: String,
    /// How.
    pub(crate) how: How,
    /// The message of the commit of a merge or of a squash; Git's own, or the name, without one.
    pub(crate) message: Option<String>,
    /// What becomes of a conflict.
    pub(crate) on_conflict: OnConflict,
}

/// The file that names a merge of ours while it is made.
const MARKER: &str = "mmm-step-merge";

/// Largest file that names a merge of ours, in bytes.
const MARKER_BYTES: u64 = 1024;

/// Does it.
pub(super) fn perform(hand: &mut Hand<'_>, merge: &Merge) -> Result<Outcome, Refused> {
    let from = hand.commit(&merge.from)?;
    take_up(hand, &from)?;
    let before = hand.commit("HEAD")?;
    let branch = hand.current()?;
    let outcome = |commit: &ObjectId, conflicts| Outcome {
        changed: *commit != before,
        commit: Some(commit.clone()),
        branch: branch.clone(),
        conflicts,
        ..Outcome::default()
    };
    let ancestor = [
        "merge-base",
        "--is-ancestor",
        from.as_str(),
        before.as_str(),
    ];
    if hand.ask(&ancestor)?.exit.success() {
        hand.say(format!("{} is merged already", merge.from));
        return Ok(outcome(&before, Vec::new()));
    }
    let staged = staged(hand)?;
    if !staged.is_empty() && merge.how != How::FastForward {
        // Giving the merge up would give this up too.
        return Err(Refused::Staged { paths: staged });
    }
    let marker = hand.repository.git_dir().join(MARKER);
    if staged.is_empty() {
        files::write_atomic(&marker, format!("{from}\n").as_bytes()).map_err(Error::from)?;
    }
    let done = run(hand, merge, &from);
    let conflicts = unmerged::paths(hand.command(&[]))?;
    let leave = merge.on_conflict == OnConflict::Leave && !conflicts.is_empty();
    if done.is_err() && !leave && staged.is_empty() {
        give_up(hand)?;
    }
    files::remove_file(&marker).map_err(Error::from)?;
    if conflicts.is_empty() {
        done?;
        let after = hand.commit("HEAD")?;
        let what = if after == before {
            "changes nothing"
        } else {
            "is merged"
        };
        hand.say(format!("{} {what}: {}", merge.from, short(&after)));
        return Ok(outcome(&after, conflicts));
    }
    for path in &conflicts {
        hand.say(format!("conflict in {path}"));
    }
    let after = hand.commit("HEAD")?;
    let failure = format!("merging `{}` ends in a conflict", merge.from);
    Ok(Outcome {
        failure: (!leave).then_some(failure),
        ..outcome(&after, conflicts)
    })
}

/// Gives up what an attempt at the same merge that was killed has left. What is not ours stays, and
/// is refused.
fn take_up(hand: &mut Hand<'_>, from: &ObjectId) -> Result<(), Refused> {
    let marker = hand.repository.git_dir().join(MARKER);
    let ours =
        files::read_text(&marker, MARKER_BYTES).is_ok_and(|text| text.trim_end() == from.as_str());
    if ours {
        let foreign = foreign(hand, from)?;
        if !foreign.is_empty() {
            return Err(Refused::Staged { paths: foreign });
        }
        give_up(hand)?;
        files::remove_file(&marker).map_err(Error::from)?;
    }
    match hand.repository.operation() {
        None | Some(Operation::Bisect) => Ok(()),
        Some(operation) => Err(Refused::InProgress {
            operation: operation.as_str(),
        }),
    }
}

/// What is staged.
fn staged(hand: &Hand<'_>) -> Result<Vec<String>, Refused> {
    hand.list(&["diff", "--cached", "--name-only", "-z", "--no-renames"])
}

/// What is staged that neither side of the merge has changed: somebody did that after the kill.
fn foreign(hand: &Hand<'_>, from: &ObjectId) -> Result<Vec<String>, Refused> {
    let mut paths = staged(hand)?;
    for range in [format!("HEAD...{from}"), format!("{from}...HEAD")] {
        let words = ["diff", "--name-only", "-z", "--no-renames", &range, "--"];
        let changed = hand.ask(&words)?.text();
        let changed: BTreeSet<&str> = changed.split('\0').collect();
        paths.retain(|path| !changed.contains(path.as_str()));
    }
    Ok(paths)
}

/// Brings everything back to where it was before the merge.
fn give_up(hand: &mut Hand<'_>) -> Result<(), Refused> {
    match hand.repository.operation() {
        Some(Operation::Merge) => hand.act(&["merge", "--abort"]),
        Some(Operation::CherryPick) => hand.act(&["cherry-pick", "--abort"]),
        // A squash has no name of its own; Git began it with nothing staged.
        _ if hand.is_staged_nothing(&[])? => Ok(()),
        _ => hand.act(&["reset", "--quiet", "--merge"]),
    }
}

fn run(hand: &mut Hand<'_>, merge: &Merge, from: &ObjectId) -> Result<(), Refused> {
    let message = merge.message.as_deref();
    let message = message
        .map(|text| hand.message("commit", text))
        .transpose()?;
    let path = message.as_ref().map(|file| file.path().to_string_lossy());
    match merge.how {
        How::FastForward => hand.act(&["merge", "--ff-only", from.as_str()]),
        How::Merge => {
            let named = format!("Merge `{}`", merge.from);
            let mut words = vec!["merge", "--no-ff", "--no-autostash"];
            match &path {
                Some(path) => words.extend(["-F", path]),
                None => words.extend(["-m", &named]),
            }
            words.push(from.as_str());
            hand.act(&words)
        }
        How::Squash => {
            hand.act(&["merge", "--squash", "--no-autostash", from.as_str()])?;
            if hand.is_staged_nothing(&[])? {
                return Ok(());
            }
            let default = hand.message("commit", &format!("Squash `{}`", merge.from))?;
            let default = default.path().to_string_lossy();
            let path = path.as_deref().unwrap_or(&default);
            hand.act(&["commit", "--quiet", "--cleanup=whitespace", "--file", path])
        }
        How::Rebase => pick(hand, from),
    }
}

/// Puts the other's commits on top, without merges and without those that are there already.
fn pick(hand: &mut Hand<'_>, from: &ObjectId) -> Result<(), Refused> {
    let range = format!("HEAD...{from}");
    let words = [
        "rev-list",
        "--reverse",
        "--topo-order",
        "--no-merges",
        "--right-only",
        "--cherry-pick",
        &range,
        "--",
    ];
    let commits = hand.list(&words)?;
    if commits.is_empty() {
        return Ok(());
    }
    let commits: Vec<&str> = commits.iter().map(String::as_str).collect();
    let words = [&["cherry-pick"][..], &commits].concat();
    let mut exit = hand.attempt(&words, "")?;
    for _ in 0..commits.len() {
        let is_empty = !exit.success()
            // It is not there where git has not even begun with the commit.
            && hand.resolve("CHERRY_PICK_HEAD")?.is_some()
            && hand.is_staged_nothing(&[])?;
        if !is_empty {
            break;
        }
        // All of it is there, in other words.
        exit = hand.attempt(&["cherry-pick", "--skip"], "")?;
    }
    if exit.success() {
        return Ok(());
    }
    Err(failed(&["cherry-pick"], exit))
}
