//! Problems as commands that a GitHub runner turns into annotations.

use crate::base::diagnostic::Problem;

/// One line for each problem.
pub(super) fn render(problems: &[Problem]) -> String {
    problems.iter().map(line).collect()
}

/// What a problem says, with its hint.
pub(super) fn message(problem: &Problem) -> String {
    match &problem.hint {
        None => problem.message.clone(),
        Some(hint) => format!("{} (hint: {hint})", problem.message),
    }
}

fn line(problem: &Problem) -> String {
    let mut properties = vec![format!("file={}", property(problem.file()))];
    match problem.position().zip(problem.end_position()) {
        // Columns can be told within one line only.
        Some((start, end)) if start.line == end.line => {
            let (line, column, end) = (start.line, start.column, end.column);
            properties.push(format!("line={line},col={column},endColumn={end}"));
        }
        Some((start, end)) => {
            properties.push(format!("line={},endLine={}", start.line, end.line));
        }
        None => properties.extend(problem.line().map(|line| format!("line={line}"))),
    }
    properties.push(format!("title={}", property(problem.code)));
    let (level, properties) = (problem.severity.as_str(), properties.join(","));
    format!("::{level} {properties}::{}\n", data(&message(problem)))
}

/// A text behind the second `::`.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// A text in a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::render;
    use crate::base::diagnostic::Problem;
    use crate::base::source::{SourceText, Span};

    #[test]
    fn what_has_a_meaning_in_a_command_is_escaped() {
        let source = SourceText::new("a,b:c%.yaml", "one\ntwo\n");
        let found = [
            Problem::error("first", &source, Span::new(1, 3), "50% of\nit").with_hint("a: b, c"),
            Problem::warning("second", &source, Span::new(0, 5), "x"),
            Problem::in_file("third", "a.yaml", "y"),
        ];
        assert_eq!(
            render(&found),
            "::error file=a%2Cb%3Ac%25.yaml,line=1,col=2,endColumn=4,title=first::\
             50%25 of%0Ait (hint: a: b, c)\n\
             ::warning file=a%2Cb%3Ac%25.yaml,line=1,endLine=2,title=second::x\n\
             ::error file=a.yaml,title=third::y\n"
        );
    }
}
