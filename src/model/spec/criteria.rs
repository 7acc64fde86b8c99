//! Reads the acceptance criteria out of the body of a spec.
//!
//! A criterion is a list item under `## Acceptance criteria` with a box, a text and an id at its
//! end: `- [ ] an expired token is refused (ac-7k3q)`. A paragraph in the item names the command:
//!
//! ```text
//! verify: `cargo test --locked expired` (timeout 20m)
//! ```
//!
//! The code span may have any number of back quotes, and may stand in the next line. For several
//! lines, `verify:` (with the timeout, if any) stands alone and a fenced block follows it in the
//! item. The timeout, before or after the command, is a whole number of `s`, `m` or `h`.

use crate::base::diagnostic::Place;
use crate::base::diagnostic::Problem;
use crate::base::ids::CriterionId;
use crate::base::source::SourceText;
use crate::base::source::Span;
use crate::model::spec::seen::FirstPlaces;
use crate::model::spec::types::Criterion;
use crate::model::spec::types::PROBLEMS;

mod item;
mod markdown;
mod near;
mod nested;
mod verify;

/// What the body holds.
#[derive(Default)]
pub(crate) struct Found {
    /// The criteria in their order.
    pub(crate) criteria: Vec<Criterion>,
    /// What cannot be read as a criterion and was meant as one.
    pub(crate) unreadable: Vec<Span>,
    /// What stands under the heading, without the heading.
    pub(crate) section: Option<Span>,
    /// What stands before the heading.
    pub(crate) prose: String,
}

/// One line of the body with what it is.
#[derive(Clone, Copy)]
struct Line<'a> {
    span: Span,
    text: &'a str,
    /// Columns of blank before the first character.
    indent: usize,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Blank,
    /// A line of a fenced block or of a comment, its first and last included.
    Literal,
    /// The first line of a fenced block.
    Fence,
    /// A heading of this level.
    Heading(usize),
    /// A line of a list item inside of another one.
    Nested,
    Text,
}

/// Reads the criteria of a body and adds what is wrong with them to the problems.
pub(crate) fn find(source: &SourceText, body: Span, problems: &mut Vec<Problem>) -> Found {
    let (lines, open) = markdown::classify(source, body);
    let mut found = Found::default();
    let mut inside = false;
    let mut start = 0;
    let mut prose_end = body.end;
    for (index, line) in lines.iter().enumerate() {
        let Kind::Heading(level) = line.kind else {
            if !inside {
                near::outside(source, lines.get(..=index).unwrap_or(&[]), problems);
            }
            continue;
        };
        if inside && level <= 2 {
            inside = false;
            let part = lines.get(start..index).unwrap_or(&[]);
            section(source, part, line.span.start, &mut found, problems);
        }
        if level == 2 && markdown::is_criteria_heading(line.text) {
            prose_end = prose_end.min(line.span.start);
            inside = true;
            start = index;
        } else if !inside {
            near::heading(source, line, problems);
        }
    }
    if inside {
        let part = lines.get(start..).unwrap_or(&[]);
        section(source, part, body.end, &mut found, problems);
    }
    source
        .slice(Span::new(body.start, prose_end))
        .trim()
        .clone_into(&mut found.prose);
    found.criteria.shrink_to_fit();
    unique_ids(source, &found.criteria, problems);
    if let Some(span) = open
        && never_closed(source, span, problems)
    {
        found.unreadable.push(span);
    }
    found
}

/// Reads one section; its first line is the heading.
fn section(
    source: &SourceText,
    part: &[Line<'_>],
    end: usize,
    found: &mut Found,
    problems: &mut Vec<Problem>,
) {
    let Some((heading, part)) = part.split_first() else {
        return;
    };
    if found.section.is_none() {
        let start = part.first().map_or(end, |line| line.span.start);
        found.section = Some(Span::new(start, end));
    } else {
        let message = "the file has a second section of acceptance criteria";
        problems.push(
            Problem::warning("second-section", source, heading.span, message)
                .with_hint("move its criteria under the first one"),
        );
    }
    let mut index = 0;
    while let Some(line) = part.get(index).filter(|_| problems.len() <= PROBLEMS) {
        let Some(marker) = markdown::list_marker(line).filter(|_| line.indent < 4) else {
            near::verify_outside(source, line, problems);
            index += 1;
            continue;
        };
        let rest = part.get(index + 1..).unwrap_or(&[]);
        let length = rest
            .iter()
            .take_while(|line| {
                let heading = matches!(line.kind, Kind::Heading(_));
                let inside = line.indent >= marker.content;
                inside || !heading && markdown::list_marker(line).is_none()
            })
            .count();
        let item = part.get(index..=index + length).unwrap_or(&[]);
        let item = item::trimmed(item, marker.content);
        let marked = nested::mark(source, item, &mut found.unreadable, problems);
        let known = problems.len();
        let criterion = item::read(source, &marked, &marker, problems);
        let mut new = problems.get(known..).unwrap_or(&[]).iter();
        // An item that is lost because of an error is still a promise that somebody made.
        if criterion.is_none() && new.any(Problem::is_error) {
            found.unreadable.push(line.span);
        }
        found.criteria.extend(criterion);
        index += item.len().max(1);
    }
}

/// Everything after such a line is code, criteria too: that must not pass unseen. False when it
/// was reported already.
fn never_closed(source: &SourceText, span: Span, problems: &mut Vec<Problem>) -> bool {
    let known = problems.iter().any(|problem| match &problem.place {
        Place::Span(_, place) => {
            problem.is_error() && (span.start..=span.end).contains(&place.start)
        }
        Place::File(_) | Place::Line(..) => false,
    });
    if !known {
        let message = "the block that starts here is never closed";
        problems.push(
            Problem::error("unclosed-block", source, span, message)
                .with_hint("everything below it counts as code: close it"),
        );
    }
    !known
}

fn unique_ids(source: &SourceText, criteria: &[Criterion], problems: &mut Vec<Problem>) {
    let mut seen: FirstPlaces<&CriterionId> = FirstPlaces::default();
    for criterion in criteria {
        if problems.len() > PROBLEMS {
            break;
        }
        if let Some(first) = seen.of_or_put(&criterion.id, criterion.span) {
            let id = &criterion.id;
            let line = source.position(first.start).line;
            let message = format!("the criterion id `{id}` stands twice, first in line {line}");
            let place = source.line_span(criterion.span.start);
            problems.push(
                Problem::error("duplicate-criterion", source, place, message)
                    .with_hint("give one of them another id, such as `(ac-1a2b)`"),
            );
        }
    }
}
