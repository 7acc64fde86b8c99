//! What a merge left behind in a file.

use crate::base::diagnostic::Problem;
use crate::base::source::{SourceText, Span};

/// The code of the problem.
const CODE: &str = "conflict-markers";

/// The first line that Git wrote for a conflict, in a part of a text. Asked for only when the text
/// is not valid anyway, so that a text that quotes such a line is not taken for one.
pub(crate) fn marker(source: &SourceText, within: Span) -> Option<Problem> {
    let mut offset = within.start;
    for line in source.slice(within).split_inclusive('\n') {
        let named = ["<<<<<<<", "|||||||", ">>>>>>>"].iter().any(|marker| {
            line.strip_prefix(marker)
                .is_some_and(|rest| rest.trim_end().is_empty() || rest.starts_with(' '))
        });
        if named {
            let span = source.line_span(offset);
            let problem = Problem::error(CODE, source, span, "unresolved merge conflict");
            return Some(
                problem.with_hint("keep one side, remove the marker lines, then run `git add`"),
            );
        }
        offset += line.len();
    }
    None
}

/// Whether a conflict was found: whatever else is wrong follows from it and is not told.
pub(crate) fn is_among(problems: &[Problem]) -> bool {
    problems.iter().any(|problem| problem.code == CODE)
}
