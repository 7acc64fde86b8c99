//! `git mmm workflow schema`.

use serde_json::{Map, Value, json};

use crate::app::Error;
use crate::app::context::Context;
use crate::cli::exit_code::ExitCode;
use crate::cli::output::Output;
use crate::model::workflow::keys::{self, Key, Place, STEP_KINDS, Shape};

/// Print the JSON Schema of workflows, for editors
///
/// It is made from the same table of keys that `git mmm workflow check` goes by. It knows keys and
/// types; expressions, names and what belongs together are known to the check alone.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

/// Runs it.
pub(crate) fn run(
    _context: &Context,
    output: &mut Output,
    _arguments: &Args,
) -> Result<ExitCode, Error> {
    let schema = schema();
    if output.is_json() {
        output.json("workflow-schema", schema, &[])?;
    } else {
        output.text(&format!("{schema:#}\n"));
    }
    Ok(ExitCode::Ok)
}

/// The schema. Draft 7 is what editors for YAML know best.
pub(crate) fn schema() -> Value {
    let reuses = json!({"anyOf": [{"required": ["extends"]}, {"required": ["abstract"]}]});
    let job_is_whole = json!({"anyOf": [
        {"required": required(&keys::JOB)},
        {"required": ["extends"]},
        {"required": ["overlay"]},
        {"required": ["abstract"]},
    ]});
    let mut schema = object(&keys::WORKFLOW, Open::Yes);
    let parts = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "git-mmm workflow",
        // Without reuse a workflow is whole in its own file.
        "if": {"not": reuses},
        "then": {
            "required": required(&keys::WORKFLOW),
            "properties": {"jobs": {"additionalProperties": job_is_whole}},
        },
        "definitions": {
            "job": object(&keys::JOB, Open::Yes),
            "step": step(),
            "edit": edit(),
        },
    });
    if let (Some(schema), Value::Object(parts)) = (schema.as_object_mut(), parts) {
        schema.extend(parts);
    }
    schema
}

/// Whether what a place leaves out may come from what it extends. A key with nothing behind it then
/// removes what is inherited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Open {
    Yes,
    No,
}

/// The names of the keys that must be there.
fn required(place: &Place) -> Vec<&'static str> {
    let keys = place.keys.iter().filter(|key| key.required);
    keys.map(|key| key.name).collect()
}

/// The schema of a place that holds keys.
fn object(place: &Place, open: Open) -> Value {
    let mut properties = Map::new();
    let mut dependencies = Map::new();
    for key in place.keys {
        if matches!(key.shape, Shape::Refused) {
            continue;
        }
        properties.insert(key.name.to_owned(), property(key, open));
        if !key.only_with.is_empty() {
            let others = key.only_with.iter();
            let others: Vec<Value> = others.map(|other| json!({"required": [other]})).collect();
            dependencies.insert(key.name.to_owned(), json!({"anyOf": others}));
        }
    }
    let mut schema = json!({
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    });
    if let Some(schema) = schema.as_object_mut() {
        if !dependencies.is_empty() {
            schema.insert("dependencies".to_owned(), dependencies.into());
        }
        let names = required(place);
        if open == Open::No && !names.is_empty() {
            schema.insert("required".to_owned(), json!(names));
        }
    }
    schema
}

fn property(key: &Key, open: Open) -> Value {
    let mut schema = shape(key.shape);
    if let Some(schema) = schema.as_object_mut() {
        if open == Open::Yes {
            match schema.get_mut("type") {
                Some(Value::Array(types)) if types.contains(&json!("null")) => {}
                Some(Value::Array(types)) => types.push(json!("null")),
                Some(found) => *found = json!([found.take(), "null"]),
                None => {}
            }
        }
        schema.insert("description".to_owned(), json!(key.description));
    }
    schema
}

/// A step is of exactly one kind.
fn step() -> Value {
    let kinds = STEP_KINDS.iter().chain(&["use"]);
    one_of(object(&keys::STEP, Open::No), kinds)
}

fn edit() -> Value {
    one_of(object(&keys::EDIT, Open::No), keys::EDIT_KINDS.iter())
}

fn one_of<'k>(mut schema: Value, kinds: impl Iterator<Item = &'k &'static str>) -> Value {
    let kinds: Vec<Value> = kinds.map(|kind| json!({"required": [kind]})).collect();
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("oneOf".to_owned(), kinds.into());
    }
    schema
}

