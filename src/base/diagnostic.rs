//! Problems found in what people wrote: what, where, what was expected, what to type next.
//!
//! A [`Problem`] carries facts. How it looks (colour, caret, JSON) is decided where it is shown.

use std::sync::Arc;

use crate::base::source::{Position, SourceText, Span};

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Severity {
    /// The file cannot be used as it is.
    Error,
    /// The file can be used; something in it is probably not meant.
    Warning,
}

impl Severity {
    /// The word that text and JSON output use.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// The code of the row that says how many problems of a file are not shown.
pub(crate) const TOO_MANY_PROBLEMS: &str = "too-many-problems";

/// Where a problem is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// A byte range of a text that we hold.
    Span(SourceText, Span),
    /// A whole file, or one that could not be read as text.
    File(String),
    /// A line of a file that we do not hold.
    Line(String, usize),
}

/// One problem, found by a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    /// How bad it is.
    pub(crate) severity: Severity,
    /// Stable kebab-case name of the kind of problem, such as `unknown-key`.
    pub(crate) code: &'static str,
    /// What was found: a lower-case fragment without a full stop.
    pub(crate) message: String,
    /// Where.
    pub(crate) place: Place,
    /// What was expected, shown beside the caret.
    pub(crate) label: Option<String>,
    /// What to do about it, with the command to type where there is one.
    pub(crate) hint: Option<String>,
}

/// The code of a problem with a file that a newer version wrote.
pub(crate) const NEWER_FORMAT: &str = "newer-format";

impl Problem {
    /// An error at a span of a source text.
    pub(crate) fn error(
        code: &'static str,
        source: &SourceText,
        span: Span,
        message: impl Into<String>,
    ) -> Self {
        Self {
            severity: Severity::Error,
            code,
            message: message.into(),
            place: Place::Span(source.clone(), span),
            label: None,
            hint: None,
        }
    }

    /// A warning at a span of a source text.
    pub(crate) fn warning(
        code: &'static str,
        source: &SourceText,
        span: Span,
        message: impl Into<String>,
    ) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(code, source, span, message)
        }
    }

    /// A file that a newer version wrote, in format `found` where `known` is the newest we know. A
    /// warning where the file is read as far as we can, an error where it is not used at all.
    pub(crate) fn newer_format(
        severity: Severity,
        source: &SourceText,
        span: Span,
        (found, known): (i64, i64),
    ) -> Self {
        let version = env!("CARGO_PKG_VERSION");
        let install = format!("install a git-mmm newer than {version} that knows format {found}");
        let hint = match severity {
            Severity::Error => install,
            Severity::Warning => {
                format!("it is read as far as it is known, and never written; {install}")
            }
        };
        let message =
            format!("the file has format {found}, and git-mmm {version} knows format {known}");
        Self {
            severity,
            ..Self::error(NEWER_FORMAT, source, span, message).with_hint(hint)
        }
    }

    /// An error that concerns a whole file.
    pub(crate) fn in_file(
        code: &'static str,
        path: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            severity: Severity::Error,
            code,
            message: message.into(),
            place: Place::File(path.into()),
            label: None,
            hint: None,
        }
    }

    /// A file whose text cannot be read: the bytes up to `offset` are UTF-8, the next one is not.
    pub(crate) fn not_utf8(path: impl Into<Arc<str>>, bytes: &[u8], offset: usize) -> Self {
        // What is UTF-8 stays as it is, so offsets up to the first other byte stay too.
        let source = SourceText::new(path, String::from_utf8_lossy(bytes).into_owned());
        let span = Span::new(offset, offset + char::REPLACEMENT_CHARACTER.len_utf8());
        let byte = bytes.get(offset).copied().unwrap_or_default();
        let message = format!("the file is not UTF-8: byte 0x{byte:02X}");
        Self::error("not-utf-8", &source, span, message).with_hint("save the file as UTF-8")
    }

    /// Adds what was expected.
    pub(crate) fn with_label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// Adds what to do.
    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The path of the file that the problem is in.
    pub(crate) fn file(&self) -> &str {
        match &self.place {
            Place::Span(source, span) => source.path_at(span.start),
            Place::File(path) | Place::Line(path, _) => path,
        }
    }

    /// Line and column, where the problem has a place in a text.
    pub(crate) fn position(&self) -> Option<Position> {
        match &self.place {
            Place::Span(source, span) => Some(source.position(span.start)),
            Place::File(_) | Place::Line(..) => None,
        }
    }

    /// Where it ends, where the problem has a place in a text.
    pub(crate) fn end_position(&self) -> Option<Position> {
        match &self.place {
            Place::Span(source, span) => Some(source.position(span.end)),
            Place::File(_) | Place::Line(..) => None,
        }
    }

    /// The line, where the problem has one.
    pub(crate) fn line(&self) -> Option<usize> {
        match &self.place {
            Place::Line(_, line) => Some(*line),
            Place::Span(..) | Place::File(_) => self.position().map(|position| position.line),
        }
    }

    /// `file:line:column: message`, as far as there is a place.
    pub(crate) fn in_one_line(&self) -> String {
        let (file, message) = (self.file(), &self.message);
        match (self.position(), self.line()) {
            (Some(at), _) => format!("{file}:{}:{}: {message}", at.line, at.column),
            (None, Some(line)) => format!("{file}:{line}: {message}"),
            (None, None) => format!("{file}: {message}"),
        }
    }

    /// Whether the file cannot be used as it is.
    pub(crate) fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// Sorts problems the way people read them: by file, then by place, then by code.
pub(crate) fn sort(problems: &mut [Problem]) {
    // A position costs a walk through the text, so it is looked up once a problem.
    problems.sort_by_cached_key(|problem| {
        (
            problem.file().to_owned(),
            problem.position(),
            problem.code,
            problem.message.clone(),
        )
    });
}
