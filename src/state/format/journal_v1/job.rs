//! Jobs as a journal holds them.

use serde::{Deserialize, Serialize};

use crate::model::run::event::{Event, JobExpanded, Named, Outcome};
use crate::state::format::journal_v1::{LineError, is_false, outcome};

/// A job runs several times.
#[derive(Serialize, Deserialize)]
pub(super) struct JobExpandedV1 {
    job: String,
    legs: Vec<String>,
    fail_fast: bool,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    max_parallel: Option<usize>,
}

/// A job ended.
#[derive(Serialize, Deserialize)]
pub(super) struct JobFinishedV1 {
    job: String,
    result: String,
    #[serde(skip_serializing_if = "is_false", default)]
    continued: bool,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    outputs: Vec<(String, String)>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    reason: Option<String>,
}

impl JobExpandedV1 {
    /// Its form in the journal.
    pub(super) fn of(expanded: &JobExpanded) -> Self {
        Self {
            job: expanded.job.clone(),
            legs: expanded.legs.clone(),
            fail_fast: expanded.fail_fast,
            max_parallel: expanded.max_parallel,
        }
    }

    /// What it says.
    pub(super) fn read(self) -> JobExpanded {
        JobExpanded {
            job: self.job,
            legs: self.legs,
            fail_fast: self.fail_fast,
            max_parallel: self.max_parallel,
        }
    }
}

impl JobFinishedV1 {
    /// Its form in the journal.
    pub(super) fn of(
        (job, reason): (&str, Option<&str>),
        (result, continued): (Outcome, bool),
        outputs: &[Named],
    ) -> Self {
        Self {
            job: job.to_owned(),
            result: result.to_string(),
            continued,
            outputs: outputs.to_vec(),
            reason: reason.map(str::to_owned),
        }
    }

    /// What it says.
    pub(super) fn read(self) -> Result<Event, LineError> {
        Ok(Event::JobFinished {
            job: self.job,
            result: outcome(&self.result)?,
            continued: self.continued,
            outputs: self.outputs,
            reason: self.reason,
        })
    }
}
