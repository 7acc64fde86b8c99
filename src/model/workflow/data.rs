//! Values that are written in YAML and may hold expressions: matrices, items, inputs of a called
//! workflow, settings.
//!
//! What stands in the file keeps its types: `[1, true, '${{ x }}']` is a list of a number, a
//! boolean and whatever `x` is. A text that is nothing but one expression becomes its value.

use crate::base::source::Span;
use crate::model::expression::{Context, Error, Object, Template, Value};

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

impl Data {
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
