//! What a run does next: a pure function of the workflow and of what has happened.
//!
//! The same code decides in a fresh run and after a resume; it is told how steps ended and says
//! what to do, one [`Decision`] at a time. Each decision is made once and costs time in
//! proportion to what it concerns, never to the size of the workflow.

use std::collections::VecDeque;

use crate::model::expression::{Context, JobStatus};
use crate::model::expression::{Object, Value};
use crate::model::run::event::Outcome;
use crate::model::run::state::{JobState, RunState};
use crate::model::run::step_context::StepContext;
use crate::model::workflow::{Job, Step, StepKind, Workflow};

/// What to do next. Jobs and steps are indexes into the workflow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// A job begins.
    StartJob(usize),
    /// A job is not to run; it has ended with this.
    SkipJob(usize),
    /// A step is to be spawned.
    RunStep {
        /// Its job.
        job: usize,
        /// The step.
        step: usize,
        /// Number of the attempt, from 1.
        attempt: u32,
    },
    /// A step is not to run.
    SkipStep {
        /// Its job.
        job: usize,
        /// The step.
        step: usize,
    },
    /// A person is to be asked.
    Checkpoint {
        /// Its job.
        job: usize,
        /// The step.
        step: usize,
    },
    /// The condition of a step or of a job (`step` is none) cannot be evaluated: it failed.
    BadCondition {
        /// The job.
        job: usize,
        /// The step.
        step: Option<usize>,
        /// Why.
        reason: String,
    },
    /// A job is over.
    FinishJob {
        /// Which.
        job: usize,
        /// How.
        result: Outcome,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Some needed job is not over.
    Waiting,
    /// It could begin.
    Ready,
    /// It has begun.
    Active,
    /// It is over.
    Finished,
}

#[derive(Clone, Debug)]
struct Progress {
    phase: Phase,
    /// Needed jobs that are not over.
    unmet: usize,
    /// The next step to decide about.
    next: usize,
    /// Whether that step is under way or waits for a person.
    busy: bool,
    /// Worst of what its steps came to so far.
    status: JobStatus,
    result: Option<Outcome>,
    /// Outcomes of its steps so far.
    outcomes: Vec<Outcome>,
    /// Attempts begun of the next step.
    attempts: u32,
    /// How all that it needs, however far away, has ended.
    ancestors: JobStatus,
    /// It began because of the cancellation, or in spite of it: its steps start afresh.
    began_cancelled: bool,
}

/// The state of all jobs of one run.
#[derive(Debug)]
pub(crate) struct Schedule<'w> {
    workflow: &'w Workflow,
    jobs: Vec<Progress>,
    dependents: Vec<Vec<usize>>,
    ready: VecDeque<usize>,
    active: VecDeque<usize>,
    unfinished: usize,
    parallel: usize,
    cancelled: bool,
}

impl<'w> Schedule<'w> {
    /// Takes up a run where `state` left it. At most `parallel` jobs are active at once.
    pub(crate) fn new(workflow: &'w Workflow, state: &RunState, parallel: usize) -> Self {
        let mut dependents = vec![Vec::new(); workflow.jobs.len()];
        for (index, job) in workflow.jobs.iter().enumerate() {
            for need in &job.needs {
                if let Some(list) = dependents.get_mut(*need) {
                    list.push(index);
                }
            }
        }
        let jobs = workflow.jobs.iter().map(Progress::fresh).collect();
        let mut schedule = Self {
            workflow,
            jobs,
            dependents,
            ready: VecDeque::new(),
            active: VecDeque::new(),
            unfinished: workflow.jobs.len(),
            parallel: parallel.max(1),
            cancelled: state.cancel_requested,
        };
        schedule.replay(state);
        schedule
    }

    fn replay(&mut self, state: &RunState) {
        let mut ended: Vec<(usize, Outcome)> = Vec::new();
        for (index, job) in self.workflow.jobs.iter().enumerate() {
            let Some(known) = state.jobs.get(&job.id) else {
                continue;
            };
            if let Some(progress) = self.jobs.get_mut(index) {
                progress.replay(job, known);
            }
            if let Some(result) = known.result {
                ended.push((index, result));
            } else if known.started_ms.is_some() {
                self.active.push_back(index);
            }
        }
        for (index, result) in ended {
            self.end_job(index, result);
        }
        for index in 0..self.jobs.len() {
            self.ready_if_met(index);
        }
    }

    fn ready_if_met(&mut self, index: usize) {
        if let Some(progress) = self.jobs.get_mut(index)
            && progress.phase == Phase::Waiting
            && progress.unmet == 0
        {
            progress.phase = Phase::Ready;
            self.ready.push_back(index);
        }
    }

    /// The run is being cancelled: only what asks for it by its condition still runs.
    pub(crate) fn cancel(&mut self) {
        self.cancelled = true;
    }

