//! Makes a workflow of one for the original mmm, which had stages.

use crate::model::tree::{Entry, Node, Value};
use crate::model::workflow::import::jobs::{self, NewJob};
use crate::model::workflow::import::notes::{Notes, first_of};
use crate::model::workflow::import::original_text::{Meanings, Parameter};
use crate::model::workflow::import::variables::free_name;
use crate::model::workflow::import::yaml::{List, Map, Yaml};
use crate::model::workflow::scalar::is_variable;

/// What is being done.
#[derive(Debug)]
pub(crate) struct Original<'a, 's> {
    /// What is said about it.
    pub(crate) notes: &'a mut Notes<'s>,
    /// What names mean.
    pub(crate) meanings: Meanings,
    /// The jobs made so far.
    pub(crate) jobs: Vec<NewJob>,
    /// The jobs of the last stage.
    pub(crate) last: Vec<String>,
    /// Whether a stage so far may be skipped.
    pub(crate) may_skip: bool,
}

/// Makes a workflow of a file.
pub(crate) fn workflow(root: &Node, out: &mut Map, notes: &mut Notes) {
    let mut original = Original {
        notes,
        meanings: Meanings::default(),
        jobs: Vec::new(),
        last: Vec::new(),
        may_skip: false,
    };
    let entries = root.mapping().unwrap_or_default();
    // What stages read may stand behind them.
    if let Some(entry) = entries.iter().find(|entry| entry.key == "parameters") {
        original.know(entry);
    }
    for entry in entries {
        original.top(entry, out);
    }
    if let Some(stages) = root.get("stages").and_then(Node::sequence) {
        for stage in stages {
            original.stage(stage);
        }
    }
    let mut on_failure = List::default();
    for entry in entries {
        match entry.key.as_str() {
            "on_success" => original.success(entry),
            "on_failure" => on_failure.append(original.actions(entry)),
            _ => {}
        }
    }
    jobs::shell_of_texts("the original mmm", out);
    jobs::write(original.jobs, root.span, out, original.notes);
    if on_failure.is_empty() {
        out.append_comments(on_failure);
    } else {
        out.put("on-failure", Yaml::List(on_failure));
    }
}

impl Original<'_, '_> {
    fn know(&mut self, entry: &Entry) {
        for inner in entry.value.mapping().unwrap_or_default() {
            let kind = inner.value.get("type").and_then(Node::string);
            self.meanings.parameters.push(Parameter {
                name: inner.key.clone(),
                is_text: !matches!(kind, Some("boolean" | "integer" | "float" | "number")),
            });
        }
    }

    fn top(&mut self, entry: &Entry, out: &mut Map) {
        match entry.key.as_str() {
            "name" | "description" => out.put(&entry.key, Yaml::copy(&entry.value)),
            "stages" | "on_success" | "on_failure" => {}
            "version" => {
                let message = "`version` is left out: Git knows the versions of a file";
                self.notes.dropped(entry.key_span, message, "");
            }
            "triggers" => self.triggers(entry, out),
            "parameters" => self.parameters(entry, out),
            "extends" => {
                let message = "`extends` is left out: parents are not imported";
                let hint = "import the parent too, then write `extends` again";
                out.comment(self.notes.key_not_taken(entry, message, hint));
            }
            "env" | "variables" => {
                let mut env = Map::default();
                for inner in entry.value.mapping().unwrap_or_default() {
                    let is_plain =
                        inner.value.mapping().is_none() && inner.value.sequence().is_none();
                    if is_plain && is_variable(&inner.key) {
                        env.put(&inner.key, Yaml::copy(&inner.value));
                    } else {
                        let message = format!("`{}` is left out: a variable is a text", inner.key);
                        env.comment(self.notes.key_not_taken(inner, &message, ""));
                    }
                }
                out.put("env", Yaml::Map(env));
            }
            key => {
                let message = format!("`{key}` is not known here and left out");
                out.comment(self.notes.key_not_taken(entry, &message, ""));
            }
        }
    }

    fn triggers(&mut self, entry: &Entry, out: &mut Map) {
        let mut on = Map::default();
        for node in entry.value.sequence().unwrap_or_default() {
            let kind = node.get("type").and_then(Node::string).unwrap_or("");
            let event = match kind {
                "manual" => "manual",
                "schedule" => "schedule",
                "spec_added" => "spec-added",
                "spec_modified" | "spec_changed" => "spec-changed",
                _ => {
                    let message = format!("the trigger `{kind}` is left out");
                    let hint = "the keys of `on` are the events that there are";
                    on.comment(self.notes.element_not_taken(node, &message, hint));
                    continue;
                }
            };
            let mut below = Map::default();
            if let Some(filter) = node.get("filter") {
                below.put(
                    "paths",
                    Yaml::List(List::of_texts(filter.string().map(str::to_owned))),
                );
            }
            match node.get("cron") {
                Some(cron) => {
                    let mut one = Map::default();
                    one.put("cron", Yaml::copy(cron));
                    let mut crons = List::default();
                    crons.push(Yaml::Map(one));
                    on.put(event, Yaml::List(crons));
                }
                None if below.is_empty() => on.put(event, Yaml::Null),
                None => on.put(event, Yaml::Map(below)),
            }
        }
        out.put("on", Yaml::Map(on));
    }

