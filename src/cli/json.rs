//! The one JSON envelope: `{"schema": …, "data": …, "problems": […]}`.
//!
//! Its shape is an interface: scripts read it. A change of a kind's data that a reader could
//! stumble over counts its version up.

use serde::Serialize;

use crate::app::Error;
use crate::base::diagnostic::Problem;
use crate::cli::hint;
use crate::cli::report;

/// What `--json` prints.
#[derive(Debug, Serialize)]
struct Envelope<'a, T: Serialize> {
    schema: String,
    data: Option<T>,
    problems: Vec<JsonProblem<'a>>,
}

/// A problem as `--json` prints it.
#[derive(Debug, Serialize)]
struct JsonProblem<'a> {
    file: Option<String>,
    line: Option<usize>,
    column: Option<usize>,
    severity: &'a str,
    code: &'a str,
    message: String,
    hint: Option<String>,
}

impl<'a> From<&'a Problem> for JsonProblem<'a> {
    fn from(problem: &'a Problem) -> Self {
        let position = problem.position();
        Self {
            file: Some(problem.file().to_owned()),
            line: problem.line(),
            column: position.map(|position| position.column),
            severity: problem.severity.as_str(),
            code: problem.code,
            message: problem.message.clone(),
            hint: problem.hint.clone().or_else(|| problem.label.clone()),
        }
    }
}

/// An answer as JSON text. `kind` names the form of `data`, such as `spec-list`.
pub(crate) fn answer<T: Serialize>(
    kind: &str,
    data: T,
    problems: &[Problem],
) -> Result<String, serde_json::Error> {
    let problems = problems.iter().map(JsonProblem::from).collect();
    render(kind, Some(data), problems)
}

/// A fatal error as JSON text: no data, and the error as a problem.
pub(crate) fn fatal(error: &Error) -> Result<String, serde_json::Error> {
    render::<()>("error", None, with_error(error))
}

/// An answer with the error that came after it as its last problem.
pub(crate) fn failed<T: Serialize>(
    kind: &str,
    data: T,
    error: &Error,
) -> Result<String, serde_json::Error> {
    render(kind, Some(data), with_error(error))
}

/// The problems behind an error, and the error itself.
fn with_error(error: &Error) -> Vec<JsonProblem<'_>> {
    let problem = JsonProblem {
        file: error.file().map(|path| path.to_string_lossy().into_owned()),
        line: error.line(),
        column: None,
        severity: "error",
        code: error.kind().as_str(),
        message: report::chain(error),
        hint: hint::of(error),
    };
    let found = error.problems().iter().map(JsonProblem::from);
    found.chain([problem]).collect()
}

/// A wrong command line as JSON text.
pub(crate) fn usage(message: &str, hint: Option<&str>) -> Result<String, serde_json::Error> {
    let problem = JsonProblem {
        file: None,
        line: None,
        column: None,
        severity: "error",
        code: "usage",
        message: message.to_owned(),
        hint: hint.map(str::to_owned),
    };
    render::<()>("error", None, vec![problem])
}

fn render<T: Serialize>(
    kind: &str,
    data: Option<T>,
    problems: Vec<JsonProblem<'_>>,
) -> Result<String, serde_json::Error> {
    let envelope = Envelope {
        schema: format!("mmm/{kind}@1"),
        data,
        problems,
    };
    serde_json::to_string_pretty(&envelope).map(|text| text + "\n")
}

#[cfg(test)]
mod tests;
