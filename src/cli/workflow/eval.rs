//! `git mmm workflow eval`.

use std::path::PathBuf;
use std::sync::Arc;

use serde::Serialize;
use serde::Serializer;
use serde::ser::SerializeMap;

use crate::app::Error;
use crate::app::context::Context;
use crate::base::diagnostic::Problem;
use crate::base::source::{SourceText, Span};
use crate::base::text::visible;
use crate::cli::exit_code::ExitCode;
use crate::cli::output::Output;
use crate::model::expression::context::{CONTEXTS, StatusFunctions};
use crate::model::expression::evaluate::evaluate;
use crate::model::expression::memory::Memory;
use crate::model::expression::parser::{self, Names};
use crate::model::expression::template::{self, Segment};
use crate::model::expression::{self, JobStatus, Object, Value, json};
use crate::workflow::catalog;
use crate::workflow::hash_files::WorkTreeFiles;

/// Evaluate an expression of the workflow language
///
/// Nothing has failed for `success()` and its kin, and `hashFiles()` looks at the work tree. Ends
/// with 1 when the expression has no value; the code of the problem is `lexing`, `parsing` or
/// `evaluation`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The expression, with or without `${{ }}`
    #[arg(value_name = "expression", allow_hyphen_values = true)]
    expression: String,
    /// A JSON object with the contexts by their names: by default all are there and empty
    #[arg(long, value_name = "file")]
    context: Option<PathBuf>,
}

/// Bytes that the values of the contexts may take, many times what their file can hold.
const CONTEXT_BYTES: usize = 64 * 1024 * 1024;

/// What messages call the expression.
const SHOWN: &str = "expression";

#[derive(Debug, Serialize)]
struct Answer<'a> {
    kind: &'static str,
    value: Shown<'a>,
}

/// A value as JSON. What JSON has no number for is its name.
#[derive(Debug)]
struct Shown<'a>(&'a Value);

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Null => serializer.serialize_unit(),
            Value::Boolean(value) => serializer.serialize_bool(*value),
            Value::Number(value) if !value.is_finite() => serializer.serialize_str(&self.0.text()),
            #[expect(
                clippy::cast_possible_truncation,
                reason = "whole numbers below 2^53 fit exactly"
            )]
            Value::Number(value) if value.fract() == 0.0 && value.abs() < 9e15 => {
                serializer.serialize_i64(*value as i64)
            }
            Value::Number(value) => serializer.serialize_f64(*value),
            Value::String(text) => serializer.serialize_str(text),
            Value::Array(items) => serializer.collect_seq(items.iter().map(Shown)),
            Value::Object(object) => {
                let mut map = serializer.serialize_map(Some(object.len()))?;
                for (name, value) in object.iter() {
                    map.serialize_entry(name, &Shown(value))?;
                }
                map.end()
            }
        }
    }
}

/// Runs it.
pub(crate) fn run(
    context: &Context,
    output: &mut Output,
    arguments: &Args,
) -> Result<ExitCode, Error> {
    let contexts = match &arguments.context {
        None => {
            let mut contexts = Object::new();
            for (name, _) in CONTEXTS {
                contexts.set(*name, Object::new());
            }
            Ok(contexts)
        }
        Some(path) => read(context, path)?,
    };
    let contexts = match contexts {
        Ok(contexts) => contexts,
        Err(problem) => {
            tell(output, &[problem])?;
            return Ok(ExitCode::Fatal);
        }
    };
    match value(context, &arguments.expression, &contexts) {
        Err(problems) => {
            tell(output, &problems)?;
            Ok(ExitCode::No)
        }
        Ok(value) if output.is_json() => {
            let answer = Answer {
                kind: value.kind(),
                value: Shown(&value),
            };
            output.json("workflow-eval", answer, &[])?;
            Ok(ExitCode::Ok)
        }
        Ok(value) => {
            output.line(readable(&value));
            Ok(ExitCode::Ok)
        }
    }
}

