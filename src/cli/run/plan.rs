//! `git mmm run -n`: what would run.

use serde::Serialize;

use crate::app::Error;
use crate::app::context::Context;
use crate::app::plans;
use crate::app::project::Project;
use crate::base::text::one_line;
use crate::cli::exit_code::ExitCode;
use crate::cli::layers::{self, JobJson};
use crate::cli::output::Output;
use crate::model::expression::Value;
use crate::model::spec::Spec;
use crate::model::workflow::forecast::Forecast;

#[derive(Debug, Serialize)]
struct PlanJson {
    workflow: String,
    spec: Option<String>,
    verify: Vec<VerifyJson>,
    layers: Vec<Vec<JobJson>>,
    notes: Vec<String>,
    #[serde(skip)]
    drawn: Forecast,
}

#[derive(Debug, Serialize)]
struct VerifyJson {
    criterion: String,
    text: String,
    command: Option<String>,
}

/// The workflow of a run, and its spec.
pub(crate) type Wanted<'a> = (String, Option<&'a Spec>);

/// Shows the plan of each run that is wanted; nothing is run or written.
pub(crate) fn show(
    context: &Context,
    project: &Project,
    output: &mut Output,
    (wanted, given): (&[Wanted<'_>], &[(String, Value)]),
) -> Result<ExitCode, Error> {
    let mut plans = Vec::new();
    for (name, spec) in wanted {
        let plan = plans::of_run(context, project, (name, given), *spec)?;
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
            notes: plan.notes.clone(),
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
