//! Verifying the criteria of a run's spec, before its workflow and after it.

use crate::git::snapshot;
use crate::model::run::event::{AFTER, BEFORE, VerificationPhase};
use crate::model::run::{AttemptName, Event};
use crate::model::spec::{Criterion, Verify};
use crate::proc::supervisor::protocol::Request;
use crate::workflow::Error;
use crate::workflow::driver::Driver;

impl Driver<'_> {
    /// Runs the command of each criterion that has no outcome in this phase yet. Comes back early
    /// when the run is cancelled or its supervisor was killed.
    pub(crate) fn verify(&mut self, phase: VerificationPhase) -> Result<(), Error> {
        let Some(spec) = &self.pinned.spec else {
            return Ok(());
        };
        let commands: Vec<(&Criterion, &Verify)> = spec
            .criteria
            .iter()
            .filter_map(|criterion| Some((criterion, criterion.verify.as_ref()?)))
            .collect();
        let known = match phase {
            VerificationPhase::Before => &self.state.before,
            VerificationPhase::After => &self.state.after,
        };
        if commands.is_empty() {
            return Ok(());
        }
        if known.is_none() {
            let tree = snapshot::code_tree(self.shop.repository)?;
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
            if self.is_cancelled() || self.is_lost() {
                return Ok(());
            }
            if self.state.criterion_outcome(phase, &criterion.id).is_some() {
                continue;
            }
            self.verify_one(job, criterion, verify)?;
        }
        self.end_group(job)?;
        self.tell_about_changes(phase)
    }

    fn verify_one(
        &mut self,
        job: &str,
        criterion: &Criterion,
        verify: &Verify,
    ) -> Result<(), Error> {
        let step = criterion.id.to_string();
        let begun = self.state.step(job, &step).map_or(0, |step| step.attempts);
        let attempt = AttemptName {
            job: job.to_owned(),
            step,
            number: begun + 1,
        };
        let start = self.workbench.criterion(&attempt, verify);
        self.launch(attempt.clone(), None, start)?;
        while self.is_in_flight(&attempt) {
            if let Some((name, _)) = self.wait(None)? {
                self.landed(&name);
            }
        }
        Ok(())
    }

    fn end_group(&mut self, job: &str) -> Result<(), Error> {
        self.request(&Request::EndGroup(job.to_owned()))
    }

    /// A command that leaves files behind changes what it was to test: the verdict stays with
    /// what was there before, and the person is told why it does not hold for what is there now.
    fn tell_about_changes(&mut self, phase: VerificationPhase) -> Result<(), Error> {
        let known = match phase {
            VerificationPhase::Before => &self.state.before,
            VerificationPhase::After => &self.state.after,
        };
        let Some(tested) = known.as_ref().map(|known| known.tree.clone()) else {
            return Ok(());
        };
        if snapshot::code_tree(self.shop.repository)? != tested {
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
