//! Computes the value of an expression, GitHub's way: `&&` and `||` give one of their operands.
//!
//! The same code computes what is known before everything is: for a plan.

use std::cmp::Ordering;

use crate::model::expression::context::Context;
use crate::model::expression::error::Error;
use crate::model::expression::function::Function;
use crate::model::expression::memory::Memory;
use crate::model::expression::memory::RESULT_BYTES;
use crate::model::expression::tree::Comparison;
use crate::model::expression::tree::Expression;
use crate::model::expression::tree::ExpressionKind;
use crate::model::expression::value::Array;
use crate::model::expression::value::Object;
use crate::model::expression::value::Value;

/// What can be said of an expression before all that it reads is known.
#[derive(Clone, Debug)]
pub(crate) enum Known {
    /// Its value: whatever becomes known later does not change it.
    Value(Value),
    /// What is missing, by dotted names such as `needs.build.result` and `success()`.
    Missing(Vec<String>),
}

/// Says whether the place of a context is known, by its names; of a function such as `success()`
/// or `hashFiles()` that looks at the run or the work tree, its name with the brackets is asked.
pub(crate) type IsKnown<'a> = &'a dyn Fn(&[&str]) -> bool;

/// The value of an expression. How deep it recurses is bounded by the parser's depth limit.
pub(crate) fn evaluate(expression: &Expression, context: &Context) -> Result<Value, Error> {
    let mut evaluator = Evaluator::new(context, None);
    Ok(evaluator.value(expression)?.unwrap_or_default())
}

/// The value of an expression, where what is known decides it.
pub(crate) fn evaluate_known(
    expression: &Expression,
    context: &Context,
    is_known: IsKnown<'_>,
) -> Result<Known, Error> {
    let mut evaluator = Evaluator::new(context, Some(is_known));
    Ok(match evaluator.value(expression)? {
        Some(value) => Known::Value(value),
        None => Known::Missing(evaluator.missing),
    })
}

/// Whether an expression counts as true, where what is known decides it; else what is missing. Of
/// `a && b` one that is false is enough, whichever it is.
pub(crate) fn known_truth(
    expression: &Expression,
    context: &Context,
    is_known: IsKnown<'_>,
) -> Result<Result<bool, Vec<String>>, Error> {
    let mut evaluator = Evaluator::new(context, Some(is_known));
    let truth = evaluator.truth(expression)?;
    Ok(truth.ok_or(evaluator.missing))
}

struct Evaluator<'a> {
    context: &'a Context,
    /// Nothing when everything is known.
    is_known: Option<IsKnown<'a>>,
    missing: Vec<String>,
    memory: Memory,
}

impl<'a> Evaluator<'a> {
    fn new(context: &'a Context, is_known: Option<IsKnown<'a>>) -> Self {
        Self {
            context,
            is_known,
            missing: Vec::new(),
            memory: Memory::new(RESULT_BYTES),
        }
    }

    /// The value, or nothing when it is not known.
    fn value(&mut self, expression: &Expression) -> Result<Option<Value>, Error> {
        if self.is_known.is_some()
            && let Some(path) = expression.path()
            && !self.asks(&path)
        {
            return Ok(None);
        }
        Ok(match &expression.kind {
            ExpressionKind::Literal(value) => Some(value.clone()),
            ExpressionKind::Context(name) => Some(self.context.get(name)),
            ExpressionKind::Property(inner, name) => {
                let value = self.inside(inner)?;
                value.map(|value| property(&value, name))
            }
            ExpressionKind::Index(inner, index) => {
                // In this order, as on GitHub.
                let index = self.value(index)?;
                match (self.value(inner)?, index) {
                    (Some(value), Some(index)) => Some(item(&value, &index)),
                    _ => None,
                }
            }
            ExpressionKind::All(inner) => match self.value(inner)? {
                Some(value) => Some(self.all(&value, expression)?),
                None => None,
            },
            ExpressionKind::Call(function, arguments) => {
                self.call(*function, arguments, expression)?
            }
            ExpressionKind::Not(inner) => {
                let value = self.value(inner)?;
                value.map(|value| (!value.truthy()).into())
            }
            ExpressionKind::And(operands) => self.first(operands, false)?,
            ExpressionKind::Or(operands) => self.first(operands, true)?,
            ExpressionKind::Compare(left, rest) => self.compare(left, rest)?,
        })
    }

    /// The value that a property is taken of: a path that is known is known all the way.
    fn inside(&mut self, inner: &Expression) -> Result<Option<Value>, Error> {
        match &inner.kind {
            ExpressionKind::Context(name) => Ok(Some(self.context.get(name))),
            ExpressionKind::Property(deeper, name) => {
                let value = self.inside(deeper)?;
                Ok(value.map(|value| property(&value, name)))
            }
            _ => self.value(inner),
        }
    }

    /// Whether a place is known; when not, it is noted as missing.
    fn asks(&mut self, path: &[&str]) -> bool {
        let known = self.is_known.is_none_or(|is_known| is_known(path));
        if !known {
            let dotted = path.join(".");
            if !self.missing.contains(&dotted) {
                self.missing.push(dotted);
            }
        }
        known
    }

    /// The first operand that counts as `wanted`, else the last; the others are not looked at.
    fn first(&mut self, operands: &[Expression], wanted: bool) -> Result<Option<Value>, Error> {
        let mut value = Some(Value::Null);
        for (index, operand) in operands.iter().enumerate() {
            value = self.value(operand)?;
            match &value {
                Some(value) if value.truthy() == wanted => break,
                Some(_) => {}
                None => {
                    // What follows may be needed too; it may as well never be looked at.
                    for other in operands.iter().skip(index + 1) {
                        self.name_missing(other);
                    }
                    break;
                }
            }
        }
        Ok(value)
    }

