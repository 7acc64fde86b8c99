//! Taking the work trees of runs away without losing work.

use std::path::PathBuf;

use crate::base::ids::{ObjectId, RunId};
use crate::git::Error;
use crate::git::refs::{Expected, RefUpdate};
use crate::git::worktree::isolated::Isolated;
use crate::git::worktree::names::{self, INTEGRATION};
use crate::git::worktree::trees::Worktrees;
use crate::sys::files;

/// The message of a commit that keeps what was left in a work tree.
const LEFT: &str = "Left in the work tree of a run";

/// Branches of one leg that are set aside at most.
const BRANCHES: u32 = 1000;

/// What was removed, and what stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Removed {
    /// The branches that stay: they hold commits that are in no other branch.
    pub(crate) kept: Vec<String>,
    /// The work trees that stay, with the files in them that are in no commit.
    pub(crate) held: Vec<(PathBuf, Vec<String>)>,
}

impl Worktrees<'_> {
    /// Removes a work tree. What is not committed there, and not ignored, is committed onto its
    /// branch before; where that must not be, the work tree stays. The branch goes too unless it is to be kept or holds commits that are nowhere
    /// else.
    pub(crate) fn remove(&self, isolated: &Isolated, keep_branch: bool) -> Result<Removed, Error> {
        let _turn = self.turn(isolated.run)?;
        self.remove_held(isolated, keep_branch)
    }

    fn remove_held(&self, isolated: &Isolated, keep_branch: bool) -> Result<Removed, Error> {
        match self.collect_held(isolated, LEFT) {
            Ok(_) => {}
            // Somebody removed the folder.
            Err(Error::WorktreeGone { .. }) if !isolated.path.exists() => {}
            Err(error) => return Err(error),
        }
        let stays = keep_branch || !self.is_elsewhere(isolated)?;
        self.clear(&isolated.path)?;
        let full = names::full(&isolated.branch);
        let Some(tip) = self.repository.refs().resolve(&full)? else {
            return Ok(Removed::default());
        };
        if stays {
            let kept = vec![isolated.branch.clone()];
            return Ok(Removed {
                kept,
                ..Removed::default()
            });
        }
        let update = RefUpdate {
            name: full,
            new: None,
            expected: Expected::Is(tip),
        };
        self.repository.refs().update(&[update], "mmm: merged")?;
        Ok(Removed::default())
    }

    /// Takes away the work tree of a leg that begins anew. Work of it that is nowhere else stays on a
    /// branch of another name, which is given.
    pub(crate) fn set_aside(&self, run: RunId, leg: &str) -> Result<Option<String>, Error> {
        let _turn = self.turn(run)?;
        if let Some(known) = self.known(run, names::of_leg(leg))? {
            self.remove_held(&known, false)?;
        }
        let branch = Self::branch(run, leg);
        self.settle_branch(&branch)?;
        let full = names::full(&branch);
        let refs = self.repository.refs();
        let Some(tip) = refs.resolve(&full)? else {
            return Ok(None);
        };
        for number in 1..=BRANCHES {
            let aside = format!("{branch}.{number}");
            let place = names::full(&aside);
            if refs.resolve(&place)?.is_some() {
                continue;
            }
            let updates = [
                RefUpdate {
                    name: place,
                    new: Some(tip.clone()),
                    expected: Expected::Absent,
                },
                RefUpdate {
                    name: full,
                    new: None,
                    expected: Expected::Is(tip.clone()),
                },
            ];
            refs.update(&updates, "mmm: begins anew")?;
            return Ok(Some(aside));
        }
        Err(Error::BranchTaken { branch, found: tip })
    }

    /// Whether all commits of a branch of ours are in a branch of the person's or in its run's, or
    /// stood for there. Other branches of ours do not count: checkpoints go when the run is over, and
    /// a leg that started late has what the run had until then.
    fn is_elsewhere(&self, isolated: &Isolated) -> Result<bool, Error> {
        let full = names::full(&isolated.branch);
        let Some(tip) = self.repository.refs().resolve(&full)? else {
            return Ok(true);
        };
        if self.is_ancestor(&tip, &isolated.base)? {
            return Ok(true);
        }
        let of_run = names::full(&names::branch(isolated.run, INTEGRATION));
        let counts = |name: &str| name != full && (name == of_run || is_the_persons(name));
        if self.branches_with(&tip)?.lines().any(counts) {
            return Ok(true);
        }
        let Some(into) = self.known(isolated.run, INTEGRATION.to_owned())? else {
            return Ok(false);
        };
        if into.path == isolated.path {
            return Ok(false);
        }
        let here = self.open(&into)?;
        self.is_taken_over(&here, &into, &tip)
    }

    /// The branches that a commit is in, one a line.
    fn branches_with(&self, commit: &ObjectId) -> Result<String, Error> {
        let contains = format!("--contains={commit}");
        let words = [
            "for-each-ref",
            "--format=%(refname)",
            &contains,
            "refs/heads/",
        ];
        Ok(self.repository.git(words)?.text())
    }

    /// Removes the branch of a run whose work tree has gone, where all of it is in a branch of the
    /// person's: a process may have been killed between the two. Tells whether it is gone.
    fn remove_branch(&self, full: &str) -> Result<bool, Error> {
        let Some(tip) = self.repository.refs().resolve(full)? else {
            return Ok(true);
        };
        let known = self.branches_with(&tip)?;
        if !known.lines().any(is_the_persons) || !self.checked_out(full)?.is_empty() {
            return Ok(false);
        }
        let update = RefUpdate {
            name: full.to_owned(),
            new: None,
            expected: Expected::Is(tip),
        };
        self.repository.refs().update(&[update], "mmm: merged")?;
        Ok(true)
    }

    /// Removes all work trees of a run, that of the run itself last, and the branches that hold
    /// nothing of their own. Those with files that no commit may hold stay.
    pub(crate) fn remove_run(&self, run: RunId) -> Result<Removed, Error> {
        let turn = self.turn(run)?;
        let folder = self.folder.join(run.to_string());
        let mut all = Vec::new();
        let mut last = None;
        for path in files::entries(&folder)? {
            let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
                continue;
            };
            self.mend(&path)?;
            match self.known(run, name.to_owned())? {
                Some(isolated) if name == INTEGRATION => last = Some(isolated),
                Some(isolated) => all.push(isolated),
                // Nobody ever worked in one that is half made.
                None => self.clear(&path)?,
            }
        }
        let had_own = last.is_some();
        let mut held = Vec::new();
        for isolated in all.into_iter().chain(last) {
            match self.remove_held(&isolated, false) {
                Ok(_) => {}
                Err(Error::HoldsMasked { path, paths } | Error::LocalChanges { path, paths }) => {
                    held.push((path, paths));
                }
                Err(error) => return Err(error),
            }
        }
        if held.is_empty() {
            files::remove_folder(&folder)?;
        }
        drop(turn);
        files::remove_file(&self.turn_file(run))?;
        let own = [
            format!("refs/heads/mmm/run/{run}"),
            format!("refs/heads/mmm/work/{run}/"),
        ];
        let mut refs = self.repository.refs().list(&[&own[0], &own[1]])?;
        let has_own = refs.iter().any(|entry| entry.name == own[0]);
        if has_own && !had_own && self.remove_branch(&own[0])? {
            refs.retain(|entry| entry.name != own[0]);
        }
        let short = |name: &str| name.strip_prefix("refs/heads/").map(str::to_owned);
        let kept = refs.iter().filter_map(|entry| short(&entry.name)).collect();
        Ok(Removed { kept, held })
    }
}

/// Whether a branch is not one of ours.
fn is_the_persons(name: &str) -> bool {
    !name.starts_with("refs/heads/mmm/")
}
