//! What an expression reads: contexts with the names below them.

use crate::base::source::Span;
use crate::model::expression::parser::{Expression, ExpressionKind};

/// A place of a context that an expression reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Read<'a> {
    /// The context and the names below it, as far as they are fixed.
    pub(crate) path: Vec<&'a str>,
    /// Where it stands.
    pub(crate) span: Span,
}

/// All that an expression reads.
pub(crate) fn reads(expression: &Expression) -> Vec<Read<'_>> {
    collect(expression, false)
}

/// What may become part of the text that an expression gives: a comparison gives `true` or
/// `false`, whatever it compares.
pub(crate) fn text_reads(expression: &Expression) -> Vec<Read<'_>> {
    collect(expression, true)
}

fn collect(expression: &Expression, text_only: bool) -> Vec<Read<'_>> {
    let mut reads = Vec::new();
    let mut open = vec![expression];
    while let Some(part) = open.pop() {
        if let Some(path) = path(part) {
            let span = part.span;
            reads.push(Read { path, span });
            continue;
        }
        match &part.kind {
            ExpressionKind::Literal(_) | ExpressionKind::Context(_) => {}
            ExpressionKind::Not(_) | ExpressionKind::Compare(..) if text_only => {}
            ExpressionKind::Property(inner, _) | ExpressionKind::Not(inner) => open.push(inner),
            ExpressionKind::Call(_, inner)
            | ExpressionKind::And(inner)
            | ExpressionKind::Or(inner) => open.extend(inner.iter().rev()),
            ExpressionKind::Compare(first, rest) => {
                open.extend(rest.iter().rev().map(|(_, right)| right));
                open.push(first);
            }
        }
    }
    reads
}

/// The names of a look-up that is nothing but fixed names.
fn path(expression: &Expression) -> Option<Vec<&str>> {
    let mut names = Vec::new();
    let mut part = expression;
    loop {
        match &part.kind {
            ExpressionKind::Context(name) => {
                names.push(name.as_str());
                names.reverse();
                return Some(names);
            }
            ExpressionKind::Property(inner, name) => {
                names.push(name.as_str());
                part = inner;
            }
            _ => return None,
        }
    }
}
