//! `git mmm show`.

use serde::Serialize;

use crate::app::Error;
use crate::app::context::Context;
use crate::app::error::WorkflowError;
use crate::app::project::{Access, Project};
use crate::app::runs;
use crate::app::runs::rfc3339;
use crate::base::ids::RunId;
use crate::base::text::{counted, one_line, visible};
use crate::cli::checkpoint::signature::{self, SignatureJson};
use crate::cli::checkpoint::words;
use crate::cli::exit_code::ExitCode;
use crate::cli::output::Output;
use crate::cli::run::annotations::{self, AnnotationJson};
use crate::cli::run::damaged;
use crate::cli::run::pending::{self, PendingJob};
use crate::cli::run::summaries::{self, Summaries};
use crate::cli::run::titles::Titles;
use crate::cli::run::words::{duration, in_brackets, outcome_style, reason, status_style};
use crate::model::run::artifact::ArtifactStored;
use crate::model::run::state::{CheckpointState, JobState, StepState};
use crate::model::run::{Outcome, RunState, skipped};
use crate::state::runs::RunSummary;

/// Show a run: how each job and step went, what was proved, who answered
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The run: its id or a unique prefix; the newest one when left out
    #[arg(value_name = "run")]
    run: Option<String>,
}

#[derive(Debug, Serialize)]
struct RunDetails {
    run: String,
    workflow: String,
    workflow_hash: Option<String>,
    title: Option<String>,
    spec: Option<String>,
    /// The run that it does again.
    #[serde(skip_serializing_if = "Option::is_none")]
    again: Option<String>,
    status: &'static str,
    started: String,
    elapsed_ms: u64,
    base: Option<String>,
    branch: Option<String>,
    tree: Option<String>,
    dirty: Option<bool>,
    who: Option<String>,
    jobs: Vec<JobDetails>,
    checkpoints: Vec<CheckpointDetails>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    artifacts: Vec<ArtifactDetails>,
}

/// What one step or job kept under one name.
#[derive(Debug, Serialize)]
struct ArtifactDetails {
    name: String,
    job: String,
    step: Option<String>,
    files: u64,
    bytes: u64,
}

#[derive(Debug, Serialize)]
struct JobDetails {
    id: String,
    title: String,
    result: Option<&'static str>,
    reason: Option<String>,
    /// Whether it has not begun, in a run that is not over.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pending: bool,
    steps: Vec<StepDetails>,
}

#[derive(Debug, Serialize)]
struct StepDetails {
    key: String,
    title: String,
    outcome: Option<&'static str>,
    running: bool,
    lost: bool,
    /// Whether the run that this one does again ran it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    carried: bool,
    attempts: u32,
    elapsed_ms: Option<u64>,
    /// How long the tries before the last one took, with what was waited for the next ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    tried_ms: Option<u64>,
    reason: Option<String>,
    annotations: Vec<AnnotationJson>,
    /// How many more there were.
    more_annotations: usize,
    /// What it wrote for people, in Markdown.
    summary: Option<String>,
}

#[derive(Debug, Serialize)]
struct CheckpointDetails {
    number: u32,
    job: String,
    name: String,
    message: String,
    branch: Option<String>,
    tree: String,
    hash: String,
    /// Until when it can be answered.
    expires: Option<String>,
    /// Whether nobody answered in time.
    expired: bool,
    /// Whether the run was let go on.
    answer: Option<&'static str>,
    /// The option that was chosen.
    option: Option<String>,
    who: Option<String>,
    answered: Option<String>,
    comment: Option<String>,
    signature: Option<SignatureJson>,
    /// The answer in words.
    #[serde(skip)]
    words: Option<String>,
    /// Whether what asked was undone.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    withdrawn: bool,
}

/// Runs it.
pub(crate) fn run(
    context: &Context,
    output: &mut Output,
    arguments: &Args,
) -> Result<ExitCode, Error> {
    let project = Project::open(context, Access::Write)?;
    let summary = match runs::find(&project, arguments.run.as_deref()) {
        Ok(found) => found,
        Err(Error::Workflow(WorkflowError::BadRun { run, .. })) => {
            return damaged::show(&project, output, run);
        }
        Err(error) => return Err(error),
    };
    let state = runs::state(&project, &summary)?;
    let titles = Titles::of(&project, &summary, &state)?;
    let written = Summaries::of(&project, &summary, &state)?;
    let mut details = details(&summary, &state, (&titles, &written));
    for pending in pending::jobs(&project, (&summary, &state), &titles)? {
        details.add_pending(pending, &state, &titles);
    }
    for known in &state.checkpoints {
        let checkpoint = checkpoint_details(&project, summary.run, known)?;
        details.checkpoints.push(checkpoint);
    }
    if output.is_json() {
        output.json("run-details", &details, &[])?;
    } else {
        text(output, &summary, &state, (&details, &titles, &written));
    }
    Ok(ExitCode::Ok)
}

