//! Tables over workflow files: what each means, or each problem with its place.

mod examples;
mod language;
mod matrix;
mod problems;
mod rejected;
mod scale;
mod spliced;
mod valid;

use std::fmt::Write;

use super::Workflow;
use super::parse;
use crate::base::diagnostic::Problem;
use crate::base::source::SourceText;
use crate::base::source::Span;
use crate::state::format::yaml;

/// Reads and parses the text of a file.
fn load(text: &str) -> (Option<Workflow>, Vec<Problem>) {
    let source = SourceText::new(".mmm/workflows/test.yaml", text);
    match yaml::read(&source, Span::new(0, text.len())) {
        Ok(root) => parse(&source, &root),
        Err(problem) => (None, vec![problem]),
    }
}

/// A text that has to be valid.
fn valid(text: &str) -> Workflow {
    let (workflow, problems) = load(text);
    assert_eq!(render(&problems), "", "{text}");
    workflow.expect("there is no problem")
}

/// One line for each problem: `line:column code message`, with its hint when there is one.
fn render(problems: &[Problem]) -> String {
    let mut lines = String::new();
    for problem in problems {
        let position = problem.position().expect("every problem has a place");
        let (line, column) = (position.line, position.column);
        write!(
            lines,
            "{line}:{column} {} {}",
            problem.code, problem.message
        )
        .expect("memory");
        if let Some(hint) = &problem.hint {
            write!(lines, " [{hint}]").expect("memory");
        }
        lines.push('\n');
    }
    lines
}
