//! Where a run goes on: in the work tree that it began in, or in what became of that one.

use std::path::{Path, PathBuf};

use crate::git::Repository;
use crate::model::run::event::RunStart;
use crate::state::Error;
use crate::state::layout;

/// The key of a main work tree; linked ones have others.
const MAIN: &str = "main";

/// Where a run can go on and its checkpoints can be answered, seen from one work tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum GoesOn {
    /// Here: it began here.
    Here,
    /// Here: it began in this work tree when that was at another path, which is gone.
    Moved,
    /// In this other work tree.
    In(PathBuf),
    /// It began in this work tree, which is gone.
    Gone(PathBuf),
    /// Not in this clone, which has only its seal.
    OtherClone,
}

impl GoesOn {
    /// Whether the run can go on in the work tree that was asked from.
    pub(crate) fn is_here(&self) -> bool {
        matches!(self, Self::Here | Self::Moved)
    }
}

/// The key that tells this work tree from the others of its repository.
pub(crate) fn key(repository: &Repository) -> String {
    layout::work_tree_key(repository.common_dir(), repository.git_dir())
}

/// Where a live run goes on, seen from the work tree of `repository`.
///
/// A work tree is known by its path. Where that is gone, it is known by its key: the main one was
/// moved with its repository, a linked one by `git worktree move`. Runs of before keys were
/// recorded are taken for those of the main one.
pub(crate) fn of(repository: &Repository, start: &RunStart) -> Result<GoesOn, Error> {
    let top = repository.top()?;
    if top == start.work_tree {
        return Ok(GoesOn::Here);
    }
    if is_work_tree(&start.work_tree) {
        return Ok(GoesOn::In(start.work_tree.clone()));
    }
    let known = start.work_tree_key.as_deref().unwrap_or(MAIN);
    if known == key(repository) {
        return Ok(GoesOn::Moved);
    }
    Ok(GoesOn::Gone(start.work_tree.clone()))
}

fn is_work_tree(path: &Path) -> bool {
    path.join(".git").symlink_metadata().is_ok()
}
