//! The stages of a workflow of the original mmm, and their steps.

use crate::model::tree::{Entry, Node, Value};
use crate::model::workflow::amount;
use crate::model::workflow::import::capture;
use crate::model::workflow::import::jobs::{Capture, NewJob};
use crate::model::workflow::import::original::{Original, super_command, text_of};
use crate::model::workflow::import::original_text::Stage;
use crate::model::workflow::import::prodigy_action::{shortened, timeout_into};
use crate::model::workflow::import::prodigy_step::entry;
use crate::model::workflow::import::variables::{free_name, id_of};
use crate::model::workflow::import::yaml::{List, Map, Yaml};
use crate::model::workflow::scalar::is_variable;

/// What a step says that is taken together.
const TOGETHER: &[&str] = &[
    "name",
    "type",
    "command",
    "commands",
    "run",
    "condition",
    "outputs",
    "on_failure",
    "on_success",
    "max_retries",
    "message",
    "options",
    "timeout",
    "retry",
];

impl Original<'_, '_> {
    /// Takes a stage as a job; one whose steps run side by side as a job for each.
    pub(crate) fn stage(&mut self, node: &Node) {
        let name = node.get("name").and_then(Node::string).unwrap_or("stage");
        let id = id_of(name, "stage");
        let steps = node
            .get("steps")
            .and_then(Node::sequence)
            .unwrap_or_default();
        let parallel = node.get("parallel").map(|node| &node.value);
        let is_parallel = parallel == Some(&Value::Boolean(true));
        let mut keys = Map::default();
        let mut job = self.new_job(&id);
        self.condition(node, &job.id, &mut keys);
        self.for_each(node, is_parallel, &mut keys);
        for entry in node.mapping().unwrap_or_default() {
            match (entry.key.as_str(), &entry.value.value) {
                ("name" | "steps" | "condition" | "for_each", _)
                | ("parallel", Value::Boolean(_)) => {}
                ("timeout", _) => {
                    timeout_into(entry, &mut keys, self.notes);
                }
                ("parallel", _) => {
                    let message = "`parallel` is left out: it is not `true` or `false`";
                    let hint = "`max-parallel` below `for-each` can be an expression";
                    keys.comment(self.notes.key_not_taken(entry, message, hint));
                }
                (key, _) => {
                    let message = format!("`{key}` of a stage is left out");
                    keys.comment(self.notes.key_not_taken(entry, &message, ""));
                }
            }
        }
        let apart = is_parallel && node.get("for_each").is_none() && steps.len() > 1;
        let mut made = Vec::new();
        if apart {
            for step in steps {
                let name = step.get("name").and_then(Node::string).unwrap_or("step");
                let borrowed = self.meanings.borrowed.clone();
                let asked = self.meanings.asked.clone();
                let mut job = self.new_job(&format!("{id}-{}", id_of(name, "step")));
                job.keys = keys.clone();
                self.step(step, &mut job);
                made.push(job.id.clone());
                self.add(job);
                self.meanings.borrowed = borrowed;
                self.meanings.asked = asked;
            }
            self.meanings.borrowed.clear();
            self.meanings.asked.clear();
        } else {
            job.keys = keys;
            for step in steps {
                self.step(step, &mut job);
            }
            made.push(job.id.clone());
            self.add(job);
        }
        self.may_skip |= node.get("condition").is_some();
        self.meanings.has_item = false;
        self.meanings.stages.push(Stage {
            name: name.to_owned(),
            jobs: made.clone(),
        });
        self.last = made;
    }

    /// When a stage runs. One that was skipped holds up no later one.
    fn condition(&mut self, node: &Node, job: &str, keys: &mut Map) {
        let written = node.get("condition");
        let text = written.and_then(text_of);
        let own = text.map(|text| {
            let span = written.map_or(node.span, |node| node.span);
            self.meanings.condition(&text, span, Some(job), self.notes)
        });
        let condition = match (own, self.may_skip) {
            (None, false) => return,
            (Some(own), false) => own,
            (None, true) => "!failure() && !cancelled()".to_owned(),
            (Some(own), true) => format!("!failure() && !cancelled() && ({own})"),
        };
        keys.put_text("if", format!("${{{{ {condition} }}}}"));
    }

