//! How a step ends, in the journal.

use serde::{Deserialize, Serialize};

use crate::model::run::Event;
use crate::model::run::event::{AttemptName, Dropped, StepCause, StepEnd, StepFinish};
use crate::state::format::journal_v1::{LineError, outcome};

/// A step ended.
#[derive(Serialize, Deserialize)]
pub(super) struct StepFinishedV1 {
    attempt: String,
    outcome: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    code: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    signal: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    not_started: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    unusable: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    cause: Option<CauseV1>,
    ms: u64,
    bytes: u64,
    dropped: u64,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    dropped_reason: Option<String>,
}

/// Why it was ended from outside.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum CauseV1 {
    TimedOut,
    Cancelled,
}

impl StepFinishedV1 {
    /// Its form in the journal.
    pub(super) fn of(attempt: &AttemptName, finish: &StepFinish) -> Self {
        let (mut code, mut signal, mut not_started) = (None, None, None);
        let mut unusable = None;
        let dropped = finish.dropped.as_deref();
        match &finish.end {
            StepEnd::Code(value) => code = Some(*value),
            StepEnd::Signal(value) => signal = Some(*value),
            StepEnd::NotStarted(reason) => not_started = Some(reason.clone()),
            StepEnd::Unusable(reason) => unusable = Some(reason.clone()),
            StepEnd::Answered => {}
        }
        Self {
            attempt: attempt.to_string(),
            outcome: finish.outcome.to_string(),
            code,
            signal,
            not_started,
            unusable,
            cause: finish.cause.map(|cause| match cause {
                StepCause::TimedOut => CauseV1::TimedOut,
                StepCause::Cancelled => CauseV1::Cancelled,
            }),
            ms: finish.elapsed_ms,
            bytes: finish.output_bytes,
            dropped: dropped.map_or(0, |dropped| dropped.bytes),
            dropped_reason: dropped.and_then(|dropped| dropped.reason.clone()),
        }
    }

    /// What it says.
    pub(super) fn read(self) -> Result<Event, LineError> {
        let end = match (self.code, self.signal, self.not_started) {
            (Some(code), _, _) => StepEnd::Code(code),
            (_, Some(signal), _) => StepEnd::Signal(signal),
            (_, _, Some(reason)) => StepEnd::NotStarted(reason),
            (None, None, None) => self.unusable.map_or(StepEnd::Answered, StepEnd::Unusable),
        };
        let dropped = (self.dropped > 0).then(|| {
            Box::new(Dropped {
                bytes: self.dropped,
                reason: self.dropped_reason,
            })
        });
        Ok(Event::StepFinished(
            self.attempt.parse()?,
            StepFinish {
                outcome: outcome(&self.outcome)?,
                end,
                cause: self.cause.map(|cause| match cause {
                    CauseV1::TimedOut => StepCause::TimedOut,
                    CauseV1::Cancelled => StepCause::Cancelled,
                }),
                elapsed_ms: self.ms,
                output_bytes: self.bytes,
                dropped,
            },
        ))
    }
}
