//! Reads the few shapes that front matter nearly always has, in one pass over its lines.
//!
//! A document is read here when it is `key: value` lines in the first column, where a value is
//! nothing, one plain or quoted text on the same line, or a list of such texts below the key.
//! Anything else, and all that is in doubt, is left to the parser: this reader has no errors, and
//! where it answers, it answers the very tree that the parser gives. A property test holds the two
//! against each other. It takes a tenth of the parser's instructions, and 10,000 specs are read
//! by every `spec list`.

use crate::base::source::Span;
use crate::model::scalar;
use crate::model::tree::Entry;
use crate::model::tree::Node;
use crate::model::tree::Value;

/// Longest document that is read here, in bytes: far too short for any limit of the parser.
const BYTES: usize = 64 * 1024;

/// Longest key, in bytes; the parser takes up to 1,024 characters.
const KEY_BYTES: usize = 128;

/// The tree of a document, if it has nothing but the simple shapes; `base` is where the text
/// starts in its file.
pub(super) fn read(text: &str, base: usize) -> Option<Node> {
    if text.len() > BYTES || !characters_are_harmless(text) {
        return None;
    }
    let mut reader = Reader { text, base, at: 0 };
    reader.skip_blank_lines();
    let start = reader.at;
    // As many as stay below what the allocator takes for large, which costs more.
    let mut entries = Vec::with_capacity(11);
    let mut end = start;
    while reader.at < text.len() {
        let entry = reader.entry(&mut end)?;
        entries.push(entry);
        reader.skip_blank_lines();
    }
    if entries.is_empty() {
        return None;
    }
    Some(Node {
        span: reader.span(start, end),
        value: Value::Mapping(entries),
    })
}

/// Whether every character means nothing but itself, the line feed aside: no tabs, carriage
/// returns, other breaks, marks without a width, private or unassigned ends of planes.
fn characters_are_harmless(text: &str) -> bool {
    let plain = |byte: u8| matches!(byte, b' '..=b'~' | b'\n');
    // As in `control_character`: in one pass that compilers know to do many bytes at a time.
    if text.bytes().filter(|byte| !plain(*byte)).count() == 0 {
        return true;
    }
    text.chars().all(|character| {
        matches!(character,
            ' '..='~' | '\n' | '\u{a1}'..='\u{ac}' | '\u{ae}'..='\u{1fff}'
            | '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{205e}' | '\u{2070}'..='\u{d7ff}'
            | '\u{f900}'..='\u{fdcf}' | '\u{1f000}'..='\u{1faff}')
    })
}

struct Reader<'a> {
    text: &'a str,
    base: usize,
    /// The start of the line that is read next.
    at: usize,
}

impl Reader<'_> {
    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.base + start, self.base + end)
    }

    fn byte(&self, offset: usize) -> Option<u8> {
        self.text.as_bytes().get(offset).copied()
    }

    fn skip_blank_lines(&mut self) {
        while self.byte(self.at) == Some(b'\n') {
            self.at += 1;
        }
    }

    /// One key with its value; `end` becomes the end of what is written of it.
    fn entry(&mut self, end: &mut usize) -> Option<Entry> {
        let start = self.at;
        let rest = self.text.as_bytes().get(start..)?;
        let length = rest
            .iter()
            .take(KEY_BYTES + 1)
            .position(|byte| !byte.is_ascii_alphanumeric() && !b"_-".contains(byte))?;
        let colon = start + length;
        let letter = rest.first().is_some_and(u8::is_ascii_alphabetic);
        if !letter || self.byte(colon) != Some(b':') {
            return None;
        }
        *end = colon + 1;
        let value = match self.byte(colon + 1) {
            None | Some(b'\n') => {
                self.at = (colon + 2).min(self.text.len());
                self.list(end)?.unwrap_or(Node {
                    span: self.span(colon + 1, colon + 1),
                    value: Value::Null,
                })
            }
            Some(b' ') => {
                let node = self.scalar(colon + 2, end)?;
                // What is indented below a text goes on with it, or is a mistake.
                self.skip_blank_lines();
                if self.byte(self.at) == Some(b' ') {
                    return None;
                }
                node
            }
            Some(_) => return None,
        };
        Some(Entry {
            key: self.text.get(start..colon)?.to_owned(),
            key_span: self.span(start, colon),
            value,
        })
    }

    /// The list below a key, if there is one: items in one column, each on a line of its own.
    #[expect(clippy::option_option, reason = "no list is one answer, doubt another")]
    fn list(&mut self, end: &mut usize) -> Option<Option<Node>> {
        self.skip_blank_lines();
        let indent = self.indent();
        let start = self.at + indent;
        if self.byte(start) != Some(b'-') {
            // Indented text would be the value of the key.
            return if indent == 0 { Some(None) } else { None };
        }
        let mut nodes = Vec::new();
        loop {
            let dash = self.at + indent;
            if self.byte(dash + 1) != Some(b' ') {
                return None;
            }
            nodes.push(self.scalar(dash + 2, end)?);
            self.skip_blank_lines();
            let next = self.indent();
            if next == indent && self.byte(self.at + next) == Some(b'-') {
                continue;
            }
            if next > 0 {
                return None;
            }
            return Some(Some(Node {
                span: self.span(start, *end),
                value: Value::Sequence(nodes),
            }));
        }
    }

    /// Spaces before the next line.
    fn indent(&self) -> usize {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        rest.iter().take_while(|byte| **byte == b' ').count()
    }

    /// The text from an offset to the end of the line, which is then left behind.
    fn scalar(&mut self, offset: usize, end: &mut usize) -> Option<Node> {
        let line = self.text.get(offset..)?;
        let length = line.find('\n').unwrap_or(line.len());
        let line = line.get(..length)?;
        self.at = (offset + length + 1).min(self.text.len());
        *end = offset + length;
        let value = match line.as_bytes().first()? {
            quote @ (b'\'' | b'"') => Value::String(quoted(line, char::from(*quote))?.to_owned()),
            _ => plain(line)?,
        };
        Some(Node {
            span: self.span(offset, *end),
            value,
        })
    }
}

/// What stands between quotes, if nothing in it is written otherwise than it is read.
fn quoted(line: &str, quote: char) -> Option<&str> {
    let inner = line.strip_prefix(quote)?.strip_suffix(quote)?;
    (!inner.contains([quote, '\\'])).then_some(inner)
}

/// The value of a text without quotes that is neither a mapping nor followed by a comment.
fn plain(line: &str) -> Option<Value> {
    let bytes = line.as_bytes();
    let ordinary = |byte: &u8| byte.is_ascii_alphanumeric() || !byte.is_ascii();
    let last = bytes.last()?;
    if !ordinary(bytes.first()?) || matches!(last, b' ' | b':') {
        return None;
    }
    let special = bytes
        .iter()
        .zip(bytes.iter().skip(1))
        .any(|(one, other)| matches!((one, other), (b':', b' ') | (b' ', b'#')));
    (!special).then(|| scalar::plain_value(line))
}

#[cfg(test)]
mod tests;