fn details(
    summary: &RunSummary,
    state: &RunState,
    (titles, written): (&Titles, &Summaries),
) -> RunDetails {
    let start = state.start.as_ref();
    let jobs = state.job_order.iter().filter_map(|id| {
        let job = state.jobs.get(id)?;
        Some(JobDetails {
            id: id.clone(),
            title: titles.job(state, id),
            result: job.result.map(Outcome::as_str),
            pending: false,
            reason: job.reason.clone().or_else(|| {
                let workflow = titles.workflow()?;
                let held = || {
                    let isolated = workflow.isolation.is_some();
                    state.held_back(id).filter(|_| isolated)
                };
                skipped::why(workflow, state, id).or_else(held)
            }),
            steps: ordered(job)
                .map(|(key, step)| StepDetails {
                    summary: written.get(id, key).map(str::to_owned),
                    ..step_details(key, titles.title(state, id, key), step)
                })
                .collect(),
        })
    });
    RunDetails {
        run: summary.run.to_string(),
        workflow: summary.workflow.clone(),
        workflow_hash: start.map(|start| start.workflow_hash.to_string()),
        title: titles.workflow().and_then(|known| known.title.clone()),
        spec: summary.spec.clone(),
        again: start.and_then(|start| Some(start.again?.to_string())),
        status: summary.status.as_str(),
        started: rfc3339(summary.run.timestamp_ms()),
        elapsed_ms: summary.elapsed_ms,
        base: start.and_then(|start| Some(start.base.as_ref()?.to_string())),
        branch: start.and_then(|start| start.branch.clone()),
        tree: start.map(|start| start.tree.to_string()),
        dirty: start.map(|start| start.dirty),
        who: start.map(|start| start.who.clone()),
        jobs: jobs.collect(),
        checkpoints: Vec::new(),
        artifacts: state.artifacts.iter().map(artifact_details).collect(),
    }
}

impl RunDetails {
    /// Adds a job that has not begun; one of which something is known has its place already.
    fn add_pending(&mut self, pending: PendingJob, state: &RunState, titles: &Titles) {
        let reason = pending.reason;
        if state.jobs.contains_key(&pending.job) {
            let mut known = self.jobs.iter_mut();
            if let Some(known) = known.find(|known| known.id == pending.job) {
                known.pending = true;
                known.reason = known.reason.take().or(reason);
            }
            return;
        }
        self.jobs.push(JobDetails {
            title: titles.job(state, &pending.job),
            id: pending.job,
            result: None,
            reason,
            pending: true,
            steps: Vec::new(),
        });
    }
}

fn artifact_details(stored: &ArtifactStored) -> ArtifactDetails {
    ArtifactDetails {
        name: stored.name.clone(),
        job: stored.job.clone(),
        step: stored.step.clone(),
        files: stored.files,
        bytes: stored.bytes,
    }
}

fn checkpoint_details(
    project: &Project,
    run: RunId,
    known: &CheckpointState,
) -> Result<CheckpointDetails, Error> {
    let answered = known.answered.as_ref();
    let signature = runs::signature(project, run, known)?;
    let expired = known.is_expired(project.repository.clock().now_ms());
    Ok(CheckpointDetails {
        number: known.opened.number,
        job: known.opened.job.clone(),
        name: known.opened.name.clone(),
        message: known.opened.message.clone(),
        branch: known.opened.branch.clone(),
        tree: known.opened.tree.to_string(),
        hash: known.opened.hash.to_string(),
        expires: known.opened.terms.expires_ms.map(rfc3339),
        expired: expired || answered.is_some_and(|answered| answered.by_clock),
        answer: answered.map(|answered| answered.answer.as_str()),
        option: answered.map(|answered| answered.option.clone()),
        who: answered.map(|answered| answered.who.clone()),
        answered: known.answered_at_ms().map(rfc3339),
        comment: answered.map(|answered| answered.message.clone()),
        signature: signature.as_ref().map(signature::json),
        words: answered.map(|_| words::answer(known, signature.as_ref())),
        withdrawn: known.undone,
    })
}

/// The steps in the order in which they began; those that were skipped stand where their number
/// puts them.
pub(crate) fn ordered(job: &JobState) -> impl Iterator<Item = (&String, &StepState)> {
    let mut steps: Vec<_> = job.steps.iter().collect();
    steps.sort_by_key(|(key, step)| (step.order, (*key).clone()));
    steps.into_iter().map(|(key, step)| (key, step.as_ref()))
}

fn step_details(key: &str, title: String, step: &StepState) -> StepDetails {
    let said = step.said().map(|known| &known.said);
    StepDetails {
        key: key.to_owned(),
        title,
        outcome: step.outcome.map(Outcome::as_str),
        running: step.running,
        lost: step.lost,
        carried: step.is_carried(),
        // What another run did, or a person, counts as one.
        attempts: step.begun.max(u32::from(step.attempts > 0)),
        elapsed_ms: step.finish.as_ref().map(|finish| finish.elapsed_ms),
        tried_ms: Some(step.tried_ms()).filter(|tried| *tried > 0),
        reason: step.finish.as_ref().and_then(reason),
        annotations: said.map_or_else(Vec::new, annotations::json),
        more_annotations: said.map_or(0, |said| said.more.iter().sum()),
        summary: None,
    }
}

