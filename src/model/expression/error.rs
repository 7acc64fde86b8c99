//! What can be wrong with an expression, and where in it.

use crate::base::source::Span;
use crate::base::text;
use crate::model::expression::json::JsonError;
use crate::model::expression::memory::Spent;
use crate::model::port::HashFilesError;

/// The stage that found the error, under GitHub's names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The characters make no word.
    Lexing,
    /// The words make no expression.
    Parsing,
    /// The expression has no value here.
    Evaluation,
}

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
        known: Vec<String>,
    },
    /// Text around the `${{ }}` of a condition.
    #[error("text around `${{{{ }}}}` makes this condition always true")]
    TextAroundCondition,
    /// A condition of `case()` that is no boolean.
    #[error("a condition of `case()` is a boolean, not of kind {kind}")]
    CaseCondition {
        /// What it is.
        kind: &'static str,
    },
    /// A text of `format()` with a brace that belongs to no placeholder.
    #[error("the text of `format()` has a brace that is no placeholder: `{text}`")]
    BadFormat {
        /// The text.
        text: String,
    },
    /// A placeholder of `format()` without a value.
    #[error("`{{{number}}}` of `format()` has no value: there are {found}")]
    FormatArgument {
        /// The number in the placeholder.
        number: String,
        /// How many values there are.
        found: usize,
    },
    /// Nothing to read for `fromJSON()`.
    #[error("the text of `fromJSON()` is empty")]
    EmptyJson,
    /// No JSON for `fromJSON()`.
    #[error("the text of `fromJSON()` is not JSON: {0}")]
    BadJson(JsonError),
    /// Values beyond what one evaluation may make.
    #[error(transparent)]
    Memory(#[from] Spent),
    /// `hashFiles()` where no files are.
    #[error("`hashFiles()` has no files to look at here")]
    NoFiles,
    /// An option of `hashFiles()` that is none.
    #[error("`hashFiles()` has no option `{found}`, only `{known}`")]
    HashFilesOption {
        /// What stands there.
        found: String,
        /// The option that there is.
        known: &'static str,
    },
    /// The files of `hashFiles()` cannot be hashed.
    #[error("`hashFiles()`: {0}")]
    HashFiles(#[from] HashFilesError),
    /// What is to be variables is something else.
    #[error("{found}, expected an object of names and texts")]
    NoVariables {
        /// What it is.
        found: String,
    },
    /// A rendered text beyond its limit.
    #[error("the text becomes longer than {limit} bytes")]
    ResultTooLong {
        /// How long it may be.
        limit: usize,
    },
}

impl From<JsonError> for Fault {
    fn from(error: JsonError) -> Self {
        match error {
            JsonError::Memory(spent) => Self::Memory(spent),
            other => Self::BadJson(other),
        }
    }
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

/// What to do where a workflow goes by a variable of GitHub's settings.
const VARIABLES: &str = "settings of GitHub are not known here: declare `<name>` under `inputs`, read \
     `inputs.<name>` and give it with `--set <name>=<value>`, or write it under `env` and read \
     `env.<name>` in steps";

impl Error {
    /// An error at a span.
    pub(crate) fn new(fault: Fault, span: Span) -> Self {
        Self { fault, span }
    }

    /// The stage that found it.
    pub(crate) fn kind(&self) -> Kind {
        match self.fault {
            Fault::UnexpectedText { .. }
            | Fault::DoubleQuotes
            | Fault::UnclosedString
            | Fault::BadNumber { .. }
            | Fault::TooLong { .. } => Kind::Lexing,
            Fault::CaseCondition { .. }
            | Fault::BadFormat { .. }
            | Fault::FormatArgument { .. }
            | Fault::EmptyJson
            | Fault::BadJson(_)
            | Fault::Memory(_)
            | Fault::NoFiles
            | Fault::HashFilesOption { .. }
            | Fault::HashFiles(_)
            | Fault::NoVariables { .. }
            | Fault::ResultTooLong { .. } => Kind::Evaluation,
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
            _ if self.kind() == Kind::Evaluation => "expression-result",
            _ => "expression-syntax",
        }
    }

    /// What to do about it, where that follows from the facts.
    pub(crate) fn hint(&self) -> Option<String> {
        match &self.fault {
            Fault::UnknownFunction { name, known } => {
                Some(match text::suggestion(name, known.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("known here: {}", text::one_of(known.iter().copied())),
                })
            }
            Fault::UnknownContext {
                name,
                is_function: true,
                ..
            } => Some(format!("it is a function: write `{name}()`")),
            Fault::UnknownContext { name, .. } if name.eq_ignore_ascii_case("vars") => {
                Some(VARIABLES.to_owned())
            }
            Fault::UnknownContext {
                name,
                elsewhere,
                known,
                ..
            } => {
                let names = known.iter().map(String::as_str);
                let mut list = format!("known here: {}", text::one_of(names.clone()));
                if *elsewhere && ["env", "steps"].contains(&name.to_ascii_lowercase().as_str()) {
                    list = format!("only what belongs to a step can read it; {list}");
                }
                Some(match text::suggestion(name, names) {
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
