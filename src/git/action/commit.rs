//! Committing what is staged, some paths, or everything.

use std::collections::BTreeSet;

use crate::git::action::hand::{Hand, short};
use crate::git::action::{Outcome, Refused, unsolved};
use crate::git::head::Operation;

/// Most paths that one line about a commit names.
pub(super) const NAMED: usize = 10;

/// A commit that is to be made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Commit {
    /// Its message.
    pub(crate) message: String,
    /// Patterns of the paths that go in, and no others; those that begin with `!` leave out.
    pub(crate) paths: Vec<String>,
    /// Whether everything that is not ignored goes in; else what is staged.
    pub(crate) all: bool,
    /// Whether it is made also when nothing changed.
    pub(crate) allow_empty: bool,
    /// Its author, as `Name <address>`, where that is somebody else.
    pub(crate) author: Option<String>,
    /// Whether it is signed; Git's settings decide unless it says so.
    pub(crate) sign: Option<bool>,
    /// Whether the hooks that may refuse it are passed over.
    pub(crate) no_verify: bool,
}

impl Commit {
    /// The paths that go in, as Git's patterns.
    pub(super) fn patterns(&self) -> Vec<String> {
        let pattern = |pattern: &String| match pattern.strip_prefix('!') {
            Some(pattern) => format!(":(exclude,glob){pattern}"),
            None => format!(":(glob){pattern}"),
        };
        self.paths.iter().map(pattern).collect()
    }
}

/// Does it.
pub(super) fn perform(hand: &mut Hand<'_>, commit: &Commit) -> Result<Outcome, Refused> {
    let message = hand.message("commit", &commit.message)?;
    let before = hand.resolve("HEAD^{commit}")?;
    unsolved::refuse(hand)?;
    let paths = stage(hand, commit)?;
    let only = paths.as_deref().unwrap_or(&[]);
    let concludes = hand.repository.operation() == Some(Operation::Merge);
    let is_nothing = match &paths {
        Some(paths) if paths.is_empty() => true,
        _ => !concludes && hand.is_staged_nothing(&[])?,
    };
    if is_nothing && !commit.allow_empty {
        hand.say("nothing to commit");
        return Ok(Outcome {
            commit: before,
            branch: hand.current()?,
            ..Outcome::default()
        });
    }
    let path = message.path().to_string_lossy();
    let author = commit.author.as_ref().map(|who| format!("--author={who}"));
    let mut words = vec!["commit", "--quiet", "--cleanup=whitespace", "--file", &path];
    words.extend(commit.allow_empty.then_some("--allow-empty"));
    words.extend(commit.no_verify.then_some("--no-verify"));
    words.extend(author.as_deref());
    words.extend(
        commit
            .sign
            .map(|sign| if sign { "--gpg-sign" } else { "--no-gpg-sign" }),
    );
    let input = only.join(&0);
    if paths.is_some() && !only.is_empty() {
        words.extend(["--only", "--pathspec-from-file=-", "--pathspec-file-nul"]);
    }
    let literal: &[&str] = if only.is_empty() {
        &[]
    } else {
        &["--literal-pathspecs"]
    };
    hand.act_on(&[literal, &words].concat(), input)?;
    let after = hand.commit("HEAD")?;
    let subject = commit.message.trim().lines().next().unwrap_or("");
    hand.say(format!("commit {}: {subject}", short(&after)));
    if hand.repository.operation() == Some(Operation::CherryPick) {
        hand.say("more commits wait to be picked: `git cherry-pick --continue`");
    }
    Ok(Outcome {
        changed: before.as_ref() != Some(&after),
        commit: Some(after),
        branch: hand.current()?,
        ..Outcome::default()
    })
}

/// Stages what is to go in; gives the paths where only some are.
fn stage(hand: &mut Hand<'_>, commit: &Commit) -> Result<Option<Paths>, Refused> {
    if commit.paths.is_empty() {
        if commit.all {
            hand.act(&["add", "--all", "--", ":/"])?;
        }
        return Ok(None);
    }
    let patterns = commit.patterns();
    let patterns: Vec<&str> = patterns.iter().map(String::as_str).collect();
    // What is not staged yet and what nobody has added. All else that fits need not be there: a
    // sparse work tree has only some of it.
    let known = paths(
        hand,
        &[
            "ls-files",
            "-z",
            "--modified",
            "--others",
            "--exclude-standard",
        ],
        &["ls-files", "-z", "--deleted"],
        &patterns,
    )?;
    if !known.is_empty() {
        let add = ["--literal-pathspecs", "add", "--all"];
        let from = ["--pathspec-from-file=-", "--pathspec-file-nul"];
        hand.act_on(&[&add[..], &from].concat(), known.join(&0))?;
    }
    let staged = [
        "diff",
        "--cached",
        "--name-only",
        "-z",
        "--no-renames",
        "--relative",
    ];
    let gone = [&staged[..], &["--diff-filter=D"]].concat();
    let staged = paths(hand, &staged, &gone, &patterns)?;
    for path in staged.iter().take(NAMED) {
        hand.say(format!("  {}", String::from_utf8_lossy(path)));
    }
    if let Some(more) = staged.len().checked_sub(NAMED).filter(|more| *more > 0) {
        hand.say(format!("  and {more} more"));
    }
    Ok(Some(staged))
}

/// Paths as Git has them, in no encoding that is known.
type Paths = Vec<Vec<u8>>;

/// The paths that one command lists, without those that another one lists as gone when something
/// else has taken the place: a folder that of a file, or a file that of a folder.
fn paths(
    hand: &Hand<'_>,
    all: &[&str],
    gone: &[&str],
    patterns: &[&str],
) -> Result<Paths, Refused> {
    let list = |words: &[&str]| hand.bytes(&[words, &["--"], patterns].concat());
    let mut paths = list(all)?;
    let gone: BTreeSet<Vec<u8>> = list(gone)?.into_iter().collect();
    let there: BTreeSet<&[u8]> = paths
        .iter()
        .map(Vec::as_slice)
        .filter(|path| !gone.contains(*path))
        .collect();
    let folders: BTreeSet<&[u8]> = there.iter().copied().flat_map(folders_of).collect();
    let replaced: BTreeSet<Vec<u8>> = gone
        .iter()
        .filter(|path| {
            folders.contains(path.as_slice()) || folders_of(path).any(|at| there.contains(at))
        })
        .cloned()
        .collect();
    paths.retain(|path| !replaced.contains(path));
    paths.sort();
    paths.dedup();
    Ok(paths)
}

/// The folders that a path leads through.
fn folders_of(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    let ends = path.iter().enumerate().filter(|(_, byte)| **byte == b'/');
    ends.filter_map(|(end, _)| path.get(..end))
}