fn text(
    output: &mut Output,
    summary: &RunSummary,
    state: &RunState,
    (details, titles, written): (&RunDetails, &Titles, &Summaries),
) {
    let status = output.paint(status_style(summary.status), summary.status.as_str());
    output.line(format!("run {} {status}", details.run));
    let mut field = |name: &str, value: Option<&str>| {
        if let Some(value) = value {
            output.line(format!("{name:<10}{}", one_line(value)));
        }
    };
    field("workflow", Some(&details.workflow));
    field("title", details.title.as_deref());
    field("spec", details.spec.as_deref());
    field("again", details.again.as_deref());
    field("started", Some(&details.started));
    field("took", Some(&duration(details.elapsed_ms)));
    field("who", details.who.as_deref());
    field("branch", details.branch.as_deref());
    field("commit", details.base.as_deref());
    let dirty = if details.dirty == Some(true) && details.base.is_some() {
        " (differs from the commit)"
    } else {
        ""
    };
    let tree = details.tree.as_ref().map(|tree| format!("{tree}{dirty}"));
    field("tree", tree.as_deref());
    for known in &details.jobs {
        let id = &known.id;
        let job = state.jobs.get(id);
        job_line(output, known, job.and_then(|job| job.result));
        for (key, step) in job.into_iter().flat_map(ordered) {
            step_line(output, &titles.title(state, id, key), step);
            if let Some(text) = written.get(id, key) {
                summaries::show_first(output, text);
            }
        }
    }
    for artifact in &details.artifacts {
        let files = counted(
            usize::try_from(artifact.files).unwrap_or(usize::MAX),
            "file",
        );
        let (name, job, bytes) = (&artifact.name, &artifact.job, artifact.bytes);
        let line = format!("artifact {name} of job {job}: {files}, {bytes} bytes");
        output.line(one_line(&line));
    }
    let is_over = summary.status.is_finished();
    for checkpoint in &details.checkpoints {
        checkpoint_lines(output, (&details.run, is_over), checkpoint);
    }
}

fn job_line(output: &mut Output, known: &JobDetails, result: Option<Outcome>) {
    let title = match known.id.as_str() {
        "@before" => "verified before".to_owned(),
        "@after" => "verified after".to_owned(),
        _ => format!("job {}", known.title),
    };
    let pending = || known.pending.then_some((Outcome::Skipped, "pending"));
    let result = result.map(|result| (result, result.as_str()));
    let result = result
        .or_else(pending)
        .map_or_else(String::new, |(result, word)| {
            format!(" {}", output.paint(outcome_style(result), word))
        });
    let reason = in_brackets(known.reason.clone());
    output.line(format!("{}{result}{reason}", one_line(&title)));
}

fn checkpoint_lines(
    output: &mut Output,
    (run, is_over): (&str, bool),
    checkpoint: &CheckpointDetails,
) {
    let answer = match &checkpoint.words {
        Some(words) => words.as_str(),
        None if is_over || checkpoint.withdrawn => "not answered",
        None if checkpoint.expired => "expired",
        None => "waits",
    };
    output.line(one_line(&format!(
        "checkpoint {run}/{} {}: {answer}",
        checkpoint.number, checkpoint.name
    )));
    for line in checkpoint.comment.iter().flat_map(|text| text.lines()) {
        output.line(format!("  | {}", visible(line)));
    }
}

/// Which attempt it was, where it was not the first one.
pub(super) fn attempt(step: &StepState) -> String {
    match step.begun {
        0 | 1 => String::new(),
        number => format!("  (attempt {number})"),
    }
}

fn step_line(output: &mut Output, title: &str, step: &StepState) {
    let (word, style) = match step.outcome {
        Some(outcome) => (outcome.as_str(), outcome_style(outcome)),
        None if step.lost => ("lost", outcome_style(Outcome::Cancelled)),
        None if step.running => ("running", outcome_style(Outcome::Success)),
        None => ("waiting", outcome_style(Outcome::Skipped)),
    };
    let word = output.paint(style, &format!("{word:<9}"));
    let took = step.finish.as_ref().map_or(String::new(), |finish| {
        let why = reason(finish).map(|why| format!(" ({why})"));
        format!(
            "  {}{}",
            duration(finish.elapsed_ms),
            why.unwrap_or_default()
        )
    });
    let carried = if step.is_carried() {
        "  (carried over)"
    } else {
        ""
    };
    output.line(format!(
        "  {word} {}{}{}{carried}",
        one_line(title),
        one_line(&took),
        attempt(step)
    ));
    if let Some(said) = step.said() {
        let lines = annotations::lines(output, &said.said, "    ");
        output.text(&lines);
    }
}