    /// Whether every job is over.
    pub(crate) fn is_finished(&self) -> bool {
        self.unfinished == 0
    }

    /// How the run as a whole has gone.
    pub(crate) fn outcome(&self) -> Outcome {
        let any = |wanted| self.jobs.iter().any(|job| job.result == Some(wanted));
        if self.cancelled {
            Outcome::Cancelled
        } else if any(Outcome::Failure) {
            Outcome::Failure
        } else if any(Outcome::Cancelled) {
            Outcome::Cancelled
        } else {
            Outcome::Success
        }
    }

    /// The next thing to do, if there is one now. `base` holds the contexts of the run.
    pub(crate) fn next(&mut self, base: &Context) -> Option<Decision> {
        for _ in 0..self.active.len() {
            let index = self.active.pop_front()?;
            let decision = self.advance(index, base);
            let over = matches!(decision, Some(Decision::FinishJob { .. }));
            if !over {
                self.active.push_back(index);
            }
            if decision.is_some() {
                return decision;
            }
        }
        if self.active.len() >= self.parallel {
            return None;
        }
        let index = self.ready.pop_front()?;
        Some(self.begin(index, base))
    }

    /// Decides whether a job begins.
    fn begin(&mut self, index: usize, base: &Context) -> Decision {
        let Some(job) = self.workflow.jobs.get(index) else {
            return Decision::SkipJob(index);
        };
        let mut context = self.context(index, base);
        let ancestors = self
            .jobs
            .get(index)
            .map_or(JobStatus::Success, |progress| progress.ancestors);
        context.set_status(if self.cancelled {
            JobStatus::Cancelled
        } else {
            ancestors
        });
        match job.condition.evaluate(&context) {
            Ok(true) => {
                if let Some(progress) = self.jobs.get_mut(index) {
                    progress.phase = Phase::Active;
                    progress.began_cancelled = self.cancelled;
                }
                self.active.push_back(index);
                Decision::StartJob(index)
            }
            Ok(false) => {
                self.end_job(index, Outcome::Skipped);
                Decision::SkipJob(index)
            }
            Err(error) => {
                self.end_job(index, Outcome::Failure);
                Decision::BadCondition {
                    job: index,
                    step: None,
                    reason: format!("if: {error}"),
                }
            }
        }
    }

    /// Decides about the next step of an active job.
    fn advance(&mut self, index: usize, base: &Context) -> Option<Decision> {
        let job = self.workflow.jobs.get(index)?;
        let progress = self.jobs.get(index)?;
        if progress.busy {
            return None;
        }
        let (next, attempt) = (progress.next, progress.attempts + 1);
        let Some(step) = job.steps.get(next) else {
            let result = progress.outcome(self.cancelled);
            self.end_job(index, result);
            return Some(Decision::FinishJob { job: index, result });
        };
        let status = if self.cancelled && !progress.began_cancelled {
            JobStatus::Cancelled
        } else {
            progress.status
        };
        let runs = self.step_runs(job, step, self.context(index, base), status);
        let progress = self.jobs.get_mut(index)?;
        match runs {
            Ok(true) => {
                progress.busy = true;
                Some(match step.kind {
                    StepKind::Checkpoint(_) => Decision::Checkpoint {
                        job: index,
                        step: next,
                    },
                    _ => {
                        progress.attempts = attempt;
                        Decision::RunStep {
                            job: index,
                            step: next,
                            attempt,
                        }
                    }
                })
            }
            Ok(false) => {
                progress.settle(Outcome::Skipped);
                Some(Decision::SkipStep {
                    job: index,
                    step: next,
                })
            }
            Err(reason) => {
                progress.settle(Outcome::Failure);
                Some(Decision::BadCondition {
                    job: index,
                    step: Some(next),
                    reason,
                })
            }
        }
    }

    /// Whether a step runs, or why that cannot be said.
    fn step_runs(
        &self,
        job: &Job,
        step: &Step,
        context: Context,
        status: JobStatus,
    ) -> Result<bool, String> {
        if let Some(false) = step.condition.by_status(status) {
            return Ok(false);
        }
        let StepContext {
            mut context,
            variables,
        } = StepContext::new(self.workflow, job, step, context);
        // A condition on variables that are not there would decide something that nobody wrote.
        variables.map_err(|error| format!("env: {error}"))?;
        context.set_status(status);
        step.condition
            .evaluate(&context)
            .map_err(|error| format!("if: {error}"))
    }

    /// What the expressions of a step read; the same as when it was decided that the step runs.
    pub(crate) fn step_context(
        &self,
        index: usize,
        (job, step): (&Job, &Step),
        base: &Context,
    ) -> StepContext {
        StepContext::new(self.workflow, job, step, self.context(index, base))
    }

    /// Takes note of how the step that is under way in a job ended.
    pub(crate) fn step_finished(&mut self, job: usize, outcome: Outcome) {
        if let Some(progress) = self.jobs.get_mut(job) {
            progress.settle(outcome);
        }
    }

