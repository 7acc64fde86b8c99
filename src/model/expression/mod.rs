//! The expression language of workflows: what stands in `${{ }}` and in `if:`.
//!
//! GitHub's language, whole. Text goes through [`lexer`], [`parser`] and [`evaluate`]; values and
//! their coercions are in [`value`], what functions do is in [`function`]. Pure: it knows neither
//! workflows nor where contexts come from.

pub(crate) mod context;
pub(crate) mod error;
pub(crate) mod evaluate;
pub(crate) mod function;
pub(crate) mod json;
pub(crate) mod lexer;
pub(crate) mod memory;
pub(crate) mod number;
pub(crate) mod object;
pub(crate) mod origin;
pub(crate) mod parser;
pub(crate) mod template;
pub(crate) mod tree;
pub(crate) mod value;

#[cfg(test)]
mod tests;

pub(crate) use crate::model::expression::context::Context;
pub(crate) use crate::model::expression::context::JobStatus;
pub(crate) use crate::model::expression::context::Scope;
pub(crate) use crate::model::expression::context::StatusFunctions;
pub(crate) use crate::model::expression::error::Error;
pub(crate) use crate::model::expression::template::Template;
pub(crate) use crate::model::expression::value::Object;
pub(crate) use crate::model::expression::value::Value;
