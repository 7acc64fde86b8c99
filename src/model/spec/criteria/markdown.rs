//! As much Markdown as criteria need: fences, comments, headings, list markers.

use crate::base::source::SourceText;
use crate::base::source::Span;
use crate::model::spec::criteria::Kind;
use crate::model::spec::criteria::Line;
use crate::model::spec::split::lines;

/// The marker of a list item.
pub(super) struct Marker {
    /// Column from which the lines of the item are indented.
    pub(super) content: usize,
    /// Bytes from the start of the line to the text after the marker.
    pub(super) offset: usize,
}

/// Names what each line of the body is, so that nobody takes code for a criterion; and tells the
/// line of a fence or comment that is never closed.
pub(super) fn classify(source: &SourceText, body: Span) -> (Vec<Line<'_>>, Option<Span>) {
    let text = source.text();
    let mut fence: Option<(char, usize)> = None;
    let mut comment = false;
    let mut opened_at = body;
    // A guess at their number, so that the list of most bodies is made in one piece.
    let mut classified = Vec::with_capacity(source.slice(body).len() / 24);
    classified.extend(lines(text, body.start).map(|(span, _)| {
        let line = text.get(span.range()).unwrap_or("");
        let (indent, rest) = indentation(line);
        let kind = if let Some((mark, length)) = fence {
            if closes(rest, mark, length) {
                fence = None;
            }
            Kind::Literal
        } else if comment {
            comment = !rest.contains("-->");
            Kind::Literal
        } else if rest.is_empty() {
            Kind::Blank
        } else if let Some(opened) = opens(rest) {
            fence = Some(opened);
            opened_at = span;
            Kind::Fence
        } else if rest.starts_with("<!--") {
            comment = !rest.contains("-->");
            opened_at = span;
            Kind::Literal
        } else if let Some(opened) =
            marker(line, indent).and_then(|marker| opens(line.get(marker.offset..)?))
        {
            fence = Some(opened);
            opened_at = span;
            Kind::Text
        } else {
            heading_level(indent, rest).map_or(Kind::Text, Kind::Heading)
        };
        Line {
            span,
            text: line,
            indent,
            kind,
        }
    }));
    let open = fence.is_some() || comment;
    (classified, open.then_some(opened_at))
}

/// Columns of leading blank (a tab goes to the next multiple of four) and what follows.
fn indentation(line: &str) -> (usize, &str) {
    let rest = line.trim_start_matches([' ', '\t']);
    let blank = line.len() - rest.len();
    let columns = line.bytes().take(blank).fold(0, |column, byte| {
        if byte == b'\t' {
            (column / 4 + 1) * 4
        } else {
            column + 1
        }
    });
    (columns, rest.trim_end())
}

fn opens(rest: &str) -> Option<(char, usize)> {
    let mark = rest
        .chars()
        .next()
        .filter(|first| matches!(first, '`' | '~'))?;
    let length = rest
        .chars()
        .take_while(|character| *character == mark)
        .count();
    let info = rest.get(length..).unwrap_or("");
    // A code span at the start of a line has its closing quotes on the same line.
    (length >= 3 && !(mark == '`' && info.contains('`'))).then_some((mark, length))
}

/// Whether a line closes a fenced block.
pub(super) fn closes(rest: &str, mark: char, length: usize) -> bool {
    let rest = rest.trim();
    !rest.is_empty()
        && rest.chars().count() >= length
        && rest.chars().all(|character| character == mark)
}

fn heading_level(indent: usize, rest: &str) -> Option<usize> {
    let level = rest.bytes().take_while(|byte| *byte == b'#').count();
    let after = rest.get(level..).unwrap_or("");
    let heading = (1..=6).contains(&level) && (after.is_empty() || after.starts_with([' ', '\t']));
    (heading && indent < 4).then_some(level)
}

/// Whether a heading is the one over the criteria.
pub(super) fn is_criteria_heading(line: &str) -> bool {
    let text = line.trim().trim_start_matches('#').trim_end();
    let text = text.trim_end_matches('#').trim();
    let mut words = text.split_whitespace();
    let mut next = |word: &str| {
        words
            .next()
            .is_some_and(|found| found.eq_ignore_ascii_case(word))
    };
    next("acceptance") && next("criteria") && words.next().is_none()
}

/// The marker that a line starts a list item with.
pub(super) fn list_marker(line: &Line<'_>) -> Option<Marker> {
    if line.kind != Kind::Text {
        return None;
    }
    marker(line.text, line.indent)
}

/// The marker at the start of a text that stands at this column.
pub(super) fn marker(line: &str, indent: usize) -> Option<Marker> {
    let rest = line.trim_start_matches([' ', '\t']);
    let blank = line.len() - rest.len();
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let width = match rest.as_bytes().get(digits) {
        Some(b'-' | b'*' | b'+') if digits == 0 => 1,
        Some(b'.' | b')') if (1..=9).contains(&digits) => digits + 1,
        _ => return None,
    };
    let after = rest.get(width..).unwrap_or("");
    let spaces = after.len() - after.trim_start_matches([' ', '\t']).len();
    // `---` and `**bold**` are no list items.
    if !after.is_empty() && spaces == 0 {
        return None;
    }
    let gap = if (1..=4).contains(&spaces) { spaces } else { 1 };
    Some(Marker {
        content: indent + width + gap,
        offset: blank + width + spaces,
    })
}
