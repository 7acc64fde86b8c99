//! Conditions of languages that put variables into texts: `${a} == 'x' && {{ b }} > 3`.
//!
//! What stands in braces is a variable, what stands outside is text. Such languages know texts
//! only, so a variable alone asks whether it is `true`.

use crate::base::source::Span;
use crate::model::expression::context::{CONTEXTS, StatusFunctions};
use crate::model::expression::parser::{Names, parse_with};
use crate::model::workflow::import::notes::Notes;

/// What stands for a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Operand {
    /// The expression.
    pub(crate) text: String,
    /// Whether it is a text, of which every one but the empty one would be true.
    pub(crate) is_text: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Variable(Operand),
    /// `==` and the like.
    Comparison(String),
    Not,
    /// Anything else, as it is written out.
    Other(String),
}

/// Makes an expression of a condition. `resolve` gives what stands for a word; it is told whether
/// the word stands in braces, and answers nothing for one that is text.
pub(crate) fn expression(
    condition: &str,
    resolve: &mut dyn FnMut(&str, bool) -> Option<Operand>,
) -> String {
    let tokens = tokens(condition, resolve);
    let mut words: Vec<String> = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|before| tokens.get(before));
        let compared = [before, tokens.get(index + 1)]
            .into_iter()
            .flatten()
            .any(|token| matches!(token, Token::Comparison(_)));
        match token {
            Token::Variable(operand) if operand.is_text && !compared => {
                let negated = before == Some(&Token::Not);
                if negated {
                    words.pop();
                }
                let operator = if negated { "!=" } else { "==" };
                words.push(format!("{} {operator} 'true'", operand.text));
            }
            Token::Variable(operand) => words.push(operand.text.clone()),
            Token::Comparison(text) | Token::Other(text) => words.push(text.clone()),
            Token::Not => words.push("!".to_owned()),
        }
    }
    let mut out = String::new();
    for word in words {
        let close = matches!(word.as_str(), ")" | ",");
        if !out.is_empty() && !close && !out.ends_with(['(', '!']) {
            out.push(' ');
        }
        out.push_str(&word);
    }
    out
}

/// An expression made of a condition, when it is one. Else `false`, and that is said: nothing that
/// the original may have left out runs.
pub(crate) fn sound(expression: String, condition: &str, span: Span, notes: &mut Notes) -> String {
    let contexts: Vec<&str> = CONTEXTS.iter().map(|(name, _)| *name).collect();
    let names = Names {
        contexts: &contexts,
        status_functions: StatusFunctions::OfJobs,
        elsewhere: true,
    };
    if parse_with(&expression, names).is_ok() {
        return expression;
    }
    let message = format!(
        "the condition `{}` is `false`: it is no expression here",
        condition.trim()
    );
    notes.not_taken(span, &message, "write it anew behind `if:`");
    "false".to_owned()
}

/// Functions that are the same in all of these languages.
const FUNCTIONS: &[&str] = &[
    "always",
    "cancelled",
    "contains",
    "endsWith",
    "failure",
    "startsWith",
    "success",
];

fn tokens(condition: &str, resolve: &mut dyn FnMut(&str, bool) -> Option<Operand>) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = condition;
    let mut inside = false;
    while let Some(first) = rest.chars().next() {
        let mut length = first.len_utf8();
        let starts = |text: &str| rest.starts_with(text);
        if let Some(open) = ["${{", "{{", "${"].iter().find(|open| starts(open)) {
            inside = true;
            length = open.len();
        } else if starts("}") {
            inside = false;
        } else if let Some(operator) = ["==", "!=", ">=", "<=", ">", "<"]
            .iter()
            .find(|operator| starts(operator))
        {
            length = operator.len();
            tokens.push(Token::Comparison((*operator).to_owned()));
        } else if starts("&&") || starts("||") {
            length = 2;
            tokens.push(Token::Other(rest.get(..2).unwrap_or("").to_owned()));
        } else if first == '!' {
            tokens.push(Token::Not);
        } else if matches!(first, '"' | '\'') {
            let inner = rest.get(1..).unwrap_or("");
            let end = inner.find(first).unwrap_or(inner.len());
            length = (end + 2).min(rest.len());
            tokens.push(Token::Other(quoted(inner.get(..end).unwrap_or(""))));
        } else if is_word(first) {
            length = rest.find(|next| !is_word(next)).unwrap_or(rest.len());
            let text = rest.get(..length).unwrap_or("");
            let behind = rest.get(length..).unwrap_or("");
            if FUNCTIONS.contains(&text) && behind.trim_start().starts_with('(') {
                tokens.push(Token::Other(format!("{text}(")));
                length += behind.find('(').map_or(0, |open| open + 1);
            } else {
                tokens.push(word(text, inside, resolve));
            }
        } else if !first.is_whitespace() {
            tokens.push(Token::Other(first.to_string()));
        }
        rest = rest.get(length..).unwrap_or("");
    }
    tokens
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || "_.-[]/:@|*".contains(character)
}

fn word(text: &str, inside: bool, resolve: &mut dyn FnMut(&str, bool) -> Option<Operand>) -> Token {
    if text.parse::<f64>().is_ok_and(f64::is_finite) || ["true", "false", "null"].contains(&text) {
        return Token::Other(text.to_owned());
    }
    match resolve(text, inside) {
        Some(operand) => Token::Variable(operand),
        None => match text {
            "and" => Token::Other("&&".to_owned()),
            "or" => Token::Other("||".to_owned()),
            "not" => Token::Not,
            text => Token::Other(quoted(text)),
        },
    }
}

/// A text as a literal of an expression.
pub(crate) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::{Operand, expression};

    #[test]
    fn texts_and_variables_are_told_apart() {
        let table = [
            ("${a}", "v.a == 'true'"),
            ("!${a}", "v.a != 'true'"),
            ("${a} == production", "v.a == 'production'"),
            (
                "${{ a == \"it's\" && b }}",
                "v.a == 'it''s' && v.b == 'true'",
            ),
            ("{{ a }} < 10 || {{b}} != ''", "v.a < 10 || v.b != ''"),
            ("({{ a }} > 1) && true", "(v.a > 1) && true"),
            ("{{ a and not b }}", "v.a == 'true' && v.b != 'true'"),
        ];
        for (text, expected) in table {
            let found = expression(text, &mut |word, inside| {
                let known = inside && !["and", "not"].contains(&word);
                known.then(|| Operand {
                    text: format!("v.{word}"),
                    is_text: true,
                })
            });
            assert_eq!(found, expected, "{text}");
        }
    }
}
