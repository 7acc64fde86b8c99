//! What can be wrong with an expression, and where in it.

use crate::base::source::Span;
use crate::base::text;

/// The stage that found the error, under GitHub's names.
#[cfg(test)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The characters make no word.
    Lexing,
    /// The words make no expression.
    Parsing,
    /// The expression has no value here.
    Evaluation,
}

#[cfg(test)]
impl Kind {
    /// The word that JSON output uses.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Lexing => "lexing",
            Self::Parsing => "parsing",
            Self::Evaluation => "evaluation",
        }
    }
}

/// An error and the bytes that it concerns.
///
/// The span counts from the start of the text that was parsed; whoever knows where that text
/// stands in a file moves it there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{fault}")]
pub(crate) struct Error {
    /// What is wrong.
    pub(crate) fault: Fault,
    /// Where.
    pub(crate) span: Span,
}

/// What is wrong with an expression.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Fault {
    /// Characters that start no word of the language.
    #[error("unexpected `{found}`")]
    UnexpectedText {
        /// The characters.
        found: String,
    },
    /// A string in double quotes, as most other languages write it.
    #[error("a string is written in single quotes")]
    DoubleQuotes,
    /// A string without its closing quote.
    #[error("the string is not closed")]
    UnclosedString,
    /// Something that starts like a number and is none.
    #[error("{}", bad_number(found))]
    BadNumber {
        /// The characters.
        found: String,
    },
    /// More characters than [`MAX_LENGTH`](crate::model::expression::lexer::MAX_LENGTH).
    #[error("the expression has {found} characters, {limit} are allowed")]
    TooLong {
        /// How many there are.
        found: usize,
        /// How many there may be.
        limit: usize,
    },
    /// Nesting beyond [`MAX_DEPTH`](crate::model::expression::parser::MAX_DEPTH).
    #[error("the expression is nested more than {limit} levels deep")]
    TooDeep {
        /// How deep it may be.
        limit: usize,
    },
    /// A word that cannot stand here.
    #[error("unexpected `{found}`, expected {expected}")]
    UnexpectedToken {
        /// The word.
        found: String,
        /// What could stand here.
        expected: &'static str,
    },
    /// The expression stops where something must follow.
    #[error("the expression ends where {expected} is expected")]
    UnexpectedEnd {
        /// What must follow.
        expected: &'static str,
    },
    /// Nothing but white space.
    #[error("the expression is empty")]
    Empty,
    /// `${{` without `}}`.
    #[error("`${{{{` is not closed by `}}}}`")]
    UnclosedTemplate {
        /// There is a `}}`, but a string before it is not closed.
        in_string: bool,
    },
    /// Part of GitHub's language that this version does not read.
    #[error("{what} is not known in this version")]
    NotInThisVersion {
        /// The part, such as "`<`".
        what: String,
    },
    /// A function that does not exist.
    #[error("unknown function `{name}`")]
    UnknownFunction {
        /// Its name as written.
        name: String,
        /// The functions that may be called here.
        known: Vec<&'static str>,
    },
    /// A status function outside a condition.
    #[error("`{name}()` can be used in `if` only")]
    StatusOutsideCondition {
        /// Its name.
        name: &'static str,
    },
    /// A call with too many or too few arguments.
    #[error("`{name}()` takes {expected}, not {found}")]
    ArgumentCount {
        /// The function.
        name: &'static str,
        /// How many it takes, in words.
        expected: &'static str,
        /// How many stand there.
        found: usize,
    },
    /// A context that does not exist, or not here.
    #[error("{}", unknown_context(name, *elsewhere))]
    UnknownContext {
        /// Its name as written.
        name: String,
        /// Whether it exists in other places of a workflow.
        elsewhere: bool,
        /// Whether it is a function that may be called here.
        is_function: bool,
        /// The contexts that can be read here.
        known: Vec<&'static str>,
    },
    /// Text around the `${{ }}` of a condition.
    #[error("text around `${{{{ }}}}` makes this condition always true")]
    TextAroundCondition,
    /// A rendered text beyond its limit.
    #[error("the text becomes longer than {limit} bytes")]
    ResultTooLong {
        /// How long it may be.
        limit: usize,
    },
}

fn bad_number(found: &str) -> String {
    match found {
        "+" | "-" => format!("there is no arithmetic: `{found}` is no operator"),
        _ => format!("`{found}` is not a number"),
    }
}

fn unknown_context(name: &str, elsewhere: bool) -> String {
    if elsewhere {
        format!("`{name}` cannot be read here")
    } else {
        format!("unknown context `{name}`")
    }
}

impl Error {
    /// An error at a span.
    pub(crate) fn new(fault: Fault, span: Span) -> Self {
        Self { fault, span }
    }

    /// The stage that found it.
    #[cfg(test)]
    pub(crate) fn kind(&self) -> Kind {
        match self.fault {
            Fault::UnexpectedText { .. }
            | Fault::DoubleQuotes
            | Fault::UnclosedString
            | Fault::BadNumber { .. }
            | Fault::TooLong { .. } => Kind::Lexing,
            Fault::ResultTooLong { .. } => Kind::Evaluation,
            _ => Kind::Parsing,
        }
    }

    /// The code of the problem that a check makes of it.
    pub(crate) fn code(&self) -> &'static str {
        match self.fault {
            Fault::UnknownFunction { .. } | Fault::StatusOutsideCondition { .. } => {
                "unknown-function"
            }
            Fault::UnknownContext { .. } => "unknown-context",
            Fault::ResultTooLong { .. } => "expression-result",
            _ => "expression-syntax",
        }
    }

    /// What to do about it, where that follows from the facts.
    pub(crate) fn hint(&self) -> Option<String> {
        match &self.fault {
            Fault::UnknownFunction { name, known } => {
                Some(match text::suggestion(name, known.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None if known.is_empty() => "no function can be called here".to_owned(),
                    None => format!("known here: {}", text::one_of(known.iter().copied())),
                })
            }
            Fault::UnknownContext {
                name,
                is_function: true,
                ..
            } => Some(format!("it is a function: write `{name}()`")),
            Fault::UnknownContext {
                name,
                elsewhere,
                known,
                ..
            } => {
                let mut list = format!("known here: {}", text::one_of(known.iter().copied()));
                if *elsewhere && ["env", "steps"].contains(&name.to_ascii_lowercase().as_str()) {
                    list = format!("only what belongs to a step can read it; {list}");
                }
                Some(match text::suggestion(name, known.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`? {list}"),
                    None => list,
                })
            }
            Fault::DoubleQuotes => Some("write 'text', and '' for a quote in it".to_owned()),
            Fault::UnclosedTemplate { in_string: true } => {
                Some("close the string with `'` before the `}}`".to_owned())
            }
            Fault::UnclosedTemplate { in_string: false } => {
                Some("put `}}` behind the expression".to_owned())
            }
            Fault::TextAroundCondition => {
                Some("put the whole condition inside one `${{ }}`, or leave it out".to_owned())
            }
            _ => None,
        }
    }
}
