//! JSON as values: what `fromJSON` reads and `toJSON` writes.
//!
//! Of one's own, because `model` reads no files and their libraries stay with them, and because
//! numbers must be exact, the order of names kept and the memory counted.

use crate::model::expression::memory::Memory;
use crate::model::expression::memory::Spent;
use crate::model::expression::number;
use crate::model::expression::value::Object;
use crate::model::expression::value::Value;

/// How deep lists and objects may be nested.
pub(crate) const MAX_DEPTH: usize = 500;

/// Bytes that a value counts for besides its text.
const VALUE_BYTES: usize = 16;

/// Why a text is no JSON.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum JsonError {
    /// A character that cannot stand where it does.
    #[error("unexpected `{found}` at character {at}")]
    Unexpected {
        /// The character.
        found: char,
        /// Which one it is, from 1.
        at: usize,
    },
    /// The text stops in the middle.
    #[error("the text ends too early")]
    End,
    /// Nesting beyond [`MAX_DEPTH`].
    #[error("it is nested more than {MAX_DEPTH} levels deep")]
    Deep,
    /// The values take too much memory.
    #[error("{0}")]
    Memory(#[from] Spent),
}

impl JsonError {
    /// The bytes before the place in the text that it is about.
    pub(crate) fn offset(&self, text: &str) -> usize {
        match self {
            Self::Unexpected { at, .. } => {
                let found = text.char_indices().nth(at.saturating_sub(1));
                found.map_or(text.len(), |(offset, _)| offset)
            }
            Self::End => text.trim_end().len(),
            Self::Deep | Self::Memory(_) => 0,
        }
    }
}

