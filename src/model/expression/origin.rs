//! Finds the bytes of a file that a piece of a YAML string was written with.
//!
//! A string is not always what stands in the file: quotes, escapes, indentation and folded lines
//! are gone. So that an error inside a string can be shown where it stands, both are walked side
//! by side. Where they cannot be matched, the whole string is shown: less exact, never wrong.

use crate::base::source::SourceText;
use crate::base::source::Span;

/// Where the bytes of one string come from.
#[derive(Debug)]
pub(crate) struct Origin {
    whole: Span,
    /// For each byte of the string the span of its character in the file.
    bytes: Vec<Span>,
}

impl Origin {
    /// Matches a string with the span of the node that it is the value of.
    pub(crate) fn new(source: &SourceText, node: Span, value: &str) -> Self {
        let raw = source.slice(node);
        let bytes = Walk::new(raw).run(value);
        Self {
            whole: node,
            bytes: bytes
                .into_iter()
                .map(|span| span.shifted(node.start))
                .collect(),
        }
    }

    /// A string that stands nowhere: every piece of it is at `span`.
    #[cfg(test)]
    pub(crate) fn at(span: Span) -> Self {
        Self {
            whole: span,
            bytes: Vec::new(),
        }
    }

    /// The place in the file of a piece of the string.
    pub(crate) fn span(&self, piece: Span) -> Span {
        let start = match self.bytes.get(piece.start) {
            Some(first) => first.start,
            // Behind the last byte.
            None => match self.bytes.last() {
                Some(last) if piece.start == self.bytes.len() => last.end,
                _ => return self.whole,
            },
        };
        if piece.end <= piece.start {
            return Span::new(start, start);
        }
        match self.bytes.get(piece.end - 1) {
            Some(last) => Span::new(start, last.end),
            None => self.whole,
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Style {
    Plain,
    SingleQuoted,
    DoubleQuoted,
}

struct Walk<'a> {
    raw: &'a str,
    at: usize,
    style: Style,
}

impl<'a> Walk<'a> {
    fn new(raw: &'a str) -> Self {
        let (style, at) = match raw.bytes().next() {
            Some(b'\'') => (Style::SingleQuoted, 1),
            Some(b'"') => (Style::DoubleQuoted, 1),
            // The header of a block scalar ends with its line.
            Some(b'|' | b'>') => (Style::Plain, raw.find('\n').unwrap_or(raw.len())),
            _ => (Style::Plain, 0),
        };
        Self { raw, at, style }
    }

    /// The raw span of each byte of the value; shorter where the two stop matching.
    fn run(mut self, value: &str) -> Vec<Span> {
        let mut bytes = Vec::with_capacity(value.len());
        for character in value.chars() {
            let Some(span) = self.find(character) else {
                break;
            };
            bytes.extend(std::iter::repeat_n(span, character.len_utf8()));
        }
        bytes
    }

    /// The raw span of the next character of the value.
    fn find(&mut self, wanted: char) -> Option<Span> {
        loop {
            let start = self.at;
            let Some((found, length)) = self.character() else {
                // A block scalar may end with a line feed that its span leaves out.
                return wanted.is_whitespace().then(|| Span::new(start, start));
            };
            if found == Some(wanted) || (wanted == ' ' && found == Some('\n')) {
                self.at += length;
                return Some(Span::new(start, self.at));
            }
            match found {
                // A continued line, or white space that the string does not have.
                None => self.at += length,
                Some(found) if found.is_whitespace() => self.at += length,
                // White space that only the string has: a folded line.
                Some(_) if wanted.is_whitespace() => return Some(Span::new(start, start)),
                Some(_) => return None,
            }
        }
    }

    /// The character that the raw text holds here, and how many bytes it takes; no character
    /// for an escaped line end.
    fn character(&self) -> Option<(Option<char>, usize)> {
        let rest = self.raw.get(self.at..)?;
        let first = rest.chars().next()?;
        match (self.style, first) {
            (Style::SingleQuoted, '\'') if rest.starts_with("''") => Some((Some('\''), 2)),
            (Style::DoubleQuoted, '\\') => Some(escape(rest)),
            _ => Some((Some(first), first.len_utf8())),
        }
    }
}

/// The character of an escape in double quotes, and the length of the escape.
fn escape(rest: &str) -> (Option<char>, usize) {
    let Some(letter) = rest.chars().nth(1) else {
        return (Some('\\'), 1);
    };
    let hex = |digits: usize| {
        let character = rest
            .get(2..2 + digits)
            .and_then(|digits| u32::from_str_radix(digits, 16).ok())
            .and_then(char::from_u32);
        (character, 2 + digits)
    };
    let character = match letter {
        'x' => return hex(2),
        'u' => return hex(4),
        'U' => return hex(8),
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        'e' => '\u{1b}',
        'a' => '\u{7}',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'v' => '\u{b}',
        '0' => '\0',
        'N' => '\u{85}',
        '_' => '\u{a0}',
        'L' => '\u{2028}',
        'P' => '\u{2029}',
        '\n' | '\r' => return (None, 2),
        same => same,
    };
    (Some(character), 1 + letter.len_utf8())
}
