//! What was taken over from another run, in the journal.

use serde::{Deserialize, Serialize};

use crate::base::ids::{ParseIdError, RunId};
use crate::model::run::Event;
use crate::model::run::carry::EarlierTries;

/// All that stands before it is of another run.
#[derive(Serialize, Deserialize)]
pub(super) struct CarriedV1 {
    from: String,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    tried: Vec<EarlierTriesV1>,
}

/// How long a step was tried before the try that stands there.
#[derive(Serialize, Deserialize)]
struct EarlierTriesV1 {
    job: String,
    step: String,
    ms: u64,
}

impl CarriedV1 {
    /// Its form in the journal.
    pub(super) fn of(from: RunId, tried: &[EarlierTries]) -> Self {
        let tried = tried.iter().map(|earlier| EarlierTriesV1 {
            job: earlier.job.clone(),
            step: earlier.step.clone(),
            ms: earlier.elapsed_ms,
        });
        Self {
            from: from.to_string(),
            tried: tried.collect(),
        }
    }

    /// What it says.
    pub(super) fn read(self) -> Result<Event, ParseIdError> {
        let tried = self.tried.into_iter().map(|earlier| EarlierTries {
            job: earlier.job,
            step: earlier.step,
            elapsed_ms: earlier.ms,
        });
        Ok(Event::Carried {
            from: self.from.parse()?,
            tried: tried.collect(),
        })
    }
}