    /// A job takes longer than it may: it has failed, whatever its steps come to.
    pub(crate) fn overrun(&mut self, job: usize) {
        if let Some(progress) = self.jobs.get_mut(job) {
            progress.status = worst(progress.status, JobStatus::Failure);
        }
    }

    /// Whether a step of a job is under way or waits.
    pub(crate) fn is_busy(&self, job: usize) -> bool {
        self.jobs.get(job).is_some_and(|progress| progress.busy)
    }

    fn end_job(&mut self, index: usize, result: Outcome) {
        let Some(progress) = self.jobs.get_mut(index) else {
            return;
        };
        progress.phase = Phase::Finished;
        progress.result = Some(result);
        self.unfinished = self.unfinished.saturating_sub(1);
        let line = worst(progress.ancestors, as_status(result));
        let dependents = self.dependents.get(index).cloned().unwrap_or_default();
        for dependent in dependents {
            if let Some(progress) = self.jobs.get_mut(dependent) {
                progress.unmet = progress.unmet.saturating_sub(1);
                progress.ancestors = worst(progress.ancestors, line);
            }
            self.ready_if_met(dependent);
        }
    }

    /// The contexts of a job: those of the run, and what came before in it.
    fn context(&self, index: usize, base: &Context) -> Context {
        let mut context = base.clone();
        let (Some(job), Some(progress)) = (self.workflow.jobs.get(index), self.jobs.get(index))
        else {
            return context;
        };
        let mut needs = Object::new();
        for need in &job.needs {
            let (Some(needed), Some(known)) = (self.workflow.jobs.get(*need), self.jobs.get(*need))
            else {
                continue;
            };
            let mut value = Object::new();
            value.set("result", known.result.map_or("", Outcome::as_str));
            needs.set(&needed.id, Value::from(value));
        }
        context.set("needs", Value::from(needs));
        context.set(
            "steps",
            Value::from(steps_object(&job.steps, &progress.outcomes)),
        );
        context
    }
}

impl Progress {
    fn fresh(job: &Job) -> Self {
        Self {
            phase: Phase::Waiting,
            unmet: job.needs.len(),
            next: 0,
            busy: false,
            status: JobStatus::Success,
            result: None,
            outcomes: Vec::new(),
            attempts: 0,
            ancestors: JobStatus::Success,
            began_cancelled: false,
        }
    }

    /// Takes over what is known of a job that has begun.
    fn replay(&mut self, job: &Job, known: &JobState) {
        if known.started_ms.is_some() {
            self.phase = Phase::Active;
            self.began_cancelled = known.began_cancelled;
        }
        for step in &job.steps {
            let state = known.steps.get(&step.key);
            if let Some(outcome) = state.and_then(|state| state.outcome) {
                self.settle(outcome);
            } else {
                self.attempts = state.map_or(0, |state| state.attempts);
                return;
            }
        }
    }

    /// The next step has ended like this.
    fn settle(&mut self, outcome: Outcome) {
        self.outcomes.push(outcome);
        self.next += 1;
        self.busy = false;
        self.attempts = 0;
        if outcome != Outcome::Skipped {
            self.status = worst(self.status, as_status(outcome));
        }
    }

    fn outcome(&self, cancelled: bool) -> Outcome {
        match self.status {
            JobStatus::Failure => Outcome::Failure,
            JobStatus::Cancelled => Outcome::Cancelled,
            _ if cancelled && !self.began_cancelled => Outcome::Cancelled,
            _ => Outcome::Success,
        }
    }
}

fn as_status(outcome: Outcome) -> JobStatus {
    match outcome {
        Outcome::Success => JobStatus::Success,
        Outcome::Failure => JobStatus::Failure,
        Outcome::Cancelled => JobStatus::Cancelled,
        Outcome::Skipped => JobStatus::Skipped,
    }
}

/// A failure anywhere above a job counts most, then a cancelled job, then a skipped one: what
/// GitHub's `success()` and `failure()` see of the whole chain of needs.
fn worst(one: JobStatus, other: JobStatus) -> JobStatus {
    let rank = |status| match status {
        JobStatus::Success => 0,
        JobStatus::Skipped => 1,
        JobStatus::Cancelled => 2,
        JobStatus::Failure => 3,
    };
    if rank(one) >= rank(other) { one } else { other }
}

fn steps_object(steps: &[Step], outcomes: &[Outcome]) -> Object {
    let mut object = Object::new();
    for (step, outcome) in steps.iter().zip(outcomes) {
        if let Some(id) = &step.id {
            let mut value = Object::new();
            value.set("outcome", outcome.as_str());
            value.set("conclusion", outcome.as_str());
            object.set(id, Value::from(value));
        }
    }
    object
}

#[cfg(test)]
mod tests;
