//! What a spec needs next, and which spec comes first: one decision for every command that
//! advises one.

use crate::model::spec::graph::{Blocker, Graph};
use crate::model::spec::verdict::{DerivedStatus, Standing};
use crate::model::spec::{Spec, Status};
use crate::spec::list::{self, Activities, Line};
use crate::spec::proof::Proofs;

/// What a spec needs, as far as it depends on specs and verdicts alone. The first comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Need {
    /// It was accepted, and a criterion of it fails now.
    Regression,
    /// It is proved: somebody accepts it.
    Acceptance,
    /// A run of its workflow may prove more of it.
    Run,
    /// No run can prove more: it has no criteria, or they have no command.
    Criteria,
    /// It is a draft with criteria.
    Readiness,
    /// It is a draft without criteria.
    Draft,
    /// It waits for a spec that will never be done.
    Dependencies,
}

impl Need {
    /// Whether the spec can be worked on as it is; else somebody has to change its file first.
    pub(crate) fn is_work(self) -> bool {
        matches!(
            self,
            Self::Regression | Self::Acceptance | Self::Run | Self::Criteria
        )
    }
}

/// A spec that needs something.
#[derive(Clone, Debug)]
pub(crate) struct Needy<'a> {
    /// The spec.
    pub(crate) line: Line<'a>,
    /// What it needs.
    pub(crate) need: Need,
}

/// The specs that need something: what was accepted and broke first, then what is proved, then what can be worked on by urgency,
/// then what has to be written.
pub(crate) fn needy<'a>(
    graph: &Graph<'a>,
    proofs: &Proofs,
    activities: &Activities,
) -> Vec<Needy<'a>> {
    let lines = graph.order().into_iter();
    let lines = lines.filter_map(|index| list::line(graph, index, proofs, activities));
    let mut needy: Vec<Needy<'a>> = lines
        .filter_map(|line| {
            let need = need(&line, proofs)?;
            Some(Needy { line, need })
        })
        .collect();
    // The order of the graph stays within each group.
    needy.sort_by_key(|needy| match needy.need {
        Need::Regression => 0,
        Need::Acceptance => 1,
        Need::Run | Need::Criteria => 2,
        Need::Readiness | Need::Draft | Need::Dependencies => 3,
    });
    needy
}

/// What one spec needs; nothing when it is over, when a run of it is under way or waits for a
/// person, and when it waits for another spec.
pub(crate) fn need(line: &Line<'_>, proofs: &Proofs) -> Option<Need> {
    let spec = line.spec;
    if matches!(line.status, DerivedStatus::Running | DerivedStatus::Waiting) {
        return None;
    }
    match spec.status {
        Status::Done if line.status == DerivedStatus::Failing => Some(Need::Regression),
        Status::Done | Status::Dropped => None,
        _ if line.progress.is_verified() => Some(Need::Acceptance),
        Status::Draft if spec.criteria.is_empty() => Some(Need::Draft),
        Status::Draft => Some(Need::Readiness),
        Status::Ready if !line.blockers.is_empty() => {
            let for_ever = |blocker: &Blocker| !matches!(blocker, Blocker::NotDone(_));
            let stuck = line.blockers.iter().any(for_ever);
            stuck.then_some(Need::Dependencies)
        }
        Status::Ready if can_prove_more(spec, proofs) => Some(Need::Run),
        Status::Ready => Some(Need::Criteria),
    }
}

/// Whether a command has something left to prove.
fn can_prove_more(spec: &Spec, proofs: &Proofs) -> bool {
    spec.criteria.iter().any(|criterion| {
        let proved = matches!(proofs.standing(spec, criterion), Standing::Proved { .. });
        criterion.verify.is_some() && !proved
    })
}

/// Whether a run that failed on this code would fail again: every command that could prove more
/// has said no on exactly this code, text and command.
pub(crate) fn fails_as_it_is(spec: &Spec, proofs: &Proofs) -> bool {
    let mut failed = false;
    for criterion in spec.criteria.iter().filter(|known| known.verify.is_some()) {
        match proofs.standing(spec, criterion) {
            Standing::Failed => failed = true,
            Standing::Proved { .. } => {}
            _ => return false,
        }
    }
    failed
}
