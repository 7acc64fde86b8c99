//! Verifying the criteria of a run's spec, before its workflow and after it.

use crate::git::{Repository, code_tree};
use crate::model::run::Event;
use crate::model::run::event::{VerificationPhase, pseudo_job};
use crate::model::run::state::VerificationState;
use crate::model::spec::{Criterion, Verify};
use crate::proc::supervisor::protocol::Request;
use crate::workflow::Error;
use crate::workflow::driver::Driver;

impl Driver<'_> {
    /// Runs the command of each criterion that was not tried in this phase yet. Comes back early
    /// when the run is cancelled, its supervisor was killed, or a command changed what the run
    /// goes by.
    pub(crate) fn verify(&mut self, phase: VerificationPhase) -> Result<(), Error> {
        let Some(spec) = &self.pinned.spec else {
            return Ok(());
        };
        let tried = |driver: &Self, criterion: &Criterion| {
            let known = driver.state.step(pseudo_job(phase), criterion.id.as_str());
            known.is_some_and(|known| known.outcome.is_some())
        };
        let commands: Vec<(&Criterion, &Verify)> = spec
            .criteria
            .iter()
            .filter_map(|criterion| Some((criterion, criterion.verify.as_ref()?)))
            .collect();
        if commands.iter().all(|(criterion, _)| tried(self, criterion)) {
            // An engine may have died before it came to that.
            let last = phase == VerificationPhase::After || !self.state.jobs_began();
            return self.end_tested(last && !commands.is_empty());
        }
        let elsewhere = self.tested(phase)?;
        let elsewhere = elsewhere.as_ref();
        let repository = elsewhere.unwrap_or(self.shop.repository);
        let tree = code_tree::code_tree(repository)?;
        // What was tested while the code was another is tested again.
        let known = self.verification(phase);
        if known.is_none_or(|known| *known.tree_now() != tree) {
            self.record(Event::VerificationStarted {
                phase,
                tree,
                criteria: commands
                    .iter()
                    .map(|(criterion, _)| criterion.id.clone())
                    .collect(),
            })?;
        }
        let job = pseudo_job(phase);
        for (criterion, verify) in commands {
            if self.is_cancelled() || self.is_lost() || self.edited.is_some() {
                return Ok(());
            }
            if !tried(self, criterion) {
                self.verify_one(job, (criterion, verify), elsewhere)?;
                self.look_for_changes(phase, repository)?;
            }
        }
        self.end_group(job)?;
        // What the commands left running had its time until now.
        self.look_for_changes(phase, repository)?;
        if self
            .verification(phase)
            .is_some_and(|known| !known.changes.is_empty())
        {
            let top = repository.top()?;
            self.observer.note(&format!(
                "verifying changed files in {}; ignore what the commands leave behind (.gitignore), \
                 or the verdicts are stale at once",
                top.display()
            ));
        }
        self.end_tested(true)
    }

    fn verification(&self, phase: VerificationPhase) -> Option<&VerificationState> {
        match phase {
            VerificationPhase::Before => self.state.before.as_ref(),
            VerificationPhase::After => self.state.after.as_ref(),
        }
    }

    /// A command that leaves files behind changes what the next one tests: its own verdict stays
    /// with what was there before it, those of the next ones are of what there is now.
    fn look_for_changes(
        &mut self,
        phase: VerificationPhase,
        repository: &Repository,
    ) -> Result<(), Error> {
        let tree = code_tree::code_tree(repository)?;
        if self
            .verification(phase)
            .is_some_and(|known| *known.tree_now() != tree)
        {
            self.record(Event::CodeChanged { phase, tree })?;
        }
        Ok(())
    }

    fn verify_one(
        &mut self,
        job: &str,
        (criterion, verify): (&Criterion, &Verify),
        elsewhere: Option<&Repository>,
    ) -> Result<(), Error> {
        let attempt = self.state.next_attempt(job, criterion.id.as_str());
        let elsewhere = elsewhere.map(Repository::top).transpose()?;
        match self.workbench.criterion(&attempt, verify, elsewhere) {
            Ok(start) => self.launch(attempt.clone(), None, start)?,
            Err(reason) => return self.fail(attempt, reason.to_string()),
        }
        while self.is_in_flight(&attempt) {
            if let Some((name, _)) = self.wait(None)? {
                self.landed(&name);
            }
        }
        self.look_for_edits(Some(&attempt))
    }

    fn end_group(&mut self, job: &str) -> Result<(), Error> {
        self.request(&Request::EndGroup(job.to_owned()))
    }
}
