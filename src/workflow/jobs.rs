//! Driving the jobs of a run: each decision of the schedule becomes an event, a process or both.

use std::time::{Duration, Instant};

use crate::base::diagnostic::Problem;
use crate::model::run::event::{Named, ParkReason, StepCause, StepEnd, StepFinish};
use crate::model::run::schedule::{Decision, Schedule, Settled};
use crate::model::run::{AttemptName, Event, Outcome};
use crate::model::workflow::{Step, StepKind};
use crate::proc::supervisor::protocol::{Cause, Request};
use crate::workflow::Error;
use crate::workflow::driver::{Driver, OUT_OF_TIME, Progress};
use crate::workflow::env_files::{self, EnvFile};
use crate::workflow::prepare;

impl Driver<'_> {
    /// Runs the jobs of the workflow as far as they go.
    pub(crate) fn run_jobs(&mut self) -> Result<(Progress, Outcome), Error> {
        self.recall_left()?;
        let pinned = self.pinned;
        let parallel = if self.is_debugged() {
            1
        } else {
            self.shop.parallel_jobs
        };
        let whole = self.with_legs()?;
        let mut schedule = Schedule::new(
            &pinned.workflow,
            &pinned.called,
            whole.as_ref().unwrap_or(&self.state),
            (parallel, &self.base),
        );
        self.take_up_jobs(&mut schedule)?;
        if self.state.cancel_requested {
            self.times.cancel(Instant::now());
        }
        if self.state.waits_for_edits() && !self.state.cancel_requested {
            let reason = ParkReason::Checkpoint;
            return Ok((Progress::Parked(reason), schedule.outcome()));
        }
        self.look_for_edits(None)?;
        loop {
            if self.state.cancel_requested {
                self.edited = None;
                schedule.cancel();
            }
            self.expire_checkpoints(&mut schedule)?;
            self.look_at_queues(&mut schedule)?;
            // Before the next steps begin there.
            if self.merge_waiting(&mut schedule)? {
                continue;
            }
            self.decide(&mut schedule)?;
            // There may be room now that was not there before.
            if self.merge_waiting(&mut schedule)? || self.could_enter(&schedule) {
                continue;
            }
            let pause = self.pause(&schedule);
            if self.in_flight.is_empty() && pause.is_none() && !self.waits_for_group(&schedule) {
                if self.state.cancel_requested && self.close_checkpoints(&mut schedule)? {
                    continue;
                }
                // One that opened just now may have no time at all.
                if self.expires_in() == Some(Duration::ZERO)
                    || self.close_after_failure(&mut schedule)?
                    || (!schedule.is_finished() && self.was_interrupted()?)
                {
                    continue;
                }
                return self.stand_still(&schedule);
            }
            self.stop_clocks(&schedule);
            let limit = self.times.left(Instant::now()).into_iter();
            let limit = limit.chain(pause).chain(self.expires_in()).min();
            if let Some((attempt, finish)) = self.wait(limit)? {
                let settled = self.settle(&attempt, &finish, &mut schedule);
                self.tell_held();
                settled?;
            }
            if self.state.cancel_requested {
                schedule.cancel();
            }
            self.stop_late_jobs(&mut schedule)?;
        }
    }

    /// Carries out all that can be done now.
    fn decide(&mut self, schedule: &mut Schedule<'_>) -> Result<(), Error> {
        while self.may_begin() {
            self.hold_back(schedule)?;
            // The end of a job may have taken its time, as merging does; nothing begins after a signal
            // that came meanwhile.
            if self.was_interrupted()? {
                schedule.cancel();
            }
            let now = self.now_ms();
            let Some(decision) = schedule.next(&self.base, now) else {
                break;
            };
            self.carry_out(decision, schedule)?;
        }
        self.say_who_waits(schedule);
        Ok(())
    }

    /// Goes on with the jobs that had begun when the run was taken up.
    fn take_up_jobs(&mut self, schedule: &mut Schedule<'_>) -> Result<(), Error> {
        let mut going_on = Vec::new();
        self.recall_conflict(schedule);
        for job in schedule.active() {
            if self.isolate(job, schedule)? {
                going_on.push(job);
            }
        }
        self.find_conflict(schedule)?;
        for job in going_on {
            if schedule.is_held_back(job) {
                self.trees.unread.push(job);
            } else {
                self.give_files(job, schedule)?;
            }
            self.start_time(job, schedule)?;
            self.start_call_time(job, schedule)?;
            self.judge_again(job, schedule)?;
            self.enter_again(job, schedule)?;
        }
        Ok(())
    }

    pub(super) fn may_begin(&self) -> bool {
        !self.abandoned && !self.lost && self.edited.is_none()
    }

    /// How long until something can begin that waits for its time.
    fn pause(&self, schedule: &Schedule<'_>) -> Option<Duration> {
        if !self.may_begin() {
            return None;
        }
        let due = schedule.next_due()?;
        Some(Duration::from_millis(due.saturating_sub(self.now_ms())))
    }

    fn carry_out(&mut self, decision: Decision, schedule: &mut Schedule<'_>) -> Result<(), Error> {
        if !self.debug_before(&decision, schedule)? {
            return Ok(());
        }
        match decision {
            Decision::StartJob(index) => {
                if !self.ask_group(index, schedule)? {
                    self.begin_job(index, schedule)?;
                }
            }
            Decision::ExpandJob { job, expanded } => {
                self.record_legs(job, &expanded, schedule)?;
                schedule.expand(job, &expanded);
            }
            Decision::EndJob { job, result } => {
                let outputs = Vec::new();
                self.end_job(job, result, outputs, schedule)?;
            }
            Decision::FinishJob {
                job,
                result,
                outputs,
            } => {
                self.times.end(job);
                let group = schedule.key(job).to_owned();
                self.supervisor.request(&Request::EndGroup(group))?;
                let result = self.keep_of_job(job, result, schedule)?;
                let outputs = self.without_secrets(outputs);
                self.finish_job(job, result, outputs, schedule)?;
            }
            Decision::SkipStep { job, step } => {
                if let Some(known) = schedule.step(job, step) {
                    let job = schedule.key(job).to_owned();
                    let step = known.key.clone();
                    self.record(Event::StepSkipped { job, step })?;
                }
            }
            Decision::GiveUp { job, step, outcome } => {
                self.cut_step_off((job, step), outcome, schedule)?;
            }
            Decision::RunStep { job, step } => self.start_step(job, step, schedule)?,
            Decision::StopStep(job) => self.stop_job(job, Cause::Cancelled, schedule)?,
            Decision::Checkpoint { job, step } => {
                if let Some(step) = schedule.step(job, step) {
                    self.open_checkpoint(job, step, schedule)?;
                }
            }
            Decision::CallWorkflow { job, step } => {
                if let Some(step) = schedule.step(job, step) {
                    let (key, step) = (schedule.key(job).to_owned(), step.key.clone());
                    self.record(Event::CallStarted { job: key, step })?;
                    self.start_call_time(job, schedule)?;
                }
            }
            Decision::FinishCall {
                job,
                step,
                outcome,
                outputs,
            } => self.finish_call((job, step), outcome, outputs, schedule)?,
            Decision::BadCondition { job, step, reason } => {
                self.bad_condition(job, step, &reason, schedule)?;
            }
        }
        Ok(())
    }

    pub(super) fn begin_job(
        &mut self,
        index: usize,
        schedule: &mut Schedule<'_>,
    ) -> Result<(), Error> {
        let job = schedule.key(index).to_owned();
        self.clear_temporary(&job);
        self.record(Event::JobStarted { job })?;
        if !self.isolate(index, schedule)? {
            return Ok(());
        }
        self.give_files(index, schedule)?;
        self.start_time(index, schedule)
    }

    /// Gives the steps of a job the variables of the `.env` files that it and its workflow name.
    pub(super) fn give_files(
        &mut self,
        job: usize,
        schedule: &mut Schedule<'_>,
    ) -> Result<(), Error> {
        let (Some(workflow), Some(known)) = (schedule.workflow(job), schedule.job(job)) else {
            return Ok(());
        };
        if (workflow.dotenv.is_empty() && known.dotenv.is_empty()) || schedule.is_group(job) {
            return Ok(());
        }
        let named = workflow.dotenv.iter().chain(&known.dotenv);
        let named: Vec<EnvFile> = named
            .map(|file| EnvFile {
                path: file.path.clone(),
                optional: file.optional,
            })
            .collect();
        let top = match self.tree_of(job, schedule) {
            Some(tree) => &tree.path,
            None => self.shop.repository.top()?,
        };
        let found = env_files::load(top, &named);
        let (errors, warnings): (Vec<&Problem>, Vec<&Problem>) = found
            .problems
            .iter()
            .partition(|problem| problem.is_error());
        for problem in warnings {
            // Every leg reads the same files.
            let told = format!("warning: {}", problem.in_one_line());
            self.observer.note_once(told);
        }
        if !errors.is_empty() {
            let told: Vec<String> = errors.into_iter().map(Problem::in_one_line).collect();
            return self.bad_condition(job, None, &told.join("; "), schedule);
        }
        schedule.set_dotenv(job, found.variables);
        Ok(())
    }

    pub(super) fn bad_condition(
        &mut self,
        job: usize,
        step: Option<usize>,
        reason: &str,
        schedule: &mut Schedule<'_>,
    ) -> Result<(), Error> {
        let Some(step) = step else {
            self.fails_because(schedule.key(job), reason);
            self.times.end(job);
            return self.end_job(job, Outcome::Failure, Vec::new(), schedule);
        };
        let known = schedule.workflow(job).zip(schedule.step(job, step));
        let Some((workflow, step)) = known else {
            return Ok(());
        };
        let name = self.state.next_attempt(schedule.key(job), &step.key);
        let place = workflow.place(step.span);
        self.fail_now(name, format!("{reason} ({place})"), job, schedule)
    }

    /// Records the end of a job and goes on from it.
    pub(super) fn end_job(
        &mut self,
        index: usize,
        result: Outcome,
        outputs: Vec<Named>,
        schedule: &mut Schedule<'_>,
    ) -> Result<(), Error> {
        self.leave_work(index, Vec::new(), schedule)?;
        let reason = self.reasons.remove(schedule.key(index));
        let continued = result == Outcome::Failure && self.job_continues(index, schedule);
        self.record(Event::JobFinished {
            job: schedule.key(index).to_owned(),
            result,
            continued,
            outputs: outputs.clone(),
            reason: reason.filter(|_| result == Outcome::Failure),
        })?;
        self.matchers.remove(schedule.key(index));
        self.clear_temporary(schedule.key(index));
        let conclusion = if continued { Outcome::Success } else { result };
        schedule.end_job(index, (result, conclusion), outputs);
        self.leave_group(index)
    }

    /// Empties the temporary folder of a job. What cannot be removed is no reason to fail.
    fn clear_temporary(&mut self, job: &str) {
        if let Err(error) = self.workbench.temporary.clear(job) {
            let note = format!("warning: temporary files of job {job} stay: {error}");
            self.observer.note_once(note);
        }
    }

    /// Ends what is under way in a job, and in the jobs that its step calls.
    pub(super) fn stop_job(
        &mut self,
        job: usize,
        cause: Cause,
        schedule: &mut Schedule<'_>,
    ) -> Result<(), Error> {
        let mut jobs = schedule.called_by(job);
        jobs.push(job);
        for job in jobs {
            let held = self.in_flight.iter().filter(|(_, of)| *of == Some(job));
            let names: Vec<String> = held.map(|(name, _)| name.to_string()).collect();
            for attempt in names {
                self.supervisor.request(&Request::Stop { attempt, cause })?;
            }
            self.close_checkpoint_of(job, schedule)?;
            self.give_up_group(job, schedule)?;
        }
        Ok(())
    }

    fn finish_call(
        &mut self,
        (job, step): (usize, usize),
        outcome: Outcome,
        outputs: Vec<Named>,
        schedule: &mut Schedule<'_>,
    ) -> Result<(), Error> {
        let Some(step) = schedule.step(job, step) else {
            return Ok(());
        };
        self.times.end_call(job);
        let late = schedule.is_call_stopped(job);
        let key = schedule.key(job);
        let began = self.state.step(key, &step.key).map(|step| step.started_ms);
        let attempt = self.state.next_attempt(key, &step.key);
        let now = self.shop.clock.now_ms();
        let finish = StepFinish {
            elapsed_ms: began.map_or(0, |began| now.saturating_sub(began)),
            outcome,
            end: StepEnd::Answered,
            cause: late.then_some(StepCause::TimedOut),
            output_bytes: 0,
            dropped: None,
        };
        self.record(Event::StepFinished(attempt.clone(), finish))?;
        self.record_left(&attempt, (&outputs, &[], &[]))?;
        let settled = Settled::called(outcome, outputs);
        self.conclude((job, step), settled, schedule)
    }

    fn start_step(
        &mut self,
        job: usize,
        step: usize,
        schedule: &mut Schedule<'_>,
    ) -> Result<(), Error> {
        let (Some(workflow), Some(known)) = (schedule.workflow(job), schedule.step(job, step))
        else {
            return Ok(());
        };
        let attempt = self.state.next_attempt(schedule.key(job), &known.key);
        if self.is_out_of_time(job, schedule) {
            if schedule.is_tried(job) {
                return self.cut_step_off((job, step), schedule.given_up(job), schedule);
            }
            return self.fail_now(attempt, OUT_OF_TIME.to_owned(), job, schedule);
        }
        match self.make_ready(&attempt, (job, known), schedule) {
            Ok(start) => self.launch(attempt, Some(job), start),
            Err(prepare::Unready::Machine(error)) => Err(error.into()),
            Err(reason) => {
                let mut told = reason.to_string();
                if !reason.has_place() {
                    told = format!("{told} ({})", workflow.place(known.span));
                }
                self.fail_now(attempt, told, job, schedule)
            }
        }
    }

    fn make_ready(
        &mut self,
        attempt: &AttemptName,
        (job, step): (usize, &Step),
        schedule: &Schedule<'_>,
    ) -> Result<crate::proc::supervisor::Start, prepare::Unready> {
        let bench = self.bench_of(job, schedule);
        match &step.kind {
            StepKind::Run { script, shell } => {
                let read = schedule.script_context(job, step, &self.base);
                let what = (script, shell.as_deref());
                self.workbench.run_step(attempt, step, what, (read, &bench))
            }
            StepKind::Notify(_) | StepKind::Git(_) => {
                let read = schedule.step_context(job, step, &self.base);
                self.own_step(attempt, step, (read, &bench))
            }
            StepKind::Checkpoint(_) | StepKind::Call { .. } => Err(prepare::Unready::NoProcess),
        }
    }

    /// What a step would get, without it.
    pub(super) fn surroundings(
        &mut self,
        attempt: &AttemptName,
        (job, step): (usize, &Step),
        schedule: &Schedule<'_>,
    ) -> Result<crate::proc::supervisor::Start, prepare::Unready> {
        let read = schedule.step_context(job, step, &self.base);
        let bench = self.bench_of(job, schedule);
        self.workbench.surroundings(attempt, step, (read, &bench))
    }

    /// An attempt is over: what it left is taken, and it is judged.
    fn settle(
        &mut self,
        attempt: &AttemptName,
        finish: &StepFinish,
        schedule: &mut Schedule<'_>,
    ) -> Result<(), Error> {
        let at = self.in_flight.iter().position(|(name, _)| name == attempt);
        let Some((_, Some(job))) = at.map(|at| self.in_flight.swap_remove(at)) else {
            return Ok(());
        };
        if let Some(step) = schedule.current_step(job) {
            let known = Settled::plain(finish.outcome);
            self.judge((job, step), attempt, (finish, known), schedule)?;
        }
        self.look_for_edits(Some(attempt))
    }
}
