//! Computes the value of an expression, GitHub's way: `&&` and `||` give one of their operands.

use crate::model::expression::context::Context;
use crate::model::expression::context::JobStatus;
use crate::model::expression::error::Error;
use crate::model::expression::parser::Comparison;
use crate::model::expression::parser::Expression;
use crate::model::expression::parser::ExpressionKind;
use crate::model::expression::parser::Function;
use crate::model::expression::value::Value;

/// The value of an expression. How deep it recurses is bounded by the parser's depth limit.
pub(crate) fn evaluate(expression: &Expression, context: &Context) -> Result<Value, Error> {
    match &expression.kind {
        ExpressionKind::Literal(value) => Ok(value.clone()),
        ExpressionKind::Context(name) => Ok(context.get(name)),
        ExpressionKind::Property(inner, name) => Ok(property(&evaluate(inner, context)?, name)),
        ExpressionKind::Call(function, _) => Ok(status(*function, context.status()).into()),
        ExpressionKind::Not(inner) => Ok((!evaluate(inner, context)?.truthy()).into()),
        ExpressionKind::And(operands) => first(operands, context, false),
        ExpressionKind::Or(operands) => first(operands, context, true),
        ExpressionKind::Compare(left, rest) => {
            let mut value = evaluate(left, context)?;
            for (comparison, right) in rest {
                let equal = value.loosely_equals(&evaluate(right, context)?);
                value = (equal == (*comparison == Comparison::Equal)).into();
            }
            Ok(value)
        }
    }
}

/// The first operand that counts as `wanted`, else the last; the others are not looked at.
fn first(operands: &[Expression], context: &Context, wanted: bool) -> Result<Value, Error> {
    let mut value = Value::Null;
    for operand in operands {
        value = evaluate(operand, context)?;
        if value.truthy() == wanted {
            break;
        }
    }
    Ok(value)
}

fn property(value: &Value, name: &str) -> Value {
    match value {
        Value::Object(object) => object.get(name).cloned().unwrap_or_default(),
        _ => Value::Null,
    }
}

fn status(function: Function, status: JobStatus) -> bool {
    match function {
        Function::Always => true,
        Function::Success => status == JobStatus::Success,
        Function::Failure => status == JobStatus::Failure,
        Function::Cancelled => status == JobStatus::Cancelled,
    }
}
