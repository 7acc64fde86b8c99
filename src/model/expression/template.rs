//! Text with `${{ }}` in it.

use crate::base::source::Span;
use crate::model::expression::context::Context;
use crate::model::expression::context::Scope;
use crate::model::expression::error::Error;
use crate::model::expression::error::Fault;
use crate::model::expression::evaluate::evaluate;
use crate::model::expression::origin::Origin;
use crate::model::expression::parser;
use crate::model::expression::parser::Expression;

/// Longest text that a template may become, in bytes: more cannot be an argument or a variable.
pub(crate) const RENDERED_BYTES: usize = 1024 * 1024;

/// Text with expressions in it, parsed.
#[derive(Clone, Debug)]
pub(crate) struct Template {
    text: String,
    /// Nothing when it has no expression.
    parts: Vec<Part>,
    span: Span,
}

#[derive(Clone, Debug)]
enum Part {
    /// A piece of the text.
    Literal(Span),
    Expression(Embedded),
}

/// One `${{ }}` of a template.
#[derive(Clone, Debug)]
pub(crate) struct Embedded {
    /// What stands in it; its spans are those of the file.
    pub(crate) expression: Expression,
    /// Where it stands in the file, its braces included.
    pub(crate) span: Span,
}

/// A piece of text before parsing, by its place in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Segment {
    /// Text as it stands.
    Literal(Span),
    /// `${{ }}`, its braces included.
    Expression(Span),
}

const OPEN: &str = "${{";
const CLOSE: &str = "}}";

/// Whether a text has an expression in it.
pub(crate) fn has_expression(text: &str) -> bool {
    text.contains(OPEN)
}

/// Cuts a text at its `${{ }}`. Braces inside a string of an expression do not close it.
pub(crate) fn split(text: &str) -> Result<Vec<Segment>, Error> {
    let mut segments = Vec::new();
    let mut offset = 0;
    while let Some(found) = text.get(offset..).and_then(|rest| rest.find(OPEN)) {
        let start = offset + found;
        if found > 0 {
            segments.push(Segment::Literal(Span::new(offset, start)));
        }
        let rest = text.get(start + OPEN.len()..).unwrap_or("");
        let Some(length) = closing(rest) else {
            let span = Span::new(start, start + OPEN.len());
            return Err(Error::new(Fault::UnclosedTemplate, span));
        };
        offset = start + OPEN.len() + length + CLOSE.len();
        segments.push(Segment::Expression(Span::new(start, offset)));
    }
    if offset < text.len() {
        segments.push(Segment::Literal(Span::new(offset, text.len())));
    }
    Ok(segments)
}

/// What stands between the braces of an expression's segment.
pub(crate) fn inside(segment: Span) -> Span {
    Span::new(segment.start + OPEN.len(), segment.end - CLOSE.len())
}

/// The bytes before the `}}` that is not inside a string.
fn closing(rest: &str) -> Option<usize> {
    let bytes = rest.as_bytes();
    let mut quoted = false;
    for (index, pair) in bytes.windows(CLOSE.len()).enumerate() {
        if pair.first() == Some(&b'\'') {
            quoted = !quoted;
        } else if !quoted && pair == CLOSE.as_bytes() {
            return Some(index);
        }
    }
    None
}

/// Parses what stands between the braces of a segment of `text`; all spans become the file's.
pub(crate) fn parse_embedded(
    text: &str,
    segment: Span,
    origin: &Origin,
    scope: Scope,
) -> Result<Embedded, Vec<Error>> {
    let expression = parse_piece(text, inside(segment), origin, scope)?;
    Ok(Embedded {
        expression,
        span: origin.span(segment),
    })
}

/// Parses a piece of `text` as an expression; all spans become the file's.
pub(crate) fn parse_piece(
    text: &str,
    piece: Span,
    origin: &Origin,
    scope: Scope,
) -> Result<Expression, Vec<Error>> {
    let place = |span: Span| origin.span(span.shifted(piece.start));
    match parser::parse(text.get(piece.range()).unwrap_or(""), scope) {
        Ok(mut expression) => {
            expression.move_spans(&place);
            Ok(expression)
        }
        Err(errors) => Err(errors
            .into_iter()
            .map(|error| Error {
                span: place(error.span),
                ..error
            })
            .collect()),
    }
}

impl Template {
    /// Text without expressions.
    pub(crate) fn literal(text: impl Into<String>, span: Span) -> Self {
        Self {
            text: text.into(),
            parts: Vec::new(),
            span,
        }
    }

    /// Parses a text that stands in a file at `span`; the errors carry places in the file.
    pub(crate) fn parse(
        text: &str,
        span: Span,
        origin: &Origin,
        scope: Scope,
    ) -> Result<Self, Vec<Error>> {
        let segments = split(text).map_err(|error| {
            vec![Error {
                span: origin.span(error.span),
                ..error
            }]
        })?;
        let mut parts = Vec::new();
        let mut errors = Vec::new();
        for segment in segments {
            match segment {
                // Nothing but text needs no parts; most templates of a workflow are that.
                Segment::Literal(piece) if piece.range() == (0..text.len()) => {}
                Segment::Literal(piece) => parts.push(Part::Literal(piece)),
                Segment::Expression(piece) => match parse_embedded(text, piece, origin, scope) {
                    Ok(embedded) => parts.push(Part::Expression(embedded)),
                    Err(found) => errors.extend(found),
                },
            }
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        Ok(Self {
            text: text.to_owned(),
            parts,
            span,
        })
    }

    /// The text with each expression replaced by the text of its value.
    pub(crate) fn render(&self, context: &Context) -> Result<String, Error> {
        let mut rendered = String::with_capacity(self.text.len());
        let whole = [Part::Literal(Span::new(0, self.text.len()))];
        let parts = match self.parts.as_slice() {
            [] => &whole,
            parts => parts,
        };
        for part in parts {
            let span = match part {
                Part::Literal(piece) => {
                    rendered.push_str(self.text.get(piece.range()).unwrap_or(""));
                    self.span
                }
                Part::Expression(embedded) => {
                    rendered.push_str(&evaluate(&embedded.expression, context)?.to_text());
                    embedded.span
                }
            };
            if rendered.len() > RENDERED_BYTES {
                let limit = RENDERED_BYTES;
                return Err(Error::new(Fault::ResultTooLong { limit }, span));
            }
        }
        Ok(rendered)
    }

    /// The text as written, expressions and all.
    pub(crate) fn source_text(&self) -> &str {
        &self.text
    }

    /// The expressions in it, in their order.
    pub(crate) fn expressions(&self) -> impl Iterator<Item = &Embedded> {
        self.parts.iter().filter_map(|part| match part {
            Part::Literal(_) => None,
            Part::Expression(embedded) => Some(embedded),
        })
    }
}
