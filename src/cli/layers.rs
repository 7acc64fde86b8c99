//! The plan of a workflow, as `workflow show` and `run -n` show it: jobs in numbered layers, each
//! with its steps.

use anstyle::Style;
use serde::Serialize;

use crate::cli::output::Output;
use crate::model::workflow::plan::{Plan, PlannedJob, PlannedStep};

/// A job as JSON.
#[derive(Debug, Serialize)]
pub(crate) struct JobJson {
    id: String,
    title: String,
    needs: Vec<String>,
    #[serde(rename = "if")]
    condition: Option<String>,
    steps: Vec<StepJson>,
}

#[derive(Debug, Serialize)]
struct StepJson {
    key: String,
    kind: &'static str,
    title: String,
    #[serde(rename = "if")]
    condition: Option<String>,
}

/// The layers as JSON.
pub(crate) fn json(plan: &Plan) -> Vec<Vec<JobJson>> {
    let layers = plan.layers.iter();
    layers.map(|jobs| jobs.iter().map(job).collect()).collect()
}

fn job(planned: &PlannedJob) -> JobJson {
    let step = |step: &PlannedStep| StepJson {
        key: step.key.clone(),
        kind: step.kind,
        title: step.title.clone(),
        condition: step.condition.clone(),
    };
    JobJson {
        id: planned.id.clone(),
        title: planned.title.clone(),
        needs: planned.needs.clone(),
        condition: planned.condition.clone(),
        steps: planned.steps.iter().map(step).collect(),
    }
}

/// Shows the layers as text.
pub(crate) fn show(output: &mut Output, plan: &Plan) {
    for (index, layer) in plan.layers.iter().enumerate() {
        // Only the first job of a layer has the number: the others start together with it.
        let mut mark = format!("{:>2}.", index + 1);
        for job in layer {
            show_job(output, &mark, job);
            "   ".clone_into(&mut mark);
        }
    }
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
        // A name of its own must not hide that somebody will be asked.
        let kind = if step.kind == "checkpoint" && !step.title.starts_with("Checkpoint ") {
            " (checkpoint)"
        } else {
            ""
        };
        let condition = condition(output, step.condition.as_deref());
        output.line(format!("      - {title}{kind}{condition}"));
    }
}

fn condition(output: &Output, condition: Option<&str>) -> String {
    condition.map_or_else(String::new, |text| {
        format!(" if {}", output.paint(Style::new(), text))
    })
}