    fn for_each(&mut self, node: &Node, is_parallel: bool, keys: &mut Map) {
        let Some(entry) = entry(node, "for_each") else {
            return;
        };
        let mut each = Map::default();
        match entry.value.string() {
            None if entry.value.mapping().is_some() => {
                let message = "`for_each` is left out: it is no list";
                let hint = "write `for-each` with a list, or with an expression that gives one";
                keys.comment(self.notes.key_not_taken(entry, message, hint));
                return;
            }
            None => each.put("items", Yaml::copy(&entry.value)),
            Some(text) => {
                let job = self.meanings.job.clone();
                let span = entry.value.span;
                let name = text.trim().trim_start_matches(['$', '{', ' ']);
                let name = name.trim_end_matches(['}', ' ']);
                let list = self.meanings.meaning(name, Some(&job));
                let Some(list) = list else {
                    let message = format!("`for_each: {text}` is left out: nothing gives the list");
                    let hint = "write `for-each` with a list, or with an expression that gives one";
                    keys.comment(self.notes.key_not_taken(entry, &message, hint));
                    return;
                };
                let message = format!("the items are the JSON list that `{name}` holds");
                each.comment(self.notes.replaced(span, &message, "print a list as JSON"));
                each.put_text("items", format!("${{{{ fromJSON({}) }}}}", list.text));
            }
        }
        self.meanings.has_item = true;
        each.put("fail-fast", Yaml::Boolean(true));
        if !is_parallel {
            each.put("max-parallel", Yaml::Integer(1));
        }
        keys.put("for-each", Yaml::Map(each));
    }

    /// Takes one step.
    fn step(&mut self, node: &Node, job: &mut NewJob) {
        let kind = node.get("type").and_then(Node::string).unwrap_or("command");
        let mut step = Map::default();
        if let Some(name) = node.get("name").and_then(Node::string) {
            let span = node.span;
            let name = self.meanings.template(name, span, self.notes);
            step.put_text("name", name);
        }
        if let Some(text) = node.get("condition").and_then(text_of) {
            let span = node.get("condition").map_or(node.span, |node| node.span);
            let text = self.meanings.condition(&text, span, None, self.notes);
            step.put_text("if", format!("${{{{ {text} }}}}"));
        }
        for entry in node.mapping().unwrap_or_default() {
            if !TOGETHER.contains(&entry.key.as_str()) {
                let message = format!("`{}` of a step is left out", entry.key);
                step.comment(self.notes.key_not_taken(entry, &message, ""));
            }
        }
        let command = command_of(node);
        match (kind, command) {
            ("checkpoint" | "approval", _) => self.checkpoint(node, step, job),
            (_, Some(command)) if !super_command(&command) => {
                self.command(node, &command, step, job);
            }
            (_, Some(command)) => {
                let (message, hint) = if command.contains("claude") {
                    (
                        "a step that asks Claude is left out",
                        "steps that ask Claude come in a later version",
                    )
                } else {
                    (
                        "a step that calls the original program is left out",
                        "`git mmm help` lists the commands of this one",
                    )
                };
                let comment = self.notes.element_not_taken(node, message, hint);
                job.steps.comment(comment);
            }
            (kind, None) => {
                let message = format!("a step of the type `{kind}` is left out");
                let hint = "write its commands under `run`";
                let comment = self.notes.element_not_taken(node, &message, hint);
                job.steps.comment(comment);
            }
        }
    }

    fn checkpoint(&mut self, node: &Node, mut step: Map, job: &mut NewJob) {
        let name = node
            .get("name")
            .and_then(Node::string)
            .unwrap_or("checkpoint");
        step.put_text("checkpoint", id_of(name, "checkpoint"));
        if let Some(message) = node.get("message") {
            let text = message.string().unwrap_or("");
            let text = self.meanings.template(text, message.span, self.notes);
            step.put_text("message", text);
        }
        if let Some(options) = node.get("options").and_then(Node::sequence) {
            let options = options.iter().filter_map(text_of);
            let options = options.map(|option| id_of(&option, "option"));
            step.put("options", Yaml::List(List::of_texts(options)));
        }
        if let Some(entry) = entry(node, "timeout") {
            let text = match &entry.value.value {
                Value::Integer(seconds) => format!("{seconds}s"),
                _ => shortened(entry.value.string().unwrap_or("")),
            };
            if amount::duration(&text).is_ok() {
                step.put_text("expires", text);
            } else {
                let message = "`timeout` is left out: it is no time";
                step.comment(self.notes.key_not_taken(entry, message, "set `expires`"));
            }
        }
        job.steps.push(Yaml::Map(step));
    }

    fn command(&mut self, node: &Node, command: &str, mut step: Map, job: &mut NewJob) {
        let at = ["command", "commands", "run"]
            .iter()
            .find_map(|key| node.get(key));
        let span = at.map_or(node.span, |node| node.span);
        let outputs: Vec<String> = self.outputs(node, &mut step);
        let has_id = !outputs.is_empty() || node.get("on_success").is_some();
        let name = node.get("name").and_then(Node::string).unwrap_or("step");
        let id = free_name(&id_of(name, "step"), &job.ids);
        if has_id {
            step.put_text("id", id.as_str());
            job.ids.push(id.clone());
        }
        let script = self.meanings.script(command, span, self.notes);
        for (name, value) in script.variables {
            step.put_in("env", &name, Yaml::Text(value));
        }
        if let Some(entry) = entry(node, "timeout") {
            timeout_into(entry, &mut step, self.notes);
        }
        let text = if outputs.is_empty() {
            script.text
        } else {
            capture::printed(&script.text, &outputs)
        };
        step.put_text("run", text);
        for variable in outputs {
            let (job, step) = (job.id.clone(), id.clone());
            self.meanings.captures.push(Capture {
                variable,
                job,
                step,
            });
        }
        self.failure(node, &mut step);
        job.steps.push(Yaml::Map(step));
        if let Some(entry) = entry(node, "on_success") {
            let comment = self.handler(entry, &mut job.steps, Some(&id));
            job.steps.append(comment);
        }
    }

