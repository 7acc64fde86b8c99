//! Verification as a journal holds it.

use serde::{Deserialize, Serialize};

use crate::base::ids::{CriterionId, ObjectId, ParseIdError};
use crate::model::run::event::{Event, VerificationPhase};

/// Verification began.
#[derive(Serialize, Deserialize)]
pub(super) struct VerificationV1 {
    after: bool,
    tree: String,
    criteria: Vec<String>,
}

/// A command of it changed the code.
#[derive(Serialize, Deserialize)]
pub(super) struct CodeChangedV1 {
    after: bool,
    tree: String,
}

impl VerificationV1 {
    /// Its form in the journal.
    pub(super) fn of(phase: VerificationPhase, tree: &ObjectId, criteria: &[CriterionId]) -> Self {
        Self {
            after: phase == VerificationPhase::After,
            tree: tree.to_string(),
            criteria: criteria.iter().map(ToString::to_string).collect(),
        }
    }

    /// What it says.
    pub(super) fn read(&self) -> Result<Event, ParseIdError> {
        Ok(Event::VerificationStarted {
            phase: phase(self.after),
            tree: self.tree.parse()?,
            criteria: self
                .criteria
                .iter()
                .map(|criterion| criterion.parse::<CriterionId>())
                .collect::<Result<_, _>>()?,
        })
    }
}

impl CodeChangedV1 {
    /// Its form in the journal.
    pub(super) fn of(phase: VerificationPhase, tree: &ObjectId) -> Self {
        Self {
            after: phase == VerificationPhase::After,
            tree: tree.to_string(),
        }
    }

    /// What it says.
    pub(super) fn read(&self) -> Result<Event, ParseIdError> {
        Ok(Event::CodeChanged {
            phase: phase(self.after),
            tree: self.tree.parse()?,
        })
    }
}

fn phase(after: bool) -> VerificationPhase {
    if after {
        VerificationPhase::After
    } else {
        VerificationPhase::Before
    }
}
