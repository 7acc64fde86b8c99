//! Version 1 of a run's journal: one JSON object a line.
//!
//! `{"at":<ms>,"event":{"kind":"step-started",…}}`. The first line is the start of the run and
//! carries `format`. A reader that meets a kind of event that it does not know stops: leaving an
//! event out would give a wrong state.

mod artifact;
mod carried;
mod checkpoint;
mod finish;
mod job;
mod start;
mod step;
mod verification;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::base::ids::ParseIdError;
use crate::model::run::event::{Event, Outcome, ParkReason, RecordedEvent, Reset};
use crate::state::format::escaped_path;
use crate::state::format::isolation_v1::{JobIsolatedV1, JobMergedV1};
use crate::state::format::journal_v1::annotations::AnnotationsV1;
use crate::state::format::journal_v1::artifact::ArtifactStoredV1;
use crate::state::format::journal_v1::carried::CarriedV1;
use crate::state::format::journal_v1::checkpoint::{
    CheckpointAnsweredV1, CheckpointOpenedV1, answered_from_v1, answered_to_v1, opened_from_v1,
    opened_to_v1,
};
use crate::state::format::journal_v1::finish::StepFinishedV1;
use crate::state::format::journal_v1::job::{JobExpandedV1, JobFinishedV1};
use crate::state::format::journal_v1::start::{EngineStartedV1, RunStartedV1};
use crate::state::format::journal_v1::step::{AttemptV1, StepOutputsV1, StepRetriedV1, StepV1};
use crate::state::format::journal_v1::verification::{CodeChangedV1, VerificationV1};

mod annotations;

/// The version that this module reads and writes.
pub(crate) const FORMAT: u32 = 1;

