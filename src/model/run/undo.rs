//! Taking back what happened in a run, so that it happens again.
//!
//! What is undone is as if it had never been heard of, but for the numbers of its attempts: those
//! are never used again.

use std::collections::HashSet;

use crate::model::run::carry::EarlierTries;
use crate::model::run::event::{AFTER, CheckpointKind, Outcome, Reset, leg_key, leg_of};
use crate::model::run::state::JobState;
use crate::model::run::{AttemptName, RunState};

/// What is undone: jobs, and steps by their jobs.
#[derive(Debug, Default)]
struct Undone {
    jobs: HashSet<String>,
    steps: HashSet<(String, String)>,
}

impl RunState {
    /// Attempts of a step that were begun, also those that were undone.
    pub(crate) fn attempts(&self, job: &str, step: &str) -> u32 {
        let known = self.step(job, step).map_or(0, |step| step.attempts);
        known.max(self.tried(job, step))
    }

    /// How many times the step of an attempt was tried. Numbers were passed over, so that of the attempt
    /// may be higher.
    pub(crate) fn begun(&self, attempt: &AttemptName) -> u32 {
        let known = self.step(&attempt.job, &attempt.step);
        known.map_or(0, |known| known.begun)
    }

    /// The attempt of a step that comes after all that were made, undone or given away.
    pub(crate) fn next_attempt(&self, job: &str, step: &str) -> AttemptName {
        AttemptName {
            job: job.to_owned(),
            step: step.to_owned(),
            number: self.attempts(job, step) + 1,
        }
    }

    /// Attempts of a step that were undone.
    pub(crate) fn tried(&self, job: &str, step: &str) -> u32 {
        let steps = self.tried.get(job);
        steps
            .and_then(|steps| steps.get(step))
            .copied()
            .unwrap_or(0)
    }

    /// Numbers up to this one are not used for attempts of a step any more.
    pub(crate) fn note_tried(&mut self, job: &str, step: &str, number: u32) {
        let steps = self.tried.entry(job.to_owned()).or_default();
        let tried = steps.entry(step.to_owned()).or_default();
        *tried = number.max(*tried);
    }

    /// The run goes on although it was cancelled. What had succeeded stays; what was ended or left
    /// out because of the cancellation, and what ran because of it, is undone.
    pub(super) fn reopen(&mut self) {
        let mut undone = Undone::default();
        let mut open = Vec::new();
        let whole = self.cancel_requested;
        for (key, job) in &self.jobs {
            let ended_by_it = if whole {
                job.ended_cancelled
                    && matches!(job.result, Some(Outcome::Cancelled | Outcome::Skipped))
            } else {
                self.ended_alone(key, job)
            };
            if job.began_cancelled || (ended_by_it && job.started_ms.is_none()) {
                undone.jobs.insert(key.clone());
                continue;
            }
            let first = match whole {
                true => first_ended_by_it(job),
                false if ended_by_it => first_cancelled(job),
                false => None,
            };
            if ended_by_it || first.is_some() {
                open.push(key.clone());
            }
            let steps = job.steps.iter();
            let later = steps.filter(|(_, step)| first.is_some_and(|first| step.order >= first));
            for (step, known) in later {
                // Jobs of the workflow that it was calling may have succeeded.
                let calls = known.more.as_ref().is_some_and(|more| more.calling);
                if calls && Some(known.order) == first {
                    open.push(format!("{key}+{step}+"));
                } else {
                    undone.steps.insert((key.clone(), step.clone()));
                }
            }
        }
        for key in open {
            match self.owner(&key) {
                Some((job, Some(step))) if key.ends_with('+') => self.open_step(&job, &step),
                _ => self.open_job(&key),
            }
        }
        self.undo(&undone);
        for checkpoint in &mut self.checkpoints {
            checkpoint.undone |= checkpoint.answered.is_none();
        }
        self.goes_on();
    }

    /// Whether a job was ended or left out where nobody asked to cancel the whole run: it was to
    /// leave its concurrency group, or a job that it needs was. What another leg ended by its
    /// failure stays as it is.
    fn ended_alone(&self, key: &str, job: &JobState) -> bool {
        match job.result {
            Some(Outcome::Cancelled) => match self.owner(key) {
                Some((above, None)) => !self.has_failed_legs(&above),
                _ => true,
            },
            Some(Outcome::Skipped) => job.started_ms.is_none(),
            _ => false,
        }
    }

    /// A person wants this to run again.
    pub(super) fn reset(&mut self, reset: &Reset) {
        let undone = Undone {
            jobs: reset
                .jobs
                .iter()
                .cloned()
                .chain([AFTER.to_owned()])
                .collect(),
            steps: reset.steps.iter().cloned().collect(),
        };
        self.undo(&undone);
        // What was proved was proved of what there was then.
        self.after = None;
        self.goes_on();
    }

    /// All that is known was taken over from another run.
    pub(super) fn carried(&mut self, tried: &[EarlierTries]) {
        let steps = self
            .jobs
            .values_mut()
            .flat_map(|job| job.steps.values_mut());
        for step in steps {
            step.more().carried = true;
        }
        for earlier in tried {
            let job = self.jobs.get_mut(&earlier.job);
            if let Some(step) = job.and_then(|job| job.steps.get_mut(&earlier.step)) {
                step.more().tried_ms = earlier.elapsed_ms;
            }
        }
        self.output_bytes = 0;
    }

