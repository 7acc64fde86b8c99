//! What single events do to the state of a run.

use crate::base::ids::{CriterionId, ObjectId};
use crate::model::run::event::{
    AFTER, Answer, BEFORE, CheckpointAnswered, CheckpointKind, Event, Outcome, RecordedEvent,
    VerificationPhase, pseudo_job,
};
use crate::model::run::state::{JobState, RunState, VerificationState};

impl RunState {
    /// Applies the beginning of a verification, and a change of the code while it is under way.
    pub(super) fn apply_to_verification(&mut self, recorded: &RecordedEvent) {
        match &recorded.event {
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
            _ => {}
        }
    }

    /// Applies the beginning and the end of a job.
    pub(super) fn apply_to_job(&mut self, recorded: &RecordedEvent) {
        match &recorded.event {
            Event::JobStarted { job } => {
                let began_cancelled = self.cancel_requested;
                let began_failed = self.has_failed_by_clock();
                let state = self.job(job);
                state.started_ms = Some(recorded.at_ms);
                state.began_cancelled = began_cancelled;
                state.began_failed = began_failed;
            }
            Event::JobExpanded(expanded) => {
                let began_cancelled = self.cancel_requested;
                let began_failed = self.has_failed_by_clock();
                let state = self.job(&expanded.job);
                state.started_ms = Some(recorded.at_ms);
                state.began_cancelled = began_cancelled;
                state.began_failed = began_failed;
                state.expanded = Some(expanded.clone());
            }
            Event::JobFinished {
                job,
                result,
                continued,
                outputs,
                reason,
            } => {
                let ended_cancelled = self.cancel_requested;
                let state = self.job(job);
                state.ended_cancelled = ended_cancelled;
                state.ended_ms = Some(recorded.at_ms);
                state.result = Some(*result);
                state.continued = *continued;
                state.outputs.clone_from(outputs);
                state.reason.clone_from(reason);
            }
            _ => {}
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

    pub(super) fn answer(&mut self, answered: &CheckpointAnswered, at_ms: u64) {
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

    pub(super) fn apply_to_step(&mut self, recorded: &RecordedEvent) {
        match &recorded.event {
            Event::StepStarted(attempt) => {
                let step = self.step_mut(&attempt.job, &attempt.step);
                step.attempts = step.attempts.max(attempt.number);
                step.begun = step.begun.saturating_add(1);
                step.begin_try(recorded.at_ms);
                step.running = true;
                step.lost = false;
                step.started_ms = recorded.at_ms;
                if let Some(more) = &mut step.more {
                    more.said = None;
                    more.left = None;
                }
            }
            Event::CallStarted { job, step } => {
                let began_failed = self.has_failed_by_clock();
                let step = self.step_mut(job, step);
                step.started_ms = recorded.at_ms;
                step.more().calling = true;
                step.more().began_failed = began_failed;
            }
            Event::StepOutputs(left) => {
                let step = self.step_mut(&left.attempt.job, &left.attempt.step);
                step.more().left = Some((**left).clone());
            }
            Event::Annotations(said) => {
                let step = self.step_mut(&said.attempt.job, &said.attempt.step);
                step.more().said = Some((**said).clone());
            }
            Event::StepRetried { attempt, due_ms } => {
                self.step_mut(&attempt.job, &attempt.step).retry(
                    attempt.number,
                    *due_ms,
                    recorded.at_ms,
                );
            }
            Event::StepContinued { job, step } => {
                self.step_mut(job, step).more().continued = true;
            }
            Event::StepFinished(attempt, finish) => {
                let ended_cancelled = self.cancel_requested;
                let step = self.step_mut(&attempt.job, &attempt.step);
                let kept = step.end(attempt.number, finish);
                step.ended_cancelled = ended_cancelled;
                self.output_bytes += kept;
            }
            Event::StepSkipped { job, step } => {
                let ended_cancelled = self.cancel_requested;
                let step = self.step_mut(job, step);
                step.outcome = Some(Outcome::Skipped);
                step.ended_cancelled = ended_cancelled;
                if let Some(more) = &mut step.more {
                    more.left = None;
                }
            }
            Event::AttemptLost(attempt) => {
                let step = self.step_mut(&attempt.job, &attempt.step);
                step.lose(attempt.number);
            }
            Event::RerunLost(attempt) => {
                self.step_mut(&attempt.job, &attempt.step).lost = false;
            }
            _ => {}
        }
    }

    pub(in crate::model::run) fn job(&mut self, job: &str) -> &mut JobState {
        if !self.jobs.contains_key(job) {
            self.job_order.push(job.to_owned());
        }
        self.jobs.entry(job.to_owned()).or_default()
    }
}
