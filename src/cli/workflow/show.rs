//! `git mmm workflow show`.

use anstyle::Style;
use serde::Serialize;

use crate::app::Error;
use crate::app::context::Context;
use crate::app::error::WorkflowError;
use crate::app::project::{Access, Project};
use crate::cli::exit_code::ExitCode;
use crate::cli::output::Output;
use crate::cli::workflow::group::{self, Read};
use crate::model::workflow::Workflow;
use crate::model::workflow::plan::{self, Plan, PlannedJob, PlannedStep};

/// Show what a workflow would do, in which order
///
/// Jobs with one number can run at the same time. Expressions are shown as they are written.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The workflow's name: that of its file without the ending
    #[arg(value_name = "name")]
    name: String,
}

#[derive(Debug, Serialize)]
struct Answer {
    name: String,
    path: String,
    title: String,
    layers: Vec<Vec<JsonJob>>,
}

#[derive(Debug, Serialize)]
struct JsonJob {
    id: String,
    title: String,
    needs: Vec<String>,
    condition: Option<String>,
    steps: Vec<JsonStep>,
}

#[derive(Debug, Serialize)]
struct JsonStep {
    key: String,
    kind: &'static str,
    title: String,
    condition: Option<String>,
}

/// Runs it.
pub(crate) fn run(
    context: &Context,
    output: &mut Output,
    arguments: &Args,
) -> Result<ExitCode, Error> {
    let project = Project::open(context, Access::ReadOnly)?;
    let read = group::find(&project, &arguments.name)?;
    let Some(workflow) = &read.workflow else {
        return Err(WorkflowError::InvalidWorkflow {
            name: read.name,
            problems: read.problems,
        }
        .into());
    };
    let plan = plan::plan(workflow);
    if output.is_json() {
        let data = answer(&read, workflow, plan);
        output.json("workflow-show", data, &read.problems)?;
        return Ok(ExitCode::Ok);
    }
    output.problems(&read.problems);
    let title = output.paint(Style::new().bold(), &workflow.name);
    output.line(format!("{title} ({})", read.path));
    for (index, layer) in plan.layers.iter().enumerate() {
        // Only the first job of a layer has the number: the others start together with it.
        let mut mark = format!("{:>2}.", index + 1);
        for job in layer {
            show_job(output, &mark, job);
            "   ".clone_into(&mut mark);
        }
    }
    Ok(ExitCode::Ok)
}

fn show_job(output: &mut Output, mark: &str, job: &PlannedJob) {
    let mut line = format!("{mark} {}", output.paint(Style::new().bold(), &job.id));
    if job.title != job.id {
        line.push_str(": ");
        line.push_str(&output.paint(Style::new(), &job.title));
    }
    if !job.needs.is_empty() {
        line.extend([" (needs ", &job.needs.join(", "), ")"]);
    }
    line.push_str(&condition(output, job.condition.as_deref()));
    output.line(line);
    for step in &job.steps {
        let title = output.paint(Style::new(), &step.title);
        let condition = condition(output, step.condition.as_deref());
        output.line(format!("      - {title}{condition}"));
    }
}

fn condition(output: &Output, condition: Option<&str>) -> String {
    condition.map_or_else(String::new, |text| {
        format!(" if {}", output.paint(Style::new(), text))
    })
}

fn answer(read: &Read, workflow: &Workflow, plan: Plan) -> Answer {
    let step = |step: PlannedStep| JsonStep {
        key: step.key,
        kind: step.kind,
        title: step.title,
        condition: step.condition,
    };
    let job = |job: PlannedJob| JsonJob {
        id: job.id,
        title: job.title,
        needs: job.needs,
        condition: job.condition,
        steps: job.steps.into_iter().map(step).collect(),
    };
    let layers = plan.layers.into_iter();
    Answer {
        name: read.name.clone(),
        path: read.path.clone(),
        title: workflow.name.clone(),
        layers: layers
            .map(|layer| layer.into_iter().map(job).collect())
            .collect(),
    }
}
