//! The state of a run: a fold over its events.

use std::collections::HashMap;

use crate::base::ids::{CriterionId, ObjectId};
use crate::model::run::artifact::{self, ArtifactStored};
use crate::model::run::event::{
    AFTER, Answer, AttemptName, BEFORE, CheckpointAnswered, CheckpointKind, CheckpointOpened,
    Event, JobExpanded, Named, Outcome, ParkReason, RecordedEvent, RunStart, StepEnd, StepFinish,
    StepOutputs, VerificationPhase, pseudo_job,
};

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RunStatus {
    /// An engine is at work, or steps of it still run.
    Running,
    /// It waits for an answer to a checkpoint.
    Waiting,
    /// It waits for a decision about an attempt whose end is not known.
    Lost,
    /// Its engine died; it can be resumed.
    Interrupted,
    /// It is over.
    Finished(Outcome),
}

impl RunStatus {
    /// The word in lists and JSON.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Waiting => "waiting",
            Self::Lost => "lost",
            Self::Interrupted => "interrupted",
            Self::Finished(outcome) => outcome.as_str(),
        }
    }

    /// The status that a word names.
    pub(crate) fn from_word(word: &str) -> Option<Self> {
        [Self::Running, Self::Waiting, Self::Lost, Self::Interrupted]
            .into_iter()
            .chain(Outcome::ALL.into_iter().map(Self::Finished))
            .find(|status| status.as_str() == word)
    }

    /// Whether the run is over.
    pub(crate) fn is_finished(self) -> bool {
        matches!(self, Self::Finished(_))
    }
}

/// What is known of one step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct StepState {
    /// Attempts begun.
    pub(crate) attempts: u32,
    /// Whether the last attempt has begun and not ended.
    pub(crate) running: bool,
    /// Whether the last attempt is lost.
    pub(crate) lost: bool,
    /// How the step ended, once it has.
    pub(crate) outcome: Option<Outcome>,
    /// How its last attempt ended.
    pub(crate) finish: Option<StepFinish>,
    /// When its last attempt began, in milliseconds since the Unix epoch.
    pub(crate) started_ms: u64,
    /// How many steps of its job were heard of before it.
    pub(crate) order: usize,
    /// What most steps do not have.
    pub(crate) more: Option<Box<MoreOfStep>>,
}

/// What is known of a step beyond how it ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct MoreOfStep {
    /// When its first attempt began, in milliseconds since the Unix epoch.
    pub(crate) first_ms: Option<u64>,
    /// When its next attempt begins.
    pub(crate) due_ms: Option<u64>,
    /// It failed, and its job goes on as if it had succeeded.
    pub(crate) continued: bool,
    /// The jobs of another workflow are under way for it.
    pub(crate) calling: bool,
    /// What it left for the steps after it.
    pub(crate) left: Option<StepOutputs>,
}

impl StepState {
    /// What counts for the steps after it.
    pub(crate) fn conclusion(&self) -> Option<Outcome> {
        match &self.more {
            Some(more) if more.continued => Some(Outcome::Success),
            _ => self.outcome,
        }
    }

    /// When its next attempt begins, while it waits for that.
    pub(crate) fn due_ms(&self) -> Option<u64> {
        self.more.as_ref().and_then(|more| more.due_ms)
    }

    /// Whether anything of it happened; that an attempt must not be started is nothing.
    pub(crate) fn has_begun(&self) -> bool {
        self.started_ms > 0 || self.outcome.is_some() || self.finish.is_some()
    }

    /// Whether the jobs of another workflow are under way for it.
    pub(crate) fn is_calling(&self) -> bool {
        self.outcome.is_none() && self.more.as_ref().is_some_and(|more| more.calling)
    }

    fn more(&mut self) -> &mut MoreOfStep {
        self.more.get_or_insert_default()
    }
}

/// What is known of one job.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct JobState {
    /// When it began, in milliseconds since the Unix epoch.
    pub(crate) started_ms: Option<u64>,
    /// Whether the run was being cancelled when it began.
    pub(crate) began_cancelled: bool,
    /// When it ended.
    pub(crate) ended_ms: Option<u64>,
    /// How it ended.
    pub(crate) result: Option<Outcome>,
    /// It failed, and the run goes on as if it had succeeded.
    pub(crate) continued: bool,
    /// What jobs that need it can read.
    pub(crate) outputs: Vec<Named>,
    /// How it runs several times, if it does.
    pub(crate) expanded: Option<Box<JobExpanded>>,
    /// Its steps by key; boxed, since a table of thousands is half empty when it has grown.
    pub(crate) steps: HashMap<String, Box<StepState>>,
}

