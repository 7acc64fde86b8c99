//! Steps and their attempts as a journal holds them.

use serde::{Deserialize, Serialize};

use crate::base::ids::ParseIdError;
use crate::model::run::event::{AttemptName, Event, StepOutputs};

/// A step to which something happened.
#[derive(Serialize, Deserialize)]
pub(super) struct StepV1 {
    /// Its job.
    pub(super) job: String,
    /// Its key.
    pub(super) step: String,
}

/// An attempt to which something happened.
#[derive(Serialize, Deserialize)]
pub(super) struct AttemptV1 {
    attempt: String,
}

/// A step is tried again.
#[derive(Serialize, Deserialize)]
pub(super) struct StepRetriedV1 {
    attempt: String,
    due: u64,
}

/// What a step left for later ones.
#[derive(Serialize, Deserialize)]
pub(super) struct StepOutputsV1 {
    attempt: String,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    outputs: Vec<(String, String)>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    env: Vec<(String, String)>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    path: Vec<String>,
}

impl StepV1 {
    /// Its form in the journal.
    pub(super) fn of(job: &str, step: &str) -> Self {
        Self {
            job: job.to_owned(),
            step: step.to_owned(),
        }
    }
}

impl AttemptV1 {
    /// Its form in the journal.
    pub(super) fn of(attempt: &AttemptName) -> Self {
        Self {
            attempt: attempt.to_string(),
        }
    }

    /// Which it is.
    pub(super) fn read(&self) -> Result<AttemptName, ParseIdError> {
        self.attempt.parse()
    }
}

impl StepRetriedV1 {
    /// Its form in the journal.
    pub(super) fn of(attempt: &AttemptName, due_ms: u64) -> Self {
        Self {
            attempt: attempt.to_string(),
            due: due_ms,
        }
    }

    /// What it says.
    pub(super) fn read(&self) -> Result<Event, ParseIdError> {
        Ok(Event::StepRetried {
            attempt: self.attempt.parse()?,
            due_ms: self.due,
        })
    }
}

impl StepOutputsV1 {
    /// Its form in the journal.
    pub(super) fn of(left: &StepOutputs) -> Self {
        Self {
            attempt: left.attempt.to_string(),
            outputs: left.outputs.clone(),
            env: left.env.clone(),
            path: left.path.clone(),
        }
    }

    /// What it says.
    pub(super) fn read(self) -> Result<StepOutputs, ParseIdError> {
        Ok(StepOutputs {
            attempt: self.attempt.parse()?,
            outputs: self.outputs,
            env: self.env,
            path: self.path,
        })
    }
}
