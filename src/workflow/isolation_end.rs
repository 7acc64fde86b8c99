//! The end of a run that worked in work trees of its own: its branch goes where it is to go, or is
//! left, and the work trees are removed.
//!
//! All of it can be done twice, and nothing that is not committed anywhere is lost.

use crate::base::ids::ObjectId;
use crate::git;
use crate::git::worktree::{NotMerged, Removed, Updated, Worktrees};
use crate::model::expression::Template;
use crate::model::run::event::RunStart;
use crate::model::run::{Outcome, RunState};
use crate::state::run_folder::RunFolder;
use crate::workflow::Error;
use crate::workflow::contexts::base_context;
use crate::workflow::driver::{Observer, Workshop};
use crate::workflow::isolation::{is_used, run_message};
use crate::workflow::merging::shown;
use crate::workflow::pinned::Pinned;

/// Does what follows from the end of a run for its branch and its work trees.
pub(super) fn conclude(
    shop: &Workshop<'_>,
    (start, state): (&RunStart, &RunState),
    (folder, pinned): (&RunFolder, &Pinned),
    observer: &mut dyn Observer,
) {
    if !is_used(pinned.bundle()) {
        return;
    }
    // A `git` that somebody has ended is no reason to leave them: nothing looks at them again.
    let ended = try_conclude(shop, (start, state), (folder, pinned), observer)
        .or_else(|_| try_conclude(shop, (start, state), (folder, pinned), observer));
    // The run is over whatever becomes of its folders.
    if let Err(error) = ended {
        observer.note(&format!("the work trees of the run stay: {error}"));
    }
}

fn try_conclude(
    shop: &Workshop<'_>,
    (start, state): (&RunStart, &RunState),
    (folder, pinned): (&RunFolder, &Pinned),
    observer: &mut dyn Observer,
) -> Result<(), Error> {
    let masker = shop.masker(folder, pinned)?;
    let trees = Worktrees::new(shop.repository).masking(masker.clone());
    let run = start.run;
    let own = Worktrees::run_branch(run);
    let work = if let Some(tree) = trees.find(run, None)? {
        // Whatever waits for nobody any more.
        trees.abort(&tree)?;
        if state.after.is_some() || !state.jobs_began() {
            // Commands of criteria were the last that ran there.
            trees.discard(&tree)?;
        } else if pinned.workflow.isolation.is_some() {
            match trees.collect(&tree, &run_message(&pinned.workflow.name, run)) {
                // It is told below, when nothing could be done about it.
                Ok(_) | Err(git::Error::HoldsMasked { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        let tip = trees.tip(&tree)?;
        Some(tip).filter(|tip| *tip != tree.base)
    } else {
        // It was taken away when the run was cancelled, and nothing has run there since.
        let tip = shop
            .repository
            .refs()
            .resolve(&format!("refs/heads/{own}"))?;
        tip.filter(|tip| start.base.as_ref() != Some(tip))
    };
    if let Some(tip) = work.filter(|_| state.outcome == Some(Outcome::Success)) {
        for branch in targets(shop, start, pinned, observer) {
            update(&trees, (&branch, &tip), (start, pinned), observer)?;
        }
    }
    let removed = trees.remove_run(run)?;
    for text in held_back(&removed) {
        observer.note(&masker.mask(&text));
    }
    for branch in removed.kept {
        // The branches of jobs were told when those ended.
        if branch == own {
            observer.note(&format!("the work of the run is on branch `{branch}`"));
        }
    }
    Ok(())
}

/// What a person is told of work trees that stay.
pub(super) fn held_back(removed: &Removed) -> impl Iterator<Item = String> {
    removed.held.iter().map(|(path, paths)| {
        let (paths, path) = (shown(paths), path.display());
        format!(
            "a work tree stays for what is in no commit: {paths}; to throw it away: \
             git worktree remove -f -f {path}"
        )
    })
}

/// The branches that the work is to go to.
fn targets(
    shop: &Workshop<'_>,
    start: &RunStart,
    pinned: &Pinned,
    observer: &mut dyn Observer,
) -> Vec<String> {
    let context = base_context(shop.project.as_ref(), start, pinned.spec.as_ref());
    let of_run = pinned.workflow.isolation.as_ref();
    let of_jobs = pinned.workflow.jobs.iter();
    let all = of_run
        .into_iter()
        .chain(of_jobs.filter_map(|job| job.isolation.as_ref()));
    let written: Vec<&Template> = all.filter_map(|own| own.into.as_ref()).collect();
    let mut branches = Vec::new();
    for template in written {
        match template.render(&context) {
            Ok(branch) if branch.trim().is_empty() || branches.contains(&branch) => {}
            Ok(branch) => branches.push(branch),
            Err(error) => observer.note(&format!("isolation: into: {error}")),
        }
    }
    branches
}

fn update(
    trees: &Worktrees<'_>,
    (branch, tip): (&str, &ObjectId),
    (start, pinned): (&RunStart, &Pinned),
    observer: &mut dyn Observer,
) -> Result<(), git::Error> {
    let name = &pinned.workflow.name;
    let message = format!("Merge the work of {name}\n\nRun {}\n", start.run);
    let stays = |reason: &str| format!("branch `{branch}` stays as it is: {reason}");
    match trees.update_into(branch, tip, &message) {
        Ok(Updated::Moved) => {
            observer.note(&format!("branch `{branch}` has the work of the run now"));
        }
        Ok(Updated::UpToDate) => {}
        Ok(Updated::NotMerged(reason)) => observer.note(&stays(&told(&reason))),
        Err(error @ git::Error::RefName { .. }) => observer.note(&stays(&error.to_string())),
        Err(error) => return Err(error),
    }
    Ok(())
}

/// Why a branch was left as it was.
fn told(reason: &NotMerged) -> String {
    match reason {
        NotMerged::Dirty { path, paths } => format!(
            "it is checked out in {}, with changes that are not committed: {}",
            path.display(),
            paths.join(", ")
        ),
        NotMerged::Busy { path, operation } => format!(
            "it is checked out in {}, where a {operation} is in progress",
            path.display()
        ),
        NotMerged::Locked { lock } => format!(
            "it is checked out, and a git is at work there or was killed: {} is in the way",
            lock.display()
        ),
        NotMerged::Twice { paths } => {
            format!("it is checked out in {} work trees at once", paths.len())
        }
        NotMerged::Conflict { paths } => {
            format!("it has gone on, and both changed {}", paths.join(", "))
        }
        NotMerged::Refused { path, complaint } => {
            format!("git refuses in {}: {complaint}", path.display())
        }
    }
}