    /// Whether it counts as true, or nothing when that is not known.
    fn truth(&mut self, expression: &Expression) -> Result<Option<bool>, Error> {
        match &expression.kind {
            ExpressionKind::Not(inner) => Ok(self.truth(inner)?.map(|truth| !truth)),
            ExpressionKind::And(operands) => self.decided(operands, false),
            ExpressionKind::Or(operands) => self.decided(operands, true),
            _ => Ok(self.value(expression)?.map(|value| value.truthy())),
        }
    }

    /// What several operands count as together, of which one that counts as `decisive` is enough.
    fn decided(&mut self, operands: &[Expression], decisive: bool) -> Result<Option<bool>, Error> {
        let mut known = true;
        for operand in operands {
            let truth = match self.truth(operand) {
                // It may never be looked at.
                Err(_) if !known => None,
                truth => truth?,
            };
            if truth == Some(decisive) {
                return Ok(truth);
            }
            known &= truth.is_some();
        }
        Ok(known.then_some(!decisive))
    }

    /// Notes what is not known of an expression that is not evaluated.
    fn name_missing(&mut self, expression: &Expression) {
        for read in expression.reads() {
            self.asks(&read.path);
        }
        expression.walk(&mut |part| {
            if let ExpressionKind::Call(function, _) = part.kind {
                self.asks_function(function);
            }
        });
    }

    fn asks_function(&mut self, function: Function) -> bool {
        let looks_outside = function.is_status() || function == Function::HashFiles;
        // `always()` is true whatever happens.
        let open = looks_outside && function != Function::Always && self.is_known.is_some();
        !open || self.asks(&[&format!("{}()", function.name())])
    }

    fn compare(
        &mut self,
        left: &Expression,
        rest: &[(Comparison, Expression)],
    ) -> Result<Option<Value>, Error> {
        let mut value = self.value(left)?;
        for (comparison, right) in rest {
            let right = self.value(right)?;
            value = match (value, right) {
                (Some(left), Some(right)) => Some(comparison.holds(&left, &right).into()),
                _ => None,
            };
        }
        Ok(value)
    }

    fn call(
        &mut self,
        function: Function,
        arguments: &[Expression],
        whole: &Expression,
    ) -> Result<Option<Value>, Error> {
        let known = self.asks_function(function);
        let mut values = Vec::with_capacity(arguments.len());
        for argument in arguments {
            // All of them, also those that `case` does not need: as on GitHub.
            values.push(self.value(argument)?);
        }
        let values: Option<Vec<Value>> = values.into_iter().collect();
        let Some(values) = values.filter(|_| known) else {
            return Ok(None);
        };
        let value = function.call(&values, self.context, &mut self.memory);
        value
            .map(Some)
            .map_err(|fault| Error::new(fault, whole.span))
    }

    /// `.*`: the items of a list or the values of an object; of those that an earlier `.*` gave,
    /// what is in each of them, in one list.
    fn all(&mut self, value: &Value, whole: &Expression) -> Result<Value, Error> {
        let inside = |value: &Value| match value {
            Value::Array(items) => items.to_vec(),
            Value::Object(object) => object.iter().map(|(_, value)| value.clone()).collect(),
            _ => Vec::new(),
        };
        let items: Vec<Value> = match value {
            Value::Array(items) if items.is_filtered() => items.iter().flat_map(inside).collect(),
            value => inside(value),
        };
        self.memory
            .take(items.len().saturating_mul(size_of::<Value>()))
            .map_err(|spent| Error::new(spent.into(), whole.span))?;
        Ok(filtered(items))
    }
}

impl Comparison {
    fn holds(self, left: &Value, right: &Value) -> bool {
        let order = || left.order(right);
        match self {
            Self::Equal => left.loosely_equals(right),
            Self::NotEqual => !left.loosely_equals(right),
            Self::Less => order() == Some(Ordering::Less),
            Self::Greater => order() == Some(Ordering::Greater),
            Self::AtMost => left.loosely_equals(right) || order() == Some(Ordering::Less),
            Self::AtLeast => left.loosely_equals(right) || order() == Some(Ordering::Greater),
        }
    }
}

fn filtered(items: Vec<Value>) -> Value {
    Value::Array(Array::filtered(items).into())
}

fn property(value: &Value, name: &str) -> Value {
    match value {
        Value::Object(object) => object.get(name).cloned().unwrap_or_default(),
        Value::Array(_) => item(value, &name.into()),
        _ => Value::Null,
    }
}

/// What stands in a list under a number or in an object under a name.
fn item(value: &Value, index: &Value) -> Value {
    match value {
        Value::Array(items) if items.is_filtered() => {
            let found = items.iter().filter_map(|inner| match inner {
                Value::Array(items) => in_array(items, index),
                Value::Object(object) => in_object(object, index),
                _ => None,
            });
            filtered(found.cloned().collect())
        }
        Value::Array(items) => in_array(items, index).cloned().unwrap_or_default(),
        Value::Object(object) => in_object(object, index).cloned().unwrap_or_default(),
        _ => Value::Null,
    }
}

/// A number that is not whole is rounded down.
fn in_array<'v>(items: &'v Array, index: &Value) -> Option<&'v Value> {
    let number = index.to_number();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is neither below zero nor infinite; a huge one is past the end all the same"
    )]
    let number = (number.is_finite() && number >= 0.0).then_some(number as usize)?;
    items.get(number)
}

fn in_object<'v>(object: &'v Object, index: &Value) -> Option<&'v Value> {
    if !index.is_primitive() {
        return None;
    }
    object.get(&index.text())
}
