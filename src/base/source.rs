//! Source texts and positions in them.
//!
//! Everything that a person wrote and that we parse is kept as a [`SourceText`], so that any
//! byte range in it can be shown as `file:line:column` with the line itself.

use std::fmt;
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
///
/// It may be made of several files, one after the other: a span is a pair of offsets into the whole,
/// and [`locate`](Self::locate) tells the file that an offset belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SourceText {
    path: Arc<str>,
    text: Arc<str>,
    /// The files after the first; nothing for a text of one file.
    more: Option<Arc<[Part]>>,
}

/// A file in a text of several.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Part {
    path: Arc<str>,
    /// Offset of its first byte; what stands before it is the end of the file before.
    start: usize,
}

/// A place as people name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Located<'a> {
    /// The path of the file.
    pub(crate) path: &'a str,
    /// Line and column in that file.
    pub(crate) position: Position,
}

impl fmt::Display for Located<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Position { line, column } = self.position;
        write!(formatter, "{}:{line}:{column}", self.path)
    }
}

impl SourceText {
    /// Takes a text under the path that messages name it by (relative to the work tree).
    pub(crate) fn new(path: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> Self {
        Self {
            path: path.into(),
            text: text.into(),
            more: None,
        }
    }

    /// Joins files to one text; its path is that of the first one.
    ///
    /// Offsets in the first file stay; those in a later one move by the second value, which has the
    /// offset of each file's first byte in the order given. Files that are joined already stay so.
    pub(crate) fn combined(files: &[Self]) -> (Self, Vec<usize>) {
        let Some((first, others)) = files.split_first() else {
            return (Self::new("", ""), Vec::new());
        };
        if others.is_empty() {
            return (first.clone(), vec![0]);
        }
        let mut text = String::new();
        let mut starts = Vec::with_capacity(files.len());
        let mut parts = Vec::new();
        for file in files {
            if !starts.is_empty() {
                // Keeps the end of a file apart from the start of the next, and its last line too.
                text.push('\n');
            }
            let start = text.len();
            starts.push(start);
            parts.push(Part {
                path: Arc::clone(&file.path),
                start,
            });
            let inner = file.more.iter().flat_map(|parts| parts.iter());
            parts.extend(inner.map(|part| Part {
                path: Arc::clone(&part.path),
                start: part.start + start,
            }));
            text.push_str(&file.text);
        }
        let joined = Self {
            path: Arc::clone(&first.path),
            text: text.into(),
            more: Some(parts.into_iter().skip(1).collect()),
        };
        (joined, starts)
    }

    /// The path that messages show: of several files, that of the first.
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

    /// The path of the file that holds an offset, and where that file begins.
    fn part(&self, offset: usize) -> (&str, usize) {
        let parts = self.more.as_deref().unwrap_or_default();
        let after = parts.partition_point(|part| part.start <= offset);
        let part = after.checked_sub(1).and_then(|index| parts.get(index));
        part.map_or((&self.path, 0), |part| (&part.path, part.start))
    }

    /// The path of the file that holds an offset.
    pub(crate) fn path_at(&self, offset: usize) -> &str {
        self.part(offset).0
    }

    /// The file, the line and the column of a byte offset.
    pub(crate) fn locate(&self, offset: usize) -> Located<'_> {
        Located {
            path: self.path_at(offset),
            position: self.position(offset),
        }
    }

    /// Line and column of a byte offset in its file; an offset past the end gives the end.
    pub(crate) fn position(&self, offset: usize) -> Position {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let (_, start) = self.part(offset);
        let before = self.text.get(start..offset).unwrap_or("");
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

    #[test]
    fn several_files_are_one_text_in_which_each_place_is_found() {
        let files = [
            SourceText::new("a.yaml", "one\ntwo"),
            SourceText::new("b.yaml", "\u{feff}drei\n"),
            SourceText::new("c.yaml", ""),
        ];
        let (source, starts) = SourceText::combined(&files);
        assert_eq!(source.path(), "a.yaml");
        assert_eq!(starts, [0, 8, 17]);
        let check = |offset: usize, expected: &str| {
            assert_eq!(source.locate(offset).to_string(), expected, "{offset}");
        };
        check(0, "a.yaml:1:1");
        check(4, "a.yaml:2:1");
        check(7, "a.yaml:2:4");
        check(11, "b.yaml:1:1");
        check(13, "b.yaml:1:3");
        check(16, "b.yaml:2:1");
        check(17, "c.yaml:1:1");
        check(99, "c.yaml:1:1");
        assert_eq!(source.slice(source.line_span(5)), "two");
        assert_eq!(source.slice(source.line_span(12)), "\u{feff}drei");
        let (again, starts) = SourceText::combined(&[SourceText::new("z", "z"), source]);
        assert_eq!(starts, [0, 2]);
        assert_eq!(again.locate(6).to_string(), "a.yaml:2:1");
        assert_eq!(again.locate(15).to_string(), "b.yaml:1:3");
    }
}
