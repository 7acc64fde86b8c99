//! What the tests of work trees start from.

use std::time::Duration;

use crate::base::ids::{ObjectId, RunId};
use crate::base::redact::Masker;
use crate::git::Repository;
use crate::git::testing::Sandbox;
use crate::git::worktree::{How, Isolated, OnConflict, Order, Worktrees};
use crate::sys::files;

pub(super) fn run_id() -> RunId {
    "01jd3v9w8x7k3q9x2m4c8tzp0m".parse().expect("a run id")
}

/// Work trees that do not wait for locks of dead processes.
pub(super) fn trees(repository: &Repository) -> Worktrees<'_> {
    Worktrees {
        patience: Duration::ZERO,
        ..Worktrees::new(repository).masking(Masker::default())
    }
}

/// A repository in which a run has its work tree.
pub(super) struct Stage {
    repository: Repository,
    run: Isolated,
    start: ObjectId,
}

impl Stage {
    /// The run begins at `HEAD`.
    pub(super) fn of(sandbox: &Sandbox) -> Self {
        let repository = sandbox.open();
        let start = sandbox.id("HEAD");
        let run = trees(&repository).integration(run_id(), &start);
        Self {
            run: run.expect("makes"),
            repository,
            start,
        }
    }

    /// All work trees, that of the run, and the commit that it began at.
    pub(super) fn parts(&self) -> (Worktrees<'_>, Isolated, ObjectId) {
        (
            trees(&self.repository),
            self.run.clone(),
            self.start.clone(),
        )
    }
}

pub(super) fn order(how: How, on_conflict: OnConflict) -> Order<'static> {
    Order {
        how,
        on_conflict,
        message: "Take the leg over",
    }
}

/// Writes a file in a work tree of a run.
pub(super) fn write(isolated: &Isolated, name: &str, text: &str) {
    files::write_atomic(&isolated.path.join(name), text.as_bytes()).expect("writes");
}

/// Reads a file of a work tree of a run.
pub(super) fn read(isolated: &Isolated, name: &str) -> String {
    files::read_text(&isolated.path.join(name), 1_000_000).expect("reads")
}

/// Git in a work tree of a run.
pub(super) fn git(sandbox: &Sandbox, isolated: &Isolated, words: &[&str]) -> String {
    let path = isolated.path.to_str().expect("a plain path");
    sandbox.git(&[&["-C", path], words].concat())
}

/// A leg that has committed one file.
pub(super) fn worked(
    trees: &Worktrees<'_>,
    leg: &str,
    start: &ObjectId,
    (name, text): (&str, &str),
) -> Isolated {
    let isolated = trees.create(run_id(), leg, start).expect("makes");
    write(&isolated, name, text);
    trees.collect(&isolated, "The work").expect("collects");
    isolated
}

/// The subjects of the commits of a branch that another one has not, the newest first.
pub(super) fn subjects(sandbox: &Sandbox, range: &str) -> Vec<String> {
    let text = sandbox.git(&["log", "--format=%s", range, "--"]);
    text.lines().map(str::to_owned).collect()
}
