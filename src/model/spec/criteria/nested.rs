//! List items inside of a list item: what they promise counts for nobody, and is told.

use crate::base::diagnostic::Problem;
use crate::base::source::SourceText;
use crate::base::source::Span;
use crate::model::spec::criteria::Kind;
use crate::model::spec::criteria::Line;
use crate::model::spec::criteria::item;
use crate::model::spec::criteria::markdown;
use crate::model::spec::criteria::verify;
use crate::model::spec::types::PROBLEMS;
use std::borrow::Cow;

/// A list item inside of another one.
struct Inner {
    /// Column from which its lines are indented.
    content: usize,
    /// How many quotes it stands in.
    quotes: usize,
    span: Span,
    has_box: bool,
    has_id: bool,
    /// The first `verify:` that belongs to it.
    verify: Option<Span>,
    first: First,
}

/// Where the reading of an item's first paragraph is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum First {
    Awaited,
    Begun,
    Over,
}

/// How far a line is read.
#[derive(Clone, Copy)]
struct Cursor<'a> {
    text: &'a str,
    offset: usize,
    column: usize,
    quotes: usize,
}

/// What is found while the lines of an item are read.
#[derive(Default)]
struct Scan {
    inner: Vec<Inner>,
    /// Those of `inner` that the next line may belong to, from the outside.
    open: Vec<usize>,
    /// Whether the line above is text of the innermost one.
    goes_on: bool,
}

/// The lines of an item, with those of the items inside of it marked as [`Kind::Nested`].
///
/// A box inside would look like progress that nothing counts: a warning. With an id or a command of
/// its own it is a promise, and its command says nothing about the item around it: an error.
pub(super) fn mark<'a, 'b>(
    source: &SourceText,
    lines: &'a [Line<'b>],
    unreadable: &mut Vec<Span>,
    problems: &mut Vec<Problem>,
) -> Cow<'a, [Line<'b>]> {
    let rest = lines.get(1..).unwrap_or(&[]);
    if !rest.iter().any(begins) {
        return Cow::Borrowed(lines);
    }
    let mut scan = Scan::default();
    let mut marked = lines.to_vec();
    for line in marked.iter_mut().skip(1) {
        if scan.takes(line) {
            line.kind = Kind::Nested;
        }
    }
    for inner in &scan.inner {
        if problems.len() <= PROBLEMS {
            report(source, inner, unreadable, problems);
        }
    }
    Cow::Owned(marked)
}

/// Whether a line begins a list item, in a quote or not.
fn begins(line: &Line<'_>) -> bool {
    if line.kind != Kind::Text {
        return false;
    }
    let mut cursor = Cursor::new(line);
    while cursor.quote() {}
    markdown::marker(cursor.rest(), cursor.column).is_some()
}

fn report(
    source: &SourceText,
    inner: &Inner,
    unreadable: &mut Vec<Span>,
    problems: &mut Vec<Problem>,
) {
    let span = inner.span;
    if inner.has_id || inner.has_box && inner.verify.is_some() {
        unreadable.push(span);
        let message = "a criterion inside of another list item is not counted";
        problems.push(
            Problem::error("nested-criterion", source, span, message).with_hint(
                "make it a criterion of its own: begin it as far to the left as the one around it",
            ),
        );
    } else if let Some(span) = inner.verify {
        unreadable.push(span);
        let message = "this `verify:` belongs to a list item inside of another one";
        problems.push(
            Problem::error("nested-verify", source, span, message)
                .with_hint("indent it as far as the text of its criterion"),
        );
    } else if inner.has_box {
        let message = "a box inside a criterion is not counted";
        problems.push(
            Problem::warning("nested-box", source, span, message)
                .with_hint("make it a criterion of its own with an id"),
        );
    }
}

