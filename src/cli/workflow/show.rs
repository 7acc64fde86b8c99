//! `git mmm workflow show`.

use anstyle::Style;
use serde::Serialize;

use crate::app::Error;
use crate::app::context::Context;
use crate::app::error::WorkflowError;
use crate::app::project::{Access, Project};
use crate::base::text;
use crate::cli::exit_code::ExitCode;
use crate::cli::layers::{self, JobJson};
use crate::cli::output::Output;
use crate::cli::workflow::origins;
use crate::cli::workflow::read::{self, Read};
use crate::model::workflow::Workflow;
use crate::model::workflow::forecast::Forecast;
use crate::workflow::expected;

/// Show what a workflow would do, in which order
///
/// Jobs with one number can run at the same time. What depends on something that is known only when
/// it runs, its inputs among that, says on what; `git mmm run -n` shows the plan of one run.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The workflow's name: that of its file without the ending
    #[arg(value_name = "name")]
    name: String,
    /// Show it as YAML, with all that it extends put in, and where each part comes from
    #[arg(long)]
    resolved: bool,
}

#[derive(Debug, Serialize)]
struct Answer {
    name: String,
    path: String,
    title: String,
    notes: Vec<String>,
    layers: Vec<Vec<JobJson>>,
}

/// Runs it.
pub(crate) fn run(
    context: &Context,
    output: &mut Output,
    arguments: &Args,
) -> Result<ExitCode, Error> {
    let project = Project::open(context, Access::ReadOnly)?;
    let read = read::find(&project, &arguments.name)?;
    if arguments.resolved && read.is_valid() {
        return origins::show(output, &read);
    }
    let Some(workflow) = &read.workflow else {
        if read.is_abstract && read.is_valid() {
            return open(output, &read);
        }
        return Err(WorkflowError::InvalidWorkflow {
            name: read.name,
            problems: read.problems,
        }
        .into());
    };
    let plan = match &read.sources {
        Some(sources) => expected::of_workflow(workflow, sources),
        None => return Ok(ExitCode::Ok),
    };
    if output.is_json() {
        let data = answer(&read, workflow, &plan);
        output.json("workflow-show", data, &read.problems)?;
        return Ok(ExitCode::Ok);
    }
    output.problems(&read.problems);
    let title = output.paint(Style::new().bold(), &text::title(&workflow.name));
    output.line(format!("{title} ({})", read.path));
    if let Some(description) = &workflow.description {
        output.line(text::one_line(description));
    }
    layers::show(output, &plan);
    Ok(ExitCode::Ok)
}

/// An abstract workflow that leaves something open has no plan.
fn open(output: &mut Output, read: &Read) -> Result<ExitCode, Error> {
    if output.is_json() {
        let data = Answer {
            name: read.name.clone(),
            path: read.path.clone(),
            title: read.name.clone(),
            notes: Vec::new(),
            layers: Vec::new(),
        };
        output.json("workflow-show", data, &read.problems)?;
        return Ok(ExitCode::Ok);
    }
    output.problems(&read.problems);
    output.line(format!("{} ({})", read.name, read.path));
    output.note("it is abstract, and has no plan before a workflow extends it");
    Ok(ExitCode::Ok)
}

fn answer(read: &Read, workflow: &Workflow, plan: &Forecast) -> Answer {
    Answer {
        name: read.name.clone(),
        path: read.path.clone(),
        title: text::title(&workflow.name),
        notes: plan.notes.clone(),
        layers: layers::json(plan),
    }
}
