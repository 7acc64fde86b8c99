//! Version 1 of a run's journal: one JSON object a line.
//!
//! `{"at":<ms>,"event":{"kind":"step-started",…}}`. The first line is the start of the run and
//! carries `format`. A reader that meets a kind of event that it does not know stops: leaving an
//! event out would give a wrong state.

mod artifact;
mod checkpoint;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::base::ids::{ContentHash, CriterionId, ObjectId, ParseIdError, RunId, SpecId};
use crate::model::run::event::{
    AttemptName, Event, JobExpanded, Outcome, ParkReason, RecordedEvent, Reset, RunSpec, RunStart,
    StepCause, StepEnd, StepFinish, StepOutputs, VerificationPhase,
};
use crate::state::format::escaped_path;
use crate::state::format::isolation_v1::{JobIsolatedV1, JobMergedV1};
use crate::state::format::journal_v1::annotations::AnnotationsV1;
use crate::state::format::journal_v1::artifact::ArtifactStoredV1;
use crate::state::format::journal_v1::checkpoint::{
    CheckpointAnsweredV1, CheckpointOpenedV1, answered_from_v1, answered_to_v1, opened_from_v1,
    opened_to_v1,
};

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
    EngineStarted {
        pid: u32,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        work_tree: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        work_tree_escaped: Option<String>,
    },
    VerificationStarted {
        after: bool,
        tree: String,
        criteria: Vec<String>,
    },
    CodeChanged {
        after: bool,
        tree: String,
    },
    JobStarted {
        job: String,
    },
    JobExpanded(JobExpandedV1),
    JobIsolated(JobIsolatedV1),
    JobConflict {
        job: String,
        paths: Vec<String>,
    },
    JobMerged(JobMergedV1),
    JobFinished {
        job: String,
        result: String,
        #[serde(skip_serializing_if = "is_false", default)]
        continued: bool,
        #[serde(skip_serializing_if = "Vec::is_empty", default)]
        outputs: Vec<(String, String)>,
    },
    CallStarted {
        job: String,
        step: String,
    },
    StepOutputs(StepOutputsV1),
    ArtifactStored(ArtifactStoredV1),
    Annotations(AnnotationsV1),
    StepRetried {
        attempt: String,
        due: u64,
    },
    StepContinued {
        job: String,
        step: String,
    },
    StepStarted {
        attempt: String,
    },
    StepFinished(StepFinishedV1),
    StepSkipped {
        job: String,
        step: String,
    },
    AttemptLost {
        attempt: String,
    },
    RerunLost {
        attempt: String,
    },
    CheckpointOpened(CheckpointOpenedV1),
    CheckpointAnswered(CheckpointAnsweredV1),
    Parked {
        reason: ReasonV1,
    },
    CancelRequested,
    Reopened,
    Reset {
        #[serde(skip_serializing_if = "Vec::is_empty", default)]
        jobs: Vec<String>,
        #[serde(skip_serializing_if = "Vec::is_empty", default)]
        steps: Vec<(String, String)>,
    },
    Carried {
        from: String,
    },
    RunFinished {
        outcome: String,
    },
}

#[derive(Serialize, Deserialize)]
struct RunStartedV1 {
    format: u32,
    run: String,
    workflow: String,
    workflow_hash: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    spec: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    spec_slug: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    base: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    branch: Option<String>,
    tree: String,
    dirty: bool,
    work_tree: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    work_tree_escaped: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    work_tree_key: Option<String>,
    who: String,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    inputs: Vec<(String, String)>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    again: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    run_attempt: Option<u32>,
}

#[derive(Serialize, Deserialize)]
struct StepFinishedV1 {
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
}

#[derive(Serialize, Deserialize)]
struct JobExpandedV1 {
    job: String,
    legs: Vec<String>,
    fail_fast: bool,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    max_parallel: Option<usize>,
}

