//! What expressions of a run can read.

use crate::base::ids::RunId;
use crate::model::expression::{Context, JobStatus, Object, Value};
use crate::model::spec::Spec;

/// The contexts of [`base_context`].
pub(crate) const BASE: &[&str] = &["project", "run", "spec"];

/// The contexts that hold for the whole run, `model::workflow::references` knows their names; a
/// project has a name and an id.
pub(crate) fn base_context(
    known: Option<&(String, String)>,
    id: RunId,
    workflow: &str,
    spec: Option<&Spec>,
) -> Context {
    let mut context = Context::new(JobStatus::Success);
    let mut run = Object::new();
    run.set("id", id.to_string());
    run.set("workflow", workflow);
    context.set("run", Value::from(run));
    let mut project = Object::new();
    if let Some((name, id)) = known {
        project.set("name", name.as_str());
        project.set("id", id.as_str());
    }
    context.set("project", Value::from(project));
    let mut object = Object::new();
    if let Some(spec) = spec {
        object.set("id", spec.id.as_str());
        object.set("slug", spec.slug.as_str());
        object.set("name", spec.name());
        object.set("title", spec.title.as_str());
        object.set("status", spec.status.as_str());
        object.set("kind", spec.kind.as_deref().unwrap_or(""));
        object.set("owner", spec.owner.as_deref().unwrap_or(""));
        object.set("path", spec.source.path());
        if let Some(priority) = spec.priority {
            object.set("priority", priority.to_string());
        }
    }
    context.set("spec", Value::from(object));
    context
}
