//! `git mmm workflow graph`.

use clap::ValueEnum;
use serde::Serialize;

use crate::app::Error;
use crate::app::context::Context;
use crate::app::error::WorkflowError;
use crate::app::project::{Access, Project};
use crate::cli::exit_code::ExitCode;
use crate::cli::output::Output;
use crate::cli::workflow::drawn;
use crate::cli::workflow::read;
use crate::model::workflow::forecast::Handler;
use crate::model::workflow::graph::{Graph, GraphCall, GraphJob};
use crate::workflow::expected;

/// Draw the jobs of a workflow with what they wait for
///
/// Jobs that run several times, ask a person or handle how the others go are marked; workflows that
/// steps call are drawn inside.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The workflow's name: by default the one that runs use
    #[arg(value_name = "name")]
    name: Option<String>,
    /// How it is drawn: as text, for Mermaid, for Graphviz, or as `--json` does
    #[arg(
        long,
        value_name = "format",
        default_value = "text",
        conflicts_with = "json"
    )]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Mermaid,
    Dot,
    Json,
}

#[derive(Debug, Serialize)]
struct Answer {
    name: String,
    jobs: Vec<JobJson>,
}

#[derive(Debug, Serialize)]
struct JobJson {
    id: String,
    title: String,
    needs: Vec<String>,
    legs: Option<&'static str>,
    checkpoints: Vec<String>,
    handler: Option<&'static str>,
    calls: Vec<CallJson>,
}

#[derive(Debug, Serialize)]
struct CallJson {
    step: String,
    workflow: String,
    jobs: Option<Vec<JobJson>>,
}

/// Runs it.
pub(crate) fn run(
    context: &Context,
    output: &mut Output,
    arguments: &Args,
) -> Result<ExitCode, Error> {
    if arguments.format == Format::Json {
        output.answer_json();
    }
    let project = Project::open(context, Access::ReadOnly)?;
    let name = arguments.name.as_ref();
    let read = read::find(&project, name.unwrap_or(&project.settings.workflow))?;
    let (Some(workflow), Some(sources)) = (&read.workflow, &read.sources) else {
        return Err(WorkflowError::InvalidWorkflow {
            name: read.name,
            problems: read.problems,
        }
        .into());
    };
    let graph = expected::graph(workflow, sources);
    if output.is_json() {
        let data = Answer {
            name: read.name.clone(),
            jobs: jobs(&graph),
        };
        output.json("workflow-graph", data, &read.problems)?;
        return Ok(ExitCode::Ok);
    }
    output.problems(&read.problems);
    let text = match arguments.format {
        Format::Mermaid => drawn::mermaid(&graph),
        Format::Dot => drawn::dot(&read.name, &graph),
        Format::Text | Format::Json => drawn::text(&read.name, &graph),
    };
    output.text(&text);
    Ok(ExitCode::Ok)
}

fn jobs(graph: &Graph) -> Vec<JobJson> {
    let job = |job: &GraphJob| {
        let needs = job.needs.iter();
        let needs = needs.filter_map(|need| Some(graph.jobs.get(*need)?.id.clone()));
        JobJson {
            id: job.id.clone(),
            title: job.title.clone(),
            needs: needs.collect(),
            legs: job.legs,
            checkpoints: job.checkpoints.clone(),
            handler: job.handler.map(|handler| match handler {
                Handler::OnFailure => "on-failure",
                Handler::Ensure => "ensure",
            }),
            calls: job.calls.iter().map(call).collect(),
        }
    };
    graph.jobs.iter().map(job).collect()
}

fn call(call: &GraphCall) -> CallJson {
    CallJson {
        step: call.step.clone(),
        workflow: call.workflow.clone(),
        jobs: call.graph.as_ref().map(jobs),
    }
}
