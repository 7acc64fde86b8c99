//! Files that a step or a job left, in the journal.

use serde::{Deserialize, Serialize};

use crate::base::ids::ParseIdError;
use crate::model::run::artifact::ArtifactStored;

#[derive(Serialize, Deserialize)]
pub(super) struct ArtifactStoredV1 {
    job: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    step: Option<String>,
    #[serde(default)]
    attempt: u32,
    name: String,
    tree: String,
    files: u64,
    bytes: u64,
}

impl ArtifactStoredV1 {
    pub(super) fn of(stored: &ArtifactStored) -> Self {
        Self {
            job: stored.job.clone(),
            step: stored.step.clone(),
            attempt: stored.attempt,
            name: stored.name.clone(),
            tree: stored.tree.to_string(),
            files: stored.files,
            bytes: stored.bytes,
        }
    }

    pub(super) fn read(self) -> Result<ArtifactStored, ParseIdError> {
        Ok(ArtifactStored {
            job: self.job,
            step: self.step,
            attempt: self.attempt,
            name: self.name,
            tree: self.tree.parse()?,
            files: self.files,
            bytes: self.bytes,
        })
    }
}
