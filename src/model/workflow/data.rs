//! Values that are written in YAML and may hold expressions: matrices, items, inputs of a called
//! workflow, settings.
//!
//! What stands in the file keeps its types: `[1, true, '${{ x }}']` is a list of a number, a
//! boolean and whatever `x` is. A text that is nothing but one expression becomes its value.

use std::collections::HashSet;

use crate::base::source::Span;
use crate::model::expression::value::fold;
use crate::model::expression::{Context, Error, Object, Scope, Template, Value};
use crate::model::tree::{self, Node};
use crate::model::workflow::report::Report;
use crate::model::workflow::scalar;

/// A value with its expressions still in it.
#[derive(Clone, Debug)]
pub(crate) struct Data {
    /// What it is.
    pub(crate) kind: DataKind,
    /// Where it stands.
    pub(crate) span: Span,
}

/// The kinds of such a value.
#[derive(Clone, Debug)]
pub(crate) enum DataKind {
    /// Nothing.
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// A number.
    Number(f64),
    /// Text, with or without expressions.
    Text(Template),
    /// A list.
    List(Vec<Data>),
    /// Names with values, in the order of the file.
    Map(Vec<(String, Data)>),
}

/// Reads a value with its expressions. It is as deep as the reader of files allows.
pub(crate) fn read(node: &Node, scope: Scope, report: &mut Report) -> Data {
    let kind = match &node.value {
        tree::Value::Null => DataKind::Null,
        tree::Value::Boolean(value) => DataKind::Boolean(*value),
        #[expect(
            clippy::cast_precision_loss,
            reason = "the language has no other numbers, as on GitHub"
        )]
        tree::Value::Integer(value) => DataKind::Number(*value as f64),
        tree::Value::Float(value) => DataKind::Number(*value),
        tree::Value::String(_) => DataKind::Text(scalar::template(node, scope, report)),
        tree::Value::Sequence(nodes) => {
            let nodes = nodes.iter();
            DataKind::List(nodes.map(|node| read(node, scope, report)).collect())
        }
        tree::Value::Mapping(_) => DataKind::Map(entries(node, scope, report)),
    };
    Data {
        kind,
        span: node.span,
    }
}

/// Reads names with values; a name that stands twice, in any case, is reported.
pub(crate) fn entries(node: &Node, scope: Scope, report: &mut Report) -> Vec<(String, Data)> {
    let mut names = HashSet::new();
    let mut read_entries = Vec::new();
    for entry in node.mapping().unwrap_or_default() {
        if !names.insert(fold(&entry.key)) {
            let message = format!("`{}` is there already", entry.key);
            report.error("duplicate-key", entry.key_span, message);
        }
        read_entries.push((entry.key.clone(), read(&entry.value, scope, report)));
    }
    read_entries
}

impl Data {
    /// The value of a name, when it is a mapping that has it.
    pub(crate) fn get(&self, name: &str) -> Option<&Self> {
        match &self.kind {
            DataKind::Map(entries) => {
                let mut entries = entries.iter();
                entries.find(|entry| entry.0 == name).map(|(_, data)| data)
            }
            _ => None,
        }
    }

    /// Whether all of it stands in the file.
    pub(crate) fn is_literal(&self) -> bool {
        let mut literal = true;
        self.templates(&mut |template| literal &= template.expressions().next().is_none());
        literal
    }

    /// Its value, when all of it stands in the file.
    pub(crate) fn literal(&self) -> Option<Value> {
        let value = self
            .is_literal()
            .then(|| self.evaluate(&Context::default()));
        value?.ok()
    }

    /// Its value in these contexts.
    pub(crate) fn evaluate(&self, context: &Context) -> Result<Value, Error> {
        Ok(match &self.kind {
            DataKind::Null => Value::Null,
            DataKind::Boolean(value) => Value::from(*value),
            DataKind::Number(value) => Value::from(*value),
            DataKind::Text(template) => template.evaluate(context)?,
            DataKind::List(items) => {
                let items = items.iter().map(|item| item.evaluate(context));
                Value::from(items.collect::<Result<Vec<_>, _>>()?)
            }
            DataKind::Map(entries) => {
                let mut object = Object::new();
                for (name, value) in entries {
                    object.set(name.as_str(), value.evaluate(context)?);
                }
                Value::from(object)
            }
        })
    }

    /// Calls `visit` for each template in it.
    pub(crate) fn templates<'a>(&'a self, visit: &mut impl FnMut(&'a Template)) {
        // A list instead of recursion costs nothing and has no depth.
        let mut open = vec![self];
        while let Some(data) = open.pop() {
            match &data.kind {
                DataKind::Text(template) => visit(template),
                DataKind::List(items) => open.extend(items.iter().rev()),
                DataKind::Map(entries) => open.extend(entries.iter().rev().map(|(_, data)| data)),
                DataKind::Null | DataKind::Boolean(_) | DataKind::Number(_) => {}
            }
        }
    }
}
