//! How the journal spells what becomes of the work trees of jobs.

use serde::{Deserialize, Serialize};

use crate::base::ids::{ObjectId, ParseIdError};
use crate::model::run::event::{JobIsolated, JobMerged};

/// A job gets a work tree of its own.
#[derive(Serialize, Deserialize)]
pub(super) struct JobIsolatedV1 {
    job: String,
    branch: String,
    base: String,
}

/// What became of its work.
#[derive(Serialize, Deserialize)]
pub(super) struct JobMergedV1 {
    job: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    commit: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    left: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    conflicts: Vec<String>,
}

impl From<&JobIsolated> for JobIsolatedV1 {
    fn from(isolated: &JobIsolated) -> Self {
        Self {
            job: isolated.job.clone(),
            branch: isolated.branch.clone(),
            base: isolated.base.to_string(),
        }
    }
}

impl JobIsolatedV1 {
    /// What it says.
    pub(super) fn read(self) -> Result<JobIsolated, ParseIdError> {
        Ok(JobIsolated {
            job: self.job,
            branch: self.branch,
            base: self.base.parse()?,
        })
    }
}

impl From<&JobMerged> for JobMergedV1 {
    fn from(merged: &JobMerged) -> Self {
        Self {
            job: merged.job.clone(),
            commit: merged.commit.as_ref().map(ToString::to_string),
            left: merged.left.clone(),
            conflicts: merged.conflicts.clone(),
        }
    }
}

impl JobMergedV1 {
    /// What it says.
    pub(super) fn read(self) -> Result<JobMerged, ParseIdError> {
        let commit = self.commit.map(|commit| commit.parse::<ObjectId>());
        Ok(JobMerged {
            job: self.job,
            commit: commit.transpose()?,
            left: self.left,
            conflicts: self.conflicts,
        })
    }
}