/// Tells why there is no value.
fn tell(output: &mut Output, problems: &[Problem]) -> Result<(), Error> {
    if output.is_json() {
        output.json("workflow-eval", None::<Answer<'_>>, problems)
    } else {
        output.problems(problems);
        Ok(())
    }
}

/// The contexts in a file, or what is wrong with it.
fn read(context: &Context, path: &PathBuf) -> Result<Result<Object, Problem>, Error> {
    let shown = path.display().to_string();
    let source = match catalog::load_file(&context.folder.join(path), &shown)?.text {
        Ok(source) => source,
        Err(problem) => return Ok(Err(problem)),
    };
    let text = source.text();
    let found = json::parse(text, &mut Memory::new(CONTEXT_BYTES));
    Ok(match found {
        Ok(Value::Object(object)) => Ok(Object::clone(&object)),
        Ok(other) => {
            let message = format!(
                "the contexts are a JSON object, not of kind {}",
                other.kind()
            );
            let place = Span::new(0, text.trim_end().len());
            Err(Problem::error("wrong-type", &source, place, message))
        }
        Err(error) => {
            let offset = error.offset(text);
            let end = text.get(offset..).and_then(|rest| rest.chars().next());
            let place = Span::new(offset, offset + end.map_or(0, char::len_utf8));
            let message = format!("this is not JSON: {error}");
            Err(Problem::error("json-syntax", &source, place, message))
        }
    })
}

fn value(context: &Context, written: &str, contexts: &Object) -> Result<Value, Vec<Problem>> {
    let source = SourceText::new(SHOWN, written);
    let place = inside(&source).map_err(|problem| vec![problem])?;
    let fail = |error: expression::Error| {
        let span = error.span.shifted(place.start);
        let problem = Problem::error(error.kind().as_str(), &source, span, error.to_string());
        match error.hint() {
            Some(hint) => problem.with_hint(hint),
            None => problem,
        }
    };
    let names: Vec<String> = contexts
        .iter()
        .map(|(name, _)| name.to_ascii_lowercase())
        .collect();
    let known: Vec<&str> = names.iter().map(String::as_str).collect();
    let names = Names {
        contexts: &known,
        status_functions: StatusFunctions::OfAll,
        elsewhere: false,
    };
    let parsed = parser::parse_with(source.slice(place), names);
    let parsed = parsed.map_err(|errors| errors.into_iter().map(fail).collect::<Vec<_>>())?;
    let mut values = expression::Context::new(JobStatus::Success);
    for (name, value) in contexts.iter() {
        values.set(name, value.clone());
    }
    if let Ok(repository) = context.repository()
        && let Some(top) = repository.work_tree()
    {
        values.set_files(Arc::new(WorkTreeFiles::new(top)));
    }
    evaluate(&parsed, &values).map_err(|error| vec![fail(error)])
}

/// What is to be parsed: what stands in `${{ }}`, else all of it.
fn inside(source: &SourceText) -> Result<Span, Problem> {
    let text = source.text();
    if !text.trim_start().starts_with("${{") {
        return Ok(Span::new(0, text.len()));
    }
    let segments = template::split(text).map_err(|error| {
        Problem::error("parsing", source, error.span, error.to_string())
            .with_hint(error.hint().unwrap_or_default())
    })?;
    let blank = |segment: &Segment| match segment {
        Segment::Literal(piece) => source.slice(*piece).trim().is_empty(),
        Segment::Expression(_) => false,
    };
    let mut rest = segments.iter().filter(|segment| !blank(segment));
    match (rest.next(), rest.next()) {
        (Some(Segment::Expression(piece)), None) => Ok(template::inside(*piece)),
        (_, Some(Segment::Literal(place) | Segment::Expression(place))) => {
            let message = "one expression is expected, and this stands behind it";
            Err(Problem::error("parsing", source, *place, message))
        }
        _ => Ok(Span::new(0, text.len())),
    }
}

/// A value for people: text as it is, all else as JSON where JSON has it.
fn readable(value: &Value) -> String {
    match value {
        Value::Number(_) | Value::String(_) => visible(&value.text()).into_owned(),
        // A value is never as large as that.
        _ => json::write(value, &mut Memory::new(usize::MAX)).unwrap_or_default(),
    }
}
