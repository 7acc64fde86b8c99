//! What of a workflow would run, by what is known before anything of it has.

use crate::base::ids::{ObjectId, RunId};
use crate::git::Repository;
use crate::model::inputs;
use crate::model::run::event::RunStart;
use crate::model::run::schedule::json_text;
use crate::model::workflow::forecast::{Forecast, Sight, blind, forecast};
use crate::model::workflow::graph::{self, Graph};
use crate::model::workflow::{Bundle, Workflow};
use crate::state::work_tree;
use crate::sys::environment::Environment;
use crate::workflow::Error;
use crate::workflow::calls;
use crate::workflow::contexts::{base_context, machine_context, origin_context};
use crate::workflow::sources::Sources;
use crate::workflow::start::NewRun;

/// The plan of a run that could be started now. Nothing is written.
pub(crate) fn of_run(
    repository: &Repository,
    environment: &Environment,
    project: Option<&(String, String)>,
    (new, run): (&NewRun<'_>, RunId),
) -> Result<Forecast, Error> {
    let invalid = |problems| Error::InvalidWorkflow {
        name: new.workflow.to_owned(),
        problems,
    };
    let (workflow, called) = new.sources.bundle().map_err(invalid)?;
    let bound = inputs::bind(&workflow.inputs, new.given).map_err(|errors| Error::Inputs {
        name: new.workflow.to_owned(),
        errors,
    })?;
    let values = bound.values().iter();
    let head = repository.head()?;
    let start = RunStart {
        run,
        workflow: new.workflow.to_owned(),
        workflow_hash: new.sources.hash(),
        spec: None,
        base: head.commit,
        branch: head.branch,
        // No expression reads it.
        tree: ObjectId::none(),
        dirty: false,
        work_tree: repository.top()?.to_owned(),
        work_tree_key: Some(work_tree::key(repository)),
        who: repository.recorder()?.to_string(),
        inputs: values
            .map(|(name, value)| (name.clone(), json_text(value)))
            .collect(),
        again: new.again,
        attempt: 1,
    };
    let mut context = base_context(project, &start, new.spec);
    machine_context(&mut context, environment, &environment.runner_temp());
    origin_context(&mut context, repository)?;
    let bundle = Bundle {
        main: &workflow,
        called: &called,
    };
    Ok(forecast(bundle, &Sight::new(context, &[])))
}

/// The plan of a workflow whatever it is told and wherever it runs.
pub(crate) fn of_workflow(workflow: &Workflow, sources: &Sources) -> Forecast {
    let called = calls::check(sources, workflow).0;
    let bundle = Bundle {
        main: workflow,
        called: &called,
    };
    forecast(bundle, &blind())
}

/// The jobs of a workflow as a graph, with those of the workflows that it calls.
pub(crate) fn graph(workflow: &Workflow, sources: &Sources) -> Graph {
    let called = calls::check(sources, workflow).0;
    graph::graph(Bundle {
        main: workflow,
        called: &called,
    })
}
