//! One job, or one leg of a job, on its way.

use std::collections::{BTreeMap, VecDeque};

use crate::model::expression::{JobStatus, Object, Value};
use crate::model::run::event::{Named, Outcome};
use crate::model::run::schedule::groups::outputs_object;
use crate::model::run::schedule::isolation::Workspace;
use crate::model::run::state::{JobState, StepState};
use crate::model::workflow::definition::Guard;
use crate::model::workflow::{Job, Step, Workflow};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Some needed job is not over.
    Waiting,
    /// It could begin.
    Ready,
    /// It has begun.
    Active,
    /// It is over.
    Finished,
}

/// What its next step is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Busy {
    /// Nothing: it is to be decided about.
    No,
    /// It is under way.
    Running,
    /// It waits for a person.
    Asking,
    /// The jobs of another workflow are under way for it.
    Calling,
    /// It waits until its concurrency group is free.
    Queued,
    /// Its end is being recorded.
    Closing,
}

/// One run of a job among several.
#[derive(Clone, Debug)]
pub(super) struct Leg {
    /// The node of the job.
    pub(super) group: usize,
    /// Its place among the legs, from 0.
    pub(super) index: usize,
    /// The values of the matrix, or the item.
    pub(super) value: Value,
}

/// A job that runs several times.
#[derive(Clone, Debug)]
pub(super) struct Group {
    /// Its legs, as nodes.
    pub(super) legs: Vec<usize>,
    /// Those that have not begun because too many are under way.
    pub(super) held: VecDeque<usize>,
    /// How many are not over.
    pub(super) left: usize,
    /// How many are ready or have begun, and are not over.
    pub(super) open: usize,
    /// Whether one that fails ends the others.
    pub(super) fail_fast: bool,
    /// How many at once.
    pub(super) max_parallel: Option<usize>,
}

/// A job, or one leg of it.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own; none follows from another"
)]
pub(super) struct Node<'w> {
    pub(super) workflow: &'w Workflow,
    pub(super) job: &'w Job,
    /// Its key in the record.
    pub(super) key: String,
    /// The call that it is part of; none for a job of the run's own workflow.
    pub(super) call: Option<usize>,
    /// The jobs that it needs, as nodes.
    pub(super) needs: Vec<usize>,
    /// The jobs that need it, as nodes.
    pub(super) dependents: Vec<usize>,
    pub(super) leg: Option<Leg>,
    pub(super) group: Option<Box<Group>>,
    pub(super) phase: Phase,
    /// Needed jobs that are not over.
    pub(super) unmet: usize,
    /// The next step to decide about.
    pub(super) next: usize,
    pub(super) busy: Busy,
    /// When the next step may begin, in milliseconds since the Unix epoch.
    pub(super) not_before: Option<u64>,
    /// The next step has been tried, and failed.
    pub(super) tried: bool,
    /// Worst of what its steps came to so far.
    pub(super) status: JobStatus,
    /// How it counts for those that need it.
    pub(super) conclusion: Option<Outcome>,
    /// How it ended.
    pub(super) result: Option<Outcome>,
    pub(super) outputs: Vec<Named>,
    /// What is known of steps after one that runs again alone, by their place.
    pub(super) kept: BTreeMap<usize, Settled>,
    /// Outcomes of its steps so far.
    pub(super) outcomes: Vec<Outcome>,
    /// What expressions read of its steps so far.
    pub(super) steps: Object,
    /// What expressions read of the checkpoints so far.
    pub(super) checkpoints: Object,
    /// What expressions read of the jobs that it needs, once they are over; a leg reads what its
    /// group has.
    pub(super) needed: Option<Value>,
    /// The last call of one of its steps.
    pub(super) calling: Option<usize>,
    /// Variables from files, below all others.
    pub(super) dotenv: Vec<Named>,
    /// Variables that its steps set for those after them.
    pub(super) env: Vec<Named>,
    /// Variables that a person set, above all others until a step sets them anew.
    pub(super) by_hand: Vec<Named>,
    /// Folders that its steps put before the `PATH`, the last one first of all.
    pub(super) path: Vec<String>,
    /// How all that it needs, however far away, has ended.
    pub(super) ancestors: JobStatus,
    /// Another leg has failed: only what runs in any case still does.
    pub(super) cancelled: bool,
    /// It began because of the cancellation, or in spite of it: its steps start afresh.
    pub(super) began_cancelled: bool,
    /// Where its steps run, when that is a work tree of its own.
    pub(super) workspace: Option<Workspace>,
    /// Its work does not merge, and its last steps are to solve that.
    pub(super) conflict: bool,
    /// It is held back because of a conflict of another job.
    pub(super) held: bool,
    /// It waited because of a conflict, and gave its place among the jobs under way away.
    pub(super) lapsed: bool,
}

