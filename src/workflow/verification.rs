//! Verifying the criteria of a run's spec, before its workflow and after it.

use crate::base::ids::ObjectId;
use crate::git::code_tree;
use crate::model::run::Event;
use crate::model::run::event::{AFTER, BEFORE, VerificationPhase};
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
            return Ok(());
        }
        let tree = code_tree::code_tree(self.shop.repository)?;
        let known = match phase {
            VerificationPhase::Before => &self.state.before,
            VerificationPhase::After => &self.state.after,
        };
        // Verdicts are of one tree: what was tested while it was another is tested again.
        if known.as_ref().is_none_or(|known| known.tree != tree) {
            self.record(Event::VerificationStarted {
                phase,
                tree: tree.clone(),
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
                self.verify_one(job, criterion, verify)?;
            }
        }
        self.end_group(job)?;
        self.tell_about_changes(&tree)
    }

    fn verify_one(
        &mut self,
        job: &str,
        criterion: &Criterion,
        verify: &Verify,
    ) -> Result<(), Error> {
        let attempt = self.next_attempt(job.to_owned(), criterion.id.to_string());
        match self.workbench.criterion(&attempt, verify) {
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

    /// A command that leaves files behind changes what it was to test: the verdict stays with
    /// what was there before, and the person is told why it does not hold for what is there now.
    fn tell_about_changes(&mut self, tested: &ObjectId) -> Result<(), Error> {
        if code_tree::code_tree(self.shop.repository)? != *tested {
            let top = self.shop.repository.top()?;
            self.observer.note(&format!(
                "verifying changed files in {}; ignore what the commands leave behind (.gitignore), \
                 or the verdicts are stale at once",
                top.display()
            ));
        }
        Ok(())
    }
}

/// The job under which the commands of a phase are recorded.
pub(crate) fn pseudo_job(phase: VerificationPhase) -> &'static str {
    match phase {
        VerificationPhase::Before => BEFORE,
        VerificationPhase::After => AFTER,
    }
}
