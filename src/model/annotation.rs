//! What a step says about a place in the code: an error, a warning or a notice.

use std::fmt;

/// Most annotations of one level that are kept of a step; more are counted. GitHub's.
pub(crate) const KEPT: usize = 10;

/// Longest message, in characters. GitHub's.
const MESSAGE_CHARACTERS: usize = 4096;

/// Longest message that is recorded, in characters.
const RECORDED_CHARACTERS: usize = 1000;

/// What is recorded of one step, in bytes, as near as that can be told here.
const RECORDED_BYTES: usize = 15 * 1024;

/// What one annotation takes in a record besides its texts, in bytes.
const FRAME_BYTES: usize = 150;

/// Longest title, path or code, in characters.
const NAME_CHARACTERS: usize = 1024;

/// How much it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Level {
    /// Something is wrong.
    Error,
    /// Something may be wrong.
    Warning,
    /// Something is worth knowing.
    Notice,
}

impl Level {
    /// The word for it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Notice => "notice",
        }
    }

    /// The level of this name, whatever its case.
    pub(crate) fn of(name: &str) -> Option<Self> {
        let mut levels = [Self::Error, Self::Warning, Self::Notice].into_iter();
        levels.find(|level| level.as_str().eq_ignore_ascii_case(name))
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One annotation; lines and columns count from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Annotation {
    /// How much it matters.
    pub(crate) level: Level,
    /// What it is about, in short.
    pub(crate) title: Option<String>,
    /// The file, from the top of the work tree where it is below it.
    pub(crate) file: Option<String>,
    /// The line, or the first of them.
    pub(crate) line: Option<u32>,
    /// The last line.
    pub(crate) end_line: Option<u32>,
    /// The column, or the first of them.
    pub(crate) column: Option<u32>,
    /// The last column.
    pub(crate) end_column: Option<u32>,
    /// What the tool calls this kind of fault.
    pub(crate) code: Option<String>,
    /// What there is to say.
    pub(crate) message: String,
}

impl Annotation {
    /// One without a place.
    pub(crate) fn new(level: Level, message: &str) -> Self {
        Self {
            level,
            title: None,
            file: None,
            line: None,
            end_line: None,
            column: None,
            end_column: None,
            code: None,
            message: cut(message, MESSAGE_CHARACTERS),
        }
    }

    /// What it takes in a record, in bytes.
    fn bytes(&self) -> usize {
        let names = [&self.title, &self.file, &self.code].into_iter().flatten();
        let names: usize = names.map(|name| written(name)).sum();
        FRAME_BYTES + names + written(&self.message)
    }

    /// All its texts go through `change`.
    pub(crate) fn change(&mut self, change: impl Fn(&str) -> String) {
        for text in [&mut self.title, &mut self.file, &mut self.code] {
            *text = text.take().map(|text| change(&text));
        }
        self.message = change(&self.message);
    }

    /// Leaves out of its place what cannot be: an end before its beginning, columns without a
    /// line or over several lines. An end without a beginning is both.
    pub(crate) fn settle_place(&mut self) {
        self.line = self.line.or(self.end_line);
        self.column = self.column.or(self.end_column);
        let over_lines = self.end_line.is_some_and(|end| self.line != Some(end));
        if self.line.is_none() || over_lines {
            (self.column, self.end_column) = (None, None);
        }
        let is_before = |end: Option<u32>, start: Option<u32>| end.is_some() && end < start;
        if is_before(self.end_line, self.line) {
            (self.line, self.end_line) = (None, None);
        }
        if is_before(self.end_column, self.column) {
            (self.column, self.end_column) = (None, None);
        }
    }
}

/// `error src/a.rs:3:7: title: message [code]`, as it was said: whoever shows it makes it visible.
impl fmt::Display for Annotation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.level.fmt(f)?;
        if let Some(file) = &self.file {
            write!(f, " {file}")?;
            if let Some(line) = self.line {
                write!(f, ":{line}")?;
            }
            if let (Some(_), Some(column)) = (self.line, self.column) {
                write!(f, ":{column}")?;
            }
        } else if let Some(line) = self.line {
            write!(f, " line {line}")?;
        }
        if let Some(title) = &self.title {
            write!(f, ": {title}")?;
        }
        write!(f, ": {}", self.message)?;
        self.code
            .as_ref()
            .map_or(Ok(()), |code| write!(f, " [{code}]"))
    }
}

/// A name that is kept: not longer than anybody reads; none when it is empty.
pub(crate) fn name(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| cut(text, NAME_CHARACTERS))
}

fn cut(text: &str, characters: usize) -> String {
    let end = text.char_indices().nth(characters);
    text.get(..end.map_or(text.len(), |(end, _)| end))
        .unwrap_or(text)
        .to_owned()
}

/// The annotations of one step: the first ones of each level, the rest counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Annotations {
    /// Those that are kept, in their order.
    pub(crate) kept: Vec<Annotation>,
    /// How many more errors, warnings and notices there were.
    pub(crate) more: [usize; 3],
}