/// A line that is no record.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LineError {
    /// It is not JSON of the known form.
    #[error("not a record of a run")]
    Json(#[from] serde_json::Error),
    /// A value in it is not what it should be.
    #[error(transparent)]
    Id(#[from] ParseIdError),
    /// It names a level that does not exist.
    #[error("`{0}` is no level of an annotation")]
    Level(String),
    /// It names an outcome that does not exist.
    #[error("`{0}` is not an outcome")]
    Outcome(String),
    /// A newer program wrote it.
    #[error("format {found} is newer than {FORMAT}, the newest this version reads")]
    Newer {
        /// The format that it names.
        found: u32,
    },
}

#[derive(Serialize, Deserialize)]
struct RecordV1 {
    at: u64,
    event: EventV1,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
enum EventV1 {
    RunStarted(RunStartedV1),
    EngineStarted(EngineStartedV1),
    VerificationStarted(VerificationV1),
    CodeChanged(CodeChangedV1),
    JobStarted { job: String },
    JobExpanded(JobExpandedV1),
    JobIsolated(JobIsolatedV1),
    JobConflict { job: String, paths: Vec<String> },
    JobMerged(JobMergedV1),
    JobFinished(JobFinishedV1),
    CallStarted(StepV1),
    StepOutputs(StepOutputsV1),
    ArtifactStored(ArtifactStoredV1),
    Annotations(AnnotationsV1),
    StepRetried(StepRetriedV1),
    StepContinued(StepV1),
    StepStarted(AttemptV1),
    StepFinished(StepFinishedV1),
    StepSkipped(StepV1),
    AttemptLost(AttemptV1),
    RerunLost(AttemptV1),
    CheckpointOpened(CheckpointOpenedV1),
    CheckpointAnswered(CheckpointAnsweredV1),
    Parked { reason: ReasonV1 },
    CancelRequested,
    Reopened,
    Reset(ResetV1),
    Carried(CarriedV1),
    RunFinished { outcome: String },
}

#[derive(Serialize, Deserialize)]
struct ResetV1 {
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    jobs: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    steps: Vec<(String, String)>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum ReasonV1 {
    Checkpoint,
    Lost,
}

impl ResetV1 {
    /// Its form in the journal.
    fn of(reset: &Reset) -> Self {
        Self {
            jobs: reset.jobs.clone(),
            steps: reset.steps.clone(),
        }
    }

    /// What it says.
    fn read(self) -> Reset {
        Reset {
            jobs: self.jobs,
            steps: self.steps,
        }
    }
}

impl ReasonV1 {
    /// Its form in the journal.
    fn of(reason: ParkReason) -> Self {
        match reason {
            ParkReason::Checkpoint => Self::Checkpoint,
            ParkReason::Lost => Self::Lost,
        }
    }

    /// What it says.
    fn read(&self) -> ParkReason {
        match self {
            Self::Checkpoint => ParkReason::Checkpoint,
            Self::Lost => ParkReason::Lost,
        }
    }
}

/// Spells one event as a line, its line feed included.
pub(crate) fn encode(recorded: &RecordedEvent) -> Result<String, LineError> {
    let record = RecordV1 {
        at: recorded.at_ms,
        event: event_to_v1(&recorded.event),
    };
    let mut line = serde_json::to_string(&record)?;
    line.push('\n');
    Ok(line)
}

/// Reads one line.
pub(crate) fn decode(line: &str) -> Result<RecordedEvent, LineError> {
    let record: RecordV1 = serde_json::from_str(line)?;
    Ok(RecordedEvent {
        at_ms: record.at,
        event: event_from_v1(record.event)?,
    })
}

fn event_to_v1(event: &Event) -> EventV1 {
    match event {
        Event::Started(start) => EventV1::RunStarted(RunStartedV1::of(start)),
        Event::EngineStarted { pid, work_tree } => {
            EventV1::EngineStarted(EngineStartedV1::of(*pid, work_tree.as_deref()))
        }
        Event::VerificationStarted {
            phase,
            tree,
            criteria,
        } => EventV1::VerificationStarted(VerificationV1::of(*phase, tree, criteria)),
        Event::CodeChanged { phase, tree } => EventV1::CodeChanged(CodeChangedV1::of(*phase, tree)),
        Event::JobStarted { job } => EventV1::JobStarted { job: job.clone() },
        Event::JobExpanded(expanded) => EventV1::JobExpanded(JobExpandedV1::of(expanded)),
        Event::JobIsolated(isolated) => EventV1::JobIsolated((&**isolated).into()),
        Event::JobConflict { job, paths } => EventV1::JobConflict {
            job: job.clone(),
            paths: paths.clone(),
        },
        Event::JobMerged(merged) => EventV1::JobMerged((&**merged).into()),
        Event::JobFinished {
            job,
            result,
            continued,
            outputs,
            reason,
        } => {
            let about = (job.as_str(), reason.as_deref());
            let how = (*result, *continued);
            EventV1::JobFinished(JobFinishedV1::of(about, how, outputs))
        }
        Event::CallStarted { job, step } => EventV1::CallStarted(StepV1::of(job, step)),
        Event::StepOutputs(left) => EventV1::StepOutputs(StepOutputsV1::of(left)),
        Event::ArtifactStored(stored) => EventV1::ArtifactStored(ArtifactStoredV1::of(stored)),
        Event::Annotations(said) => EventV1::Annotations(annotations::to_v1(said)),
        Event::StepRetried { attempt, due_ms } => {
            EventV1::StepRetried(StepRetriedV1::of(attempt, *due_ms))
        }
        Event::StepContinued { job, step } => EventV1::StepContinued(StepV1::of(job, step)),
        Event::StepStarted(attempt) => EventV1::StepStarted(AttemptV1::of(attempt)),
        Event::StepFinished(attempt, finish) => {
            EventV1::StepFinished(StepFinishedV1::of(attempt, finish))
        }
        Event::StepSkipped { job, step } => EventV1::StepSkipped(StepV1::of(job, step)),
        Event::AttemptLost(attempt) => EventV1::AttemptLost(AttemptV1::of(attempt)),
        Event::RerunLost(attempt) => EventV1::RerunLost(AttemptV1::of(attempt)),
        Event::CheckpointOpened(opened) => EventV1::CheckpointOpened(opened_to_v1(opened)),
        Event::CheckpointAnswered(answered) => {
            EventV1::CheckpointAnswered(answered_to_v1(answered))
        }
        Event::Parked { reason } => EventV1::Parked {
            reason: ReasonV1::of(*reason),
        },
        Event::CancelRequested => EventV1::CancelRequested,
        Event::Reopened => EventV1::Reopened,
        Event::Reset(reset) => EventV1::Reset(ResetV1::of(reset)),
        Event::Carried { from, tried } => EventV1::Carried(CarriedV1::of(*from, tried)),
        Event::Finished { outcome } => EventV1::RunFinished {
            outcome: outcome.to_string(),
        },
    }
}

/// What the text for people beside it loses of a path.
fn escaped(path: &Path) -> Option<String> {
    path.to_str().is_none().then(|| escaped_path::escape(path))
}

fn path_from_v1(text: String, escaped: Option<String>) -> PathBuf {
    escaped.map_or_else(|| text.into(), |text| escaped_path::unescape(&text))
}

fn outcome(word: &str) -> Result<Outcome, LineError> {
    Outcome::from_word(word).ok_or_else(|| LineError::Outcome(word.to_owned()))
}

fn event_from_v1(event: EventV1) -> Result<Event, LineError> {
    Ok(match event {
        EventV1::RunStarted(start) => start.read()?,
        EventV1::EngineStarted(engine) => engine.read(),
        EventV1::VerificationStarted(verification) => verification.read()?,
        EventV1::CodeChanged(changed) => changed.read()?,
        EventV1::JobStarted { job } => Event::JobStarted { job },
        EventV1::JobExpanded(expanded) => Event::JobExpanded(Box::new(expanded.read())),
        EventV1::JobIsolated(isolated) => Event::JobIsolated(Box::new(isolated.read()?)),
        EventV1::JobConflict { job, paths } => Event::JobConflict { job, paths },
        EventV1::JobMerged(merged) => Event::JobMerged(Box::new(merged.read()?)),
        EventV1::JobFinished(finished) => finished.read()?,
        EventV1::CallStarted(StepV1 { job, step }) => Event::CallStarted { job, step },
        EventV1::StepOutputs(left) => Event::StepOutputs(Box::new(left.read()?)),
        EventV1::ArtifactStored(stored) => Event::ArtifactStored(Box::new(stored.read()?)),
        EventV1::Annotations(said) => Event::Annotations(Box::new(annotations::from_v1(said)?)),
        EventV1::StepRetried(retried) => retried.read()?,
        EventV1::StepContinued(StepV1 { job, step }) => Event::StepContinued { job, step },
        EventV1::StepStarted(attempt) => Event::StepStarted(attempt.read()?),
        EventV1::StepFinished(finish) => finish.read()?,
        EventV1::StepSkipped(StepV1 { job, step }) => Event::StepSkipped { job, step },
        EventV1::AttemptLost(attempt) => Event::AttemptLost(attempt.read()?),
        EventV1::RerunLost(attempt) => Event::RerunLost(attempt.read()?),
        EventV1::CheckpointOpened(opened) => opened_from_v1(opened)?,
        EventV1::CheckpointAnswered(answered) => answered_from_v1(answered)?,
        EventV1::Parked { reason } => Event::Parked {
            reason: reason.read(),
        },
        EventV1::CancelRequested => Event::CancelRequested,
        EventV1::Reopened => Event::Reopened,
        EventV1::Reset(reset) => Event::Reset(Box::new(reset.read())),
        EventV1::Carried(carried) => carried.read()?,
        EventV1::RunFinished { outcome: word } => Event::Finished {
            outcome: outcome(&word)?,
        },
    })
}

#[cfg(test)]
mod tests;
