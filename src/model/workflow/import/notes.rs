//! What is said about an import: remarks on the original, and the comments left in their places.

use crate::base::diagnostic::{Place, Problem};
use crate::base::source::{SourceText, Span};
use crate::model::tree::{Entry, Node};

/// The code of a remark on a part that the new workflow does not have, though it did something.
pub(crate) const NOT_TAKEN: &str = "import-not-taken";

/// The code of a remark on a part that something else stands for.
pub(crate) const REPLACED: &str = "import-replaced";

/// The code of a remark on a part that has no meaning here.
pub(crate) const DROPPED: &str = "import-dropped";

/// Longest part of an original that is kept in a comment, in lines.
const KEPT_LINES: usize = 200;

/// Collects remarks. Each gives the comment to be left in its place.
#[derive(Debug)]
pub(crate) struct Notes<'a> {
    source: &'a SourceText,
    remarks: Vec<Problem>,
}

impl<'a> Notes<'a> {
    /// No remark yet.
    pub(crate) fn new(source: &'a SourceText) -> Self {
        Self {
            source,
            remarks: Vec::new(),
        }
    }

    /// The original.
    pub(crate) fn source(&self) -> &'a SourceText {
        self.source
    }

    /// A part that has no meaning here.
    pub(crate) fn dropped(&mut self, span: Span, message: &str, hint: &str) -> String {
        self.add(DROPPED, span, message, hint)
    }

    /// A part that something else stands for.
    pub(crate) fn replaced(&mut self, span: Span, message: &str, hint: &str) -> String {
        self.add(REPLACED, span, message, hint)
    }

    /// A part that did something, and that the new workflow does not have.
    pub(crate) fn not_taken(&mut self, span: Span, message: &str, hint: &str) -> String {
        self.add(NOT_TAKEN, span, message, hint)
    }

    /// A key that did something, kept in the comment.
    pub(crate) fn key_not_taken(&mut self, entry: &Entry, message: &str, hint: &str) -> String {
        let comment = self.not_taken(entry.key_span, message, hint);
        let span = Span::new(
            entry.key_span.start,
            entry.value.span.end.max(entry.key_span.end),
        );
        format!("{comment}\n{}", self.written(span))
    }

    /// An element of a list that did something, kept in the comment.
    pub(crate) fn element_not_taken(&mut self, node: &Node, message: &str, hint: &str) -> String {
        let comment = self.not_taken(first_of(node), message, hint);
        format!("{comment}\n{}", self.written(node.span))
    }

    /// The remarks in the order of the original, each once.
    pub(crate) fn finish(mut self) -> Vec<Problem> {
        self.remarks.sort_by_key(|remark| match &remark.place {
            Place::Span(_, span) => span.start,
            Place::File(_) | Place::Line(..) => 0,
        });
        self.remarks.dedup();
        self.remarks
    }

    fn add(&mut self, code: &'static str, span: Span, message: &str, hint: &str) -> String {
        let problem = Problem::warning(code, self.source, span, message);
        self.remarks.push(if hint.is_empty() {
            problem
        } else {
            problem.with_hint(hint)
        });
        format!("import: {message}")
    }

    /// The lines of a part as they are written, without the indentation that all have.
    fn written(&self, span: Span) -> String {
        let column = span.start - self.source.line_span(span.start).start;
        let text = self.source.slice(span);
        let mut lines = text.lines();
        let mut kept = vec![lines.next().unwrap_or("").to_owned()];
        for line in lines.by_ref().take(KEPT_LINES) {
            let blank = line.bytes().take(column).take_while(|byte| *byte == b' ');
            let blank = blank.count();
            kept.push(line.get(blank..).unwrap_or("").trim_end().to_owned());
        }
        if lines.next().is_some() {
            kept.push("…".to_owned());
        }
        while kept.last().is_some_and(String::is_empty) {
            kept.pop();
        }
        let kept = kept.iter().map(|line| format!("  {line}"));
        kept.collect::<Vec<_>>().join("\n")
    }
}

/// Where the first key of a mapping stands, else the whole value.
pub(crate) fn first_of(node: &Node) -> Span {
    let first = node.mapping().and_then(<[_]>::first);
    first.map_or(node.span, |entry| entry.key_span)
}