/// Reads a text that is one JSON value.
pub(crate) fn parse(text: &str, memory: &mut Memory) -> Result<Value, JsonError> {
    let mut reader = Reader {
        text,
        at: 0,
        memory,
    };
    let value = reader.value(0)?;
    reader.space();
    match reader.peek() {
        None => Ok(value),
        Some(_) => Err(reader.unexpected()),
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    memory: &'a mut Memory,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn unexpected(&self) -> JsonError {
        match self.rest().chars().next() {
            None => JsonError::End,
            Some(found) => JsonError::Unexpected {
                found,
                at: self.text.get(..self.at).unwrap_or("").chars().count() + 1,
            },
        }
    }

    /// Takes the byte when it is next.
    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, byte: u8) -> Result<(), JsonError> {
        if self.take(byte) {
            Ok(())
        } else {
            Err(self.unexpected())
        }
    }

    fn value(&mut self, depth: usize) -> Result<Value, JsonError> {
        self.memory.take(VALUE_BYTES)?;
        self.space();
        match self.peek() {
            Some(b'{') => self.object(depth + 1),
            Some(b'[') => self.array(depth + 1),
            Some(b'"') => Ok(Value::from(self.string()?)),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true", Value::Boolean(true)),
            Some(b'f') => self.word("false", Value::Boolean(false)),
            Some(b'n') => self.word("null", Value::Null),
            _ => Err(self.unexpected()),
        }
    }

    fn word(&mut self, word: &str, value: Value) -> Result<Value, JsonError> {
        for byte in word.bytes() {
            self.expect(byte)?;
        }
        Ok(value)
    }

    fn array(&mut self, depth: usize) -> Result<Value, JsonError> {
        self.deeper(depth)?;
        let mut items = Vec::new();
        if !self.take(b']') {
            loop {
                items.push(self.value(depth)?);
                self.space();
                if self.take(b']') {
                    break;
                }
                self.expect(b',')?;
            }
        }
        Ok(Value::from(items))
    }

    fn object(&mut self, depth: usize) -> Result<Value, JsonError> {
        self.deeper(depth)?;
        let mut object = Object::new();
        if !self.take(b'}') {
            loop {
                self.space();
                if self.peek() != Some(b'"') {
                    return Err(self.unexpected());
                }
                let name = self.string()?;
                self.space();
                self.expect(b':')?;
                let value = self.value(depth)?;
                object.add(name, value);
                self.space();
                if self.take(b'}') {
                    break;
                }
                self.expect(b',')?;
            }
        }
        Ok(Value::from(object))
    }

    /// Enters a list or an object behind its bracket.
    fn deeper(&mut self, depth: usize) -> Result<(), JsonError> {
        if depth > MAX_DEPTH {
            return Err(JsonError::Deep);
        }
        self.at += 1;
        self.space();
        Ok(())
    }

    fn number(&mut self) -> Result<Value, JsonError> {
        let start = self.at;
        self.take(b'-');
        if !self.take(b'0') {
            self.digits()?;
        }
        if self.take(b'.') {
            self.digits()?;
        }
        if self.take(b'e') || self.take(b'E') {
            let _signed = self.take(b'+') || self.take(b'-');
            self.digits()?;
        }
        let written = self.text.get(start..self.at).unwrap_or("");
        Ok(Value::Number(number::parse(written)))
    }

    fn digits(&mut self) -> Result<(), JsonError> {
        if !self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            return Err(self.unexpected());
        }
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        Ok(())
    }

    fn string(&mut self) -> Result<String, JsonError> {
        self.at += 1;
        let mut value = String::new();
        loop {
            let rest = self.rest();
            let plain = rest
                .bytes()
                .position(|byte| byte < b' ' || matches!(byte, b'"' | b'\\'))
                .ok_or(JsonError::End)?;
            value.push_str(rest.get(..plain).unwrap_or(""));
            self.at += plain;
            if self.take(b'"') {
                self.memory.take(value.len())?;
                return Ok(value);
            }
            if !self.take(b'\\') {
                return Err(self.unexpected());
            }
            value.push(self.escape()?);
        }
    }

    /// The character of an escape, behind its backslash.
    fn escape(&mut self) -> Result<char, JsonError> {
        let character = match self.peek() {
            Some(same @ (b'"' | b'\\' | b'/')) => char::from(same),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.at += 1;
                return self.code_point();
            }
            _ => return Err(self.unexpected()),
        };
        self.at += 1;
        Ok(character)
    }

    /// The character of `\u`, behind the `u`. Half of a pair stands for no character.
    fn code_point(&mut self) -> Result<char, JsonError> {
        let unit = self.unit()?;
        if (0xd800..0xdc00).contains(&unit) && self.rest().starts_with("\\u") {
            let back = self.at;
            self.at += 2;
            let low = self.unit()?;
            if (0xdc00..0xe000).contains(&low) {
                let point = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
                return Ok(char::from_u32(point).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            self.at = back;
        }
        Ok(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn unit(&mut self) -> Result<u32, JsonError> {
        let mut unit = 0;
        for _ in 0..4 {
            let digit = self.peek().and_then(|byte| char::from(byte).to_digit(16));
            unit = unit << 4 | digit.ok_or_else(|| self.unexpected())?;
            self.at += 1;
        }
        Ok(unit)
    }
}

/// Writes a value over several lines, two spaces a level.
pub(crate) fn write(value: &Value, memory: &mut Memory) -> Result<String, Spent> {
    let mut written = String::new();
    write_value(value, 0, &mut written, memory)?;
    Ok(written)
}

fn write_value(
    value: &Value,
    depth: usize,
    written: &mut String,
    memory: &mut Memory,
) -> Result<(), Spent> {
    let before = written.len();
    match value {
        Value::Null => written.push_str("null"),
        Value::Boolean(value) => written.push_str(if *value { "true" } else { "false" }),
        Value::Number(value) if !value.is_finite() => written.push_str("null"),
        Value::Number(value) => written.push_str(&number::write_exact(*value)),
        Value::String(text) => write_string(text, written),
        Value::Array(items) if items.is_empty() => written.push_str("[]"),
        Value::Object(object) if object.is_empty() => written.push_str("{}"),
        Value::Array(items) => {
            let mut opening = '[';
            for item in items.iter() {
                memory.take(new_line(opening, depth + 1, written))?;
                opening = ',';
                write_value(item, depth + 1, written, memory)?;
            }
            memory.take(new_line(' ', depth, written) + 1)?;
            written.push(']');
            return Ok(());
        }
        Value::Object(object) => {
            let mut opening = '{';
            for (name, value) in object.iter() {
                let start = written.len();
                new_line(opening, depth + 1, written);
                opening = ',';
                write_string(name, written);
                written.push_str(": ");
                memory.take(written.len() - start)?;
                write_value(value, depth + 1, written, memory)?;
            }
            memory.take(new_line(' ', depth, written) + 1)?;
            written.push('}');
            return Ok(());
        }
    }
    memory.take(written.len() - before)
}

/// Begins a line behind a bracket or a comma (a space for neither); gives the bytes it took.
fn new_line(opening: char, depth: usize, written: &mut String) -> usize {
    let before = written.len();
    if opening != ' ' {
        written.push(opening);
    }
    written.push('\n');
    written.extend(std::iter::repeat_n("  ", depth));
    written.len() - before
}

fn write_string(text: &str, written: &mut String) {
    written.push('"');
    for character in text.chars() {
        match character {
            '"' => written.push_str("\\\""),
            '\\' => written.push_str("\\\\"),
            '\u{8}' => written.push_str("\\b"),
            '\u{c}' => written.push_str("\\f"),
            '\n' => written.push_str("\\n"),
            '\r' => written.push_str("\\r"),
            '\t' => written.push_str("\\t"),
            control if control < ' ' => {
                let code = u32::from(control);
                written.push_str("\\u00");
                written.extend(
                    [code >> 4, code & 15].map(|digit| char::from_digit(digit, 16).unwrap_or('0')),
                );
            }
            plain => written.push(plain),
        }
    }
    written.push('"');
}
