//! What is proved about the specs, as the code is now.

use std::collections::HashMap;

use crate::base::ids::{CriterionId, ObjectId, SpecId};
use crate::git::code_tree;
use crate::git::digest::content_hash;
use crate::model::spec::verdict::{self, Binding, Progress, Standing, Verdict};
use crate::model::spec::{Criterion, Spec};
use crate::spec::Desk;
use crate::spec::Error;
use crate::state::evidence_files;
use crate::state::verdicts::{Known, of_evidence};

/// All verdicts, by what they are about, and the code that they are compared with.
#[derive(Debug, Default)]
pub(crate) struct Proofs {
    verdicts: HashMap<SpecId, HashMap<CriterionId, Vec<Verdict>>>,
    /// `None` where nothing was ever verified, so that nobody asks.
    tree: Option<ObjectId>,
    /// Records that this version cannot read.
    pub(crate) skipped: usize,
}

impl Proofs {
    /// Reads what is known: notes, verdicts that wait for a commit, evidence files.
    ///
    /// The code is looked at only if there is a verdict to compare with.
    pub(crate) fn gather(desk: &Desk<'_>) -> Result<Self, Error> {
        let known = desk.verdicts().all()?;
        let files = evidence_files::load(desk.files)?;
        let evidence = files.evidence.iter().chain(&files.newer);
        let mut proofs = Self {
            skipped: known.skipped,
            ..Self::default()
        };
        let noted = known.known.iter().map(Known::to_verdict);
        for verdict in noted.chain(evidence.flat_map(of_evidence)) {
            let of_spec = proofs.verdicts.entry(verdict.spec.clone()).or_default();
            let own = of_spec.entry(verdict.criterion.clone()).or_default();
            own.push(verdict);
        }
        if !proofs.verdicts.is_empty() {
            proofs.tree = code_now(desk)?;
        }
        Ok(proofs)
    }

    /// How well a criterion is proved.
    pub(crate) fn standing(&self, spec: &Spec, criterion: &Criterion) -> Standing {
        let own = self
            .verdicts
            .get(&spec.id)
            .and_then(|of_spec| of_spec.get(&criterion.id));
        match own {
            Some(own) => verdict::standing(&spec.id, criterion, &self.binding(criterion), own),
            // Hashing costs more than reading; without a verdict nothing is compared.
            None if criterion.ticked => Standing::MerelyTicked,
            None => Standing::Unverified,
        }
    }

    /// How well each criterion of a spec is proved, in their order.
    pub(crate) fn standings(&self, spec: &Spec) -> Vec<Standing> {
        let criteria = spec.criteria.iter();
        criteria
            .map(|criterion| self.standing(spec, criterion))
            .collect()
    }

    /// The criteria of a spec, counted by how well they are proved.
    pub(crate) fn progress(&self, spec: &Spec) -> Progress {
        Progress::of(self.standings(spec), spec.unreadable.len())
    }

    /// The code that verdicts are compared with, where there is any verdict.
    pub(crate) fn tree(&self) -> Option<&ObjectId> {
        self.tree.as_ref()
    }

    fn binding(&self, criterion: &Criterion) -> Binding {
        let command = criterion.verify.as_ref();
        Binding {
            tree: self.tree.clone(),
            text_hash: content_hash(verdict::criterion_text(criterion).as_bytes()),
            command_hash: command.map(|verify| content_hash(verify.command.as_bytes())),
        }
    }
}

/// The code that verdicts are compared with: the work tree; where there is none, the commit of
/// `HEAD`.
fn code_now(desk: &Desk<'_>) -> Result<Option<ObjectId>, Error> {
    if desk.repository.work_tree().is_some() {
        return Ok(Some(code_tree::code_tree(desk.repository)?));
    }
    let Some(commit) = desk.repository.head()?.commit else {
        return Ok(None);
    };
    Ok(Some(code_tree::commit_code_tree(desk.repository, &commit)?))
}
