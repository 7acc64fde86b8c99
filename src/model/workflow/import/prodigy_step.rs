//! The steps of a workflow of prodigy.

use crate::model::tree::{Entry, Node, Value};
use crate::model::workflow::import::capture;
use crate::model::workflow::import::jobs::{Capture, NewJob};
use crate::model::workflow::import::notes::first_of;
use crate::model::workflow::import::prodigy::{Prodigy, STEP_KINDS};
use crate::model::workflow::import::prodigy_action;
use crate::model::workflow::import::prodigy_map;
use crate::model::workflow::import::script::Script;
use crate::model::workflow::import::variables::{free_name, id_of};
use crate::model::workflow::import::yaml::{List, Map, Yaml};
use crate::model::workflow::scalar::is_variable;

/// The keys of a step that something else takes care of.
const ELSEWHERE: &[&str] = &[
    "shell",
    "test",
    "write_file",
    "id",
    "capture",
    "capture_output",
    "on_failure",
    "on_success",
    "fail_workflow",
];

const CLAUDE_LATER: &str = "steps that ask Claude come in a later version";

impl Prodigy<'_, '_> {
    /// Takes a list of commands as the steps of a job. A `foreach` among them becomes a job of its
    /// own, and what stands behind it another one, which is given back.
    pub(crate) fn steps(&mut self, nodes: &[Node], mut job: NewJob) -> NewJob {
        for (index, node) in nodes.iter().enumerate() {
            if node.get("foreach").is_some() {
                let id = job.id.clone();
                // Comments alone are no job: they go to the next one.
                let mut before = List::default();
                if job.steps.is_empty() {
                    before.append(std::mem::take(&mut job.steps));
                } else {
                    let done = std::mem::take(&mut job);
                    self.add(done);
                }
                prodigy_map::foreach(node, before, self);
                job = self.new_job(&format!("after-{id}"));
            } else {
                self.step(node, nodes.get(index + 1), &mut job);
            }
        }
        job
    }

    /// Takes one command; `next` is the one behind it.
    pub(crate) fn step(&mut self, node: &Node, next: Option<&Node>, job: &mut NewJob) {
        let kind = STEP_KINDS.iter().find(|kind| node.get(kind).is_some());
        match (kind.copied(), node.string()) {
            (None, Some(text)) if text.starts_with('/') => self.claude(node, job),
            (Some("claude"), _) => self.claude(node, job),
            (Some("shell" | "test" | "write_file"), _) => self.run(node, next, job),
            _ => {
                let message = "a step of this kind is left out";
                let hint = "write its commands under `run`";
                let comment = self.notes.element_not_taken(node, message, hint);
                job.steps.comment(comment);
            }
        }
    }

    fn claude(&mut self, node: &Node, job: &mut NewJob) {
        let message = "a step that asks Claude is left out";
        let comment = self.notes.element_not_taken(node, message, CLAUDE_LATER);
        job.steps.comment(comment);
        self.meanings.last = None;
    }

    fn run(&mut self, node: &Node, next: Option<&Node>, job: &mut NewJob) {
        let names = captured(node);
        let handled = ["on_failure", "on_success"].iter().any(|key| {
            let handler = node.get(key);
            handler.is_some_and(|node| mentions(node, "shell."))
        });
        let read = handled || next.is_some_and(reads_last);
        let needs_id = read || !names.is_empty() || node.get("on_success").is_some();
        let written = node.get("id").and_then(Node::string);
        let id = match written {
            Some(id) => Some(id_of(id, "step")),
            None if needs_id => Some("shell".to_owned()),
            None => None,
        };
        let id = id.map(|id| free_name(&id, &job.ids));
        let mut step = Map::default();
        if let Some(id) = &id {
            job.ids.push(id.clone());
            step.put_text("id", id.as_str());
        }
        for entry in node.mapping().unwrap_or_default() {
            if !ELSEWHERE.contains(&entry.key.as_str()) {
                prodigy_action::key(entry, &mut step, self);
            }
        }
        let script = self.script(node);
        let mut outputs = names.clone();
        if read {
            outputs.push("output".to_owned());
        }
        for (name, value) in script.variables {
            step.put_in("env", &name, Yaml::Text(value));
        }
        let text = if outputs.is_empty() {
            script.text
        } else {
            capture::printed(&script.text, &outputs)
        };
        step.put_text("run", text);
        self.meanings.last = id.clone().filter(|_| read);
        for variable in names {
            let (job, step) = (job.id.clone(), id.clone().unwrap_or_default());
            self.meanings.captures.push(Capture {
                variable,
                job,
                step,
            });
        }
        self.failure(node, &mut step, job);
        job.steps.push(Yaml::Map(step));
        if let Some(success) = entry(node, "on_success") {
            self.success(success, id.as_deref().unwrap_or(""), job);
        }
    }

