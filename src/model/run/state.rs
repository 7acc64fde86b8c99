//! The state of a run: a fold over its events.

mod fold;
mod parts;

use std::collections::HashMap;

use crate::base::ids::CriterionId;
use crate::model::run::artifact::{self, ArtifactStored};
use crate::model::run::event::{
    AFTER, Answer, AttemptName, BEFORE, CheckpointKind, Event, Outcome, ParkReason, RecordedEvent,
    RunStart, StepEnd, StepOutputs, VerificationPhase, pseudo_job,
};

pub(crate) use parts::{CheckpointState, JobState, RunStatus, StepState, VerificationState};

/// Everything that follows from the events of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RunState {
    /// How it began.
    pub(crate) start: Option<RunStart>,
    /// When it began, in milliseconds since the Unix epoch.
    pub(crate) started_ms: u64,
    /// When the last event came.
    pub(crate) last_ms: u64,
    /// Process id of the last engine.
    pub(crate) engine_pid: Option<u32>,
    /// Jobs by id, the pseudo-jobs of verification among them.
    pub(crate) jobs: HashMap<String, JobState>,
    /// Jobs in the order in which they were first heard of.
    pub(crate) job_order: Vec<String>,
    /// Checkpoints by number, from 1.
    pub(crate) checkpoints: Vec<CheckpointState>,
    /// Verification before the workflow.
    pub(crate) before: Option<VerificationState>,
    /// Verification after it.
    pub(crate) after: Option<VerificationState>,
    /// Why it stands still, until a person answers or an engine takes it up again.
    pub(crate) parked: Option<ParkReason>,
    /// Whether its files may have changed while nobody looked: an engine began to drive it and
    /// did not come as far as asking a person.
    pub(crate) unwatched: bool,
    /// Whether somebody asked to cancel it.
    pub(crate) cancel_requested: bool,
    /// How it ended.
    pub(crate) outcome: Option<Outcome>,
    /// When it ended.
    pub(crate) ended_ms: Option<u64>,
    /// Bytes of output kept so far.
    pub(crate) output_bytes: u64,
    /// Files that steps and jobs left, in the order in which they were kept.
    pub(crate) artifacts: Vec<ArtifactStored>,
    /// Attempts of steps that were undone, by job and step: their numbers are not used again.
    pub(crate) tried: HashMap<String, HashMap<String, u32>>,
}

