//! Tables over workflow files: what each means, or each problem with its place.

mod absent;
mod examples;
mod forecast;
mod language;
mod matrix;
mod problems;
mod rejected;
mod reuse;
mod scale;
mod spliced;
mod valid;

use std::fmt::Write;

use super::Workflow;
use super::resolve;
use super::resolve::File;
use super::resolve::Library;
use super::resolve::Missing;
use crate::base::diagnostic::Problem;
use crate::base::source::SourceText;
use crate::base::source::Span;
use crate::state::format::yaml;

/// Reads and parses the text of a file.
fn load(text: &str) -> (Option<Workflow>, Vec<Problem>) {
    load_with(text, &mut Others(&[]))
}

/// Reads and parses the text of a file that may extend others.
fn load_with(text: &str, others: &mut Others) -> (Option<Workflow>, Vec<Problem>) {
    match file("test", text) {
        Ok(file) => {
            let reading = resolve::resolve(file, others).validate();
            (reading.workflow, reading.problems)
        }
        Err(problem) => (None, vec![problem]),
    }
}

/// Workflows that others name, as names and texts.
struct Others<'a>(&'a [(&'a str, &'a str)]);

impl Library for Others<'_> {
    fn find(&mut self, name: &str) -> Result<File, Missing> {
        let known = self.0.iter().map(|(name, _)| (*name).to_owned()).collect();
        let found = self.0.iter().find(|(known, _)| *known == name);
        let (name, text) = found.ok_or(Missing::Absent { known })?;
        file(name, text).map_err(|problem| Missing::Unreadable(vec![problem]))
    }
}

fn file(name: &str, text: &str) -> Result<File, Problem> {
    let source = SourceText::new(format!(".mmm/workflows/{name}.yaml"), text);
    let root = yaml::read(&source, Span::new(0, text.len()))?;
    Ok(File { source, root })
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
