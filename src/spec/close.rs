//! Ends the work on specs: accepted when they are proved, or dropped.

use crate::base::diagnostic::Problem;
use crate::base::ids::CriterionId;
use crate::model::remark::Remark;
use crate::model::spec::Spec;
use crate::model::spec::verdict::Standing;
use crate::spec::Desk;
use crate::spec::Error;
use crate::spec::proof::Proofs;
use crate::state::format::remark_v1;
use crate::state::layout::{SPECS, StatePath};
use crate::state::specs::SpecBook;

/// Why a spec is not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// Slug and id.
    pub(crate) spec: String,
    /// The criteria that are not proved on this code.
    pub(crate) open: Vec<OpenCriterion>,
    /// What is wrong with the spec. With neither, it has no criteria at all.
    pub(crate) errors: Vec<Problem>,
}

/// A criterion that is not proved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OpenCriterion {
    /// Its id.
    pub(crate) id: CriterionId,
    /// What must be true.
    pub(crate) text: String,
    /// How it stands.
    pub(crate) standing: Standing,
    /// Whether it has a command.
    pub(crate) has_command: bool,
}

/// Why a spec cannot be accepted as the code is now; `None` when it can.
pub(crate) fn refusal(book: &SpecBook, spec: &Spec, proofs: &Proofs) -> Option<Refusal> {
    let errors = book.errors_of([spec]);
    let open: Vec<OpenCriterion> = spec
        .criteria
        .iter()
        .map(|criterion| OpenCriterion {
            id: criterion.id.clone(),
            text: criterion.text.clone(),
            standing: proofs.standing(spec, criterion),
            has_command: criterion.verify.is_some(),
        })
        .filter(|criterion| !matches!(criterion.standing, Standing::Proved { .. }))
        .collect();
    (spec.criteria.is_empty() || !open.is_empty() || !errors.is_empty()).then(|| Refusal {
        spec: spec.name(),
        open,
        errors,
    })
}

/// The file that keeps why something was decided about a spec: its path and text.
pub(crate) fn decision(
    desk: &Desk<'_>,
    spec: &Spec,
    reason: &str,
) -> Result<(StatePath, String), Error> {
    let path = format!(
        "{SPECS}/{}/{}.md",
        spec.name(),
        desk.identifiers.record_id()
    );
    let remark = Remark {
        kind: "decision".to_owned(),
        who: desk.repository.identity()?.to_string(),
        at_ms: desk.clock.now_ms(),
        text: reason.trim().to_owned(),
    };
    Ok((StatePath::new(path)?, remark_v1::render(&remark)))
}
