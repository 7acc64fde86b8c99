//! The schedule itself: which job begins, which step is next, what ends.

use std::collections::{BTreeMap, HashMap, VecDeque};

use crate::model::expression::{Context, Error, JobStatus};
use crate::model::run::event::{Named, Outcome};
use crate::model::run::schedule::calls::Call;
use crate::model::run::schedule::decision::Decision;
use crate::model::run::schedule::node::{Busy, Node, Phase, Settled, as_status, together, worst};
use crate::model::run::state::RunState;
use crate::model::workflow::definition::Guard;
use crate::model::workflow::{Step, StepKind, Workflow};

/// The state of all jobs of one run.
#[derive(Debug)]
pub(crate) struct Schedule<'w> {
    /// The workflows that steps call, by name.
    pub(super) called: &'w BTreeMap<String, Workflow>,
    pub(super) nodes: Vec<Node<'w>>,
    pub(super) by_key: HashMap<String, usize>,
    pub(super) calls: Vec<Call<'w>>,
    pub(super) ready: VecDeque<usize>,
    pub(super) active: VecDeque<usize>,
    /// Steps that are to be ended because another leg has failed.
    pub(super) stops: VecDeque<usize>,
    /// Jobs that end without having begun, because another leg has failed.
    pub(super) ends: VecDeque<usize>,
    /// Jobs of the run's own workflow that are not over.
    pub(super) unfinished: usize,
    /// How many nodes are those of the run's own workflow: they come first.
    pub(super) own: usize,
    pub(super) parallel: usize,
    pub(super) cancelled: bool,
    /// The run has failed, whatever its jobs come to.
    pub(super) failed: bool,
    /// A conflict is kept in the work tree of the run.
    pub(super) holds: bool,
    /// The jobs that are held back because of it.
    pub(super) held: Vec<usize>,
    /// How many of them somebody was told of.
    pub(super) told: usize,
}

impl<'w> Schedule<'w> {
    /// Takes up a run where `state` left it. At most `parallel` jobs are active at once.
    pub(crate) fn new(
        workflow: &'w Workflow,
        called: &'w BTreeMap<String, Workflow>,
        state: &RunState,
        (parallel, base): (usize, &Context),
    ) -> Self {
        let mut schedule = Self {
            called,
            nodes: Vec::with_capacity(workflow.jobs.len()),
            by_key: HashMap::new(),
            calls: Vec::new(),
            ready: VecDeque::new(),
            active: VecDeque::new(),
            stops: VecDeque::new(),
            ends: VecDeque::new(),
            unfinished: workflow.jobs.len(),
            own: workflow.jobs.len(),
            parallel: parallel.max(1),
            cancelled: state.cancel_requested,
            failed: false,
            holds: false,
            held: Vec::new(),
            told: 0,
        };
        let first = schedule.add_jobs(workflow, None);
        schedule.replay(first, state, base);
        if state.has_failed_by_clock() {
            schedule.replay_failure(state);
        }
        schedule
    }

    /// Adds a node for each job of a workflow; gives the first one.
    pub(super) fn add_jobs(
        &mut self,
        workflow: &'w Workflow,
        call: Option<(usize, &str)>,
    ) -> usize {
        let first = self.nodes.len();
        for job in &workflow.jobs {
            let key = match call {
                None => job.id.clone(),
                Some((_, prefix)) => format!("{prefix}+{}", job.id),
            };
            let mut node = Node::new(workflow, job, key);
            node.call = call.map(|(call, _)| call);
            node.needs = job.needs.iter().map(|need| first + need).collect();
            node.unmet = job.needs.len();
            self.add(node);
        }
        for (index, job) in workflow.jobs.iter().enumerate() {
            for need in &job.needs {
                if let Some(needed) = self.nodes.get_mut(first + need) {
                    needed.dependents.push(first + index);
                }
            }
        }
        first
    }

