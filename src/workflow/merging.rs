//! The steps of a job with a work tree of its own are over: what it did goes to the branch of the
//! run, or stays on its own one.
//!
//! Everything here can be done twice. An engine that died is followed by one that merges again and
//! finds that it is done.

use crate::base::text::counted;
use crate::git;
use crate::git::worktree::{How, Isolated, MergedBack, OnConflict as Conflict, Order};
use crate::model::run::event::{Answer, CheckpointKind, JobMerged, Named};
use crate::model::run::schedule::Schedule;
use crate::model::run::terms::Terms;
use crate::model::run::{Event, Outcome};
use crate::model::workflow::policy::{Isolation, MergeBack, OnConflict};
use crate::workflow::Error;
use crate::workflow::driver::Driver;
use crate::workflow::isolation::concerns_job;

/// Tries of a merge into a work tree in which steps are at work too.
const TRIES: usize = 5;

/// Paths in conflict that a message names.
const SHOWN_PATHS: usize = 20;

/// What became of the work of a job.
enum Brought {
    /// It is where it belongs, or stays where it is: the job ends like this.
    Over(Outcome),
    /// A person is asked about a conflict, or was about that of another job; or steps are at work
    /// where it is to be merged.
    Waits,
    /// Steps of the job are to solve the conflict.
    Solving,
}

/// How the merge of one job is done.
struct Merge<'m> {
    job: usize,
    key: String,
    isolation: &'m Isolation,
    tree: Isolated,
    into: Isolated,
    message: String,
    /// Nobody is to solve a conflict any more: the job ends like this.
    cut_off: Option<Outcome>,
}

impl Merge<'_> {
    fn order(&self) -> Order<'_> {
        Order {
            how: match self.isolation.merge {
                MergeBack::Merge => How::Merge,
                MergeBack::Squash => How::Squash,
                MergeBack::Rebase => How::Rebase,
                MergeBack::Leave => How::Leave,
            },
            on_conflict: if self.fails() {
                Conflict::Abort
            } else {
                Conflict::Keep
            },
            message: &self.message,
        }
    }

    /// Whether a conflict is given up at once.
    fn fails(&self) -> bool {
        self.cut_off.is_some() || matches!(self.isolation.on_conflict, OnConflict::Fail)
    }

    fn asks(&self) -> bool {
        self.cut_off.is_none() && matches!(self.isolation.on_conflict, OnConflict::Ask)
    }
}

