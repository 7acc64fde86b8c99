//! The jobs of a GitHub workflow.

use crate::base::source::Span;
use crate::base::text;
use crate::model::tree::{Entry, Node};
use crate::model::workflow::import::expressions;
use crate::model::workflow::import::github::Import;
use crate::model::workflow::import::github_names::{KnownJob, holds, matrix_names};
use crate::model::workflow::import::github_step;
use crate::model::workflow::import::yaml::{List, Map, Yaml};

/// The keys of a job that are taken as they are but for their expressions.
const SAME: &[&str] = &[
    "name",
    "strategy",
    "concurrency",
    "timeout-minutes",
    "continue-on-error",
];

/// The keys of a job that only a job of this machine can do without.
const CONTAINERS: &[&str] = &["container", "services"];

/// The id of the step that calls another workflow.
const CALL: &str = "call";

/// The jobs of a file that are taken, with what can be read of them.
pub(crate) fn known(root: &Node) -> Vec<KnownJob> {
    let jobs = root.get("jobs").and_then(Node::mapping).unwrap_or_default();
    let taken = jobs.iter().filter(|entry| !is_elsewhere(&entry.value));
    let known = taken.map(|entry| {
        let outputs = entry.value.get("outputs").and_then(Node::mapping);
        let names = outputs.unwrap_or_default().iter();
        KnownJob {
            id: entry.key.clone(),
            outputs: if entry.value.get("uses").is_some() {
                // What the other one gives is not known here; what is read of it is passed on.
                Some(read_outputs(root, &entry.key))
            } else {
                Some(names.map(|entry| entry.key.clone()).collect())
            },
        }
    });
    known.collect()
}

/// The outputs of a job that anything in the file reads.
fn read_outputs(root: &Node, job: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    each_text(root, &mut |text| {
        let mut note = |path: &[&str]| {
            if let [context, id, outputs, name, ..] = path
                && ["needs", "jobs"].contains(context)
                && id.eq_ignore_ascii_case(job)
                && *outputs == "outputs"
                && *name != "*"
                && !holds(&names, name)
            {
                names.push((*name).to_owned());
            }
        };
        if text.contains("${{") {
            expressions::paths_in(text, &mut note);
        } else if text.contains("needs.") {
            // A condition without braces.
            expressions::paths(text, &mut note);
        }
    });
    names
}

fn each_text(node: &Node, visit: &mut dyn FnMut(&str)) {
    if let Some(text) = node.string() {
        visit(text);
    }
    for node in node.sequence().unwrap_or_default() {
        each_text(node, visit);
    }
    for entry in node.mapping().unwrap_or_default() {
        each_text(&entry.value, visit);
    }
}

/// Whether a job is a workflow of another repository.
fn is_elsewhere(job: &Node) -> bool {
    let uses = job.get("uses").and_then(Node::string);
    uses.is_some_and(|uses| !uses.starts_with("./"))
}

/// Takes a job.
pub(crate) fn job(entry: &Entry, jobs: &mut Map, import: &mut Import) {
    if is_elsewhere(&entry.value) {
        let uses = entry.value.get("uses").and_then(Node::string).unwrap_or("");
        let message = format!(
            "job `{}` is left out: `{uses}` is in another repository",
            entry.key
        );
        let hint = "write its commands here, or call a workflow of this repository with a step \
                    `workflow: <name>`";
        jobs.comment(import.notes.key_not_taken(entry, &message, hint));
        return;
    }
    import.names.steps.clear();
    import.names.matrix = matrix_names(&entry.value);
    import.names.needs = needs(&entry.value, import);
    let mut out = Map::default();
    let mut artifacts = Map::default();
    let calls = entry.value.get("uses").is_some();
    // Outputs may stand before the steps that give them.
    let steps = if calls {
        import.names.steps.push(CALL.to_owned());
        call(entry, import)
    } else {
        github_step::steps(&entry.value, &mut artifacts, import)
    };
    let mut steps = Some(steps);
    let own_steps = std::mem::take(&mut import.names.steps);
    for inner in entry.value.mapping().unwrap_or_default() {
        let at_end = inner.key == "outputs";
        if at_end {
            import.names.steps.clone_from(&own_steps);
        } else {
            import.names.steps.clear();
        }
        key(inner, &entry.value, &mut out, import);
        if matches!(inner.key.as_str(), "steps" | "uses")
            && let Some(steps) = steps.take()
        {
            put_steps(entry, steps, &mut out, import);
        }
    }
    if let Some(steps) = steps.take() {
        put_steps(entry, steps, &mut out, import);
    }
    if calls {
        pass_on(&entry.key, &mut out, import);
    }
    if !artifacts.is_empty() {
        out.put("artifacts", Yaml::Map(artifacts));
    }
    jobs.put(&entry.key, Yaml::Map(out));
}