    pub(super) fn add(&mut self, node: Node<'w>) -> usize {
        let index = self.nodes.len();
        self.by_key.insert(node.key.clone(), index);
        self.nodes.push(node);
        index
    }

    pub(super) fn ready_if_met(&mut self, index: usize) {
        if let Some(node) = self.nodes.get_mut(index)
            && node.phase == Phase::Waiting
            && node.unmet == 0
        {
            node.phase = Phase::Ready;
            self.ready.push_back(index);
        }
    }

    /// The run is being cancelled: only what asks for it by its condition still runs.
    pub(crate) fn cancel(&mut self) {
        self.cancelled = true;
        for node in &mut self.nodes {
            // Whoever waits for another try does not get it.
            node.not_before = None;
        }
        self.decide_again();
    }

    /// Whether every job is over.
    pub(crate) fn is_finished(&self) -> bool {
        self.unfinished == 0
    }

    /// How the run as a whole has gone.
    pub(crate) fn outcome(&self) -> Outcome {
        if self.cancelled {
            return Outcome::Cancelled;
        }
        if self.failed {
            return Outcome::Failure;
        }
        let own = self.nodes.iter().take(self.own);
        together(own.filter_map(|node| node.conclusion))
    }

    /// The next thing to do, if there is one now. `base` holds the contexts of the run.
    pub(crate) fn next(&mut self, base: &Context, now_ms: u64) -> Option<Decision> {
        if let Some(job) = self.stops.pop_front() {
            return Some(Decision::StopStep(job));
        }
        while let Some(job) = self.ends.pop_front() {
            let known = self.nodes.get(job);
            if known.is_some_and(|node| node.phase != Phase::Finished) {
                let result = Outcome::Cancelled;
                return Some(Decision::EndJob { job, result });
            }
        }
        for _ in 0..self.active.len() {
            let index = self.active.pop_front()?;
            self.active.push_back(index);
            let decision = self.advance(index, base, now_ms);
            if decision.is_some() {
                return decision;
            }
        }
        if !self.has_room() {
            return None;
        }
        self.begin_next(base)
    }