    fn outputs(&mut self, node: &Node, step: &mut Map) -> Vec<String> {
        let mut names = Vec::new();
        for node in node
            .get("outputs")
            .and_then(Node::sequence)
            .unwrap_or_default()
        {
            if let Some(name) = node.string().filter(|name| is_variable(name)) {
                names.push(name.to_owned());
            } else {
                let message = "an output is left out: it is no name";
                step.comment(self.notes.element_not_taken(node, message, ""));
            }
        }
        names
    }

    /// What is done when a step failed: a word, or commands.
    fn failure(&mut self, node: &Node, step: &mut Map) {
        let mut tries = node.get("max_retries").and_then(whole);
        let mut again = false;
        if let Some(entry) = entry(node, "on_failure") {
            match entry.value.string() {
                Some("retry") => again = true,
                Some("continue" | "ignore" | "skip") => {
                    step.put("continue-on-error", Yaml::Boolean(true));
                }
                Some("fail" | "abort" | "stop") => {}
                Some(word) => {
                    let message = format!("`on_failure: {word}` is left out");
                    step.comment(self.notes.key_not_taken(entry, &message, ""));
                }
                None => {
                    let mut steps = List::default();
                    let comments = self.handler(entry, &mut steps, None);
                    if steps.is_empty() {
                        step.append_comments(comments);
                    } else {
                        steps.append(comments);
                        step.put("on-failure", Yaml::List(steps));
                    }
                    let found = handler_nodes(entry)
                        .iter()
                        .find_map(|node| node.get("retry"));
                    tries = found.and_then(whole).or(tries);
                    again = found.is_some();
                }
            }
        }
        if let Some(count) = node.get("retry").and_then(whole) {
            tries = Some(count);
            again = true;
        }
        if again {
            let mut retry = Map::default();
            let attempts = tries.unwrap_or(0).clamp(0, 99) + 1;
            retry.put("attempts", Yaml::Integer(attempts));
            retry.put_text("backoff", "exponential");
            retry.put_text("initial", "2s");
            step.put("retry", Yaml::Map(retry));
        } else if let Some(entry) = entry(node, "max_retries") {
            let message = "`max_retries` is left out: nothing asks for another try";
            step.comment(self.notes.dropped(entry.key_span, message, ""));
        }
    }

    /// Adds the commands of a handler as steps; gives the comments on those that are left out.
    fn handler(&mut self, entry: &Entry, steps: &mut List, after: Option<&str>) -> List {
        let mut comments = List::default();
        for node in handler_nodes(entry) {
            let Some(command) = command_of(node) else {
                if node.get("retry").is_none() {
                    let message = format!("a part of `{}` is left out", entry.key);
                    comments.comment(self.notes.element_not_taken(node, &message, ""));
                }
                continue;
            };
            if super_command(&command) {
                let message = format!(
                    "a command of `{}` is left out: it calls the original program",
                    entry.key
                );
                let hint = "steps that ask Claude come in a later version";
                comments.comment(self.notes.element_not_taken(node, &message, hint));
                continue;
            }
            let script = self.meanings.script(&command, node.span, self.notes);
            let mut step = Map::default();
            if let Some(id) = after {
                step.put_text("if", format!("${{{{ steps.{id}.outcome == 'success' }}}}"));
            }
            for (name, value) in script.variables {
                step.put_in("env", &name, Yaml::Text(value));
            }
            step.put_text("run", script.text);
            steps.push(Yaml::Map(step));
        }
        comments
    }
}

fn handler_nodes(entry: &Entry) -> &[Node] {
    match entry.value.sequence() {
        Some(nodes) => nodes,
        None => std::slice::from_ref(&entry.value),
    }
}

/// The script of a step: one command, or several that follow one another.
fn command_of(node: &Node) -> Option<String> {
    if let Some(text) = node.string() {
        return Some(text.to_owned());
    }
    let one = node.get("command").or_else(|| node.get("run"));
    if let Some(text) = one.and_then(Node::string) {
        return Some(text.to_owned());
    }
    let several = node.get("commands").and_then(Node::sequence)?;
    let several: Vec<&str> = several.iter().filter_map(Node::string).collect();
    (!several.is_empty()).then(|| several.join("\n"))
}

fn whole(node: &Node) -> Option<i64> {
    match node.value {
        Value::Integer(value) => Some(value),
        _ => None,
    }
}
