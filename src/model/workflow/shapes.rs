//! Whether a value has the shape that the table of keys gives it.

use crate::base::source::Span;
use crate::base::text;
use crate::model::expression::template::has_expression;
use crate::model::tree::{Entry, Node, Value};
use crate::model::workflow::amount;
use crate::model::workflow::keys::Shape;
use crate::model::workflow::record::{is_scalar, wrong_value};
use crate::model::workflow::report::Report;

/// Checks the value of a key and reports what does not fit.
///
/// The keys of a mapping in it are not looked at: that is for whoever reads it.
pub(crate) fn check(shape: Shape, entry: &Entry, report: &mut Report) -> bool {
    check_value(shape, &entry.key, &entry.value, entry.key_span, report)
}

fn check_value(shape: Shape, name: &str, node: &Node, at: Span, report: &mut Report) -> bool {
    if !fits(shape, &node.value) {
        wrong_value(name, node, at, &shape.expected(), report);
        return false;
    }
    match shape {
        Shape::Either(shapes) => {
            let fitting = shapes.iter().find(|shape| fits(**shape, &node.value));
            fitting.is_some_and(|shape| check_value(*shape, name, node, at, report))
        }
        Shape::List(inner) => {
            let nodes = node.sequence().unwrap_or_default().iter();
            let checked = nodes.map(|node| check_value(*inner, name, node, at, report));
            // Every element is to be looked at.
            checked.fold(true, |all, one| all & one)
        }
        Shape::Map(inner) => {
            let entries = node.mapping().unwrap_or_default().iter();
            let checked = entries.map(|entry| check(*inner, entry, report));
            checked.fold(true, |all, one| all & one)
        }
        Shape::Texts | Shape::Templates | Shape::Identifiers => {
            let nodes = node.sequence().unwrap_or_default().iter();
            let checked = nodes.map(|node| check_value(Shape::Text, name, node, at, report));
            checked.fold(true, |all, one| all & one)
        }
        Shape::Fields => {
            let entries = node.mapping().unwrap_or_default().iter();
            let written = entries.filter(|entry| entry.value.value != Value::Null);
            let checked = written.map(|entry| check(Shape::Template, entry, report));
            checked.fold(true, |all, one| all & one)
        }
        Shape::OneOf(words) => word(words, name, node, report),
        Shape::Duration => match amount::duration(node.string().unwrap_or("")) {
            Ok(_) => true,
            Err(fault) => {
                let message = format!("`{name}` {fault}");
                report.error("bad-duration", node.span, message);
                false
            }
        },
        Shape::UpTo(most) => {
            let within = matches!(node.value, Value::Integer(value) if (1..=i64::from(most)).contains(&value));
            out_of_range(within, shape, name, node, report)
        }
        Shape::Count => {
            let within = !matches!(node.value, Value::Integer(value) if value < 0);
            out_of_range(within, shape, name, node, report)
        }
        Shape::Fraction => {
            let within = match node.value {
                Value::Float(value) => (0.0..=1.0).contains(&value),
                Value::Integer(value) => (0..=1).contains(&value),
                _ => true,
            };
            out_of_range(within, shape, name, node, report)
        }
        _ => true,
    }
}

fn out_of_range(within: bool, shape: Shape, name: &str, node: &Node, report: &mut Report) -> bool {
    if !within {
        let found = report.source().slice(node.span);
        let message = format!("`{name}` is {found}, expected {}", shape.expected());
        let hint = matches!(shape, Shape::Count)
            .then(|| "leave it out, or write 0, for as many as the run allows".to_owned());
        report.error_with_hint("bad-number", node.span, message, hint);
    }
    within
}

fn word(words: &'static [&'static str], name: &str, node: &Node, report: &mut Report) -> bool {
    let found = node.string().unwrap_or("");
    if words.contains(&found) {
        return true;
    }
    let expected = text::one_of(words.iter().copied());
    let message = format!("`{name}` is `{found}`, expected {expected}");
    let hint = report.near(found, words.iter().copied());
    report.error_with_hint("unknown-value", node.span, message, hint);
    false
}

/// Whether a value has the shape from outside. As on GitHub a number or a boolean is also text.
fn fits(shape: Shape, value: &Value) -> bool {
    let scalar = is_scalar(value);
    let expression = matches!(value, Value::String(text) if has_expression(text));
    let list = matches!(value, Value::Sequence(_));
    let mapping = matches!(value, Value::Mapping(_));
    let number = matches!(value, Value::Integer(_) | Value::Float(_));
    match shape {
        Shape::Text
        | Shape::Template
        | Shape::Script
        | Shape::Condition
        | Shape::Identifier
        | Shape::Shell => scalar,
        Shape::Expression => expression,
        Shape::Format => matches!(value, Value::Integer(1..)),
        Shape::Boolean => matches!(value, Value::Boolean(_)),
        Shape::Switch => matches!(value, Value::Boolean(_)) || expression,
        Shape::Minutes => number || expression,
        Shape::Count => matches!(value, Value::Integer(_)) || expression,
        Shape::UpTo(_) => matches!(value, Value::Integer(_)),
        Shape::Fraction => number || matches!(value, Value::Boolean(_)),
        Shape::Duration | Shape::OneOf(_) | Shape::Reference => matches!(value, Value::String(_)),
        Shape::Names | Shape::Templates => scalar || list,
        Shape::Identifiers | Shape::Texts | Shape::Steps | Shape::Overlay | Shape::List(_) => list,
        Shape::Fields
        | Shape::Jobs
        | Shape::CommonSteps
        | Shape::Record(_)
        | Shape::Map(_)
        | Shape::DataMap
        | Shape::Inputs => mapping,
        Shape::Either(shapes) => shapes.iter().any(|shape| fits(*shape, value)),
        Shape::RetryOn | Shape::StepReference => {
            matches!(value, Value::Integer(_) | Value::String(_))
        }
        Shape::Matrix | Shape::Variables => mapping || expression,
        Shape::Items => list || expression,
        Shape::Events => scalar || list || mapping,
        Shape::Ignored | Shape::Refused => true,
    }
}