/// How a step ended, and what it left.
#[derive(Clone, Debug)]
pub(crate) struct Settled {
    /// How it ended.
    pub(crate) outcome: Outcome,
    /// How it counts.
    pub(crate) conclusion: Outcome,
    /// Its outputs.
    pub(crate) outputs: Vec<Named>,
    /// Variables of the steps after it.
    pub(crate) env: Vec<Named>,
    /// Folders before the `PATH` of the steps after it.
    pub(crate) path: Vec<String>,
}

impl Settled {
    /// It ended like this and left nothing.
    pub(crate) fn plain(outcome: Outcome) -> Self {
        Self {
            outcome,
            conclusion: outcome,
            outputs: Vec::new(),
            env: Vec::new(),
            path: Vec::new(),
        }
    }

    /// What is known of a step that has ended.
    pub(crate) fn of(step: &StepState) -> Option<Self> {
        let outcome = step.outcome?;
        let mut settled = Self::plain(outcome);
        settled.conclusion = step.conclusion().unwrap_or(outcome);
        if let Some(left) = step.more.as_ref().and_then(|more| more.left.as_ref()) {
            settled.outputs.clone_from(&left.outputs);
            settled.env.clone_from(&left.env);
            settled.path.clone_from(&left.path);
        }
        Some(settled)
    }

    /// What expressions read of it.
    pub(super) fn object(&self) -> Object {
        let mut value = Object::new();
        value.set("outputs", outputs_object(&self.outputs));
        value.set("outcome", self.outcome.as_str());
        value.set("conclusion", self.conclusion.as_str());
        value
    }
}

impl<'w> Node<'w> {
    pub(super) fn new(workflow: &'w Workflow, job: &'w Job, key: String) -> Self {
        Self {
            workflow,
            job,
            key,
            call: None,
            needs: Vec::new(),
            dependents: Vec::new(),
            leg: None,
            group: None,
            phase: Phase::Waiting,
            unmet: 0,
            next: 0,
            busy: Busy::No,
            not_before: None,
            tried: false,
            status: JobStatus::Success,
            conclusion: None,
            result: None,
            outputs: Vec::new(),
            kept: BTreeMap::new(),
            outcomes: Vec::new(),
            steps: Object::new(),
            checkpoints: Object::new(),
            needed: None,
            calling: None,
            dotenv: Vec::new(),
            env: Vec::new(),
            by_hand: Vec::new(),
            path: Vec::new(),
            ancestors: JobStatus::Success,
            cancelled: false,
            began_cancelled: false,
            workspace: None,
            conflict: false,
            held: false,
            lapsed: false,
        }
    }

