//! The verdicts of a repository: on commits where a commit has the code that was tested, else
//! waiting for one.
//!
//! A verdict is never noted on a commit whose code tree is another: a note that says "passed" on
//! code that was not tested is worse than none.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::ids::{ObjectId, RecordId};
use crate::model::evidence::Evidence;
use crate::model::record::{Anchor, Fact, Record, RunFact, VerdictFact};
use crate::model::spec::verdict::{Verdict, VerdictOutcome};
use crate::state::Error;
use crate::state::format::note_v1;
use crate::state::layout::Local;
use crate::state::pending;

/// The notes that hold verdicts.
pub(crate) const NOTES: &str = "refs/notes/mmm/verdicts";

/// The notes that hold runs.
pub(crate) const RUN_NOTES: &str = "refs/notes/mmm/runs";

/// What the store needs of a repository.
pub(crate) trait Commits {
    /// The commit of HEAD, if there is one.
    fn head(&self) -> Result<Option<ObjectId>, Error>;

    /// The commit of HEAD, then those of HEAD and of the branches that are not much older than a
    /// time, the newest first and not too many; nothing where HEAD has none.
    fn recent(&self, since_ms: u64) -> Result<Vec<ObjectId>, Error>;

    /// The code tree of a commit: its tree without `.mmm/`.
    fn code_tree(&self, commit: &ObjectId) -> Result<ObjectId, Error>;

    /// The same without asking a server; nothing where a partial clone left it out.
    fn code_tree_here(&self, commit: &ObjectId) -> Result<Option<ObjectId>, Error>;

    /// The patch id of what a commit changes; none for a merge or a root commit.
    fn patch_id(&self, commit: &ObjectId) -> Result<Option<ObjectId>, Error>;

    /// Adds to the note of a commit the lines that are to come to what it says now; nothing of
    /// other writers is lost.
    fn amend(
        &self,
        notes: &str,
        commit: &ObjectId,
        lines: &mut dyn FnMut(&str) -> Result<Vec<String>, Error>,
    ) -> Result<(), Error>;

    /// All notes with their commits.
    fn all_notes(&self, notes: &str) -> Result<Vec<(ObjectId, String)>, Error>;
}

/// A verdict with what is known about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Known {
    /// Its id; the time is in it.
    pub(crate) id: RecordId,
    /// What was found.
    pub(crate) verdict: VerdictFact,
    /// The commit that it is noted on; none while it waits for one.
    pub(crate) commit: Option<ObjectId>,
}

/// All verdicts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Verdicts {
    /// The verdicts that hold, the oldest first.
    pub(crate) known: Vec<Known>,
    /// Lines that this version cannot read.
    pub(crate) skipped: usize,
}

impl Known {
    /// The verdict as the model judges it.
    pub(crate) fn to_verdict(&self) -> Verdict {
        Verdict {
            record: self.id,
            spec: self.verdict.spec.clone(),
            criterion: self.verdict.criterion.clone(),
            tree: self.verdict.tree.clone(),
            text_hash: self.verdict.text_hash.clone(),
            command_hash: self.verdict.command_hash.clone(),
            outcome: outcome(self.verdict.passed),
            at_ms: self.id.timestamp_ms(),
        }
    }
}

/// The verdicts that an evidence file tells of: what the run found when it ended and, where the
/// criterion was seen failing before, that it was. A clone without the notes knows no others.
pub(crate) fn of_evidence(evidence: &Evidence) -> Vec<Verdict> {
    let mut verdicts = Vec::with_capacity(evidence.verdicts.len());
    for found in &evidence.verdicts {
        let verdict = Verdict {
            record: RecordId::from(evidence.run),
            spec: evidence.spec.clone(),
            criterion: found.criterion.clone(),
            tree: evidence.tree.clone(),
            text_hash: found.text_hash.clone(),
            command_hash: found.command_hash.clone(),
            outcome: outcome(found.passed),
            at_ms: evidence.ended_ms,
        };
        if found.red_before {
            verdicts.push(Verdict {
                outcome: VerdictOutcome::Failed,
                at_ms: evidence.started_ms.min(evidence.ended_ms),
                ..verdict.clone()
            });
        }
        verdicts.push(verdict);
    }
    verdicts
}

fn outcome(passed: bool) -> VerdictOutcome {
    if passed {
        VerdictOutcome::Passed
    } else {
        VerdictOutcome::Failed
    }
}

/// Where the verdicts of a repository are kept.
#[derive(Debug)]
pub(crate) struct Store<'a, C> {
    commits: &'a C,
    local: &'a Local,
}

impl<'a, C: Commits> Store<'a, C> {
    /// Takes the repository.
    pub(crate) fn new(commits: &'a C, local: &'a Local) -> Self {
        Self { commits, local }
    }

