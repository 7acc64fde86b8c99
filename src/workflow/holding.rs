//! A conflict that is kept in the work tree of a run: what else works there is held back until it
//! is solved or given up.
//!
//! Which job it is of follows from the record, or, where an engine died before it could say so,
//! from that work tree.

use std::collections::{HashSet, VecDeque};
use std::time::Instant;

use crate::model::run::event::leg_of;
use crate::model::run::schedule::Schedule;
use crate::workflow::Error;
use crate::workflow::driver::Driver;
use crate::workflow::isolation::concerns_job;

impl Driver<'_> {
    /// The run is taken up: the conflict that the record has.
    pub(super) fn recall_conflict(&mut self, schedule: &mut Schedule<'_>) {
        let mut active = schedule.active().into_iter();
        self.trees.conflict = active.find(|job| {
            let known = self.state.isolated(schedule.key(*job));
            known.is_some_and(|known| !known.conflicts.is_empty())
        });
        schedule.hold_back(self.trees.conflict.is_some());
    }

    /// The same, with the work trees of the jobs at hand: one that the record does not have.
    pub(super) fn find_conflict(&mut self, schedule: &mut Schedule<'_>) -> Result<(), Error> {
        if self.trees.conflict.is_none() && !self.trees.jobs.is_empty() {
            match self.unrecorded_conflict() {
                Ok(found) => self.trees.conflict = found,
                // Whoever is merged there is told.
                Err(error) if concerns_job(&error).is_some() => {}
                Err(error) => return Err(error),
            }
        }
        schedule.hold_back(self.trees.conflict.is_some());
        if let Some(job) = self.trees.conflict {
            // Whoever else waits to be merged comes to that before anything goes on.
            schedule.decide_last(job);
        }
        Ok(())
    }

    fn unrecorded_conflict(&mut self) -> Result<Option<usize>, Error> {
        let into = self.run_tree()?;
        let trees = self.worktrees();
        let Some(kept) = trees.kept(&into)? else {
            return Ok(None);
        };
        for (job, tree) in &self.trees.jobs {
            if trees.tip(tree)? == kept {
                return Ok(Some(*job));
            }
        }
        // Nobody was asked about it, and nobody would come back to it.
        trees.abort(&into)?;
        Ok(None)
    }

    /// Holds back what shares the work tree of the run while a conflict is kept there, and lets it
    /// go on afterwards.
    pub(super) fn hold_back(&mut self, schedule: &mut Schedule<'_>) -> Result<(), Error> {
        if self.trees.conflict.is_none() && schedule.holds_back() {
            // What waited for its end may come to the next one.
            self.merge_waiting(schedule)?;
        }
        let kept = self.trees.conflict.is_some();
        schedule.hold_back(kept);
        if kept || self.trees.unread.is_empty() {
            return Ok(());
        }
        let active = schedule.active();
        for job in std::mem::take(&mut self.trees.unread) {
            if active.contains(&job) {
                self.give_files(job, schedule)?;
            }
        }
        Ok(())
    }

    /// Tells which jobs wait now for the end of a conflict.
    pub(super) fn say_who_waits(&mut self, schedule: &mut Schedule<'_>) {
        let held = schedule.newly_held();
        let Some(of) = self.trees.conflict else {
            return;
        };
        for job in held {
            let key = schedule.key(job);
            // All legs wait for the same.
            let key = leg_of(key).map_or(key, |(job, _)| job);
            let of = schedule.key(of);
            self.observer.note_once(format!(
                "job `{key}` waits until the conflict of job `{of}` is solved"
            ));
        }
    }

    /// The time of jobs that wait because of a conflict stands still, unless something of them runs.
    pub(super) fn stop_clocks(&mut self, schedule: &Schedule<'_>) {
        let mut at_work = HashSet::new();
        if self.trees.conflict.is_some() {
            for job in self.in_flight.iter().filter_map(|(_, job)| *job) {
                at_work.insert(job);
                at_work.extend(schedule.callers(job));
            }
        }
        let kept = self.trees.conflict.is_some();
        self.times.stop(Instant::now(), |job| {
            kept && !at_work.contains(&job) && schedule.waits_for_conflict(job)
        });
    }
}

/// Takes the first of these jobs that may begin now.
pub(super) fn next_of(jobs: &mut VecDeque<usize>, schedule: &Schedule<'_>) -> Option<usize> {
    let at = jobs.iter().position(|job| !schedule.is_held_back(*job))?;
    jobs.remove(at)
}