impl Annotations {
    /// Takes one more.
    pub(crate) fn add(&mut self, annotation: Annotation) {
        let level = annotation.level;
        let same = self.kept.iter().filter(|known| known.level == level);
        if same.count() < KEPT {
            self.kept.push(annotation);
        } else if let Some(more) = self.more.get_mut(level as usize) {
            *more += 1;
        }
    }

    /// Whether there is nothing.
    pub(crate) fn is_empty(&self) -> bool {
        self.kept.is_empty() && self.more == [0; 3]
    }

    /// What is recorded of them: messages cut, and of too many the least grave ones counted only.
    pub(crate) fn for_record(mut self) -> Self {
        for annotation in &mut self.kept {
            annotation.message = cut(&annotation.message, RECORDED_CHARACTERS);
        }
        let mut bytes: usize = self.kept.iter().map(Annotation::bytes).sum();
        while bytes > RECORDED_BYTES {
            let kept = self.kept.iter().enumerate();
            let Some((last, _)) = kept.max_by_key(|(_, known)| known.level) else {
                break;
            };
            let left_out = self.kept.remove(last);
            bytes = bytes.saturating_sub(left_out.bytes());
            if let Some(more) = self.more.get_mut(left_out.level as usize) {
                *more += 1;
            }
        }
        self
    }
}

/// Bytes that a text takes as JSON.
fn written(text: &str) -> usize {
    let bytes = text.bytes();
    bytes
        .map(|byte| match byte {
            b'"' | b'\\' | b'\n' | b'\r' | b'\t' => 2,
            0..0x20 => 6,
            _ => 1,
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::{Annotation, Annotations, Level, name};

    #[test]
    fn a_place_is_possible() {
        let check = |given: [u32; 4], expected: [u32; 4]| {
            let known = |number: u32| (number > 0).then_some(number);
            let [line, end_line, column, end_column] = given.map(known);
            let mut found = Annotation {
                line,
                end_line,
                column,
                end_column,
                ..Annotation::new(Level::Error, "")
            };
            found.settle_place();
            let found = [found.line, found.end_line, found.column, found.end_column];
            assert_eq!(found, expected.map(known), "{given:?}");
        };
        check([3, 0, 0, 0], [3, 0, 0, 0]);
        check([0, 3, 0, 0], [3, 3, 0, 0]);
        check([3, 5, 1, 2], [3, 5, 0, 0]);
        check([3, 3, 1, 2], [3, 3, 1, 2]);
        check([5, 3, 0, 0], [0, 0, 0, 0]);
        check([3, 0, 0, 2], [3, 0, 2, 2]);
        check([3, 0, 2, 1], [3, 0, 0, 0]);
        check([0, 0, 2, 3], [0, 0, 0, 0]);
    }

    #[test]
    fn one_line_says_it_all() {
        let check = |file: Option<&str>, line, column, title: Option<&str>, expected| {
            let found = Annotation {
                file: file.map(str::to_owned),
                line,
                column,
                title: title.map(str::to_owned),
                ..Annotation::new(Level::Warning, "odd")
            };
            assert_eq!(found.to_string(), expected);
        };
        check(None, None, None, None, "warning: odd");
        check(None, Some(3), Some(4), None, "warning line 3: odd");
        check(Some("a.c"), None, Some(4), None, "warning a.c: odd");
        check(
            Some("a.c"),
            Some(3),
            None,
            Some("T"),
            "warning a.c:3: T: odd",
        );
        check(Some("a.c"), Some(3), Some(4), None, "warning a.c:3:4: odd");
    }

    #[test]
    fn a_record_has_a_limit() {
        let mut all = Annotations::default();
        for number in 0..10 {
            all.add(Annotation::new(Level::Notice, &"n\u{1}".repeat(2000)));
            all.add(Annotation::new(Level::Error, &format!("e{number}")));
        }
        let kept = all.for_record();
        let notices = kept.kept.iter().filter(|it| it.level == Level::Notice);
        // Half of the 1,000 characters take six bytes.
        assert_eq!((notices.count(), kept.more), (3, [0, 0, 7]));
        let errors = kept.kept.iter().filter(|it| it.level == Level::Error);
        assert_eq!(errors.count(), 10);
        let mut few = Annotations::default();
        few.add(Annotation::new(Level::Error, "e"));
        assert_eq!(few.clone().for_record(), few);
    }

    #[test]
    fn there_is_a_limit_of_each_level() {
        let mut all = Annotations::default();
        for _ in 0..12 {
            all.add(Annotation::new(Level::Error, "e"));
            all.add(Annotation::new(Level::Notice, "n"));
        }
        all.add(Annotation::new(Level::Warning, "w"));
        assert_eq!((all.kept.len(), all.more), (21, [2, 0, 2]));
        assert_eq!(Level::of("WARNING"), Some(Level::Warning));
        assert_eq!(Level::of("info"), None);
        let long = Annotation::new(Level::Error, &"ä".repeat(5000));
        assert_eq!(long.message.chars().count(), 4096);
        assert_eq!(name(&"x".repeat(2000)).map(|name| name.len()), Some(1024));
        assert_eq!(name(""), None);
    }
}
