//! `git mmm run -n`: what would run.

use serde::Serialize;

use crate::app::Error;
use crate::app::project::Project;
use crate::base::text::visible;
use crate::cli::exit_code::ExitCode;
use crate::cli::output::Output;
use crate::model::spec::Spec;
use crate::model::workflow::plan::{PlannedJob, plan};
use crate::workflow::pinned::parse_workflow;
use crate::workflow::{Error as WorkflowError, catalog};

#[derive(Debug, Serialize)]
struct PlanJson {
    workflow: String,
    spec: Option<String>,
    verify: Vec<VerifyJson>,
    layers: Vec<Vec<JobJson>>,
}

#[derive(Debug, Serialize)]
struct VerifyJson {
    criterion: String,
    text: String,
    command: Option<String>,
}

#[derive(Debug, Serialize)]
struct JobJson {
    id: String,
    name: String,
    needs: Vec<String>,
    #[serde(rename = "if")]
    condition: Option<String>,
    steps: Vec<StepJson>,
}

#[derive(Debug, Serialize)]
struct StepJson {
    key: String,
    kind: &'static str,
    name: String,
    #[serde(rename = "if")]
    condition: Option<String>,
}

/// Shows the plan of each run that is wanted; nothing is run or written.
pub(crate) fn show(
    project: &Project,
    output: &mut Output,
    wanted: &[(String, Option<&Spec>)],
) -> Result<ExitCode, Error> {
    let mut plans = Vec::new();
    for (name, spec) in wanted {
        let source = catalog::load(&project.files, name)?;
        let workflow =
            parse_workflow(&source).map_err(|problems| WorkflowError::InvalidWorkflow {
                name: name.clone(),
                problems,
            })?;
        let criteria = spec.iter().flat_map(|spec| &spec.criteria);
        plans.push(PlanJson {
            workflow: name.clone(),
            spec: spec.map(Spec::name),
            verify: criteria
                .map(|criterion| VerifyJson {
                    criterion: criterion.id.to_string(),
                    text: criterion.text.clone(),
                    command: criterion
                        .verify
                        .as_ref()
                        .map(|verify| verify.command.clone()),
                })
                .collect(),
            layers: plan(&workflow)
                .layers
                .into_iter()
                .map(|layer| layer.into_iter().map(job).collect())
                .collect(),
        });
    }
    if output.is_json() {
        output.json("run-plan", &plans, &[])?;
    } else {
        for plan in &plans {
            text(output, plan);
        }
    }
    Ok(ExitCode::Ok)
}

fn job(planned: PlannedJob) -> JobJson {
    let steps = planned.steps.into_iter().map(|step| StepJson {
        key: step.key,
        kind: step.kind,
        name: step.title,
        condition: step.condition,
    });
    JobJson {
        id: planned.id,
        name: planned.title,
        needs: planned.needs,
        condition: planned.condition,
        steps: steps.collect(),
    }
}

fn text(output: &mut Output, plan: &PlanJson) {
    let of = plan.spec.as_ref().map(|spec| format!(" for {spec}"));
    output.line(visible(&format!(
        "{}{}",
        plan.workflow,
        of.unwrap_or_default()
    )));
    verification(output, "before", &plan.verify);
    for job in plan.layers.iter().flatten() {
        let needs = match job.needs.as_slice() {
            [] => String::new(),
            needs => format!(" (needs {})", needs.join(", ")),
        };
        output.line(visible(&format!(
            "  job {}{needs}{}",
            job.name,
            condition(job.condition.as_ref())
        )));
        for step in &job.steps {
            let line = format!(
                "    {:<10} {}{}",
                step.kind,
                step.name,
                condition(step.condition.as_ref())
            );
            output.line(visible(&line));
        }
    }
    verification(output, "after", &plan.verify);
}

fn condition(text: Option<&String>) -> String {
    text.map_or(String::new(), |text| format!(" if {text}"))
}

fn verification(output: &mut Output, when: &str, verify: &[VerifyJson]) {
    if verify.is_empty() {
        return;
    }
    output.line(format!("  verify {when}"));
    for criterion in verify {
        let command = criterion.command.as_deref().unwrap_or("(no command)");
        output.line(visible(&format!("    {} {command}", criterion.criterion)));
    }
}
