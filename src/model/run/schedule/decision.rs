//! What a run does next.

use crate::model::run::event::{JobExpanded, Named, Outcome};

/// What to do next. Jobs are nodes of the [`Schedule`](super::Schedule), steps indexes into the
/// steps of their job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// A job begins.
    StartJob(usize),
    /// A job that runs several times begins: its legs are nodes from now on.
    ExpandJob {
        /// Which.
        job: usize,
        /// Its legs.
        expanded: Box<JobExpanded>,
    },
    /// A job is not to run; it has ended with this.
    EndJob {
        /// Which.
        job: usize,
        /// `skipped`, or `cancelled` where another leg has failed.
        result: Outcome,
    },
    /// A step is to be spawned.
    RunStep {
        /// Its job.
        job: usize,
        /// The step.
        step: usize,
    },
    /// What is under way in a job is to be ended: another leg has failed.
    StopStep(usize),
    /// A step is not to run.
    SkipStep {
        /// Its job.
        job: usize,
        /// The step.
        step: usize,
    },
    /// A step has failed and does not get its next try: it has ended with what it came to.
    GiveUp {
        /// Its job.
        job: usize,
        /// The step.
        step: usize,
        /// `failure`, or `cancelled` where its job was.
        outcome: Outcome,
    },
    /// A person is to be asked.
    Checkpoint {
        /// Its job.
        job: usize,
        /// The step.
        step: usize,
    },
    /// The jobs of another workflow are nodes from now on, below this step.
    CallWorkflow {
        /// Its job.
        job: usize,
        /// The step.
        step: usize,
    },
    /// The jobs of the workflow that a step calls are over.
    FinishCall {
        /// Its job.
        job: usize,
        /// The step.
        step: usize,
        /// How they went together.
        outcome: Outcome,
        /// The outputs of that workflow.
        outputs: Vec<Named>,
    },
    /// Something that a job or a step (`step` is none: the job) needs cannot be evaluated: it
    /// failed.
    BadCondition {
        /// The job.
        job: usize,
        /// The step.
        step: Option<usize>,
        /// Why.
        reason: String,
    },
    /// The steps of a job are over, or its legs. It has not ended before
    /// [`Schedule::end_job`](super::Schedule::end_job) is told so.
    FinishJob {
        /// Which.
        job: usize,
        /// How.
        result: Outcome,
        /// What jobs that need it can read.
        outputs: Vec<Named>,
    },
}