impl Driver<'_> {
    /// The steps of a job, or its legs, are over: it ends when its work is where it belongs.
    pub(super) fn finish_job(
        &mut self,
        job: usize,
        result: Outcome,
        outputs: Vec<Named>,
        schedule: &mut Schedule<'_>,
    ) -> Result<(), Error> {
        let brought = match self.bring_back(job, result, schedule) {
            Ok(brought) => brought,
            Err(error) => match concerns_job(&error) {
                Some(reason) => {
                    self.fails_because(schedule.key(job), &format!("isolation: {reason}"));
                    Brought::Over(Outcome::Failure)
                }
                None => return Err(error),
            },
        };
        match brought {
            Brought::Over(result) => self.end_job(job, result, outputs, schedule),
            Brought::Waits => {
                // Who waits for steps in the work tree of the run keeps its place: more of them would
                // begin there.
                if self.trees.conflict.is_some() {
                    schedule.wait_to_merge(job);
                }
                self.trees.waiting.push((job, result, outputs));
                Ok(())
            }
            Brought::Solving => Ok(()),
        }
    }

    /// Goes on with the jobs whose work waited for the end of a conflict, or of the steps in the
    /// work tree of the run. Tells whether one of them waits no more.
    pub(super) fn merge_waiting(&mut self, schedule: &mut Schedule<'_>) -> Result<bool, Error> {
        if self.trees.waiting.is_empty() || !self.may_begin() {
            return Ok(false);
        }
        let before = self.trees.waiting.len();
        for (job, result, outputs) in std::mem::take(&mut self.trees.waiting) {
            let result = if self.state.cancel_requested {
                Outcome::Cancelled
            } else {
                result
            };
            self.finish_job(job, result, outputs, schedule)?;
        }
        Ok(self.trees.waiting.len() < before)
    }

    fn bring_back(
        &mut self,
        job: usize,
        result: Outcome,
        schedule: &mut Schedule<'_>,
    ) -> Result<Brought, Error> {
        let key = schedule.key(job).to_owned();
        let isolation = schedule.job(job).and_then(|job| job.isolation.as_ref());
        let known = self.state.isolated(&key);
        let (Some(isolation), Some(known)) = (isolation, known) else {
            return Ok(Brought::Over(result));
        };
        if let Some(merged) = &known.merged {
            // It was recorded, and the engine died before the job was over.
            let failed = merged.left.is_some() && isolation.merge != MergeBack::Leave;
            let result = if failed && result == Outcome::Success {
                Outcome::Failure
            } else {
                result
            };
            return Ok(Brought::Over(result));
        }
        // What has failed is not merged.
        if result != Outcome::Success {
            return Ok(Brought::Over(result));
        }
        let Some(tree) = self.trees.jobs.get(&job).cloned() else {
            return Ok(Brought::Over(result));
        };
        if isolation.merge == MergeBack::Leave {
            let collected = self.worktrees().collect(&tree, &self.message(&key));
            return match collected {
                Err(error @ git::Error::HoldsMasked { .. }) => Err(error.into()),
                _ => Ok(Brought::Over(result)),
            };
        }
        let other = self.trees.conflict.is_some_and(|other| other != job);
        if other || self.is_run_tree_busy(schedule) {
            return Ok(Brought::Waits);
        }
        let name = &self.pinned.workflow.name;
        let message = match isolation.merge {
            MergeBack::Merge => format!("Merge job {key} of {name}\n\nRun {}\n", self.run),
            _ => self.message(&key),
        };
        let merge = Merge {
            job,
            isolation,
            tree,
            into: self.run_tree()?,
            message,
            key,
            cut_off: if schedule.is_cut_off(job) {
                Some(Outcome::Cancelled)
            } else {
                // A run that has failed as a whole asks nobody any more.
                let failed = self.state.has_failed_by_clock();
                failed.then_some(Outcome::Failure)
            },
        };
        self.merge(&merge, schedule)
    }

    /// The message of a commit of what the steps of a job left.
    fn message(&self, key: &str) -> String {
        let name = &self.pinned.workflow.name;
        format!("{name}: {key}\n\nRun {}\n", self.run)
    }

    fn merge(&mut self, merge: &Merge<'_>, schedule: &mut Schedule<'_>) -> Result<Brought, Error> {
        let trees = self.worktrees();
        let known = self.state.isolated(&merge.key);
        if known.is_some_and(|known| !known.conflicts.is_empty()) {
            return self.after_conflict(merge, schedule);
        }
        trees.collect(&merge.tree, &self.message(&merge.key))?;
        let mut tries = 0;
        let merged = loop {
            tries += 1;
            self.collect_run()?;
            match trees.merge_back(&merge.into, &merge.tree, &merge.order()) {
                // A step of another job has just written there.
                Err(git::Error::LocalChanges { .. }) if self.is_run_isolated() && tries < TRIES => {
                }
                merged => break merged?,
            }
        };
        let MergedBack::Conflict { paths } = merged else {
            return self.merged(merge, merged);
        };
        if merge.fails() {
            return self.give_up(merge, paths, schedule);
        }
        if paths.is_empty() {
            // It was solved already when the engine died.
            let merged = trees.conclude(&merge.into, &merge.tree, &merge.order())?;
            return self.merged(merge, merged);
        }
        self.trees.conflict = Some(merge.job);
        self.record(Event::JobConflict {
            job: merge.key.clone(),
            paths,
        })?;
        if schedule.solve_conflict(merge.job) {
            return Ok(Brought::Solving);
        }
        self.after_conflict(merge, schedule)
    }

    /// A conflict is in the work tree of the run: what was done about it?
    fn after_conflict(
        &mut self,
        merge: &Merge<'_>,
        schedule: &mut Schedule<'_>,
    ) -> Result<Brought, Error> {
        let known = self.state.isolated(&merge.key);
        let paths = known.map(|known| known.conflicts.clone());
        let paths = paths.unwrap_or_default();
        if matches!(merge.isolation.on_conflict, OnConflict::Ask) {
            let asked = self.state.checkpoints.iter().rev().find(|known| {
                known.opened.job == merge.key
                    && !known.undone
                    && matches!(known.opened.kind, CheckpointKind::Conflict(_))
            });
            let answered = asked.map(|known| known.answered.as_ref().map(|given| given.answer));
            match answered {
                None | Some(None) if merge.fails() => return self.give_up(merge, paths, schedule),
                None => return self.ask(merge, paths),
                Some(None) => return Ok(Brought::Waits),
                Some(Some(Answer::Reject)) => return self.give_up(merge, paths, schedule),
                Some(Some(Answer::Approve)) => {}
            }
        }
        let trees = self.worktrees();
        let merged = match trees.conclude(&merge.into, &merge.tree, &merge.order()) {
            Err(git::Error::HoldsMasked { paths, .. }) => {
                let (key, told) = (&merge.key, shown(&paths));
                let text = format!("job `{key}`: not merged, because it holds a secret: {told}");
                self.observer.note(&text);
                MergedBack::Conflict { paths }
            }
            merged => merged?,
        };
        let MergedBack::Conflict { paths } = merged else {
            return self.merged(merge, merged);
        };
        let (key, shown) = (&merge.key, shown(&paths));
        self.observer
            .note(&format!("job `{key}`: still in conflict: {shown}"));
        if merge.asks() {
            self.record(Event::JobConflict {
                job: merge.key.clone(),
                paths: paths.clone(),
            })?;
            return self.ask(merge, paths);
        }
        self.give_up(merge, paths, schedule)
    }

    /// Asks a person to solve a conflict.
    fn ask(&mut self, merge: &Merge<'_>, paths: Vec<String>) -> Result<Brought, Error> {
        let message = format!(
            "the work of job `{}` is in conflict with the run's in {}: {}\n\
             solve it in {}: edit the files, `git add` them, then approve; reject to leave the work \
             on branch `{}`",
            merge.key,
            counted(paths.len(), "file"),
            shown(&paths),
            merge.into.path.display(),
            merge.tree.branch,
        );
        let there = self.worktrees().open(&merge.into)?;
        self.open(
            (&merge.key, ""),
            (CheckpointKind::Conflict(paths), Terms::default()),
            ("conflict", &message),
            Some(&there),
        )?;
        Ok(Brought::Waits)
    }

    /// The work of a job stays on its branch because of a conflict.
    fn give_up(
        &mut self,
        merge: &Merge<'_>,
        paths: Vec<String>,
        schedule: &Schedule<'_>,
    ) -> Result<Brought, Error> {
        let (key, told) = (&merge.key, shown(&paths));
        let reason = format!("its work does not merge; in conflict: {told}");
        self.fails_because(key, &reason);
        self.leave_work(merge.job, paths, schedule)?;
        Ok(Brought::Over(merge.cut_off.unwrap_or(Outcome::Failure)))
    }

    /// The work of a job is on the branch of the run.
    fn merged(&mut self, merge: &Merge<'_>, merged: MergedBack) -> Result<Brought, Error> {
        let commit = match merged {
            MergedBack::Merged { commit } => Some(commit),
            _ => None,
        };
        self.record(Event::JobMerged(Box::new(JobMerged {
            job: merge.key.clone(),
            commit,
            left: None,
            conflicts: Vec::new(),
        })))?;
        Ok(Brought::Over(Outcome::Success))
    }

    /// A job is about to end: work of it that was not merged stays on its branch, and its work
    /// tree goes.
    pub(super) fn leave_work(
        &mut self,
        job: usize,
        conflicts: Vec<String>,
        schedule: &Schedule<'_>,
    ) -> Result<(), Error> {
        if self.trees.conflict.take_if(|kept| *kept == job).is_some() {
            // Solved it is not there any more; else it goes, also where the work tree of the job is
            // gone or nothing but that of the run knows of it.
            let into = self.run_tree()?;
            self.worktrees().abort(&into)?;
        }
        let Some(tree) = self.trees.jobs.get(&job).cloned() else {
            return Ok(());
        };
        let key = schedule.key(job).to_owned();
        let trees = self.worktrees();
        let known = self.state.isolated(&key).cloned();
        let merged = known.as_ref().and_then(|known| known.merged.as_ref());
        let keeps = match merged {
            Some(merged) => merged.left.is_some(),
            None => self.record_left_work(&key, &tree, conflicts)?,
        };
        let removed = trees.remove(&tree, keeps);
        self.unless_strayed(&key, removed)?;
        self.trees.jobs.remove(&job);
        Ok(())
    }

    /// Records that the work of a job is not merged; tells whether there is any.
    fn record_left_work(
        &mut self,
        key: &str,
        tree: &Isolated,
        mut conflicts: Vec<String>,
    ) -> Result<bool, Error> {
        let trees = self.worktrees();
        let known = self.state.isolated(key).cloned();
        let open = known.as_ref().map(|known| &known.conflicts);
        if let Some(open) = open.filter(|open| !open.is_empty()) {
            conflicts.clone_from(open);
        }
        let base = known.map(|known| known.base);
        let collected = trees.collect(tree, &self.message(key));
        let tip = self.unless_strayed(key, collected)?;
        let keeps = tip.is_none_or(|(tip, _)| Some(tip) != base);
        let left = keeps.then(|| tree.branch.clone());
        if let Some(branch) = &left {
            self.observer
                .note(&format!("job `{key}`: its work is on branch `{branch}`"));
        }
        self.record(Event::JobMerged(Box::new(JobMerged {
            job: key.to_owned(),
            commit: None,
            left,
            conflicts,
        })))?;
        Ok(keeps)
    }

    /// What was wanted of the work tree of a job; nothing, and a note, when that tree is not as it
    /// should be. It stays as it is until the run is over.
    fn unless_strayed<T>(
        &mut self,
        key: &str,
        result: Result<T, git::Error>,
    ) -> Result<Option<T>, Error> {
        let error = match result {
            Ok(value) => return Ok(Some(value)),
            Err(error) => Error::from(error),
        };
        let Some(reason) = concerns_job(&error) else {
            return Err(error);
        };
        self.fails_because(key, &format!("isolation: {reason}"));
        Ok(None)
    }
}

/// The first of these paths, and how many more there are.
pub(super) fn shown(paths: &[String]) -> String {
    let more = match paths.len().saturating_sub(SHOWN_PATHS) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let first = paths.get(..SHOWN_PATHS).unwrap_or(paths);
    format!("{}{more}", first.join(", "))
}
