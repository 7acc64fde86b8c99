//! What the expressions of one step read, and the variables that it gets.
//!
//! Deciding whether a step runs and making it ready both take it from here, so that a condition
//! and a script never see different things.

use crate::model::expression::{Context, Error};
use crate::model::workflow::{Job, Step, Variable, Workflow};

/// The contexts of one step with its variables set.
#[derive(Debug)]
pub(crate) struct StepContext {
    /// All contexts; `env` as far as it could be computed.
    pub(crate) context: Context,
    /// The variables of the workflow, the job and the step; the nearest has won.
    pub(crate) variables: Result<Vec<(String, String)>, Error>,
}

impl StepContext {
    /// Sets the variables on top of the contexts of the job.
    pub(crate) fn new(workflow: &Workflow, job: &Job, step: &Step, mut context: Context) -> Self {
        let variables = set_variables(&[&workflow.env, &job.env, &step.env], &mut context);
        Self { context, variables }
    }
}

/// The values of the variables, those set last winning; `env` of the context grows along.
fn set_variables(
    levels: &[&[Variable]],
    context: &mut Context,
) -> Result<Vec<(String, String)>, Error> {
    let mut values: Vec<(String, String)> = Vec::new();
    for level in levels {
        // Variables of one level do not see one another, as on GitHub.
        let rendered = level
            .iter()
            .map(|variable| Ok((variable.name.clone(), variable.value.render(context)?)))
            .collect::<Result<Vec<_>, Error>>()?;
        for (name, value) in rendered {
            values.retain(|(known, _)| *known != name);
            values.push((name, value));
        }
        context.set_env(values.iter().cloned());
    }
    Ok(values)
}
