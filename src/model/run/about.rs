//! Which job an event is about.

use crate::model::run::Event;

impl Event {
    /// The job that goes on, or stands otherwise, by this; what was only said or kept is no such
    /// event.
    pub(crate) fn job(&self) -> Option<&str> {
        let job = match self {
            Self::JobStarted { job }
            | Self::JobFinished { job, .. }
            | Self::CallStarted { job, .. }
            | Self::StepContinued { job, .. }
            | Self::StepSkipped { job, .. } => job,
            Self::StepStarted(attempt)
            | Self::StepFinished(attempt, _)
            | Self::StepRetried { attempt, .. }
            | Self::AttemptLost(attempt)
            | Self::RerunLost(attempt) => &attempt.job,
            Self::JobExpanded(expanded) => &expanded.job,
            Self::CheckpointOpened(opened) => &opened.job,
            _ => return None,
        };
        Some(job)
    }
}