/// The jobs that a job needs, as far as they are taken.
fn needs(job: &Node, import: &Import) -> Vec<String> {
    let needs = job.get("needs");
    let nodes = match needs.and_then(Node::sequence) {
        Some(nodes) => nodes,
        None => needs.map_or(&[][..], std::slice::from_ref),
    };
    let names = nodes.iter().filter_map(Node::string);
    let taken = |name: &&str| {
        let mut jobs = import.names.jobs.iter();
        jobs.any(|job| job.id.eq_ignore_ascii_case(name))
    };
    names.filter(taken).map(str::to_owned).collect()
}

fn key(inner: &Entry, job: &Node, out: &mut Map, import: &mut Import) {
    let key = inner.key.as_str();
    match key {
        "steps" | "uses" => {}
        "with" | "secrets" if job.get("uses").is_some() => {}
        "needs" => put_needs(inner, out, import),
        "if" => {
            let value = import.condition(&inner.value);
            out.put("if", value);
        }
        "env" => import.env(&inner.value, out),
        "defaults" => import.defaults(inner, out),
        "outputs" => {
            let value = import.value(&inner.value);
            out.put("outputs", value);
        }
        key if SAME.contains(&key) => {
            let value = import.value(&inner.value);
            out.put(key, value);
        }
        "runs-on" => {
            let written = import.notes.source().slice(inner.value.span);
            let hint = if written.contains("matrix.") {
                "every leg of the matrix runs here: take the machines out of it"
            } else {
                ""
            };
            let message = "`runs-on` is left out: jobs run on this machine";
            import.notes.dropped(inner.key_span, message, hint);
        }
        "permissions" => {
            let message = "`permissions` is left out: there is no token whose rights it could set";
            out.comment(import.notes.dropped(inner.key_span, message, ""));
        }
        "environment" => {
            let message = "`environment` is left out: there are no environments";
            let hint = "let a person approve with a step `checkpoint: <name>`";
            out.comment(import.notes.key_not_taken(inner, message, hint));
        }
        key if CONTAINERS.contains(&key) => {
            let message = format!("`{key}` is left out: commands run on this machine");
            let hint = "start a container under `run:` of a step";
            out.comment(import.notes.key_not_taken(inner, &message, hint));
        }
        _ => {
            let message = format!("`{key}` is not known here and left out");
            out.comment(import.notes.key_not_taken(inner, &message, ""));
        }
    }
}

fn put_needs(inner: &Entry, out: &mut Map, import: &mut Import) {
    let names = import.names.needs.clone();
    let nodes = match inner.value.sequence() {
        Some(nodes) => nodes,
        None => std::slice::from_ref(&inner.value),
    };
    for node in nodes {
        let name = node.string().unwrap_or("");
        if !holds(&names, name) {
            let message = format!("`needs: {name}` is left out: there is no job `{name}` here");
            out.comment(import.notes.not_taken(node.span, &message, ""));
        }
    }
    match names.as_slice() {
        [] => {}
        [only] if inner.value.sequence().is_none() => out.put_text("needs", only.as_str()),
        _ => out.put("needs", Yaml::List(List::of_texts(names))),
    }
}

/// The steps of a job; one that has none left gets one that does nothing, so that what needs the
/// job still waits for the ones that it needs.
fn put_steps(entry: &Entry, mut steps: List, out: &mut Map, import: &mut Import) {
    if steps.is_empty() {
        let message = format!(
            "nothing of job `{}` could be taken: it does nothing",
            entry.key
        );
        steps.comment(import.notes.replaced(entry.key_span, &message, ""));
        let mut step = Map::default();
        step.put_text("run", "true");
        steps.push(Yaml::Map(step));
    }
    out.put("steps", Yaml::List(steps));
}

/// The step that calls a workflow of this repository.
fn call(entry: &Entry, import: &mut Import) -> List {
    let job = &entry.value;
    let uses = job.get("uses");
    let path = uses.and_then(Node::string).unwrap_or("");
    let name = text::file_stem(path);
    let span = uses.map_or(Span::default(), |node| node.span);
    let message = format!("`uses: {path}` is a step that calls the workflow `{name}`");
    let hint = format!(
        "import that one too: `git mmm workflow import {}`",
        path.trim_start_matches("./")
    );
    let mut steps = List::default();
    steps.comment(import.notes.replaced(span, &message, &hint));
    let mut step = Map::default();
    step.put_text("id", CALL);
    step.put_text("workflow", name);
    if let Some(with) = job.get("with") {
        let value = import.value(with);
        step.put("with", value);
    }
    if let Some(secrets) = job
        .mapping()
        .unwrap_or_default()
        .iter()
        .find(|entry| entry.key == "secrets")
    {
        let message =
            "`secrets` is left out: each secret is looked up by its name where it is read";
        step.comment(import.notes.dropped(secrets.key_span, message, ""));
    }
    steps.push(Yaml::Map(step));
    steps
}

/// Passes on the outputs of a called workflow that are read.
fn pass_on(id: &str, out: &mut Map, import: &Import) {
    let job = import.names.jobs.iter().find(|job| job.id == id);
    let names = job.and_then(|job| job.outputs.clone()).unwrap_or_default();
    for name in names {
        let value = format!("${{{{ steps.{CALL}.outputs.{name} }}}}");
        out.put_in("outputs", &name, Yaml::Text(value));
    }
}
