//! Source texts and positions in them.
//!
//! Everything that a person wrote and that we parse is kept as a [`SourceText`], so that any
//! byte range in it can be shown as `file:line:column` with the line itself.

use std::ops::Range;
use std::sync::Arc;

/// A half-open byte range in a [`SourceText`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Span {
    /// Offset of the first byte.
    pub(crate) start: usize,
    /// Offset after the last byte.
    pub(crate) end: usize,
}

impl Span {
    /// Makes a span; an `end` before `start` gives an empty span at `start`.
    pub(crate) fn new(start: usize, end: usize) -> Self {
        Self {
            start,
            end: end.max(start),
        }
    }

    /// The same span `offset` bytes further on, for a text that is part of a larger one.
    pub(crate) fn shifted(self, offset: usize) -> Self {
        Self::new(self.start + offset, self.end + offset)
    }

    /// The span as a range, for slicing and for the snippet renderer.
    pub(crate) fn range(self) -> Range<usize> {
        self.start..self.end
    }
}

/// A line and a column, both counted from 1; the column counts characters, not bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Position {
    /// Line, from 1.
    pub(crate) line: usize,
    /// Column in characters, from 1.
    pub(crate) column: usize,
}

/// A named text; cloning shares it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SourceText {
    path: Arc<str>,
    text: Arc<str>,
}

impl SourceText {
    /// Takes a text under the path that messages name it by (relative to the work tree).
    pub(crate) fn new(path: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> Self {
        Self {
            path: path.into(),
            text: text.into(),
        }
    }

    /// The path that messages show.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// The whole text.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The text of a span; a span outside the text, or not on character boundaries, is empty.
    pub(crate) fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or("")
    }

    /// Line and column of a byte offset; an offset past the end gives the end.
    pub(crate) fn position(&self, offset: usize) -> Position {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let before = self.text.get(..offset).unwrap_or("");
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = before.get(line_start..).unwrap_or("");
        // Nobody sees a byte-order mark, and no editor counts it.
        let line = line.strip_prefix('\u{feff}').unwrap_or(line);
        Position {
            line: before.bytes().filter(|byte| *byte == b'\n').count() + 1,
            column: line.chars().count() + 1,
        }
    }

    /// The span of the line (without its line ending) that holds `offset`.
    pub(crate) fn line_span(&self, offset: usize) -> Span {
        let offset = offset.min(self.text.len());
        let bytes = self.text.as_bytes();
        let start = bytes
            .iter()
            .take(offset)
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |newline| newline + 1);
        let end = bytes
            .iter()
            .skip(start)
            .position(|byte| *byte == b'\n')
            .map_or(bytes.len(), |length| start + length);
        let end = if end > start && bytes.get(end - 1) == Some(&b'\r') {
            end - 1
        } else {
            end
        };
        Span::new(start, end)
    }
}

#[cfg(test)]
mod tests {
    use super::{Position, SourceText, Span};

    fn check(text: &str, offset: usize, line: usize, column: usize) {
        let source = SourceText::new("a.md", text);
        assert_eq!(
            source.position(offset),
            Position { line, column },
            "{text:?} at {offset}"
        );
    }

    #[test]
    fn positions_count_lines_and_characters() {
        check("", 0, 1, 1);
        check("abc", 2, 1, 3);
        check("a\nbc", 2, 2, 1);
        check("é\nüx", 5, 2, 2);
        check("é", 1, 1, 1);
        check("a\n", 99, 2, 1);
        check("\u{feff}abc", 3, 1, 1);
        check("\u{feff}abc", 5, 1, 3);
    }

    #[test]
    fn a_line_span_leaves_out_the_line_ending() {
        let source = SourceText::new("a.md", "one\r\ntwo\nthree");
        assert_eq!(source.slice(source.line_span(1)), "one");
        assert_eq!(source.slice(source.line_span(5)), "two");
        assert_eq!(source.slice(source.line_span(99)), "three");
        assert_eq!(source.slice(Span::new(4, 99)), "");
    }
}