    /// The step that is to be decided about. Those that solve a conflict wait for one.
    pub(super) fn next_step(&self) -> Option<&'w Step> {
        let step = self.job.steps.get(self.next)?;
        (step.guard != Guard::OnConflict || self.conflict).then_some(step)
    }

    /// Takes over what is known of a job that has begun.
    pub(super) fn replay(&mut self, known: &JobState) {
        if known.started_ms.is_some() {
            self.phase = Phase::Active;
            self.began_cancelled = known.began_cancelled;
        }
        let isolated = known.isolated.as_ref();
        self.conflict = isolated.is_some_and(|isolated| !isolated.conflicts.is_empty());
        let steps = &self.job.steps;
        for (index, step) in steps.iter().enumerate() {
            let state = known.steps.get(&step.key);
            if let Some((state, settled)) =
                state.and_then(|state| Some((state, Settled::of(state)?)))
            {
                if state.ended_cancelled && settled.outcome == Outcome::Skipped {
                    self.cut_short();
                }
                let later = steps.get(index + 1);
                let later = later.and_then(|later| known.steps.get(&later.key));
                // Whoever takes a run up skips attempts of the next step before it begins.
                let last = later.is_none_or(|later| later.is_untouched());
                let judged = state.conclusion() != state.outcome || state.finish.is_none();
                if last && !judged && known.result.is_none() {
                    // The engine may have died before it could say what its end means.
                    self.busy = Busy::Running;
                    self.keep_after(index + 1, known);
                    return;
                }
                self.settle(settled);
            } else {
                self.not_before = state.and_then(|state| state.due_ms());
                self.tried = state.is_some_and(|state| state.failed_try().is_some());
                self.keep_after(index, known);
                return;
            }
        }
    }

    /// Keeps what is known of the steps behind this one: it runs again alone.
    fn keep_after(&mut self, index: usize, known: &JobState) {
        let later = self.job.steps.iter().enumerate().skip(index + 1);
        self.kept = later
            .filter_map(|(index, step)| Some((index, Settled::of(known.steps.get(&step.key)?)?)))
            .collect();
    }

    /// The next step has ended like this.
    pub(super) fn settle(&mut self, settled: Settled) {
        if let Some(step) = self.job.steps.get(self.next) {
            self.show(step, &settled);
        }
        self.next += 1;
        self.busy = Busy::No;
        self.not_before = None;
        self.tried = false;
        self.outcomes.push(settled.outcome);
        if settled.outcome != Outcome::Skipped {
            self.status = worst(self.status, as_status(settled.conclusion));
        }
        for (name, value) in settled.env {
            // What was set by hand is among them, in front of what the step says.
            self.by_hand
                .retain(|(known, by_hand)| *known != name || *by_hand == value);
            self.env.retain(|(known, _)| *known != name);
            self.env.push((name, value));
        }
        self.path.extend(settled.path);
        if let Some(kept) = self.kept.remove(&self.next) {
            self.settle(kept);
        }
    }

    /// Shows expressions what became of a step.
    fn show(&mut self, step: &Step, settled: &Settled) {
        if let Some(id) = &step.id {
            self.steps.set(id, settled.object());
        }
        if let crate::model::workflow::StepKind::Checkpoint(checkpoint) = &step.kind {
            self.checkpoints
                .set(&checkpoint.name, outputs_object(&settled.outputs));
        }
    }

    /// Whether a step may run after what came before it in its job, whatever else its condition says.
    pub(super) fn guard_lets(&self, step: &Step, status: JobStatus) -> bool {
        let outcome = |step: usize| self.outcomes.get(step).copied();
        match step.guard {
            Guard::None | Guard::OnConflict => step.condition.by_status(status) != Some(false),
            Guard::Ensure => true,
            Guard::OnFailure => status == JobStatus::Failure,
            Guard::AfterFailure(of) => {
                outcome(of) == Some(Outcome::Failure) && status != JobStatus::Cancelled
            }
            Guard::After(of) => outcome(of).is_some_and(|outcome| outcome != Outcome::Skipped),
        }
    }

    /// The cancellation found a step that was still to be decided about.
    pub(super) fn cut_short(&mut self) {
        if !self.began_cancelled {
            self.status = worst(self.status, JobStatus::Cancelled);
        }
    }

    /// How its steps came out together. A cancellation that finds nothing left to do changes nothing.
    pub(super) fn outcome(&self) -> Outcome {
        match self.status {
            JobStatus::Failure => Outcome::Failure,
            JobStatus::Cancelled => Outcome::Cancelled,
            _ => Outcome::Success,
        }
    }
}

pub(super) fn as_status(outcome: Outcome) -> JobStatus {
    match outcome {
        Outcome::Success => JobStatus::Success,
        Outcome::Failure => JobStatus::Failure,
        Outcome::Cancelled => JobStatus::Cancelled,
        Outcome::Skipped => JobStatus::Skipped,
    }
}

/// A failure anywhere above a job counts most, then a cancelled job, then a skipped one: what
/// GitHub's `success()` and `failure()` see of the whole chain of needs.
pub(super) fn worst(one: JobStatus, other: JobStatus) -> JobStatus {
    let rank = |status| match status {
        JobStatus::Success => 0,
        JobStatus::Skipped => 1,
        JobStatus::Cancelled => 2,
        JobStatus::Failure => 3,
    };
    if rank(one) >= rank(other) { one } else { other }
}

/// How several runs of one job came out together.
pub(super) fn together(results: impl Iterator<Item = Outcome>) -> Outcome {
    let mut worst = Outcome::Success;
    for result in results {
        worst = match (worst, result) {
            (_, Outcome::Failure) | (Outcome::Failure, _) => Outcome::Failure,
            (_, Outcome::Cancelled) | (Outcome::Cancelled, _) => Outcome::Cancelled,
            _ => Outcome::Success,
        };
    }
    worst
}