/// How names are written.
const NAME: &str = "^[A-Za-z_][A-Za-z0-9_-]*$";

/// Values of this schema, each under a name of this form.
fn named(name: &str, value: &Value) -> Value {
    json!({
        "type": "object",
        "propertyNames": {"pattern": name},
        "additionalProperties": value,
    })
}

/// The same, or nothing.
fn or_null(schema: &Value) -> Value {
    json!({"anyOf": [schema, {"type": "null"}]})
}

/// The schema of a value.
fn shape(shape: Shape) -> Value {
    let text = json!(["string", "number", "boolean"]);
    let text_or_nothing = json!(["string", "number", "boolean", "null"]);
    let steps = json!({"type": "array", "items": {"$ref": "#/definitions/step"}});
    let expression = json!({"type": "string", "pattern": r"\$\{\{"});
    let or_expression = |schema: Value| json!({"anyOf": [schema, expression]});
    match shape {
        Shape::Text | Shape::Template | Shape::Condition => json!({"type": text_or_nothing}),
        Shape::Script | Shape::Shell => json!({"type": text}),
        Shape::Expression => expression,
        Shape::Identifier => json!({"type": ["string", "boolean"], "pattern": NAME}),
        Shape::Format => json!({"type": "integer", "enum": [1]}),
        Shape::Boolean => json!({"type": "boolean"}),
        Shape::Switch => or_expression(json!({"type": "boolean"})),
        Shape::Minutes => {
            or_expression(json!({"type": "number", "minimum": 0, "maximum": 525_600}))
        }
        Shape::Count => or_expression(json!({"type": "integer", "minimum": 0})),
        Shape::UpTo(most) => json!({"type": "integer", "minimum": 1, "maximum": most}),
        Shape::Fraction => json!({"type": ["boolean", "number"], "minimum": 0, "maximum": 1}),
        Shape::Duration => json!({"type": "string", "pattern": "^([0-9.]+(ms|s|m|h|d))+$"}),
        Shape::OneOf(words) => json!({"type": "string", "enum": words}),
        Shape::Identifiers => json!({
            "type": "array",
            "items": self::shape(Shape::Identifier),
        }),
        Shape::Texts => json!({"type": "array", "items": {"type": text}}),
        Shape::Templates => json!({
            "type": ["string", "number", "boolean", "array"],
            "items": {"type": text},
        }),
        Shape::Fields => {
            json!({"type": "object", "additionalProperties": {"type": text_or_nothing}})
        }
        Shape::Record(place) => object(place, Open::No),
        Shape::Map(inner) => json!({
            "type": "object",
            "additionalProperties": self::shape(*inner),
        }),
        Shape::List(inner) => json!({"type": "array", "items": self::shape(*inner)}),
        Shape::Either(shapes) => {
            let shapes: Vec<Value> = shapes.iter().map(|inner| self::shape(*inner)).collect();
            json!({"anyOf": shapes})
        }
        Shape::RetryOn => json!({"anyOf": [
            {"type": "integer", "minimum": 1, "maximum": 255},
            {"type": "string", "pattern": "^(timeout|lost|failure|/.*/)$"},
        ]}),
        Shape::Matrix => or_expression(json!({"type": "object"})),
        Shape::Items => or_expression(json!({"type": "array"})),
        Shape::DataMap => json!({"type": "object"}),
        Shape::Events => json!({"type": ["string", "array", "object"]}),
        Shape::Inputs => named(NAME, &or_null(&object(&keys::INPUT, Open::No))),
        Shape::Names => json!({
            "type": ["string", "boolean", "array"],
            "items": {"type": ["string", "boolean"]},
        }),
        Shape::Variables => or_expression(named("^[^=]+$", &json!({"type": text_or_nothing}))),
        Shape::Jobs => named(NAME, &or_null(&json!({"$ref": "#/definitions/job"}))),
        Shape::Steps => steps,
        Shape::Reference => json!({"type": "string"}),
        Shape::StepReference => json!({"type": ["string", "integer"]}),
        Shape::CommonSteps => named(NAME, &or_null(&steps)),
        Shape::Overlay => json!({"type": "array", "items": {"$ref": "#/definitions/edit"}}),
        Shape::Ignored | Shape::Refused => json!({}),
    }
}
