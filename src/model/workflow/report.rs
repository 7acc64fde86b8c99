//! Collects the problems of one file, up to a limit.

use std::collections::HashSet;

use crate::base::diagnostic::Place;
use crate::base::diagnostic::Problem;
use crate::base::diagnostic::TOO_MANY_PROBLEMS;
use crate::base::source::SourceText;
use crate::base::source::Span;
use crate::base::text;
use crate::model::expression::Error;

/// Most problems reported of one file: nobody reads more, and showing each costs a walk over it.
pub(crate) const PROBLEMS: usize = 200;

/// Most names compared to find the one that was meant; each comparison costs a matrix.
const COMPARISONS: usize = 50_000;

/// The problems of one file.
#[derive(Debug)]
pub(crate) struct Report<'a> {
    source: &'a SourceText,
    problems: Vec<Problem>,
    /// Problems beyond the limit.
    more: usize,
    /// What was reported: a value that aliases repeat is wrong once.
    seen: HashSet<(Span, &'static str, String)>,
    errors: usize,
    comparisons: usize,
}

impl<'a> Report<'a> {
    /// No problem yet.
    pub(crate) fn new(source: &'a SourceText) -> Self {
        Self {
            source,
            problems: Vec::new(),
            more: 0,
            seen: HashSet::new(),
            errors: 0,
            comparisons: 0,
        }
    }

    /// The file.
    pub(crate) fn source(&self) -> &'a SourceText {
        self.source
    }

    /// Where a span is, as `file:line:column`.
    pub(crate) fn place(&self, span: Span) -> String {
        self.source.locate(span.start).to_string()
    }

    /// Adds an error.
    pub(crate) fn error(&mut self, code: &'static str, span: Span, message: impl Into<String>) {
        self.add(Problem::error(code, self.source, span, message));
    }

    /// Adds an error with what to do about it.
    pub(crate) fn error_with_hint(
        &mut self,
        code: &'static str,
        span: Span,
        message: impl Into<String>,
        hint: Option<String>,
    ) {
        let problem = Problem::error(code, self.source, span, message);
        self.add(Problem { hint, ..problem });
    }

    /// Adds the errors of an expression.
    pub(crate) fn expression(&mut self, errors: Vec<Error>) {
        for error in errors {
            self.error_with_hint(error.code(), error.span, error.to_string(), error.hint());
        }
    }

    /// Adds a problem.
    pub(crate) fn add(&mut self, problem: Problem) {
        self.errors += usize::from(problem.is_error());
        if let Place::Span(_, span) = problem.place
            && !self
                .seen
                .insert((span, problem.code, problem.message.clone()))
        {
            return;
        }
        if self.problems.len() < PROBLEMS {
            self.problems.push(problem);
        } else {
            self.more += 1;
        }
    }

    /// "did you mean", when one of the names is near. Past a number of comparisons it stays
    /// silent: a thousand wrong names among ten thousand jobs must not take minutes.
    pub(crate) fn near<'n>(
        &mut self,
        found: &str,
        known: impl IntoIterator<Item = &'n str>,
    ) -> Option<String> {
        let left = COMPARISONS.saturating_sub(self.comparisons);
        let mut compared = 0;
        let near = text::suggestion(
            found,
            known.into_iter().take(left).inspect(|_| compared += 1),
        );
        self.comparisons += compared;
        near.map(|near| format!("did you mean `{near}`?"))
    }

    /// Whether there is an error.
    pub(crate) fn failed(&self) -> bool {
        self.errors > 0
    }

    /// How many errors there are so far.
    pub(crate) fn errors(&self) -> usize {
        self.errors
    }

    /// How many problems there are so far, warnings among them.
    pub(crate) fn problems(&self) -> usize {
        self.problems.len() + self.more
    }

    /// Adds a warning.
    pub(crate) fn warning(
        &mut self,
        code: &'static str,
        span: Span,
        message: impl Into<String>,
        hint: Option<String>,
    ) {
        let problem = Problem::warning(code, self.source, span, message);
        self.add(Problem { hint, ..problem });
    }

    /// The problems in the order of the file.
    pub(crate) fn finish(self) -> Vec<Problem> {
        let mut problems = self.problems;
        // All are of one file, so the offset says it all and no line has to be counted.
        problems.sort_by_key(|problem| match &problem.place {
            Place::Span(_, span) => (span.start, span.end),
            Place::File(_) | Place::Line(..) => (0, 0),
        });
        if self.more > 0 {
            let shown = text::counted(PROBLEMS, "problem");
            // At the end, so that it stays the last one however they are sorted.
            let end = self.source.text().len();
            problems.push(Problem::error(
                TOO_MANY_PROBLEMS,
                self.source,
                Span::new(end, end),
                format!("{shown} are shown, {} more are not", self.more),
            ));
        }
        problems
    }
}
