//! The values of legs as the record holds them: JSON on one line.

use std::fmt::Write as _;

use crate::base::limits;
use crate::model::expression::Value;
use crate::model::expression::json;
use crate::model::expression::memory::Memory;

/// A value as JSON. What JSON has no number for becomes `null`.
pub(crate) fn write(value: &Value) -> String {
    let mut text = String::new();
    write_value(value, &mut text);
    text
}

fn write_value(value: &Value, text: &mut String) {
    match value {
        Value::Boolean(value) => text.push_str(if *value { "true" } else { "false" }),
        Value::Number(number) if number.is_finite() => text.push_str(&value.to_text()),
        Value::Null | Value::Number(_) => text.push_str("null"),
        Value::String(value) => write_text(value, text),
        Value::Array(items) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                write_value(item, text);
            }
            text.push(']');
        }
        Value::Object(object) => {
            text.push('{');
            for (index, (name, value)) in object.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                write_text(name, text);
                text.push(':');
                write_value(value, text);
            }
            text.push('}');
        }
    }
}

fn write_text(value: &str, text: &mut String) {
    text.push('"');
    for character in value.chars() {
        match character {
            '"' | '\\' => text.extend(['\\', character]),
            '\n' => text.push_str("\\n"),
            character if character.is_control() => {
                // Writing into a text does not fail.
                let _ = write!(text, "\\u{:04x}", u32::from(character));
            }
            character => text.push(character),
        }
    }
    text.push('"');
}

/// The value that was written.
pub(crate) fn read(text: &str) -> Option<Value> {
    json::parse(text, &mut Memory::new(limits::LEGS_BYTES * MEMORY_OF_TEXT)).ok()
}

/// Most memory that a byte of JSON takes as a value.
const MEMORY_OF_TEXT: usize = 64;
