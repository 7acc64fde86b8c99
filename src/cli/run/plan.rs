//! `git mmm run -n`: what would run.

use serde::Serialize;

use crate::app::Error;
use crate::app::project::Project;
use crate::base::text::one_line;
use crate::cli::exit_code::ExitCode;
use crate::cli::layers::{self, JobJson};
use crate::cli::output::Output;
use crate::model::spec::Spec;
use crate::model::workflow::plan::{Plan, plan};
use crate::workflow::{Error as WorkflowError, catalog};

#[derive(Debug, Serialize)]
struct PlanJson {
    workflow: String,
    spec: Option<String>,
    verify: Vec<VerifyJson>,
    layers: Vec<Vec<JobJson>>,
    #[serde(skip)]
    drawn: Plan,
}

#[derive(Debug, Serialize)]
struct VerifyJson {
    criterion: String,
    text: String,
    command: Option<String>,
}

/// Shows the plan of each run that is wanted; nothing is run or written.
pub(crate) fn show(
    project: &Project,
    output: &mut Output,
    wanted: &[(String, Option<&Spec>)],
) -> Result<ExitCode, Error> {
    let mut plans = Vec::new();
    for (name, spec) in wanted {
        let sources = catalog::load(&project.files, name)?;
        let workflow = sources
            .workflow()
            .map_err(|problems| WorkflowError::InvalidWorkflow {
                name: name.clone(),
                problems,
            })?;
        let plan = plan(&workflow);
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
            layers: layers::json(&plan),
            drawn: plan,
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

fn text(output: &mut Output, plan: &PlanJson) {
    let of = plan.spec.as_ref().map(|spec| format!(" for {spec}"));
    output.line(one_line(&format!(
        "{}{}",
        plan.workflow,
        of.unwrap_or_default()
    )));
    verification(output, "before", &plan.verify);
    layers::show(output, &plan.drawn);
    verification(output, "after", &plan.verify);
}

fn verification(output: &mut Output, when: &str, verify: &[VerifyJson]) {
    if verify.is_empty() {
        return;
    }
    output.line(format!("  verify {when}"));
    for criterion in verify {
        let command = criterion.command.as_deref().unwrap_or("(no command)");
        output.line(one_line(&format!("    {} {command}", criterion.criterion)));
    }
}