    fn script(&mut self, node: &Node) -> Script {
        if let Some(file) = node.get("write_file") {
            return prodigy_action::write_file(file, self);
        }
        let command = node.get("shell").or_else(|| {
            let test = node.get("test")?;
            test.get("command").or(Some(test))
        });
        let span = command.map_or(node.span, |node| node.span);
        let text = command.and_then(Node::string).unwrap_or("true");
        self.meanings.script(text, span, self.notes)
    }

    /// What is done when a step failed. Unless it says otherwise, prodigy goes on then.
    fn failure(&mut self, node: &Node, step: &mut Map, job: &mut NewJob) {
        let test = node.get("test").and_then(Node::mapping).unwrap_or_default();
        let inner = test.iter().find(|entry| entry.key == "on_failure");
        let Some(handler) = entry(node, "on_failure").or(inner) else {
            return;
        };
        let nodes = match handler.value.sequence() {
            Some(nodes) => nodes,
            None => std::slice::from_ref(&handler.value),
        };
        let mut inner = NewJob {
            id: job.id.clone(),
            ids: std::mem::take(&mut job.ids),
            ..NewJob::default()
        };
        for node in nodes {
            if STEP_KINDS.iter().any(|kind| node.get(kind).is_some()) {
                self.step(node, None, &mut inner);
                if let Some(step) = inner.steps.last_map()
                    && step.remove("on-failure")
                {
                    let message = "`on_failure` inside of `on_failure` is left out";
                    let comment = self.notes.not_taken(first_of(node), message, "");
                    step.comment(comment);
                }
            }
            for key in ["max_attempts", "commit_required"] {
                if let Some(entry) = entry(node, key) {
                    let message = format!("`{key}` of `on_failure` is left out");
                    let hint = "`retry` of the step says how often it is tried";
                    step.comment(self.notes.not_taken(entry.key_span, &message, hint));
                }
            }
        }
        job.ids = inner.ids;
        let fails = handler
            .value
            .get("fail_workflow")
            .or(node.get("fail_workflow"));
        if fails.map(|node| &node.value) != Some(&Value::Boolean(true)) {
            step.put("continue-on-error", Yaml::Boolean(true));
        }
        if inner.steps.is_empty() {
            step.append_comments(inner.steps);
        } else {
            step.put("on-failure", Yaml::List(inner.steps));
        }
    }

    /// What is done when a step succeeded: steps behind it.
    fn success(&mut self, handler: &Entry, id: &str, job: &mut NewJob) {
        let nodes = match handler.value.sequence() {
            Some(nodes) => nodes,
            None => std::slice::from_ref(&handler.value),
        };
        for node in nodes {
            let before = job.steps.values().count();
            self.step(node, None, job);
            let condition = format!("steps.{id}.outcome == 'success'");
            if job.steps.values().count() == before + 1
                && let Some(step) = job.steps.last_map()
            {
                let own = match step.get("if") {
                    Some(Yaml::Text(text)) => {
                        let text = text.trim_start_matches("${{").trim_end_matches("}}");
                        format!(" && ({})", text.trim())
                    }
                    _ => String::new(),
                };
                step.put_text("if", format!("${{{{ {condition}{own} }}}}"));
            }
        }
    }
}

/// The names under which the output of a step is kept.
fn captured(node: &Node) -> Vec<String> {
    let named = ["capture", "capture_output"].iter().filter_map(|key| {
        let name = node.get(key)?.string()?;
        is_variable(name).then(|| name.to_owned())
    });
    named.collect()
}

/// Whether any text of a value has a piece in it.
fn mentions(node: &Node, piece: &str) -> bool {
    node.string().is_some_and(|text| text.contains(piece))
        || node
            .sequence()
            .unwrap_or_default()
            .iter()
            .any(|node| mentions(node, piece))
        || node
            .mapping()
            .unwrap_or_default()
            .iter()
            .any(|entry| mentions(&entry.value, piece))
}

/// Whether a step reads the output of the one before it; its handlers read its own.
fn reads_last(node: &Node) -> bool {
    let entries = node.mapping().unwrap_or_default().iter();
    let mut own =
        entries.filter(|entry| !["on_failure", "on_success"].contains(&entry.key.as_str()));
    own.any(|entry| mentions(&entry.value, "shell."))
}

/// The entry of a key.
pub(crate) fn entry<'n>(node: &'n Node, key: &str) -> Option<&'n Entry> {
    let mut entries = node.mapping().unwrap_or_default().iter();
    entries.find(|entry| entry.key == key)
}