    fn parameters(&mut self, entry: &Entry, out: &mut Map) {
        let mut inputs = Map::default();
        for inner in entry.value.mapping().unwrap_or_default() {
            let input = self.parameter(inner);
            inputs.put(&inner.key, Yaml::Map(input));
        }
        out.put("inputs", Yaml::Map(inputs));
    }

    fn parameter(&mut self, parameter: &Entry) -> Map {
        let mut input = Map::default();
        let options = ["options", "choices", "enum", "values"];
        let has_options = options.iter().any(|key| parameter.value.get(key).is_some());
        let mut as_text = false;
        for entry in parameter.value.mapping().unwrap_or_default() {
            let text = entry.value.string();
            match entry.key.as_str() {
                "type" if has_options => input.put_text("type", "choice"),
                "type" => match text.unwrap_or("string") {
                    kind @ ("boolean" | "string") => input.put_text("type", kind),
                    "integer" | "float" | "number" => input.put_text("type", "number"),
                    kind => {
                        as_text = true;
                        let message = format!("a parameter of type `{kind}` is a text of JSON");
                        let hint = "an expression reads it with `fromJSON( )`";
                        input.comment(self.notes.replaced(entry.value.span, &message, hint));
                        input.put_text("type", "string");
                    }
                },
                "default" => input.put("default", Yaml::copy(&entry.value)),
                "required" | "description" => input.put(&entry.key, Yaml::copy(&entry.value)),
                key if options.contains(&key) => input.put("options", Yaml::copy(&entry.value)),
                key => {
                    let message = format!("`{key}` of a parameter is left out");
                    input.comment(self.notes.key_not_taken(entry, &message, ""));
                }
            }
        }
        if has_options {
            input.put_text("type", "choice");
        }
        let default = parameter.value.get("default");
        if let Some(default) = default.filter(|node| as_text && node.string().is_none()) {
            let message = "the default of a list or mapping is left out";
            let hint = "write it as a text of JSON";
            input.comment(self.notes.element_not_taken(default, message, hint));
            input.remove("default");
        }
        input
    }

    /// What is done when all stages succeeded: a job that needs the last ones.
    fn success(&mut self, entry: &Entry) {
        let steps = self.actions(entry);
        if steps.is_empty() {
            if let Some(job) = self.jobs.last_mut() {
                job.steps.append(steps);
            }
            return;
        }
        let mut job = self.new_job("on-success");
        job.steps = steps;
        job.keys.put_text("if", "${{ !failure() && !cancelled() }}");
        self.add(job);
    }

    fn actions(&mut self, entry: &Entry) -> List {
        let mut steps = List::default();
        let nodes = match entry.value.sequence() {
            Some(nodes) => nodes,
            None => std::slice::from_ref(&entry.value),
        };
        for node in nodes {
            let kind = node.get("type").and_then(Node::string).unwrap_or("");
            let text = |key: &str| node.get(key).and_then(Node::string);
            let mut step = Map::default();
            match (kind, text("message"), text("workflow"), text("command")) {
                ("notification", Some(message), ..) => {
                    let span = node.get("message").map_or(node.span, |node| node.span);
                    let message = self.meanings.template(message, span, self.notes);
                    step.put_text("notify", message);
                }
                ("trigger_workflow", _, Some(workflow), _) => {
                    let span = first_of(node);
                    let message = format!("the workflow `{workflow}` is called by a step");
                    let comment = self.notes.replaced(span, &message, "import that one too");
                    step.comment(comment);
                    step.put_text("workflow", workflow);
                }
                (_, _, _, Some(command)) if !super_command(command) => {
                    let script = self.meanings.script(command, node.span, self.notes);
                    for (name, value) in script.variables {
                        step.put_in("env", &name, Yaml::Text(value));
                    }
                    step.put_text("run", script.text);
                }
                _ => {
                    let kind = if kind.is_empty() {
                        ""
                    } else {
                        &format!(" `{kind}`")
                    };
                    let message = format!("the action{kind} is left out");
                    let hint = "write its commands under `run`";
                    steps.comment(self.notes.element_not_taken(node, &message, hint));
                    continue;
                }
            }
            steps.push(Yaml::Map(step));
        }
        steps
    }

    /// A new job that comes after the last stage.
    pub(crate) fn new_job(&mut self, wanted: &str) -> NewJob {
        let ids: Vec<String> = self.jobs.iter().map(|job| job.id.clone()).collect();
        let id = free_name(wanted, &ids);
        self.meanings.job.clone_from(&id);
        NewJob {
            id,
            needs: self.last.clone(),
            ..NewJob::default()
        }
    }

    /// Adds a job, and to others the outputs that it reads.
    pub(crate) fn add(&mut self, mut job: NewJob) {
        let borrowed = std::mem::take(&mut self.meanings.borrowed);
        jobs::lend(borrowed, &mut job, &mut self.jobs);
        for asked in std::mem::take(&mut self.meanings.asked) {
            if !job.needs.contains(&asked) {
                job.needs.push(asked);
            }
        }
        self.jobs.push(job);
    }
}

/// Whether a command calls the original program itself.
pub(crate) fn super_command(command: &str) -> bool {
    let first = command.split_whitespace().next();
    first == Some("mmm")
}

/// A text, when a value is one or can be read as one.
pub(crate) fn text_of(node: &Node) -> Option<String> {
    match &node.value {
        Value::String(text) => Some(text.clone()),
        Value::Boolean(value) => Some(value.to_string()),
        Value::Integer(value) => Some(value.to_string()),
        _ => None,
    }
}