impl JobState {
    /// What counts for the jobs that need it.
    pub(crate) fn conclusion(&self) -> Option<Outcome> {
        if self.continued {
            return self.result.map(|_| Outcome::Success);
        }
        self.result
    }
}

/// A checkpoint and its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CheckpointState {
    /// What was asked.
    pub(crate) opened: CheckpointOpened,
    /// When, in milliseconds since the Unix epoch.
    pub(crate) opened_ms: u64,
    /// What was answered.
    pub(crate) answered: Option<CheckpointAnswered>,
    /// When.
    pub(crate) answered_ms: Option<u64>,
}

/// A verification of criteria.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct VerificationState {
    /// When it began, in milliseconds since the Unix epoch.
    pub(crate) at_ms: u64,
    /// The code tree that was there when it began.
    pub(crate) tree: ObjectId,
    /// The criteria whose commands are run, in order.
    pub(crate) criteria: Vec<CriterionId>,
    /// The code trees that commands of criteria left, each with the first criterion that was tested
    /// on it as its place in `criteria`.
    pub(crate) changes: Vec<(usize, ObjectId)>,
}

impl VerificationState {
    /// The code tree that is there as far as is known.
    pub(crate) fn tree_now(&self) -> &ObjectId {
        self.changes.last().map_or(&self.tree, |(_, tree)| tree)
    }