impl RunState {
    /// Folds events.
    pub(crate) fn fold<'a>(events: impl IntoIterator<Item = &'a RecordedEvent>) -> Self {
        let mut state = Self::default();
        for event in events {
            state.apply(event);
        }
        state
    }

    /// Takes one more event.
    pub(crate) fn apply(&mut self, recorded: &RecordedEvent) {
        self.last_ms = self.last_ms.max(recorded.at_ms);
        match &recorded.event {
            Event::Started(start) => {
                self.started_ms = recorded.at_ms;
                self.start = Some((**start).clone());
            }
            Event::EngineStarted { pid, work_tree } => {
                self.engine_pid = Some(*pid);
                if let (Some(start), Some(moved)) = (&mut self.start, work_tree) {
                    start.work_tree.clone_from(moved);
                }
                self.parked = None;
                self.unwatched = true;
            }
            Event::VerificationStarted { .. } | Event::CodeChanged { .. } => {
                self.apply_to_verification(recorded);
            }
            Event::JobStarted { .. } | Event::JobExpanded(_) | Event::JobFinished { .. } => {
                self.apply_to_job(recorded);
            }
            Event::CheckpointOpened(opened) => self.checkpoints.push(CheckpointState {
                opened: (**opened).clone(),
                opened_ms: recorded.at_ms,
                answered: None,
                answered_ms: None,
                undone: false,
            }),
            Event::CheckpointAnswered(answered) => self.answer(answered, recorded.at_ms),
            Event::Parked { reason } => {
                self.parked = Some(*reason);
                self.unwatched &= *reason != ParkReason::Checkpoint;
            }
            Event::CancelRequested => self.cancel_requested = true,
            Event::Reopened => self.reopen(),
            Event::Reset(reset) => self.reset(reset),
            Event::Carried { tried, .. } => self.carried(tried),
            Event::Finished { outcome } => {
                self.outcome = Some(*outcome);
                self.ended_ms = Some(recorded.at_ms);
            }
            Event::ArtifactStored(stored) => {
                artifact::keep(&mut self.artifacts, (**stored).clone());
            }
            Event::StepStarted(_)
            | Event::StepFinished(..)
            | Event::CallStarted { .. }
            | Event::StepOutputs(_)
            | Event::Annotations(_)
            | Event::StepRetried { .. }
            | Event::StepContinued { .. }
            | Event::StepSkipped { .. }
            | Event::AttemptLost(_)
            | Event::RerunLost(_) => self.apply_to_step(recorded),
            Event::JobIsolated(_) | Event::JobConflict { .. } | Event::JobMerged(_) => {
                self.apply_to_work_tree(&recorded.event);
            }
        }
    }

    /// Whether a person refused what was changed of the files that the run goes by.
    pub(crate) fn rejected_edits(&self) -> bool {
        self.checkpoints.iter().any(|checkpoint| {
            let answer = checkpoint.answered.as_ref().map(|answered| answered.answer);
            answer == Some(Answer::Reject)
                && !checkpoint.undone
                && matches!(checkpoint.opened.kind, CheckpointKind::Edited(_))
        })
    }

    /// Whether a job of the workflow has begun.
    pub(crate) fn jobs_began(&self) -> bool {
        let of_workflow = |id: &str| id != BEFORE && id != AFTER;
        self.job_order.iter().any(|id| of_workflow(id))
    }

    /// Whether a person has yet to say if files that a step changed may stay so.
    pub(crate) fn waits_for_edits(&self) -> bool {
        self.checkpoints.iter().any(|checkpoint| {
            checkpoint.is_open() && matches!(checkpoint.opened.kind, CheckpointKind::Edited(_))
        })
    }

    fn step_mut(&mut self, job: &str, step: &str) -> &mut StepState {
        let attempts = self.tried(job, step);
        let steps = &mut self.job(job).steps;
        let order = steps.len();
        steps.entry(step.to_owned()).or_insert_with(|| {
            Box::new(StepState {
                attempts,
                order,
                ..StepState::default()
            })
        })
    }

    /// The next attempt of a step gets a number after this one: whoever had this one must not
    /// start it any more.
    pub(crate) fn skip_attempt(&mut self, attempt: &AttemptName) {
        let step = self.step_mut(&attempt.job, &attempt.step);
        step.attempts = step.attempts.max(attempt.number);
    }

    /// What a step left for the steps after it is known better than the record says.
    pub(crate) fn recall(&mut self, left: StepOutputs) {
        let step = self.step_mut(&left.attempt.job, &left.attempt.step);
        step.more().left = Some(left);
    }

    /// What is known of a step.
    pub(crate) fn step(&self, job: &str, step: &str) -> Option<&StepState> {
        self.jobs.get(job)?.steps.get(step).map(Box::as_ref)
    }

    /// Attempts that began and have no end yet.
    pub(crate) fn unfinished_attempts(&self) -> Vec<AttemptName> {
        self.attempts_where(|step| step.running)
    }

    /// Attempts whose end will never be known, and that nobody let run again.
    pub(crate) fn lost_attempts(&self) -> Vec<AttemptName> {
        self.attempts_where(|step| step.lost)
    }

    fn attempts_where(&self, chosen: impl Fn(&StepState) -> bool) -> Vec<AttemptName> {
        let mut names: Vec<AttemptName> = self
            .jobs
            .iter()
            .flat_map(|(job, state)| {
                state
                    .steps
                    .iter()
                    .filter(|(_, step)| chosen(step))
                    .map(|(key, step)| AttemptName {
                        job: job.clone(),
                        step: key.clone(),
                        number: step.attempts,
                    })
            })
            .collect();
        names.sort();
        names
    }

    /// The checkpoint that waits for an answer.
    pub(crate) fn open_checkpoint(&self) -> Option<&CheckpointState> {
        self.checkpoints
            .iter()
            .find(|checkpoint| checkpoint.is_open())
    }

    /// The outcome of a criterion's command in one phase, once it is known. A command that could
    /// not be started has none: it showed nothing.
    pub(crate) fn criterion_outcome(
        &self,
        phase: VerificationPhase,
        criterion: &CriterionId,
    ) -> Option<Outcome> {
        let step = self.step(pseudo_job(phase), criterion.as_str())?;
        let end = step.finish.as_ref().map(|finish| &finish.end);
        step.outcome
            .filter(|_| !matches!(end, Some(StepEnd::NotStarted(_))))
    }

    /// Where the run stands at this time, given whether an engine or a supervisor of it is alive:
    /// one that waits may have waited too long, whether it came to stand still or its engine died,
    /// until it goes on. One that is being cancelled asks nobody any more.
    pub(crate) fn status_at(&self, alive: bool, now_ms: u64) -> RunStatus {
        match self.status(alive) {
            RunStatus::Waiting | RunStatus::Interrupted
                if !self.cancel_requested && self.is_expired(now_ms) =>
            {
                RunStatus::Expired
            }
            status => status,
        }
    }

    /// Where the run stands, given whether an engine or a supervisor of it is alive.
    pub(crate) fn status(&self, alive: bool) -> RunStatus {
        if let Some(outcome) = self.outcome {
            return RunStatus::Finished(outcome);
        }
        if alive {
            return RunStatus::Running;
        }
        match self.parked {
            Some(ParkReason::Lost) if self.lost_attempts().is_empty() => RunStatus::Interrupted,
            Some(ParkReason::Lost) => RunStatus::Lost,
            Some(ParkReason::Checkpoint) => match self.open_checkpoint() {
                Some(_) => RunStatus::Waiting,
                None => RunStatus::Interrupted,
            },
            None => RunStatus::Interrupted,
        }
    }
}
