//! Cuts a spec file into front matter and body, and refuses what is no spec file at all.

use crate::base::diagnostic::Problem;
use crate::base::source::SourceText;
use crate::base::source::Span;

/// The two parts of a spec file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Parts {
    /// The lines between the `---` lines.
    pub(crate) front: Span,
    /// Everything after the second `---` line.
    pub(crate) body: Span,
}

/// Finds front matter and body.
///
/// Left-over conflict markers are looked for first and reported alone: whatever else is wrong in
/// such a file follows from them.
pub(crate) fn split(source: &SourceText) -> Result<Parts, Problem> {
    let text = source.text();
    if is_suspicious(text) {
        is_text(source)?;
    }
    let start = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let mut lines = lines(text, start);
    let first = lines.next();
    let opened = first.is_some_and(|(line, _)| source.slice(line).trim_end() == "---");
    let Some((first, front)) = first.filter(|_| opened) else {
        let message = if text.get(start..).unwrap_or("").trim().is_empty() {
            "the file is empty"
        } else {
            "the front matter is missing: the first line is not `---`"
        };
        let span = first.map_or(Span::new(start, start), |(line, _)| line);
        return Err(Problem::error("front-matter", source, span, message).with_hint(
            "start the file with a `---` line, then `title`, `id`, `status` and `format`, then a `---` line",
        ));
    };
    match lines.find(|(line, _)| source.slice(*line).trim_end() == "---") {
        Some((line, body)) => Ok(Parts {
            front: Span::new(front, line.start),
            body: Span::new(body, text.len()),
        }),
        None => Err(Problem::error(
            "front-matter",
            source,
            first,
            "the front matter that starts here is never closed",
        )
        .with_hint("add a `---` line after its last key")),
    }
}

/// Refuses conflict markers and zero bytes.
fn is_text(source: &SourceText) -> Result<(), Problem> {
    let text = source.text();
    if let Some(span) = conflict_marker(text) {
        let marker: String = source.slice(span).chars().take(7).collect();
        let message = format!("the merge conflict marker `{marker}` was left in the file");
        return Err(Problem::error("conflict-markers", source, span, message)
            .with_hint("keep one side of each conflict, or both, and remove the marker lines"));
    }
    match text.find('\0') {
        Some(offset) => {
            let span = Span::new(offset, offset + 1);
            let message = "the file holds a zero byte, so it is no text";
            Err(Problem::error("not-text", source, span, message))
        }
        None => Ok(()),
    }
}

/// Each line from an offset on: its span without the line ending, and the start of the next.
pub(crate) fn lines(text: &str, start: usize) -> impl Iterator<Item = (Span, usize)> {
    let mut offset = start;
    text.get(start..)
        .unwrap_or("")
        .split_inclusive('\n')
        .map(move |line| {
            let begin = offset;
            offset += line.len();
            let content = line.strip_suffix('\n').unwrap_or(line);
            let content = content.strip_suffix('\r').unwrap_or(content);
            (Span::new(begin, begin + content.len()), offset)
        })
}

/// Whether conflict markers or zero bytes may be in the text: nearly always not, and compilers
/// know to look at many bytes at once.
fn is_suspicious(text: &str) -> bool {
    let bytes = text.as_bytes();
    let seventh = bytes.get(6..).unwrap_or_default();
    let next = bytes.get(1..).unwrap_or_default();
    let marked = bytes.iter().zip(next).zip(seventh);
    let marks = marked.filter(|((first, second), seventh)| {
        let same = first == second && first == seventh;
        same && matches!(first, b'<' | b'|' | b'=' | b'>')
    });
    marks.count() > 0 || text.contains('\0')
}

/// The first line that Git wrote for a conflict.
///
/// A bare `=======` under a line of text is a Markdown heading, so it counts only after a blank
/// line; a conflict that was left whole is found by its other markers.
fn conflict_marker(text: &str) -> Option<Span> {
    let mut after_blank = true;
    for (span, _) in lines(text, 0) {
        let line = text.get(span.range()).unwrap_or("");
        let named = ["<<<<<<<", "|||||||", ">>>>>>>"].iter().any(|marker| {
            line.strip_prefix(marker)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
        });
        if named || (line == "=======" && after_blank) {
            return Some(span);
        }
        after_blank = line.trim().is_empty() || line == "---";
    }
    None
}
