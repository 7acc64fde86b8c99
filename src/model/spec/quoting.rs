//! Writes a text as a YAML scalar that reads back as the same text.

use crate::model::scalar::plain_value;
use crate::model::tree::Value;

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// Without quotes where that is possible.
    Plain,
    /// In single quotes where that is possible.
    Single,
    /// In double quotes.
    Double,
}

/// Where a scalar stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Context {
    /// After `key: ` or `- `.
    Block,
    /// Inside of `[…]` or `{…}`.
    Flow,
}

/// The style that a scalar was written in, as far as a new value should keep it.
///
/// Quotes say what a person likes only where another style would do: single quotes around a text
/// that needs quotes, and double ones around a text that needs escapes, are what we write too. So
/// the next value goes without, if it can.
pub(crate) fn style_of(written: &str, text: &str, context: Context) -> Style {
    if written.starts_with('"') && !text.chars().any(needs_escape) {
        Style::Double
    } else if written.starts_with('\'') && !needs_quotes(text, context) {
        Style::Single
    } else {
        Style::Plain
    }
}

/// Writes a text in a style, or in the nearest one that can hold it.
pub(crate) fn write(text: &str, style: Style, context: Context) -> String {
    let escapes = text.chars().any(needs_escape);
    match style {
        Style::Plain if !escapes && !needs_quotes(text, context) => text.to_owned(),
        Style::Plain | Style::Single if !escapes => format!("'{}'", text.replace('\'', "''")),
        _ => double_quoted(text),
    }
}

/// Whether a plain scalar would not read back as this text.
pub(crate) fn needs_quotes(text: &str, context: Context) -> bool {
    let Some(first) = text.chars().next() else {
        return true;
    };
    let indicator = match first {
        '-' | '?' | ':' => {
            let second = text.chars().nth(1);
            second.is_none_or(|second| second == ' ' || "[]{},".contains(second))
        }
        _ => "[]{},#&*!|>'\"%@`".contains(first),
    };
    let flow = context == Context::Flow && (text.contains(['[', ']', '{', '}', ',', ':']));
    indicator
        || flow
        || text.trim() != text
        || text.contains(": ")
        || text.contains(" #")
        || text.ends_with(':')
        || text.chars().any(needs_escape)
        || matches!(text, "---" | "..." | "<<")
        || !matches!(plain_value(text), Value::String(_))
}

/// Characters that only an escape in double quotes can hold.
fn needs_escape(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'
        )
}

fn double_quoted(text: &str) -> String {
    let mut written = String::with_capacity(text.len() + 2);
    written.push('"');
    for character in text.chars() {
        match character {
            '"' => written.push_str("\\\""),
            '\\' => written.push_str("\\\\"),
            '\n' => written.push_str("\\n"),
            '\t' => written.push_str("\\t"),
            '\r' => written.push_str("\\r"),
            _ if needs_escape(character) => {
                written.push_str(&format!("\\u{:04x}", u32::from(character)));
            }
            _ => written.push(character),
        }
    }
    written.push('"');
    written
}
