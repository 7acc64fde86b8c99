//! Work trees of their own for runs, jobs and legs: made when something begins, found again when
//! it goes on.
//!
//! What the record says comes first: it names the branch and the commit that a work tree starts
//! from before there is one, so that whoever takes the run up makes the same.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use crate::base::ids::{ObjectId, RunId};
use crate::git::worktree::{Isolated, Worktrees};
use crate::git::{self, Repository};
use crate::model::run::Event;
use crate::model::run::event::{JobIsolated, Named, Outcome, VerificationPhase};
use crate::model::run::schedule::{Schedule, Workspace};
use crate::model::workflow::{Bundle, Workflow};
use crate::workflow::Error;
use crate::workflow::driver::Driver;
use crate::workflow::hash_files::WorkTreeFiles;
use crate::workflow::prepare::Bench;

/// The work trees of a run under way that are not the person's own.
#[derive(Debug, Default)]
pub(crate) struct Trees {
    /// That of the run, which those of jobs are merged into.
    pub(super) run: Option<Isolated>,
    /// Those of jobs that are not over, by their nodes.
    pub(super) jobs: HashMap<usize, Isolated>,
    /// Jobs whose steps are over, and whose work waits until a conflict is solved.
    pub(super) waiting: Vec<(usize, Outcome, Vec<Named>)>,
    /// The job whose conflict is kept in the work tree of the run.
    pub(super) conflict: Option<usize>,
    /// Jobs that are held back because of it, and whose files of variables are still to be read.
    pub(super) unread: Vec<usize>,
}

/// Whether a workflow, or a job of it, is isolated.
pub(crate) fn is_written(workflow: &Workflow) -> bool {
    workflow.isolation.is_some() || workflow.jobs.iter().any(|job| job.isolation.is_some())
}

/// Whether anything of a run is isolated.
pub(crate) fn is_used(bundle: Bundle<'_>) -> bool {
    let called = bundle.called.values();
    let jobs = called.flat_map(|workflow| &workflow.jobs);
    is_written(bundle.main) || jobs.into_iter().any(|job| job.isolation.is_some())
}

/// What is wrong with a work tree or a branch, where that concerns one job alone.
pub(super) fn concerns_job(error: &Error) -> Option<String> {
    match error {
        Error::Git(
            git::Error::BranchTaken { .. }
            | git::Error::LocalChanges { .. }
            | git::Error::OperationInProgress { .. }
            | git::Error::HoldsMasked { .. }
            | git::Error::Strayed { .. }
            | git::Error::WorktreeGone { .. },
        )
        | Error::NothingToIsolate { .. } => Some(error.to_string()),
        _ => None,
    }
}

