//! Reads the inputs of a workflow: those of `inputs`, else those that GitHub's events have.

use std::collections::HashSet;

use crate::model::expression::template::has_expression;
use crate::model::expression::value::fold;
use crate::model::inputs::{InputDefinition, InputKind};
use crate::model::tree::{Entry, Node, Value};
use crate::model::workflow::keys::{self, Shape};
use crate::model::workflow::record::Record;
use crate::model::workflow::report::Report;
use crate::model::workflow::{data, events, scalar, scopes, shapes};

/// Reads the inputs of a workflow.
pub(crate) fn read(workflow: &Record, report: &mut Report) -> Vec<InputDefinition> {
    if let Some(entry) = workflow.entry("inputs") {
        return of_entry(entry, report);
    }
    let mut inputs = Vec::new();
    let mut names = HashSet::new();
    for event in ["workflow_dispatch", "workflow_call"] {
        let on = workflow.node("on");
        let entry = on.and_then(|on| events::below(on, event, "inputs"));
        let entry = entry.filter(|entry| entry.value.value != Value::Null);
        if let Some(entry) = entry
            && shapes::check(Shape::Inputs, entry, report)
        {
            // The same input may stand below both events.
            let more = of_entry(entry, report);
            inputs.extend(
                more.into_iter()
                    .filter(|input| names.insert(fold(&input.name))),
            );
        }
    }
    inputs
}

fn of_entry(entry: &Entry, report: &mut Report) -> Vec<InputDefinition> {
    let entries = entry.value.mapping().unwrap_or_default();
    let mut names = HashSet::new();
    let mut inputs = Vec::new();
    for entry in entries {
        scalar::check_identifier(&entry.key, entry.key_span, report);
        if !names.insert(fold(&entry.key)) {
            let message = format!("input `{}` is there already", entry.key);
            report.error("duplicate-key", entry.key_span, message);
        }
        inputs.push(input(entry, report));
    }
    inputs
}

fn input(entry: &Entry, report: &mut Report) -> InputDefinition {
    let mut input = InputDefinition::new(entry.key.as_str());
    if entry.value.value == Value::Null {
        return input;
    }
    let Some(record) = Record::read(&entry.value, &keys::INPUT, entry.key_span, report) else {
        return input;
    };
    let description = record.entry("description");
    input.description = description.map(|entry| scalar::plain(entry, report));
    let deprecation = record.entry("deprecationMessage");
    input.deprecation = deprecation.map(|entry| scalar::plain(entry, report));
    let required = record.node("required").map(|node| &node.value);
    input.required = matches!(required, Some(Value::Boolean(true)));
    input.kind = kind(&record, entry, report);
    if let Some(entry) = record.entry("default") {
        default(&mut input, entry, report);
    }
    input
}

fn kind(record: &Record, entry: &Entry, report: &mut Report) -> InputKind {
    let name = record.node("type").and_then(Node::string);
    let options = record.entry("options");
    let nodes = options.and_then(|entry| entry.value.sequence());
    let texts = nodes.unwrap_or_default().iter();
    let texts: Vec<String> = texts.map(|node| scalar::text(node).into_owned()).collect();
    match (name, options) {
        (Some("choice"), None) if !record.has("options") => {
            let message = format!("input `{}` is a choice and needs `options`", entry.key);
            report.error("missing-key", entry.key_span, message);
        }
        (Some("choice"), Some(options)) if texts.is_empty() => {
            report.error("empty", options.key_span, "`options` has no option");
        }
        (name, Some(options)) if name != Some("choice") => {
            let message = "`options` can stand beside `type: choice` only";
            report.error("misplaced-key", options.key_span, message);
        }
        _ => {}
    }
    InputKind::from_name(name.unwrap_or("string"), texts).unwrap_or(InputKind::String)
}

fn default(input: &mut InputDefinition, entry: &Entry, report: &mut Report) {
    // Nothing can be read before a run has its inputs.
    if has_expression(&scalar::plain(entry, report)) {
        return;
    }
    input.default = data::read(&entry.value, scopes::NOTHING, report).literal();
    if let Err(error) = input.checked_default() {
        report.error("bad-default", entry.value.span, error.to_string());
    }
}
