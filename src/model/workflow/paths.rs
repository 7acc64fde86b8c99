//! What may become part of the text that an expression gives.

use crate::model::expression::function::Function;
use crate::model::expression::tree::{Expression, ExpressionKind, Read};

/// The reads whose text may be in the text of an expression: a comparison gives `true` or
/// `false`, whatever it compares, and what chooses an item is not part of it.
pub(crate) fn text_reads(expression: &Expression) -> Vec<Read<'_>> {
    let mut reads = Vec::new();
    let mut open = vec![expression];
    while let Some(part) = open.pop() {
        if let Some(path) = part.path() {
            let span = part.span;
            reads.push(Read { path, span });
            continue;
        }
        match &part.kind {
            ExpressionKind::Literal(_)
            | ExpressionKind::Context(_)
            | ExpressionKind::Not(_)
            | ExpressionKind::Compare(..) => {}
            ExpressionKind::Call(function, _) if !gives_text(*function) => {}
            ExpressionKind::Property(inner, name) => match of_each(inner) {
                Some(context) => reads.push(Read {
                    path: vec![context, "*", name],
                    span: part.span,
                }),
                None => open.push(inner),
            },
            ExpressionKind::All(inner) | ExpressionKind::Index(inner, _) => open.push(inner),
            // Of the operands before the last one only what counts as false is ever given: no text.
            ExpressionKind::And(inner) => open.extend(inner.last()),
            ExpressionKind::Call(_, inner) | ExpressionKind::Or(inner) => {
                open.extend(inner.iter().rev());
            }
        }
    }
    reads
}

/// The context whose every entry an expression takes, as in `needs.*`.
fn of_each(expression: &Expression) -> Option<&str> {
    let ExpressionKind::All(inner) = &expression.kind else {
        return None;
    };
    match &inner.kind {
        ExpressionKind::Context(name) => Some(name),
        _ => None,
    }
}

/// Whether text of its arguments may be in what a function gives.
fn gives_text(function: Function) -> bool {
    matches!(
        function,
        Function::Case | Function::Format | Function::FromJson | Function::Join | Function::ToJson
    )
}

/// Whether an expression asks for the digest of files.
pub(crate) fn hashes_files(expression: &Expression) -> bool {
    let mut found = false;
    expression.walk(&mut |part| {
        found |= matches!(part.kind, ExpressionKind::Call(Function::HashFiles, _));
    });
    found
}
