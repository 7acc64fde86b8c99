//! Plans of runs as commands see them.

use crate::app::Error;
use crate::app::context::Context;
use crate::app::project::Project;
use crate::app::runs;
use crate::model::expression::Value;
use crate::model::spec::Spec;
use crate::model::workflow::forecast::Forecast;
use crate::workflow::start::NewRun;
use crate::workflow::{catalog, expected};

/// The plan of a run of a workflow, for a spec or for none.
pub(crate) fn of_run(
    context: &Context,
    project: &Project,
    (workflow, given): (&str, &[(String, Value)]),
    spec: Option<&Spec>,
) -> Result<Forecast, Error> {
    let sources = catalog::load(&project.files, workflow)?;
    let new = NewRun {
        workflow,
        sources: &sources,
        spec,
        given,
        again: None,
    };
    let names = runs::names(project);
    Ok(expected::of_run(
        &project.repository,
        &context.environment,
        names.as_ref(),
        (&new, context.identifiers.run_id()),
    )?)
}