impl Scan {
    /// Whether a line belongs to an item inside.
    fn takes(&mut self, line: &Line<'_>) -> bool {
        match line.kind {
            // A closing fence may stand further to the left than its item.
            Kind::Blank | Kind::Literal => {
                self.goes_on = false;
                return !self.open.is_empty();
            }
            Kind::Fence | Kind::Heading(_) | Kind::Text | Kind::Nested => {}
        }
        let mut cursor = Cursor::new(line);
        let around = self.around(&mut cursor);
        if line.kind != Kind::Text {
            self.goes_on = false;
            self.open.truncate(around);
            return !self.open.is_empty();
        }
        let known = self.inner.len();
        let quotes = cursor.quotes;
        loop {
            if cursor.quote() {
                continue;
            }
            let Some(inner) = cursor.item(line.span) else {
                break;
            };
            self.inner.push(inner);
        }
        let begun = known..self.inner.len();
        let text = cursor.rest();
        if text.is_empty() && begun.is_empty() {
            self.goes_on = false;
            return !self.open.is_empty();
        }
        // Text that is not indented goes on with the paragraph above.
        self.goes_on &= begun.is_empty() && cursor.quotes == quotes && !verify::starts(text);
        if !self.goes_on {
            self.open.truncate(around);
            self.open.extend(begun);
        }
        let Some(inner) = self.open.last().and_then(|last| self.inner.get_mut(*last)) else {
            self.goes_on = false;
            return false;
        };
        let place = Span::new(line.span.start + cursor.offset, line.span.end);
        inner.read(text, place, self.goes_on);
        self.goes_on = !text.is_empty();
        true
    }

    /// How many of the open items a line is indented for.
    fn around(&self, cursor: &mut Cursor<'_>) -> usize {
        let is_inside = |index: &&usize| {
            self.inner.get(**index).is_some_and(|inner| {
                while cursor.quotes < inner.quotes && cursor.quote() {}
                cursor.quotes == inner.quotes && cursor.column >= inner.content
            })
        };
        self.open.iter().take_while(is_inside).count()
    }
}

impl Inner {
    /// Takes a line of its own; `goes_on` when the line above is one too, of the same paragraph.
    fn read(&mut self, text: &str, place: Span, goes_on: bool) {
        if verify::starts(text) {
            self.verify.get_or_insert(place);
            self.first = First::Over;
        } else if self.has_box {
            self.has_id |= ends_in_id(text);
        } else if self.first == First::Awaited || self.first == First::Begun && goes_on {
            self.has_id = item::names_criterion(text);
            if !text.is_empty() {
                self.first = First::Begun;
            }
        } else {
            self.first = First::Over;
        }
    }
}

/// Whether a line with a box ends in an id, also one that is written wrong.
fn ends_in_id(text: &str) -> bool {
    let text = text.trim_end_matches(|it: char| !it.is_alphanumeric());
    text.rsplit_once(['(', '['])
        .is_some_and(|(_, id)| id.to_lowercase().starts_with("ac-") && !id.contains(' '))
}

impl<'a> Cursor<'a> {
    fn new(line: &Line<'a>) -> Self {
        let mut cursor = Self {
            text: line.text,
            offset: 0,
            column: 0,
            quotes: 0,
        };
        cursor.skip_blank();
        cursor
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.offset..).unwrap_or("")
    }

    fn skip_blank(&mut self) {
        for byte in self.rest().bytes() {
            match byte {
                b'\t' => self.column = (self.column / 4 + 1) * 4,
                b' ' => self.column += 1,
                _ => break,
            }
            self.offset += 1;
        }
    }

    /// Goes into a quote, if one begins here.
    fn quote(&mut self) -> bool {
        let begins = self.rest().starts_with('>');
        if begins {
            self.offset += 1;
            self.column += 1;
            self.quotes += 1;
            self.skip_blank();
        }
        begins
    }

    /// Goes into a list item and past its box, if one begins here.
    fn item(&mut self, line: Span) -> Option<Inner> {
        let start = self.offset;
        let marker = markdown::marker(self.rest(), self.column)?;
        let head = self.rest().get(..marker.offset)?;
        let width = head.trim_end().len();
        self.offset += width;
        self.column += width;
        let after = self.column;
        self.skip_blank();
        let gap = self.column - after;
        let gap = if (1..=4).contains(&gap) { gap } else { 1 };
        let box_end = item::box_end(self.rest());
        let inner = Inner {
            content: after + gap,
            quotes: self.quotes,
            span: Span::new(line.start + start, line.end),
            has_box: box_end.is_some(),
            has_id: false,
            verify: None,
            first: First::Awaited,
        };
        if let Some(end) = box_end {
            self.offset += end;
            self.column += end;
            self.skip_blank();
        }
        Some(inner)
    }
}
