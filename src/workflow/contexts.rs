//! What expressions of a run can read.

use std::path::Path;

use crate::git::{Repository, origin};
use crate::model::expression::{Context, JobStatus, Object, Value};
use crate::model::run::event::RunStart;
use crate::model::run::schedule::json_value;
use crate::model::spec::Spec;
use crate::sys::environment::Environment;
use crate::workflow::Error;

/// The contexts of [`base_context`] that are known before anything of the run has happened.
pub(crate) const BASE: &[&str] = &["inputs", "project", "run", "spec"];

/// The contexts that hold for the whole run, `model::workflow::references` knows their names; a
/// project has a name and an id.
pub(crate) fn base_context(
    known: Option<&(String, String)>,
    start: &RunStart,
    spec: Option<&Spec>,
) -> Context {
    let mut context = Context::new(JobStatus::Success);
    let mut run = Object::new();
    run.set("id", start.run.to_string());
    run.set("workflow", start.workflow.as_str());
    context.set("run", Value::from(run));
    let mut inputs = Object::new();
    for (name, value) in &start.inputs {
        // We wrote it ourselves, so it can be read.
        inputs.set(name.as_str(), json_value(value).unwrap_or_default());
    }
    context.set("inputs", inputs);
    context.set("github", github(start));
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

/// The part of GitHub's `github` that has a meaning here.
fn github(start: &RunStart) -> Object {
    let mut github = Object::new();
    github.set("workflow", start.workflow.as_str());
    github.set("run_id", start.run.to_string());
    github.set("run_attempt", start.attempt.to_string());
    github.set("event_name", "manual");
    github.set("workspace", start.work_tree.to_string_lossy().into_owned());
    let sha = start.base.as_ref().map(ToString::to_string);
    github.set("sha", sha.unwrap_or_default());
    let branch = start.branch.as_deref().unwrap_or("");
    let full = match branch {
        "" => String::new(),
        branch => format!("refs/heads/{branch}"),
    };
    github.set("ref", full);
    github.set("ref_name", branch);
    github.set("ref_type", if branch.is_empty() { "" } else { "branch" });
    let actor = start.who.split(" <").next().unwrap_or("");
    github.set("actor", actor);
    github.set("triggering_actor", actor);
    // Only a pull request has them, on GitHub as well.
    github.set("head_ref", "");
    github.set("base_ref", "");
    github
}

/// Adds what the repository is called where it was cloned from.
pub(crate) fn origin_context(context: &mut Context, repository: &Repository) -> Result<(), Error> {
    let name = origin::name(repository.configuration()?).unwrap_or("");
    let owner = name.rsplit_once('/').map_or("", |(owner, _)| owner);
    if let Value::Object(github) = context.get("github") {
        let mut github = (*github).clone();
        github.set("repository", name);
        github.set("repository_owner", owner);
        context.set("github", github);
    }
    Ok(())
}

/// The variables in which steps find the same, under GitHub's names.
pub(crate) fn surroundings(context: &Context) -> Vec<(String, String)> {
    let named = [
        ("github", "GITHUB", "actor"),
        ("github", "GITHUB", "event_name"),
        ("github", "GITHUB", "ref"),
        ("github", "GITHUB", "ref_name"),
        ("github", "GITHUB", "ref_type"),
        ("github", "GITHUB", "repository"),
        ("github", "GITHUB", "repository_owner"),
        ("github", "GITHUB", "run_attempt"),
        ("github", "GITHUB", "run_id"),
        ("github", "GITHUB", "sha"),
        ("github", "GITHUB", "triggering_actor"),
        ("github", "GITHUB", "workflow"),
        ("github", "GITHUB", "workspace"),
        ("runner", "RUNNER", "arch"),
        ("runner", "RUNNER", "name"),
        ("runner", "RUNNER", "os"),
    ];
    let variables = named
        .into_iter()
        .filter_map(|(context_name, prefix, name)| {
            let Value::Object(object) = context.get(context_name) else {
                return None;
            };
            let value = object.get(name)?.to_text();
            let name = name.to_ascii_uppercase();
            (!value.is_empty()).then(|| (format!("{prefix}_{name}"), value))
        });
    variables.collect()
}

/// What expressions read of this machine: `runner`, in GitHub's words. Each job has a temporary
/// folder of its own below `temporary`.
pub(crate) fn machine_context(context: &mut Context, environment: &Environment, temporary: &Path) {
    let mut runner = Object::new();
    let os = match std::env::consts::OS {
        "macos" => "macOS",
        "linux" => "Linux",
        other => other,
    };
    let arch = match std::env::consts::ARCH {
        "x86_64" => "X64",
        "x86" => "X86",
        "aarch64" => "ARM64",
        "arm" => "ARM",
        other => other,
    };
    runner.set("os", os);
    runner.set("arch", arch);
    runner.set("name", "local");
    runner.set("environment", "self-hosted");
    let temporary = temporary.to_string_lossy().into_owned();
    runner.set("temp", temporary);
    runner.set("debug", environment.var("RUNNER_DEBUG").unwrap_or(""));
    context.set("runner", runner);
}
