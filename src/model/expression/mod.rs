//! The expression language of workflows: what stands in `${{ }}` and in `if:`.
//!
//! GitHub's language, in its first form: literals, dotted look-up, comparison and logic, and the
//! status functions. Text goes through [`lexer`], [`parser`] and [`evaluate`]; values and their
//! coercions are in [`value`]. Pure: it knows neither workflows nor where contexts come from.

pub(crate) mod context;
pub(crate) mod error;
pub(crate) mod evaluate;
pub(crate) mod lexer;
pub(crate) mod origin;
pub(crate) mod parser;
pub(crate) mod template;
pub(crate) mod value;

#[cfg(test)]
mod tests;

pub(crate) use crate::model::expression::context::Context;
pub(crate) use crate::model::expression::context::JobStatus;
pub(crate) use crate::model::expression::context::Scope;
pub(crate) use crate::model::expression::error::Error;
pub(crate) use crate::model::expression::template::Template;
pub(crate) use crate::model::expression::value::Object;
pub(crate) use crate::model::expression::value::Value;
