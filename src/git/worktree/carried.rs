//! Work that a run takes over from the one that it does again.
//!
//! Its branches start where those of the old run ended, as far as they go on from where it starts
//! itself. The old ones stay.

use crate::base::ids::{ObjectId, RunId};
use crate::git::Error;
use crate::git::refs::{Expected, RefUpdate};
use crate::git::worktree::names::{self, INTEGRATION};
use crate::git::worktree::trees::Worktrees;
use crate::proc::command::Exit;

impl Worktrees<'_> {
    /// The branch of a run is made with the work of an old one, unless it is there or that work does
    /// not go on from this commit.
    pub(crate) fn carry_run(
        &self,
        (old, run): (RunId, RunId),
        start: &ObjectId,
    ) -> Result<(), Error> {
        let tip = self.tip_of(old, INTEGRATION)?;
        let Some(tip) = tip.filter(|tip| tip != start) else {
            return Ok(());
        };
        if self.is_ancestor(start, &tip)? {
            self.seed(run, INTEGRATION, &tip)?;
        }
        Ok(())
    }

    /// The branch of a leg is made with what the same leg of an old run had left, if it had. Gives
    /// the commit that both it and this one go on from.
    pub(crate) fn carry_leg(
        &self,
        (old, run): (RunId, RunId),
        leg: &str,
        start: &ObjectId,
    ) -> Result<Option<ObjectId>, Error> {
        let name = names::of_leg(leg);
        let Some(tip) = self.tip_of(old, &name)? else {
            return Ok(None);
        };
        let words = ["merge-base", start.as_str(), tip.as_str()];
        let output = self.repository.command(words).run()?;
        let base = match output.exit {
            Exit::Code(0) => self.repository.refs().resolve(output.text().trim())?,
            _ => None,
        };
        if base.is_some() {
            self.seed(run, &name, &tip)?;
        }
        Ok(base)
    }

    /// The branch of an old run whose work a new one would not have: it is not in `HEAD`, and does
    /// not go on from it.
    pub(crate) fn apart(&self, old: RunId) -> Result<Option<String>, Error> {
        let tip = self.tip_of(old, INTEGRATION)?;
        let (Some(tip), Some(head)) = (tip, self.repository.head()?.commit) else {
            return Ok(None);
        };
        let has_it = self.is_ancestor(&tip, &head)? || self.is_ancestor(&head, &tip)?;
        Ok((!has_it).then(|| Self::run_branch(old)))
    }

    fn tip_of(&self, run: RunId, name: &str) -> Result<Option<ObjectId>, Error> {
        let full = names::full(&names::branch(run, name));
        self.repository.refs().resolve(&full)
    }

    fn seed(&self, run: RunId, name: &str, tip: &ObjectId) -> Result<(), Error> {
        if self.tip_of(run, name)?.is_some() {
            return Ok(());
        }
        let update = RefUpdate {
            name: names::full(&names::branch(run, name)),
            new: Some(tip.clone()),
            expected: Expected::Absent,
        };
        self.repository.refs().update(&[update], "mmm: taken over")
    }
}