    /// Jobs that something of is under way or could be.
    pub(super) fn under_way(&self) -> usize {
        let waits = |node: &&Node<'_>| {
            let waits = matches!(node.busy, Busy::Asking | Busy::Queued | Busy::Calling);
            node.group.is_some() || node.lapsed || waits
        };
        let active = self
            .active
            .iter()
            .filter_map(|index| self.nodes.get(*index));
        active.filter(|node| !waits(node)).count()
    }

    /// Decides whether a job begins; nothing when it would, and is held back.
    pub(super) fn begin(&mut self, index: usize, base: &Context) -> Option<Decision> {
        let skipped = Decision::EndJob {
            job: index,
            result: Outcome::Skipped,
        };
        let status = self.status_before(index);
        let mut context = self.context(index, base);
        context.set_status(status);
        let Some(node) = self.nodes.get(index) else {
            return Some(skipped);
        };
        if self.leg_is_cancelled(node) {
            let result = Outcome::Cancelled;
            return Some(Decision::EndJob { job: index, result });
        }
        let job = node.job;
        let runs = match job.guard {
            // A leg begins because its job did.
            _ if node.leg.is_some() => Ok(true),
            Guard::None => job.condition.evaluate(&context),
            Guard::Ensure => job.condition.evaluate_alone(&context),
            _ if status == JobStatus::Failure => job.condition.evaluate_alone(&context),
            _ => Ok(false),
        };
        Some(match runs.map_err(|error| format!("if: {error}")) {
            Ok(false) => skipped,
            Ok(true) if job.strategy.is_some() && node.leg.is_none() => {
                match self.expansion(index, &context) {
                    Ok(expanded) => Decision::ExpandJob {
                        job: index,
                        expanded: Box::new(expanded),
                    },
                    Err(reason) => bad(index, reason),
                }
            }
            Ok(true) if self.is_held_back(index) => return None,
            Ok(true) => {
                self.activate(index);
                Decision::StartJob(index)
            }
            Err(reason) => bad(index, reason),
        })
    }

    pub(super) fn activate(&mut self, index: usize) {
        let cancelled = self.cancelled;
        if let Some(node) = self.nodes.get_mut(index) {
            node.phase = Phase::Active;
            node.began_cancelled = cancelled;
        }
        self.keep_needs(index);
        self.active.push_back(index);
    }

    /// How what came before a job has gone.
    pub(super) fn status_before(&self, index: usize) -> JobStatus {
        let node = self.nodes.get(index);
        if self.cancelled || node.is_some_and(|node| self.call_is_cancelled(node)) {
            return JobStatus::Cancelled;
        }
        node.map_or(JobStatus::Success, |node| node.ancestors)
    }

    /// Decides about the next step of an active job.
    pub(super) fn advance(
        &mut self,
        index: usize,
        base: &Context,
        now_ms: u64,
    ) -> Option<Decision> {
        let node = self.nodes.get(index)?;
        match node.busy {
            Busy::No => {}
            Busy::Calling => return self.finish_call(index, base),
            Busy::Running | Busy::Asking | Busy::Queued | Busy::Closing => return None,
        }
        if let Some(group) = &node.group {
            return (group.left == 0)
                .then(|| self.finish_group(index))
                .flatten();
        }
        // First of all: whoever is held back makes room, also while it waits for another try.
        if self.stands_back(index) {
            self.hold(index);
            return None;
        }
        let node = self.nodes.get(index)?;
        if node.not_before.is_some_and(|due| now_ms < due) {
            return None;
        }
        let next = node.next;
        let Some(step) = node.next_step() else {
            return Some(self.finish_steps(index, base));
        };
        if !self.takes_place(index) {
            return None;
        }
        let runs = self.step_runs(index, step, base);
        self.cut_if_cancelled(index);
        let node = self.nodes.get_mut(index)?;
        let (job, step_index) = (index, next);
        match runs {
            Ok(true) => Some(match step.kind {
                StepKind::Checkpoint(_) => {
                    node.busy = Busy::Asking;
                    Decision::Checkpoint {
                        job,
                        step: step_index,
                    }
                }
                StepKind::Call { .. } => match self.call(index, base) {
                    Ok(()) => Decision::CallWorkflow {
                        job,
                        step: step_index,
                    },
                    Err(reason) => self.bad_step(job, step_index, reason),
                },
                StepKind::Run { .. } | StepKind::Notify(_) | StepKind::Git(_) => {
                    node.busy = Busy::Running;
                    node.not_before = None;
                    Decision::RunStep {
                        job,
                        step: step_index,
                    }
                }
            }),
            Ok(false) => Some(self.leave_out(index, next)),
            Err(reason) => Some(self.bad_step(job, step_index, reason)),
        }
    }

    /// A step is not to run, or not to be tried again.
    fn leave_out(&mut self, job: usize, step: usize) -> Decision {
        let outcome = self.given_up(job);
        match self.nodes.get_mut(job) {
            Some(node) if node.tried => {
                node.busy = Busy::Running;
                return Decision::GiveUp { job, step, outcome };
            }
            Some(node) => node.settle(Settled::plain(Outcome::Skipped)),
            None => {}
        }
        Decision::SkipStep { job, step }
    }

    pub(super) fn bad_step(&mut self, job: usize, step: usize, reason: String) -> Decision {
        if let Some(node) = self.nodes.get_mut(job) {
            node.busy = Busy::Running;
        }
        Decision::BadCondition {
            job,
            step: Some(step),
            reason,
        }
    }

    /// Whether a step runs, or why that cannot be said.
    pub(super) fn step_runs(
        &self,
        index: usize,
        step: &Step,
        base: &Context,
    ) -> Result<bool, String> {
        let status = self.status(index);
        let Some(node) = self.nodes.get(index) else {
            return Ok(false);
        };
        if !node.guard_lets(step, status) {
            return Ok(false);
        }
        let written = [&node.workflow.env, &node.job.env, &step.env];
        if step.condition.text().is_none() && written.iter().all(|env| env.is_empty()) {
            // As a rule: nothing is to be read.
            let by_status = step.condition.by_status(status);
            let alone = !matches!(step.guard, Guard::None | Guard::OnConflict);
            return Ok(alone || by_status == Some(true));
        }
        let read = self.step_context(index, step, base);
        // A condition on variables that are not there would decide something that nobody wrote.
        read.variables.map_err(|error| format!("env: {error}"))?;
        let evaluated = match step.guard {
            Guard::None | Guard::OnConflict => step.condition.evaluate(&read.context),
            _ => step.condition.evaluate_alone(&read.context),
        };
        evaluated.map_err(|error| format!("if: {error}"))
    }

    /// How the job of a node has gone so far, as its next step sees it.
    pub(super) fn status(&self, index: usize) -> JobStatus {
        let Some(node) = self.nodes.get(index) else {
            return JobStatus::Success;
        };
        let cancelled = self.cancelled || node.cancelled || self.call_is_cancelled(node);
        if cancelled && !node.began_cancelled {
            JobStatus::Cancelled
        } else {
            node.status
        }
    }

    /// All steps of a job are over: it ends, unless its outputs have no value.
    pub(super) fn finish_steps(&mut self, index: usize, base: &Context) -> Decision {
        let read = self.end_context(index, base);
        let Some(node) = self.nodes.get_mut(index) else {
            return bad(index, "there is no such job".to_owned());
        };
        node.busy = Busy::Closing;
        let result = node.outcome();
        if node.job.outputs.is_empty() {
            let outputs = Vec::new();
            return Decision::FinishJob {
                job: index,
                result,
                outputs,
            };
        }
        if let Err(error) = read.variables {
            return bad(index, format!("env: {error}"));
        }
        let context = read.context;
        let outputs = node.job.outputs.iter().map(|output| {
            let value = output.value.render(&context);
            let fail = |error: Error| format!("outputs: {}: {error}", output.name);
            Ok((output.name.clone(), value.map_err(fail)?))
        });
        match outputs.collect::<Result<Vec<Named>, String>>() {
            Ok(outputs) => Decision::FinishJob {
                job: index,
                result,
                outputs,
            },
            Err(reason) => bad(index, reason),
        }
    }

    /// A job is over. It counts as `conclusion` for those that need it.
    pub(crate) fn end_job(
        &mut self,
        index: usize,
        (result, conclusion): (Outcome, Outcome),
        outputs: Vec<Named>,
    ) {
        let Some(node) = self.nodes.get_mut(index) else {
            return;
        };
        if node.phase == Phase::Finished {
            return;
        }
        node.phase = Phase::Finished;
        node.busy = Busy::No;
        node.result = Some(result);
        node.conclusion = Some(conclusion);
        node.outputs = outputs;
        let line = worst(node.ancestors, as_status(conclusion));
        let (call, leg) = (node.call, node.leg.as_ref().map(|leg| leg.group));
        let dependents = node.dependents.clone();
        self.active.retain(|active| *active != index);
        if let Some(group) = leg {
            self.leg_ended(group, index, conclusion);
            return;
        }
        match call {
            None => self.unfinished = self.unfinished.saturating_sub(1),
            Some(call) => self.called_job_ended(call),
        }
        for dependent in dependents {
            if let Some(node) = self.nodes.get_mut(dependent) {
                node.unmet = node.unmet.saturating_sub(1);
                node.ancestors = worst(node.ancestors, line);
            }
            self.ready_if_met(dependent);
        }
    }
}

fn bad(job: usize, reason: String) -> Decision {
    Decision::BadCondition {
        job,
        step: None,
        reason,
    }
}
