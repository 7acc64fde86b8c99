//! Sets one key of the configuration and leaves every other byte as it was.
//!
//! `toml_edit` gives the places; the bytes between them are never written anew, because its own
//! writer turns CRLF into LF.

use std::ops::Range;

use toml_edit::{Document, DocumentMut, Item, Table, TableLike, Value};

use crate::base::source::SourceText;
use crate::state::Error;
use crate::state::format::config_v1::read;
use crate::state::format::toml_tree;
use crate::state::format::toml_tree::quoted;

/// A value that a key is set to.
#[cfg_attr(
    not(test),
    expect(dead_code, reason = "the tests set values of every kind")
)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Setting {
    /// A text.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A list of texts.
    Texts(Vec<String>),
}

/// The text with `key` of the table `table` set to `value`.
pub(crate) fn set(
    source: &SourceText,
    table: &str,
    key: &str,
    value: &Setting,
) -> Result<String, Error> {
    let text = source.text();
    let document = parse(source)?;
    let Some(item) = document.as_table().get(table) else {
        return Ok(append_table(text, table, key, value));
    };
    let outer = item.as_table_like().ok_or_else(|| invalid(source))?;
    if let Some(present) = outer.get(key) {
        let (Some(span), Some(old)) = (present.span(), present.as_value()) else {
            return Err(invalid(source));
        };
        if same(old, value) {
            return Ok(text.to_owned());
        }
        let style = text.get(span.clone()).unwrap_or("");
        return Ok(splice(text, span, &literal(value, style)));
    }
    match item
        .as_table()
        .filter(|table| !table.is_dotted() && !table.is_implicit())
    {
        Some(section) => Ok(insert_line(text, section, key, value)),
        None => through_document(source, table, |outer| {
            outer.insert(key, Item::Value(toml_value(value)));
        }),
    }
}

/// The text without `key` of the table `table`; its comment on the same line goes with it.
#[cfg(test)]
pub(crate) fn unset(source: &SourceText, table: &str, key: &str) -> Result<String, Error> {
    let text = source.text();
    let document = parse(source)?;
    let Some(item) = document.as_table().get(table) else {
        return Ok(text.to_owned());
    };
    let Some((name, value)) = item
        .as_table_like()
        .and_then(|table| table.get_key_value(key))
    else {
        return Ok(text.to_owned());
    };
    let spans = name.span().zip(value.span());
    match (item.as_table().filter(|table| !table.is_dotted()), spans) {
        (Some(_), Some((name, value))) => {
            let lines = line_start(text, name.start)..line_end(text, value.end);
            Ok(splice(text, lines, ""))
        }
        _ => through_document(source, table, |outer| {
            outer.remove(key);
        }),
    }
}

fn parse(source: &SourceText) -> Result<Document<&str>, Error> {
    Document::parse(source.text()).map_err(|_| invalid(source))
}

fn invalid(source: &SourceText) -> Error {
    let (_, syntax) = toml_tree::parse(source);
    let problems = if syntax.is_empty() {
        read(source).problems
    } else {
        syntax
    };
    Error::Invalid {
        path: source.path().to_owned(),
        problems,
    }
}

fn same(old: &Value, new: &Setting) -> bool {
    match new {
        Setting::Text(text) => old.as_str() == Some(text),
        Setting::Integer(number) => old.as_integer() == Some(*number),
        Setting::Texts(texts) => old.as_array().is_some_and(|array| {
            array.len() == texts.len()
                && array
                    .iter()
                    .zip(texts)
                    .all(|(old, new)| old.as_str() == Some(new))
        }),
    }
}

/// The value as TOML, quoted the way that `style`, the value there before, is.
fn literal(value: &Setting, style: &str) -> String {
    match value {
        Setting::Text(text) => {
            let plain = style.starts_with('\'') && !style.starts_with("'''");
            if plain && !text.contains('\'') && !text.chars().any(char::is_control) {
                format!("'{text}'")
            } else {
                quoted(text)
            }
        }
        Setting::Integer(number) => number.to_string(),
        Setting::Texts(texts) => {
            let texts: Vec<String> = texts.iter().map(|text| quoted(text)).collect();
            format!("[{}]", texts.join(", "))
        }
    }
}

fn toml_value(value: &Setting) -> Value {
    match value {
        Setting::Text(text) => text.as_str().into(),
        Setting::Integer(number) => (*number).into(),
        Setting::Texts(texts) => texts.iter().map(String::as_str).collect::<Value>(),
    }
}

fn splice(text: &str, range: Range<usize>, new: &str) -> String {
    let before = text.get(..range.start).unwrap_or("");
    let after = text.get(range.end..).unwrap_or("");
    [before, new, after].concat()
}

fn insert_line(text: &str, section: &Table, key: &str, value: &Setting) -> String {
    let last = section
        .iter()
        .filter_map(|(_, item)| item.as_value()?.span())
        .max_by_key(|span| span.end)
        .or_else(|| section.span())
        .unwrap_or(text.len()..text.len());
    let at = line_end(text, last.end);
    let ending = line_ending(text);
    let unended = !text.get(..at).unwrap_or("").ends_with('\n');
    let lead = if unended { ending } else { "" };
    let line = format!("{lead}{key} = {}{ending}", literal(value, ""));
    splice(text, at..at, &line)
}

fn append_table(text: &str, table: &str, key: &str, value: &Setting) -> String {
    let ending = line_ending(text);
    let lead = match text {
        "" => "",
        _ if text.ends_with('\n') => ending,
        _ => &ending.repeat(2),
    };
    let literal = literal(value, "");
    format!("{text}{lead}[{table}]{ending}{key} = {literal}{ending}")
}

/// Edits a table that is written inline or with dotted keys, where no line is its own.
fn through_document(
    source: &SourceText,
    table: &str,
    change: impl FnOnce(&mut dyn TableLike),
) -> Result<String, Error> {
    let mut document: DocumentMut = source.text().parse().map_err(|_| invalid(source))?;
    let outer = document
        .get_mut(table)
        .and_then(Item::as_table_like_mut)
        .ok_or_else(|| invalid(source))?;
    change(outer);
    let text = document.to_string();
    if line_ending(source.text()) == "\r\n" {
        return Ok(text.replace("\r\n", "\n").replace('\n', "\r\n"));
    }
    Ok(text)
}

fn line_ending(text: &str) -> &'static str {
    if text.contains("\r\n") { "\r\n" } else { "\n" }
}

#[cfg(test)]
fn line_start(text: &str, at: usize) -> usize {
    let before = text.get(..at).unwrap_or("");
    before.rfind('\n').map_or(0, |newline| newline + 1)
}

fn line_end(text: &str, at: usize) -> usize {
    let after = text.get(at..).unwrap_or("");
    after
        .find('\n')
        .map_or(text.len(), |newline| at + newline + 1)
}
