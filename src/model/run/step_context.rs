//! What the expressions of one step read, and the variables that it gets.
//!
//! Deciding whether a step runs and making it ready both take it from here, so that a condition
//! and a script never see different things.

use crate::model::expression::{Context, Error};
use crate::model::run::event::Named;
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
    /// Sets the variables on top of the contexts of the job: those from files, of the workflow and
    /// of the job, those that earlier steps set, those of the step itself, and those that a person
    /// set by hand.
    pub(crate) fn new(
        (workflow, job, step): (&Workflow, &Job, Option<&Step>),
        (dotenv, set, by_hand): (&[Named], &[Named], &[Named]),
        mut context: Context,
    ) -> Self {
        let own = step.map_or(&[][..], |step| step.env.as_slice());
        let levels = [
            Level::Known(dotenv),
            Level::Written(&workflow.env),
            Level::Written(&job.env),
            Level::Known(set),
            Level::Written(own),
            Level::Known(by_hand),
        ];
        let variables = set_variables(&levels, &mut context);
        Self { context, variables }
    }

    /// Contexts, and no variables.
    pub(crate) fn empty(context: Context) -> Self {
        Self {
            context,
            variables: Ok(Vec::new()),
        }
    }
}

/// The variables of one place.
enum Level<'a> {
    /// Their values are known.
    Known(&'a [Named]),
    /// They may hold expressions.
    Written(&'a [Variable]),
}

/// The values of the variables, those set last winning; `env` of the context grows along.
fn set_variables(
    levels: &[Level<'_>],
    context: &mut Context,
) -> Result<Vec<(String, String)>, Error> {
    let mut values: Vec<(String, String)> = Vec::new();
    for level in levels {
        // Variables of one level do not see one another, as on GitHub.
        let rendered = match level {
            Level::Known([]) | Level::Written([]) => continue,
            Level::Known(known) => known.to_vec(),
            Level::Written(written) => {
                let values = written.iter().map(|variable| variable.values(context));
                values.collect::<Result<Vec<_>, Error>>()?.concat()
            }
        };
        for (name, value) in rendered {
            values.retain(|(known, _)| *known != name);
            values.push((name, value));
        }
        context.set_env(values.iter().cloned());
    }
    if values.is_empty() {
        context.set_env([]);
    }
    Ok(values)
}