    /// Keeps verdicts: those on the code of HEAD in its note, the others until a commit has it.
    /// `fresh` makes the id of an anchor.
    pub(crate) fn record(
        &self,
        verdicts: Vec<(RecordId, VerdictFact)>,
        fresh: impl FnOnce() -> RecordId,
    ) -> Result<(), Error> {
        if verdicts.is_empty() {
            return Ok(());
        }
        let head = self.head_with_tree()?;
        let (ready, waiting): (Vec<Record>, Vec<Record>) = verdicts
            .into_iter()
            .map(|(id, verdict)| Record {
                id,
                fact: Fact::Verdict(verdict),
            })
            .partition(|record| match (&head, &record.fact) {
                (Some((_, tree)), Fact::Verdict(verdict)) => verdict.tree == *tree,
                _ => false,
            });
        // The local file first: it can fail only for reasons that the notes share.
        pending::append(self.local, &waiting)?;
        match head {
            Some((commit, tree)) if !ready.is_empty() => {
                self.note(NOTES, &commit, &tree, &ready, fresh)
            }
            _ => Ok(()),
        }
    }

    /// Moves waiting verdicts to the notes of commits that have the code that they are about;
    /// returns how many. Costs one look at the disk when nothing waits.
    ///
    /// HEAD is looked at first. Since a verdict was found several commits may have been made, so
    /// the recent ones follow.
    pub(crate) fn attach_pending(&self, fresh: impl Fn() -> RecordId) -> Result<usize, Error> {
        let find = |wanted: &BTreeSet<ObjectId>, oldest_ms: u64| {
            let mut homes = BTreeMap::new();
            for commit in self.commits.recent(oldest_ms)? {
                if homes.len() == wanted.len() {
                    break;
                }
                // Commands that only read come here too: what is not in this clone is not fetched.
                let tree = self.commits.code_tree_here(&commit)?;
                if let Some(tree) = tree.filter(|tree| wanted.contains(tree)) {
                    homes.entry(tree).or_insert(commit);
                }
            }
            Ok(homes)
        };
        pending::attach(self.local, find, |commit, tree, ready| {
            self.note(NOTES, commit, tree, ready, &fresh)
        })
    }

    /// Every verdict that is known: noted and waiting, each once, without those taken back.
    pub(crate) fn all(&self) -> Result<Verdicts, Error> {
        let mut skipped = 0;
        let mut records = Vec::new();
        // Notes first: of the same record in both places, the one with a commit is kept.
        for (commit, text) in self.commits.all_notes(NOTES)? {
            let decoded = note_v1::decode(&text);
            skipped += decoded.skipped;
            let found = decoded.records.into_iter();
            records.extend(found.map(|record| (Some(commit.clone()), record)));
        }
        let waiting = pending::read(self.local)?;
        skipped += waiting.skipped;
        records.extend(waiting.records.into_iter().map(|record| (None, record)));
        let known = note_v1::fold(records)
            .into_iter()
            .filter_map(|(commit, record)| match record.fact {
                Fact::Verdict(verdict) => Some(Known {
                    id: record.id,
                    verdict,
                    commit,
                }),
                _ => None,
            })
            .collect();
        Ok(Verdicts { known, skipped })
    }

    /// The commit of HEAD with its code tree, where both are in this clone.
    fn head_with_tree(&self) -> Result<Option<(ObjectId, ObjectId)>, Error> {
        let Some(commit) = self.commits.head()? else {
            return Ok(None);
        };
        let tree = self.commits.code_tree_here(&commit)?;
        Ok(tree.map(|tree| (commit, tree)))
    }

    /// Notes a run on the commit that it ran on.
    pub(crate) fn record_run(
        &self,
        commit: &ObjectId,
        id: RecordId,
        run: RunFact,
        fresh: impl FnOnce() -> RecordId,
    ) -> Result<(), Error> {
        let tree = self.commits.code_tree(commit)?;
        let record = Record {
            id,
            fact: Fact::Run(run),
        };
        self.note(RUN_NOTES, commit, &tree, &[record], fresh)
    }

    /// Notes records on a commit, with an anchor if the note has none yet.
    fn note(
        &self,
        notes: &str,
        commit: &ObjectId,
        tree: &ObjectId,
        records: &[Record],
        fresh: impl FnOnce() -> RecordId,
    ) -> Result<(), Error> {
        let mut fresh = Some(fresh);
        self.commits.amend(notes, commit, &mut |text| {
            let present = note_v1::decode(text).records;
            let mut lines = Vec::with_capacity(records.len() + 1);
            let is_anchor = |record: &Record| matches!(record.fact, Fact::Anchor(_));
            if !present.iter().any(is_anchor)
                && let Some(fresh) = fresh.take()
            {
                let tree = tree.clone();
                let patch_id = self.commits.patch_id(commit)?;
                lines.push(note_v1::encode(&Record {
                    id: fresh(),
                    fact: Fact::Anchor(Anchor { tree, patch_id }),
                })?);
            }
            for record in records {
                if !present.contains(record) {
                    lines.push(note_v1::encode(record)?);
                }
            }
            Ok(lines)
        })
    }
}

#[cfg(test)]
mod tests;