    fn goes_on(&mut self) {
        self.cancel_requested = false;
        self.outcome = None;
        self.ended_ms = None;
        self.parked = None;
    }

    fn undo(&mut self, undone: &Undone) {
        let keys = self.jobs.keys();
        let gone: HashSet<String> = keys
            .filter(|key| self.is_gone(key, undone))
            .cloned()
            .collect();
        let mut owners: Vec<(String, Option<String>)> = Vec::new();
        for key in &gone {
            owners.extend(self.owner(key));
        }
        let steps = undone.steps.iter().filter(|(job, _)| !gone.contains(job));
        let steps: Vec<(String, String)> = steps.cloned().collect();
        for checkpoint in &mut self.checkpoints {
            let (job, step) = (&checkpoint.opened.job, &checkpoint.opened.step);
            checkpoint.undone |=
                gone.contains(job) || undone.steps.contains(&(job.clone(), step.clone()));
        }
        for key in &gone {
            for (step, known) in self.jobs.remove(key).into_iter().flat_map(|job| job.steps) {
                self.note_tried(key, &step, known.attempts);
            }
        }
        self.job_order.retain(|key| !gone.contains(key));
        for (job, step) in steps {
            let known = self.jobs.get_mut(&job);
            if let Some(known) = known.and_then(|known| known.steps.remove(&step)) {
                self.note_tried(&job, &step, known.attempts);
            }
            self.open_job(&job);
        }
        for (job, step) in owners {
            if let Some(step) = step {
                self.open_step(&job, &step);
            }
            self.open_job(&job);
        }
    }

    /// Whether a job is undone, or what it belongs to.
    fn is_gone(&self, key: &str, undone: &Undone) -> bool {
        let mut key = key.to_owned();
        loop {
            if undone.jobs.contains(&key) {
                return true;
            }
            key = match self.owner(&key) {
                Some((job, Some(step))) if undone.steps.contains(&(job.clone(), step.clone())) => {
                    return true;
                }
                Some((job, _)) => job,
                None => return false,
            };
        }
    }

    /// What a job belongs to: the job whose leg it is, or the step that calls its workflow.
    fn owner(&self, key: &str) -> Option<(String, Option<String>)> {
        if let Some((job, _)) = leg_of(key) {
            return Some((job.to_owned(), None));
        }
        let (above, _) = key.rsplit_once('+')?;
        // The key of a step may have the sign in it too.
        above.rmatch_indices('+').find_map(|(at, _)| {
            let (job, step) = (above.get(..at)?, above.get(at + 1..)?);
            self.step(job, step)?;
            Some((job.to_owned(), Some(step.to_owned())))
        })
    }

    /// A job, and whatever it belongs to, is not over any more.
    fn open_job(&mut self, key: &str) {
        let mut next = Some(key.to_owned());
        while let Some(key) = next {
            let failed = self.has_failed_legs(&key);
            for checkpoint in &mut self.checkpoints {
                // What was said about one merge is said about no other.
                checkpoint.undone |= checkpoint.opened.job == key
                    && matches!(checkpoint.opened.kind, CheckpointKind::Conflict(_));
            }
            if let Some(job) = self.jobs.get_mut(&key) {
                job.result = None;
                job.ended_ms = None;
                job.ended_cancelled = false;
                job.continued = false;
                job.outputs.clear();
                job.reason = None;
                // Its work is merged when it ends again: what had stayed on its branch goes on
                // there, and after a merge it starts anew from what the run has.
                match &mut job.isolated {
                    Some(known) if known.keeps_work() => known.merged = None,
                    Some(known) if known.merged.is_some() => job.isolated = None,
                    _ => {}
                }
                if let (true, Some(expanded)) = (failed, &mut job.expanded) {
                    // Whoever runs one leg again does so in spite of those that failed.
                    expanded.fail_fast = false;
                }
            }
            next = match self.owner(&key) {
                Some((job, Some(step))) => {
                    self.open_step(&job, &step);
                    Some(job)
                }
                Some((job, None)) => Some(job),
                None => None,
            };
        }
    }

    fn has_failed_legs(&self, key: &str) -> bool {
        let expanded = self.jobs.get(key).and_then(|job| job.expanded.as_ref());
        let legs = expanded.map_or(0, |expanded| expanded.legs.len());
        (0..legs).any(|leg| {
            let leg = self.jobs.get(&leg_key(key, leg));
            leg.is_some_and(|leg| leg.result == Some(Outcome::Failure))
        })
    }

    /// The jobs that a step calls are not over any more.
    fn open_step(&mut self, job: &str, step: &str) {
        let known = self.jobs.get_mut(job);
        if let Some(step) = known.and_then(|job| job.steps.get_mut(step)) {
            step.outcome = None;
            step.finish = None;
            step.ended_cancelled = false;
            let more = step.more();
            more.calling = true;
            more.continued = false;
            more.left = None;
        }
    }
}

/// The place of the first step of a job that the cancellation ended or left out.
fn first_ended_by_it(job: &JobState) -> Option<usize> {
    let ended = job.steps.values().filter(|step| {
        step.ended_cancelled && matches!(step.outcome, Some(Outcome::Cancelled | Outcome::Skipped))
    });
    ended.map(|step| step.order).min()
}

/// The place of the first step of a job that was ended.
fn first_cancelled(job: &JobState) -> Option<usize> {
    let ended = job
        .steps
        .values()
        .filter(|step| step.outcome == Some(Outcome::Cancelled));
    ended.map(|step| step.order).min()
}

#[cfg(test)]
mod tests;