#[derive(Serialize, Deserialize)]
struct StepOutputsV1 {
    attempt: String,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    outputs: Vec<(String, String)>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    env: Vec<(String, String)>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    path: Vec<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum CauseV1 {
    TimedOut,
    Cancelled,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum ReasonV1 {
    Checkpoint,
    Lost,
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
    let text = |id: &dyn ToString| id.to_string();
    match event {
        Event::Started(start) => EventV1::RunStarted(start_to_v1(start)),
        Event::EngineStarted { pid, work_tree } => EventV1::EngineStarted {
            pid: *pid,
            work_tree: work_tree
                .as_ref()
                .map(|path| path.to_string_lossy().into_owned()),
            work_tree_escaped: work_tree.as_deref().and_then(escaped),
        },
        Event::VerificationStarted {
            phase,
            tree,
            criteria,
        } => EventV1::VerificationStarted {
            after: *phase == VerificationPhase::After,
            tree: text(tree),
            criteria: criteria.iter().map(|criterion| text(criterion)).collect(),
        },
        Event::CodeChanged { phase, tree } => EventV1::CodeChanged {
            after: *phase == VerificationPhase::After,
            tree: text(tree),
        },
        Event::JobStarted { job } => EventV1::JobStarted { job: job.clone() },
        Event::JobExpanded(expanded) => EventV1::JobExpanded(JobExpandedV1 {
            job: expanded.job.clone(),
            legs: expanded.legs.clone(),
            fail_fast: expanded.fail_fast,
            max_parallel: expanded.max_parallel,
        }),
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
        } => EventV1::JobFinished {
            job: job.clone(),
            result: text(result),
            continued: *continued,
            outputs: outputs.clone(),
        },
        Event::CallStarted { job, step } => EventV1::CallStarted {
            job: job.clone(),
            step: step.clone(),
        },
        Event::StepOutputs(left) => EventV1::StepOutputs(StepOutputsV1 {
            attempt: text(&left.attempt),
            outputs: left.outputs.clone(),
            env: left.env.clone(),
            path: left.path.clone(),
        }),
        Event::ArtifactStored(stored) => EventV1::ArtifactStored(ArtifactStoredV1::of(stored)),
        Event::Annotations(said) => EventV1::Annotations(annotations::to_v1(said)),
        Event::StepRetried { attempt, due_ms } => EventV1::StepRetried {
            attempt: text(attempt),
            due: *due_ms,
        },
        Event::StepContinued { job, step } => EventV1::StepContinued {
            job: job.clone(),
            step: step.clone(),
        },
        Event::StepStarted(attempt) => EventV1::StepStarted {
            attempt: text(attempt),
        },
        Event::StepFinished(attempt, finish) => finish_to_v1(attempt, finish),
        Event::StepSkipped { job, step } => EventV1::StepSkipped {
            job: job.clone(),
            step: step.clone(),
        },
        Event::AttemptLost(attempt) => EventV1::AttemptLost {
            attempt: text(attempt),
        },
        Event::RerunLost(attempt) => EventV1::RerunLost {
            attempt: text(attempt),
        },
        Event::CheckpointOpened(opened) => EventV1::CheckpointOpened(opened_to_v1(opened)),
        Event::CheckpointAnswered(answered) => {
            EventV1::CheckpointAnswered(answered_to_v1(answered))
        }
        Event::Parked { reason } => EventV1::Parked {
            reason: match reason {
                ParkReason::Checkpoint => ReasonV1::Checkpoint,
                ParkReason::Lost => ReasonV1::Lost,
            },
        },
        Event::CancelRequested => EventV1::CancelRequested,
        Event::Reopened => EventV1::Reopened,
        Event::Reset(reset) => EventV1::Reset {
            jobs: reset.jobs.clone(),
            steps: reset.steps.clone(),
        },
        Event::Carried { from } => EventV1::Carried { from: text(from) },
        Event::Finished { outcome } => EventV1::RunFinished {
            outcome: text(outcome),
        },
    }
}

fn start_to_v1(start: &RunStart) -> RunStartedV1 {
    RunStartedV1 {
        format: FORMAT,
        run: start.run.to_string(),
        workflow: start.workflow.clone(),
        workflow_hash: start.workflow_hash.to_string(),
        spec: start.spec.as_ref().map(|spec| spec.id.to_string()),
        spec_slug: start.spec.as_ref().map(|spec| spec.slug.clone()),
        base: start.base.as_ref().map(ToString::to_string),
        branch: start.branch.clone(),
        tree: start.tree.to_string(),
        dirty: start.dirty,
        work_tree: start.work_tree.to_string_lossy().into_owned(),
        work_tree_escaped: escaped(&start.work_tree),
        work_tree_key: start.work_tree_key.clone(),
        who: start.who.clone(),
        inputs: start.inputs.clone(),
        again: start.again.map(|run| run.to_string()),
        run_attempt: (start.attempt > 1).then_some(start.attempt),
    }
}

fn finish_to_v1(attempt: &AttemptName, finish: &StepFinish) -> EventV1 {
    let (mut code, mut signal, mut not_started) = (None, None, None);
    let mut unusable = None;
    match &finish.end {
        StepEnd::Code(value) => code = Some(*value),
        StepEnd::Signal(value) => signal = Some(*value),
        StepEnd::NotStarted(reason) => not_started = Some(reason.clone()),
        StepEnd::Unusable(reason) => unusable = Some(reason.clone()),
        StepEnd::Answered => {}
    }
    EventV1::StepFinished(StepFinishedV1 {
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
        dropped: finish.dropped_bytes,
    })
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
    let event = match event {
        EventV1::RunStarted(start) => return start_from_v1(start),
        EventV1::EngineStarted {
            pid,
            work_tree,
            work_tree_escaped,
        } => Event::EngineStarted {
            pid,
            work_tree: work_tree.map(|path| path_from_v1(path, work_tree_escaped)),
        },
        EventV1::VerificationStarted {
            after,
            tree,
            criteria,
        } => Event::VerificationStarted {
            phase: phase(after),
            tree: tree.parse()?,
            criteria: criteria
                .iter()
                .map(|criterion| criterion.parse::<CriterionId>())
                .collect::<Result<_, _>>()?,
        },
        EventV1::CodeChanged { after, tree } => Event::CodeChanged {
            phase: phase(after),
            tree: tree.parse()?,
        },
        EventV1::JobStarted { job } => Event::JobStarted { job },
        EventV1::JobExpanded(expanded) => Event::JobExpanded(Box::new(JobExpanded {
            job: expanded.job,
            legs: expanded.legs,
            fail_fast: expanded.fail_fast,
            max_parallel: expanded.max_parallel,
        })),
        EventV1::JobIsolated(isolated) => Event::JobIsolated(Box::new(isolated.read()?)),
        EventV1::JobConflict { job, paths } => Event::JobConflict { job, paths },
        EventV1::JobMerged(merged) => Event::JobMerged(Box::new(merged.read()?)),
        EventV1::JobFinished {
            job,
            result,
            continued,
            outputs,
        } => Event::JobFinished {
            job,
            result: outcome(&result)?,
            continued,
            outputs,
        },
        EventV1::CallStarted { job, step } => Event::CallStarted { job, step },
        EventV1::StepOutputs(left) => Event::StepOutputs(Box::new(StepOutputs {
            attempt: left.attempt.parse()?,
            outputs: left.outputs,
            env: left.env,
            path: left.path,
        })),
        EventV1::ArtifactStored(stored) => Event::ArtifactStored(Box::new(stored.read()?)),
        EventV1::Annotations(said) => Event::Annotations(Box::new(annotations::from_v1(said)?)),
        EventV1::StepRetried { attempt, due } => Event::StepRetried {
            attempt: attempt.parse()?,
            due_ms: due,
        },
        EventV1::StepContinued { job, step } => Event::StepContinued { job, step },
        EventV1::StepStarted { attempt } => Event::StepStarted(attempt.parse()?),
        EventV1::StepFinished(finish) => return finish_from_v1(finish),
        EventV1::StepSkipped { job, step } => Event::StepSkipped { job, step },
        EventV1::AttemptLost { attempt } => Event::AttemptLost(attempt.parse()?),
        EventV1::RerunLost { attempt } => Event::RerunLost(attempt.parse()?),
        EventV1::CheckpointOpened(opened) => return opened_from_v1(opened),
        EventV1::CheckpointAnswered(answered) => return answered_from_v1(answered),
        EventV1::Parked { reason } => Event::Parked {
            reason: match reason {
                ReasonV1::Checkpoint => ParkReason::Checkpoint,
                ReasonV1::Lost => ParkReason::Lost,
            },
        },
        EventV1::CancelRequested => Event::CancelRequested,
        EventV1::Reopened => Event::Reopened,
        EventV1::Reset { jobs, steps } => Event::Reset(Box::new(Reset { jobs, steps })),
        EventV1::Carried { from } => Event::Carried {
            from: from.parse()?,
        },
        EventV1::RunFinished { outcome: word } => Event::Finished {
            outcome: outcome(&word)?,
        },
    };
    Ok(event)
}

fn start_from_v1(start: RunStartedV1) -> Result<Event, LineError> {
    if start.format > FORMAT {
        return Err(LineError::Newer {
            found: start.format,
        });
    }
    let spec = match (start.spec, start.spec_slug) {
        (Some(id), slug) => Some(RunSpec {
            id: id.parse::<SpecId>()?,
            slug: slug.unwrap_or_default(),
        }),
        (None, _) => None,
    };
    Ok(Event::Started(Box::new(RunStart {
        run: start.run.parse::<RunId>()?,
        workflow: start.workflow,
        workflow_hash: ContentHash::new(start.workflow_hash),
        spec,
        base: start
            .base
            .map(|base| base.parse::<ObjectId>())
            .transpose()?,
        branch: start.branch,
        tree: start.tree.parse()?,
        dirty: start.dirty,
        work_tree: path_from_v1(start.work_tree, start.work_tree_escaped),
        work_tree_key: start.work_tree_key,
        who: start.who,
        inputs: start.inputs,
        attempt: start
            .run_attempt
            .unwrap_or(if start.again.is_some() { 2 } else { 1 }),
        again: start.again.map(|run| run.parse::<RunId>()).transpose()?,
    })))
}

fn finish_from_v1(finish: StepFinishedV1) -> Result<Event, LineError> {
    let end = match (finish.code, finish.signal, finish.not_started) {
        (Some(code), _, _) => StepEnd::Code(code),
        (_, Some(signal), _) => StepEnd::Signal(signal),
        (_, _, Some(reason)) => StepEnd::NotStarted(reason),
        (None, None, None) => finish.unusable.map_or(StepEnd::Answered, StepEnd::Unusable),
    };
    Ok(Event::StepFinished(
        finish.attempt.parse()?,
        StepFinish {
            outcome: outcome(&finish.outcome)?,
            end,
            cause: finish.cause.map(|cause| match cause {
                CauseV1::TimedOut => StepCause::TimedOut,
                CauseV1::Cancelled => StepCause::Cancelled,
            }),
            elapsed_ms: finish.ms,
            output_bytes: finish.bytes,
            dropped_bytes: finish.dropped,
        },
    ))
}

fn phase(after: bool) -> VerificationPhase {
    if after {
        VerificationPhase::After
    } else {
        VerificationPhase::Before
    }
}

#[cfg(test)]
mod tests;