    /// The code tree that a criterion was tested on.
    pub(crate) fn tree_of(&self, criterion: &CriterionId) -> &ObjectId {
        let place = self.criteria.iter().position(|known| known == criterion);
        let tested = self
            .changes
            .iter()
            .rev()
            .find(|(first, _)| place.is_some_and(|place| *first <= place));
        tested.map_or(&self.tree, |(_, tree)| tree)
    }
}

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
            Event::VerificationStarted {
                phase,
                tree,
                criteria,
            } => {
                self.begin_verification(
                    *phase,
                    VerificationState {
                        at_ms: recorded.at_ms,
                        tree: tree.clone(),
                        criteria: criteria.clone(),
                        changes: Vec::new(),
                    },
                );
            }
            Event::CodeChanged { phase, tree } => self.change_code(*phase, tree),
            Event::JobStarted { job } => {
                let began_cancelled = self.cancel_requested;
                let state = self.job(job);
                state.started_ms = Some(recorded.at_ms);
                state.began_cancelled = began_cancelled;
            }
            Event::JobExpanded(expanded) => {
                let began_cancelled = self.cancel_requested;
                let state = self.job(&expanded.job);
                state.started_ms = Some(recorded.at_ms);
                state.began_cancelled = began_cancelled;
                state.expanded = Some(expanded.clone());
            }
            Event::JobFinished {
                job,
                result,
                continued,
                outputs,
            } => {
                let state = self.job(job);
                state.ended_ms = Some(recorded.at_ms);
                state.result = Some(*result);
                state.continued = *continued;
                state.outputs.clone_from(outputs);
            }
            Event::CheckpointOpened(opened) => self.checkpoints.push(CheckpointState {
                opened: (**opened).clone(),
                opened_ms: recorded.at_ms,
                answered: None,
                answered_ms: None,
            }),
            Event::CheckpointAnswered(answered) => self.answer(answered, recorded.at_ms),
            Event::Parked { reason } => {
                self.parked = Some(*reason);
                self.unwatched &= *reason != ParkReason::Checkpoint;
            }
            Event::CancelRequested => self.cancel_requested = true,
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
            | Event::StepRetried { .. }
            | Event::StepContinued { .. }
            | Event::StepSkipped { .. }
            | Event::AttemptLost(_)
            | Event::RerunLost(_) => self.apply_to_step(recorded),
        }
    }

    fn begin_verification(&mut self, phase: VerificationPhase, begun: VerificationState) {
        match phase {
            VerificationPhase::Before => self.before = Some(begun),
            VerificationPhase::After => self.after = Some(begun),
        }
        // What was found of another tree is not found of this one.
        let job = self.jobs.get_mut(pseudo_job(phase)).into_iter();
        for step in job.flat_map(|job| job.steps.values_mut()) {
            step.outcome = None;
            step.finish = None;
        }
    }

    fn change_code(&mut self, phase: VerificationPhase, tree: &ObjectId) {
        let known = match phase {
            VerificationPhase::Before => &self.before,
            VerificationPhase::After => &self.after,
        };
        let tested = |criterion: &CriterionId| {
            let known = self.step(pseudo_job(phase), criterion.as_str());
            known.is_some_and(|known| known.outcome.is_some())
        };
        let first = known
            .iter()
            .flat_map(|known| &known.criteria)
            .take_while(|criterion| tested(criterion))
            .count();
        let known = match phase {
            VerificationPhase::Before => &mut self.before,
            VerificationPhase::After => &mut self.after,
        };
        if let Some(known) = known {
            known.changes.push((first, tree.clone()));
        }
    }

    fn answer(&mut self, answered: &CheckpointAnswered, at_ms: u64) {
        // There is something to do again, whatever else it waits for.
        self.parked = None;
        let known = self
            .checkpoints
            .iter_mut()
            .find(|checkpoint| checkpoint.opened.number == answered.number);
        let Some(checkpoint) = known else {
            return;
        };
        checkpoint.answered = Some(answered.clone());
        checkpoint.answered_ms = Some(at_ms);
        if let CheckpointKind::Edited(_) = checkpoint.opened.kind {
            self.unwatched = false;
            if answered.answer == Answer::Reject && !checkpoint.opened.job.is_empty() {
                // The step that changed what it must not has failed, whatever it said itself.
                let (job, step) = (
                    checkpoint.opened.job.clone(),
                    checkpoint.opened.step.clone(),
                );
                // The command of a criterion has shown nothing, neither red nor green.
                let outcome = if job == BEFORE || job == AFTER {
                    Outcome::Cancelled
                } else {
                    Outcome::Failure
                };
                self.step_mut(&job, &step).outcome = Some(outcome);
            }
        }
    }

    /// Whether a person refused what was changed of the files that the run goes by.
    pub(crate) fn rejected_edits(&self) -> bool {
        self.checkpoints.iter().any(|checkpoint| {
            let answer = checkpoint.answered.as_ref().map(|answered| answered.answer);
            answer == Some(Answer::Reject)
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
            checkpoint.answered.is_none()
                && matches!(checkpoint.opened.kind, CheckpointKind::Edited(_))
        })
    }

    fn apply_to_step(&mut self, recorded: &RecordedEvent) {
        match &recorded.event {
            Event::StepStarted(attempt) => {
                let step = self.step_mut(&attempt.job, &attempt.step);
                step.attempts = step.attempts.max(attempt.number);
                step.running = true;
                step.lost = false;
                step.started_ms = recorded.at_ms;
                if let Some(more) = &mut step.more {
                    more.due_ms = None;
                }
            }
            Event::CallStarted { job, step } => {
                let step = self.step_mut(job, step);
                step.started_ms = recorded.at_ms;
                step.more().calling = true;
            }
            Event::StepOutputs(left) => {
                let step = self.step_mut(&left.attempt.job, &left.attempt.step);
                step.more().left = Some((**left).clone());
            }
            Event::StepRetried { attempt, due_ms } => {
                let step = self.step_mut(&attempt.job, &attempt.step);
                step.outcome = None;
                step.lost = false;
                let began = step.started_ms;
                let more = step.more();
                more.first_ms.get_or_insert(began);
                more.due_ms = Some(*due_ms);
                more.left = None;
            }
            Event::StepContinued { job, step } => {
                self.step_mut(job, step).more().continued = true;
            }
            Event::StepFinished(attempt, finish) => {
                self.output_bytes += finish.output_bytes;
                let step = self.step_mut(&attempt.job, &attempt.step);
                step.attempts = step.attempts.max(attempt.number);
                step.running = false;
                step.lost = false;
                step.outcome = Some(finish.outcome);
                step.finish = Some(finish.clone());
            }
            Event::StepSkipped { job, step } => {
                self.step_mut(job, step).outcome = Some(Outcome::Skipped);
            }
            Event::AttemptLost(attempt) => {
                let step = self.step_mut(&attempt.job, &attempt.step);
                step.running = false;
                step.lost = true;
            }
            Event::RerunLost(attempt) => {
                self.step_mut(&attempt.job, &attempt.step).lost = false;
            }
            _ => {}
        }
    }

    fn job(&mut self, job: &str) -> &mut JobState {
        if !self.jobs.contains_key(job) {
            self.job_order.push(job.to_owned());
        }
        self.jobs.entry(job.to_owned()).or_default()
    }

    fn step_mut(&mut self, job: &str, step: &str) -> &mut StepState {
        let steps = &mut self.job(job).steps;
        let order = steps.len();
        steps.entry(step.to_owned()).or_insert_with(|| {
            Box::new(StepState {
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
            .find(|checkpoint| checkpoint.answered.is_none())
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
