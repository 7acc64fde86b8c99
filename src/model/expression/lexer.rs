//! Cuts the text of an expression into words.
//!
//! Which of them can stand where is the parser's matter.

use crate::base::source::Span;
use crate::model::expression::error::Error;
use crate::model::expression::error::Fault;
use crate::model::expression::number;

/// Most characters of one expression, in UTF-16 as on GitHub.
pub(crate) const MAX_LENGTH: usize = 21_000;

/// A word of the language.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum TokenKind {
    /// A name, or a key after a dot.
    Identifier(String),
    /// A number.
    Number(f64),
    /// A string without its quotes.
    String(String),
    /// `true` or `false`.
    Boolean(bool),
    /// `null`.
    Null,
    /// An operator, bracket, dot or comma.
    Symbol(&'static str),
}

/// A word and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Token {
    /// The word.
    pub(crate) kind: TokenKind,
    /// Where it stands in the expression.
    pub(crate) span: Span,
}

impl Token {
    /// Whether it is this operator or bracket.
    pub(crate) fn is(&self, symbol: &str) -> bool {
        matches!(self.kind, TokenKind::Symbol(found) if found == symbol)
    }
}

/// Operators and brackets, the longer of two that start alike first.
const SYMBOLS: &[&str] = &[
    "!=", "==", "<=", ">=", "&&", "||", "!", "<", ">", "(", ")", "[", "]", ",", ".", "*",
];

/// Cuts a text into words.
pub(crate) fn lex(text: &str) -> Result<Vec<Token>, Error> {
    let length = text.encode_utf16().count();
    if length > MAX_LENGTH {
        let fault = Fault::TooLong {
            found: length,
            limit: MAX_LENGTH,
        };
        return Err(Error::new(fault, Span::new(0, text.len())));
    }
    let mut tokens: Vec<Token> = Vec::new();
    let mut offset = 0;
    while let Some(first) = text.get(offset..).and_then(|rest| rest.chars().next()) {
        if matches!(first, ' ' | '\t' | '\r' | '\n') {
            offset += first.len_utf8();
            continue;
        }
        let (kind, end) = next_token(text, offset, first, tokens.last())?;
        tokens.push(Token {
            kind,
            span: Span::new(offset, end),
        });
        offset = end;
    }
    Ok(tokens)
}

/// Reads the word at `offset` and says where it ends.
fn next_token(
    text: &str,
    offset: usize,
    first: char,
    previous: Option<&Token>,
) -> Result<(TokenKind, usize), Error> {
    let rest = text.get(offset..).unwrap_or("");
    if first == '\'' {
        return string(rest, offset);
    }
    let dotted = previous.is_some_and(|token| token.is("."));
    // A dot after a value takes a property of it; anywhere else it starts a number.
    let starts_number = match first {
        '.' => !previous.is_some_and(takes_property),
        '+' | '-' => true,
        _ => first.is_ascii_digit(),
    };
    if starts_number {
        return numeral(rest, offset);
    }
    if let Some(symbol) = SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol)) {
        return Ok((TokenKind::Symbol(symbol), offset + symbol.len()));
    }
    // The first character is taken as it is: a lone `=` or `&` is its own boundary.
    let end = first.len_utf8() + word_length(rest.get(first.len_utf8()..).unwrap_or(""), false);
    let word = rest.get(..end).unwrap_or("");
    let end = offset + end;
    if !is_identifier(word) {
        let fault = if first == '"' {
            Fault::DoubleQuotes
        } else {
            Fault::UnexpectedText {
                found: word.to_owned(),
            }
        };
        return Err(Error::new(fault, Span::new(offset, end)));
    }
    let kind = match word {
        _ if dotted => TokenKind::Identifier(word.to_owned()),
        "true" => TokenKind::Boolean(true),
        "false" => TokenKind::Boolean(false),
        "null" => TokenKind::Null,
        "NaN" => TokenKind::Number(f64::NAN),
        "Infinity" => TokenKind::Number(f64::INFINITY),
        _ => TokenKind::Identifier(word.to_owned()),
    };
    Ok((kind, end))
}

/// Whether a dot after this word takes a property of a value.
fn takes_property(token: &Token) -> bool {
    matches!(token.kind, TokenKind::Identifier(_))
        || token.is(")")
        || token.is("]")
        || token.is("*")
}

/// Reads a string; `''` in it is one quote.
fn string(rest: &str, offset: usize) -> Result<(TokenKind, usize), Error> {
    let mut value = String::new();
    let mut characters = rest.char_indices().skip(1).peekable();
    while let Some((index, character)) = characters.next() {
        if character != '\'' {
            value.push(character);
        } else if characters.peek().is_some_and(|(_, next)| *next == '\'') {
            value.push('\'');
            characters.next();
        } else {
            return Ok((TokenKind::String(value), offset + index + 1));
        }
    }
    let span = Span::new(offset, offset + rest.len());
    Err(Error::new(Fault::UnclosedString, span))
}

/// Reads a number: everything up to the next boundary must be one.
fn numeral(rest: &str, offset: usize) -> Result<(TokenKind, usize), Error> {
    // The sign or dot that starts it is no boundary.
    let length = 1 + word_length(rest.get(1..).unwrap_or(""), true);
    let word = rest.get(..length).unwrap_or("");
    let span = Span::new(offset, offset + length);
    let parsed = number::parse(word);
    if parsed.is_nan() {
        let found = word.to_owned();
        return Err(Error::new(Fault::BadNumber { found }, span));
    }
    Ok((TokenKind::Number(parsed), span.end))
}

/// Bytes up to the next character that ends a word.
fn word_length(rest: &str, dots: bool) -> usize {
    rest.char_indices()
        .find(|(_, character)| {
            number::is_space(*character)
                || matches!(
                    character,
                    '(' | ')' | '[' | ']' | ',' | '!' | '>' | '<' | '=' | '&' | '|'
                )
                || (*character == '.' && !dots)
        })
        .map_or(rest.len(), |(index, _)| index)
}

/// Whether a text is a name: a letter or `_`, then letters, digits, `_` and `-`.
pub(crate) fn is_identifier(word: &str) -> bool {
    let mut bytes = word.bytes();
    bytes
        .next()
        .is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}
