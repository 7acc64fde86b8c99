//! `on` of a GitHub workflow: events, and the inputs and outputs that stand below them.

use crate::base::source::Span;
use crate::model::tree::{Entry, Node, Value};
use crate::model::workflow::events::{EVENTS, nearest};
use crate::model::workflow::import::github::Import;
use crate::model::workflow::import::github_names::holds;
use crate::model::workflow::import::yaml::{Map, Yaml};

/// The events that have inputs.
const WITH_INPUTS: &[&str] = &["workflow_dispatch", "workflow_call"];

/// What an input may say of itself.
const INPUT_KEYS: &[&str] = &[
    "description",
    "type",
    "options",
    "required",
    "default",
    "deprecationMessage",
];

/// The names of the inputs of a file.
pub(crate) fn input_names(root: &Node) -> Vec<String> {
    let inputs = WITH_INPUTS.iter().filter_map(|event| {
        let on = root.get("on")?;
        on.get(event)?.get("inputs")?.mapping()
    });
    inputs.flatten().map(|entry| entry.key.clone()).collect()
}

/// Takes `on`; inputs and outputs become those of the workflow.
pub(crate) fn events(entry: &Entry, root: &Node, out: &mut Map, import: &mut Import) {
    let mut on = Map::default();
    let nothing = Node {
        span: entry.value.span,
        value: Value::Null,
    };
    match &entry.value.value {
        Value::Mapping(entries) => {
            for entry in entries {
                event(&entry.key, entry.key_span, &entry.value, &mut on, import);
            }
        }
        Value::Sequence(nodes) => {
            for node in nodes {
                let name = node.string().unwrap_or("");
                event(name, node.span, &nothing, &mut on, import);
            }
        }
        _ => {
            let name = entry.value.string().unwrap_or("");
            event(name, entry.value.span, &nothing, &mut on, import);
        }
    }
    // What GitHub starts by itself is not started here, so the comments stand even without a key.
    out.put("on", Yaml::Map(on));
    let mut inputs = Map::default();
    for event in WITH_INPUTS {
        let found = root.get("on").and_then(|on| on.get(event));
        let found = found.and_then(|event| event.get("inputs"));
        for entry in found.and_then(Node::mapping).unwrap_or_default() {
            if inputs.get(&entry.key).is_none() {
                let input = input(entry, import);
                inputs.put(&entry.key, input);
            }
        }
    }
    if !inputs.is_empty() {
        out.put("inputs", Yaml::Map(inputs));
    }
    outputs(root, out, import);
}

fn event(name: &str, span: Span, below: &Node, on: &mut Map, import: &mut Import) {
    if !EVENTS.contains(&name) {
        let message = format!("`on: {name}` is left out: the event never happens here");
        let hint = match nearest(name) {
            None | Some("") => "start it yourself: `git mmm run -w <name>`".to_owned(),
            Some(nearest) => format!("the nearest event here is `{nearest}`"),
        };
        on.comment(import.notes.not_taken(span, &message, &hint));
        return;
    }
    if !WITH_INPUTS.contains(&name) {
        on.put(name, Yaml::copy(below));
        return;
    }
    on.put(name, Yaml::Null);
    for entry in below.mapping().unwrap_or_default() {
        match entry.key.as_str() {
            "inputs" | "outputs" => {}
            "secrets" => {
                let message = "`secrets` of `workflow_call` is left out: each secret is looked up by \
                               its name where it is read";
                let hint =
                    "a secret is a variable of your environment, or comes from `git credential`";
                on.comment(import.notes.dropped(entry.key_span, message, hint));
            }
            key => {
                let message = format!("`{key}` is not known here and left out");
                on.comment(import.notes.key_not_taken(entry, &message, ""));
            }
        }
    }
}

fn input(entry: &Entry, import: &mut Import) -> Yaml {
    let mut input = Map::default();
    let is_choice = entry.value.get("type").and_then(Node::string) == Some("choice");
    for inner in entry.value.mapping().unwrap_or_default() {
        let key = inner.key.as_str();
        let computed = inner
            .value
            .string()
            .is_some_and(|text| text.contains("${{"));
        if !INPUT_KEYS.contains(&key) || (key == "options" && !is_choice) {
            let message = format!("`{key}` is not known here and left out");
            input.comment(import.notes.key_not_taken(inner, &message, ""));
        } else if computed {
            let message = format!(
                "`{key}` of input `{}` is an expression and left out",
                entry.key
            );
            let hint = "nothing can be read before a run has its inputs";
            input.comment(import.notes.key_not_taken(inner, &message, hint));
        } else {
            input.put(key, Yaml::copy(&inner.value));
        }
    }
    if input.is_empty() {
        input.put_text("type", "string");
    }
    Yaml::Map(input)
}

/// The outputs of `workflow_call`.
fn outputs(root: &Node, out: &mut Map, import: &mut Import) {
    let found = root.get("on").and_then(|on| on.get("workflow_call"));
    let found = found.and_then(|call| call.get("outputs"));
    let mut outputs = Map::default();
    for entry in found.and_then(Node::mapping).unwrap_or_default() {
        let mut output = Map::default();
        for inner in entry.value.mapping().unwrap_or_default() {
            if holds(&["description".to_owned(), "value".to_owned()], &inner.key) {
                let value = import.value(&inner.value);
                output.put(&inner.key, value);
            } else {
                let message = format!("`{}` is not known here and left out", inner.key);
                output.comment(import.notes.key_not_taken(inner, &message, ""));
            }
        }
        outputs.put(&entry.key, Yaml::Map(output));
    }
    if !outputs.is_empty() {
        out.put("outputs", Yaml::Map(outputs));
    }
}
