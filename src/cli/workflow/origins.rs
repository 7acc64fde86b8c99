//! `git mmm workflow show --resolved`: a workflow with all that it is made of, and where from.

use serde::Serialize;
use serde_json::{Map, Value as Json, json};

use crate::app::Error;
use crate::app::error::WorkflowError;
use crate::base::source::{SourceText, Span};
use crate::base::text::one_line;
use crate::cli::exit_code::ExitCode;
use crate::cli::output::Output;
use crate::cli::workflow::read::Read;
use crate::model::tree::{Entry, Node, Value};
use crate::model::workflow::resolve::Resolved;
use crate::state::format::yaml_text;
use crate::workflow::sources::Sources;

#[derive(Debug, Serialize)]
struct Answer {
    name: String,
    path: String,
    r#abstract: bool,
    workflow: Json,
    origins: Vec<Origin>,
}

/// Where a part comes from.
#[derive(Debug, Serialize)]
struct Origin {
    /// The part, as a JSON pointer into `workflow`.
    pointer: String,
    file: String,
    line: usize,
    column: usize,
}

/// Shows a workflow in which there is no error.
pub(super) fn show(output: &mut Output, read: &Read) -> Result<ExitCode, Error> {
    let resolved = read.sources.as_ref().map(Sources::resolve);
    let Some(Ok(mut resolved)) = resolved else {
        return Err(WorkflowError::InvalidWorkflow {
            name: read.name.clone(),
            problems: read.problems.clone(),
        }
        .into());
    };
    mark_abstract(&mut resolved);
    if output.is_json() {
        let mut origins = Vec::new();
        collect(&resolved.root, "", &resolved.source, &mut origins);
        let answer = Answer {
            name: read.name.clone(),
            path: read.path.clone(),
            r#abstract: read.is_abstract,
            workflow: json(&resolved.root),
            origins,
        };
        output.json("workflow-resolved", answer, &read.problems)?;
        return Ok(ExitCode::Ok);
    }
    output.problems(&read.problems);
    let source = &resolved.source;
    let comment = |span: Span| Some(format!("from {}", place(source, span)));
    output.text(&yaml_text::render(&resolved.root, &comment));
    Ok(ExitCode::Ok)
}

/// An abstract workflow stays one.
fn mark_abstract(resolved: &mut Resolved) {
    if let (Some(span), Value::Mapping(entries)) = (resolved.abstract_at, &mut resolved.root.value)
    {
        let value = Node {
            span,
            value: Value::Boolean(true),
        };
        let entry = Entry {
            key: "abstract".to_owned(),
            key_span: span,
            value,
        };
        entries.insert(0, entry);
    }
}

/// The name of a file and the line.
fn place(source: &SourceText, span: Span) -> String {
    let at = source.locate(span.start);
    let name = at.path.rsplit('/').next().unwrap_or(at.path);
    format!("{}:{}", one_line(name), at.position.line)
}

/// The places of all keys and items below a value.
fn collect(node: &Node, pointer: &str, source: &SourceText, origins: &mut Vec<Origin>) {
    let mut add = |name: &str, span: Span, value: &Node| {
        let name = name.replace('~', "~0").replace('/', "~1");
        let pointer = format!("{pointer}/{name}");
        let at = source.locate(span.start);
        origins.push(Origin {
            pointer: pointer.clone(),
            file: at.path.to_owned(),
            line: at.position.line,
            column: at.position.column,
        });
        collect(value, &pointer, source, origins);
    };
    match &node.value {
        Value::Mapping(entries) => {
            for entry in entries {
                add(&entry.key, entry.key_span, &entry.value);
            }
        }
        Value::Sequence(nodes) => {
            for (index, node) in nodes.iter().enumerate() {
                add(&index.to_string(), node.span, node);
            }
        }
        _ => {}
    }
}

/// A value as JSON; numbers that JSON does not have are nothing.
fn json(node: &Node) -> Json {
    match &node.value {
        Value::Null => Json::Null,
        Value::Boolean(value) => json!(value),
        Value::Integer(value) => json!(value),
        Value::Float(value) => json!(value),
        Value::String(text) => json!(text),
        Value::Sequence(nodes) => nodes.iter().map(json).collect(),
        Value::Mapping(entries) => {
            let entries = entries.iter();
            let entries: Map<String, Json> = entries
                .map(|entry| (entry.key.clone(), json(&entry.value)))
                .collect();
            Json::Object(entries)
        }
    }
}
