//! Committing what is staged, some paths, or everything.

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
    let only: Vec<&str> = paths.iter().flatten().map(String::as_str).collect();
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
    let input = only.join("\0");
    if paths.is_some() && !only.is_empty() {
        words.extend(["--only", "--pathspec-from-file=-", "--pathspec-file-nul"]);
    }
    let literal: &[&str] = if only.is_empty() {
        &[]
    } else {
        &["--literal-pathspecs"]
    };
    hand.act_on(&[literal, &words].concat(), &input)?;
    let after = hand.commit("HEAD")?;
    let subject = commit.message.trim().lines().next().unwrap_or("");
    hand.say(format!("commit {}: {subject}", short(&after)));
    Ok(Outcome {
        changed: before.as_ref() != Some(&after),
        commit: Some(after),
        branch: hand.current()?,
        ..Outcome::default()
    })
}

/// Stages what is to go in; gives the paths where only some are.
fn stage(hand: &mut Hand<'_>, commit: &Commit) -> Result<Option<Vec<String>>, Refused> {
    if commit.paths.is_empty() {
        if commit.all {
            hand.act(&["add", "--all", "--", ":/"])?;
        }
        return Ok(None);
    }
    let patterns = commit.patterns();
    let patterns: Vec<&str> = patterns.iter().map(String::as_str).collect();
    let files = [
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
        "--",
    ];
    let mut paths = hand.list(&[&files[..], &patterns].concat())?;
    // What was removed from the index already is in `HEAD` only.
    let staged = [
        "diff",
        "--cached",
        "--name-only",
        "-z",
        "--no-renames",
        "--relative",
        "--",
    ];
    paths.extend(hand.list(&[&staged[..], &patterns].concat())?);
    paths.sort();
    paths.dedup();
    let changed = [
        "status",
        "--porcelain",
        "-z",
        "--untracked-files=all",
        "--no-renames",
        "--",
    ];
    if hand.list(&[&changed[..], &patterns].concat())?.is_empty() {
        paths.clear();
    }
    if !paths.is_empty() {
        let from = ["--pathspec-from-file=-", "--pathspec-file-nul"];
        let add = ["--literal-pathspecs", "add", "--all"];
        // What is in neither the work tree nor the index any more is staged as removed.
        let known = hand.list(&[&files[..], &patterns].concat())?;
        if !known.is_empty() {
            hand.act_on(&[&add[..], &from].concat(), &known.join("\0"))?;
        }
        let staged = hand.list(&[&staged[..], &patterns].concat())?;
        for path in staged.iter().take(NAMED) {
            hand.say(format!("  {path}"));
        }
        if let Some(more) = staged.len().checked_sub(NAMED).filter(|more| *more > 0) {
            hand.say(format!("  and {more} more"));
        }
        return Ok(Some(staged));
    }
    Ok(Some(paths))
}