impl<'a> Driver<'a> {
    /// The work trees of this repository's runs.
    pub(super) fn worktrees(&self) -> Worktrees<'a> {
        Worktrees::new(self.shop.repository).masking(self.masker())
    }

    /// Whether all of the run is isolated.
    pub(super) fn is_run_isolated(&self) -> bool {
        self.pinned.workflow.isolation.is_some()
    }

    /// A job begins, or goes on: its work tree is there, if it has one of its own. Tells whether it
    /// can go on; otherwise it has failed.
    pub(super) fn isolate(
        &mut self,
        job: usize,
        schedule: &mut Schedule<'_>,
    ) -> Result<bool, Error> {
        if schedule.is_group(job) {
            return Ok(true);
        }
        match self.make_tree(job, schedule) {
            Ok(()) => Ok(true),
            Err(error) => match concerns_job(&error) {
                Some(reason) => {
                    self.bad_condition(job, None, &format!("isolation: {reason}"), schedule)?;
                    Ok(false)
                }
                None => Err(error),
            },
        }
    }

    fn make_tree(&mut self, job: usize, schedule: &mut Schedule<'_>) -> Result<(), Error> {
        if self.is_run_isolated() {
            self.run_tree()?;
        }
        let isolation = schedule.job(job).and_then(|job| job.isolation.as_ref());
        if isolation.is_some() {
            let key = schedule.key(job).to_owned();
            let known = self.state.isolated(&key).cloned();
            let merged = known.as_ref().and_then(|known| known.merged.as_ref());
            // What is merged is removed as a whole: an engine may have died in the middle of that,
            // and a branch alone would be left.
            if merged.is_none_or(|merged| merged.left.is_none()) {
                let base = match known {
                    Some(known) => known.base,
                    None => self.record_isolated(&key, schedule)?,
                };
                let made = self.worktrees().create(self.run, &key, &base)?;
                self.trees.jobs.insert(job, made);
            } else if let Some(left) = self.worktrees().find(self.run, Some(&key))? {
                self.trees.jobs.insert(job, left);
            }
        }
        if let Some(tree) = self.tree_of(job, schedule) {
            let workspace = Workspace {
                top: tree.path.to_string_lossy().into_owned(),
                files: Arc::new(WorkTreeFiles::new(&tree.path)),
            };
            schedule.set_workspace(job, workspace);
        }
        Ok(())
    }

    /// Records that a job gets a work tree; gives the commit that it starts from.
    fn record_isolated(&mut self, key: &str, schedule: &Schedule<'_>) -> Result<ObjectId, Error> {
        let run = self.run_tree()?;
        // What it did before it was undone is not what it begins with.
        if let Some(branch) = self.worktrees().set_aside(self.run, key)? {
            self.observer.note(&format!(
                "job `{key}` begins anew: what it had done is on branch `{branch}`"
            ));
        }
        if !self.is_run_tree_busy(schedule) {
            self.collect_run()?;
        }
        let trees = self.worktrees();
        let tip = trees.tip(&run)?;
        // Where steps of it are taken over, it has what those had done.
        let known = self.state.jobs.get(key);
        let part = known.is_some_and(|job| job.steps.values().any(|step| step.is_carried()));
        let carried = match self.takes_over().filter(|_| part) {
            Some(old) => trees.carry_leg((old, self.run), key, &tip)?,
            None => None,
        };
        let base = carried.unwrap_or(tip);
        self.record(Event::JobIsolated(Box::new(JobIsolated {
            job: key.to_owned(),
            branch: Worktrees::branch(self.run, key),
            base: base.clone(),
        })))?;
        Ok(base)
    }

    /// The work tree of the run, made when it is first asked for.
    pub(super) fn run_tree(&mut self) -> Result<Isolated, Error> {
        if let Some(tree) = &self.trees.run {
            return Ok(tree.clone());
        }
        let base = self
            .state
            .start
            .as_ref()
            .and_then(|start| start.base.clone());
        let base = base.ok_or_else(|| Error::NothingToIsolate {
            name: self.pinned.workflow.name.clone(),
        })?;
        let trees = self.worktrees();
        if let Some(old) = self.takes_over() {
            trees.carry_run((old, self.run), &base)?;
        }
        let tree = trees.integration(self.run, &base)?;
        self.trees.run = Some(tree.clone());
        Ok(tree)
    }

    /// The run that this one does again, where it takes something over from it.
    fn takes_over(&self) -> Option<RunId> {
        let mut jobs = self.state.jobs.values();
        let carries = jobs.any(|job| job.steps.values().any(|step| step.is_carried()));
        let start = self.state.start.as_ref().filter(|_| carries)?;
        start.again
    }

    /// Commits what the steps of an isolated run left in its work tree, unless a merge is in
    /// progress there: that makes a commit of its own.
    pub(super) fn collect_run(&mut self) -> Result<(), Error> {
        if !self.is_run_isolated() {
            return Ok(());
        }
        let tree = self.run_tree()?;
        let trees = self.worktrees();
        if !trees.is_merging(&tree)? {
            let message = run_message(&self.pinned.workflow.name, self.run);
            trees.collect(&tree, &message)?;
        }
        Ok(())
    }

    /// The steps of an isolated run are over: tells whether all that they left is committed. Files
    /// that hold a secret are not, and the run fails because of them.
    pub(super) fn collects_all(&mut self) -> Result<bool, Error> {
        // After that, criteria were at work there, and what they leave goes.
        if self.state.after.is_some() {
            return Ok(true);
        }
        match self.collect_run() {
            Err(Error::Git(error @ git::Error::HoldsMasked { .. })) => {
                self.observer.note_once(format!("isolation: {error}"));
                Ok(false)
            }
            // A work tree that is not as it should be stays, and that is told at the end.
            Err(error) if concerns_job(&error).is_some() => Ok(true),
            result => result.map(|()| true),
        }
    }

    /// Whether a step is at work in the work tree of an isolated run: what it has half done is no
    /// commit, and a commit or a merge beside it would get into the way of its own git.
    pub(super) fn is_run_tree_busy(&self, schedule: &Schedule<'_>) -> bool {
        let run = self.trees.run.as_ref().filter(|_| self.is_run_isolated());
        let mut jobs = self.in_flight.iter().filter_map(|(_, job)| *job);
        run.is_some_and(|run| {
            jobs.any(|job| {
                let tree = self.tree_of(job, schedule);
                tree.is_some_and(|tree| tree.path == run.path)
            })
        })
    }

    /// The work tree that the steps of a job run in, when it is not the person's own: its own one,
    /// that of the job that calls it, or that of the run.
    pub(crate) fn tree_of(&self, job: usize, schedule: &Schedule<'_>) -> Option<&Isolated> {
        let mut at = Some(job);
        while let Some(job) = at {
            if let Some(tree) = self.trees.jobs.get(&job) {
                return Some(tree);
            }
            at = schedule.caller(job);
        }
        self.trees.run.as_ref().filter(|_| self.is_run_isolated())
    }

    /// The top of the work tree that the steps of a job run in.
    pub(super) fn top_of(&self, job: usize, schedule: &Schedule<'_>) -> Result<PathBuf, Error> {
        Ok(match self.tree_of(job, schedule) {
            Some(tree) => tree.path.clone(),
            None => self.shop.repository.top()?.to_owned(),
        })
    }

    /// The repository as it is seen from there.
    pub(super) fn repository_of(
        &self,
        job: usize,
        schedule: &Schedule<'_>,
    ) -> Result<Option<Repository>, Error> {
        let tree = self.tree_of(job, schedule);
        let opened = tree.map(|tree| self.worktrees().open(tree));
        Ok(opened.transpose()?)
    }

    /// What the next step of a job shares with its others, and the work tree that it runs in: the
    /// one of the run, with the paths in conflict, when it is to solve that.
    pub(super) fn bench_of<'s>(&self, job: usize, schedule: &'s Schedule<'_>) -> Bench<'s> {
        let (tree, conflicts) = if schedule.solves_conflict(job) {
            let known = self.state.isolated(schedule.key(job));
            let paths = known.map(|known| known.conflicts.join("\n"));
            (self.trees.run.as_ref(), paths)
        } else {
            (self.tree_of(job, schedule), None)
        };
        let known = schedule.job(job);
        Bench {
            path: schedule.path(job),
            defaults: known.map(|job| &job.defaults),
            top: tree.map(|tree| tree.path.clone()),
            conflicts,
            job: known.map(|job| job.id.as_str()),
        }
    }

    /// The repository as it is seen from the work tree in which criteria are verified, when that is
    /// not the person's own: what an isolated run has made is in no other one.
    pub(super) fn tested(&mut self, phase: VerificationPhase) -> Result<Option<Repository>, Error> {
        if !is_used(self.pinned.bundle()) {
            return Ok(None);
        }
        let tree = self.run_tree()?;
        // What commands of criteria left, those of an engine that died too, is nobody's work.
        match (phase, &self.state.after) {
            (VerificationPhase::After, None) => self.collect_run()?,
            _ => self.worktrees().discard(&tree)?,
        }
        Ok(Some(self.worktrees().open(&tree)?))
    }

    /// The criteria were verified there: what their commands left goes, lest it is merged, when
    /// they were the last that ran.
    pub(super) fn end_tested(&mut self, last: bool) -> Result<(), Error> {
        if last && is_used(self.pinned.bundle()) {
            let tree = self.run_tree()?;
            self.worktrees().discard(&tree)?;
        }
        Ok(())
    }
}

/// The message of a commit of what the steps of a run left.
pub(super) fn run_message(workflow: &str, run: RunId) -> String {
    format!("{workflow}\n\nRun {run}\n")
}
