//! Text with `${{ }}` in it.

use crate::base::source::Span;
use crate::model::expression::context::Context;
use crate::model::expression::context::Scope;
use crate::model::expression::error::Error;
use crate::model::expression::error::Fault;
use crate::model::expression::evaluate::IsKnown;
use crate::model::expression::evaluate::Known;
use crate::model::expression::evaluate::evaluate;
use crate::model::expression::evaluate::evaluate_known;
use crate::model::expression::origin::Origin;
use crate::model::expression::parser;
use crate::model::expression::parser::Expression;
use crate::model::expression::value::Value;

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
    let (segments, unclosed) = cut(text);
    unclosed.map_or(Ok(segments), Err)
}

/// Cuts a text as far as that is possible; from a `${{` that is never closed on, all is literal.
fn cut(text: &str) -> (Vec<Segment>, Option<Error>) {
    let mut segments = Vec::new();
    let mut offset = 0;
    while let Some(found) = text.get(offset..).and_then(|rest| rest.find(OPEN)) {
        let start = offset + found;
        if found > 0 {
            segments.push(Segment::Literal(Span::new(offset, start)));
        }
        let rest = text.get(start + OPEN.len()..).unwrap_or("");
        let Some(length) = closing(rest) else {
            let fault = Fault::UnclosedTemplate {
                in_string: rest.contains(CLOSE),
            };
            let span = Span::new(start, start + OPEN.len());
            segments.push(Segment::Literal(Span::new(start, text.len())));
            return (segments, Some(Error::new(fault, span)));
        };
        offset = start + OPEN.len() + length + CLOSE.len();
        segments.push(Segment::Expression(Span::new(start, offset)));
    }
    if offset < text.len() {
        segments.push(Segment::Literal(Span::new(offset, text.len())));
    }
    (segments, None)
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

    /// Parses a text that stands in a file at `span`; the errors carry places in the file. An
    /// expression with an error stays as it is written, so that the others are checked too.
    pub(crate) fn parse(
        text: &str,
        span: Span,
        origin: &Origin,
        scope: Scope,
    ) -> (Self, Vec<Error>) {
        let (segments, unclosed) = cut(text);
        let mut parts = Vec::new();
        let mut errors = Vec::new();
        for segment in segments {
            match segment {
                // Nothing but text needs no parts; most templates of a workflow are that.
                Segment::Literal(piece) if piece.range() == (0..text.len()) => {}
                Segment::Literal(piece) => parts.push(Part::Literal(piece)),
                Segment::Expression(piece) => match parse_embedded(text, piece, origin, scope) {
                    Ok(embedded) => parts.push(Part::Expression(embedded)),
                    Err(found) => {
                        parts.push(Part::Literal(piece));
                        errors.extend(found);
                    }
                },
            }
        }
        errors.extend(unclosed.map(|error| Error {
            span: origin.span(error.span),
            ..error
        }));
        let template = Self {
            text: text.to_owned(),
            parts,
            span,
        };
        (template, errors)
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
                    rendered.push_str(&evaluate(&embedded.expression, context)?.text());
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

    /// The value: that of the expression when it is nothing but one, with the kind that it has,
    /// else the rendered text. White space around a single expression is of no account.
    pub(crate) fn evaluate(&self, context: &Context) -> Result<Value, Error> {
        match self.single() {
            Some(embedded) => evaluate(&embedded.expression, context),
            None => self.render(context).map(Value::from),
        }
    }

    /// The one expression that the whole text is.
    pub(crate) fn single(&self) -> Option<&Embedded> {
        let mut single = None;
        for part in &self.parts {
            match part {
                Part::Literal(piece) => {
                    let text = self.text.get(piece.range()).unwrap_or("");
                    if !text.trim().is_empty() {
                        return None;
                    }
                }
                Part::Expression(_) if single.is_some() => return None,
                Part::Expression(embedded) => single = Some(embedded),
            }
        }
        single
    }

    /// The text with those expressions replaced whose value these contexts decide; the others stay
    /// as they are written.
    pub(crate) fn render_known(&self, context: &Context, known: &[&str]) -> String {
        self.render_where(context, &|path| {
            let context = path.first().copied().unwrap_or_default();
            known
                .iter()
                .any(|known| known.eq_ignore_ascii_case(context))
        })
    }

    /// The same; what is known is asked place by place.
    pub(crate) fn render_where(&self, context: &Context, is_known: IsKnown<'_>) -> String {
        if self.parts.is_empty() {
            return self.text.clone();
        }
        // The same cuts as when it was parsed.
        let segments = split(&self.text).unwrap_or_default();
        let mut rendered = String::with_capacity(self.text.len());
        for (part, segment) in self.parts.iter().zip(segments) {
            let value = match part {
                Part::Literal(_) => None,
                Part::Expression(embedded) => {
                    match evaluate_known(&embedded.expression, context, is_known) {
                        Ok(Known::Value(value)) => Some(value.to_text()),
                        Ok(Known::Missing(_)) | Err(_) => None,
                    }
                }
            };
            let (Segment::Literal(piece) | Segment::Expression(piece)) = segment;
            let written = || self.text.get(piece.range()).unwrap_or("").to_owned();
            rendered.push_str(&value.unwrap_or_else(written));
        }
        rendered
    }

    /// The text as written, expressions and all.
    pub(crate) fn source_text(&self) -> &str {
        &self.text
    }

    /// Where it stands in the file.
    pub(crate) fn span(&self) -> Span {
        self.span
    }

    /// Bytes of the text that stand outside of expressions: what it becomes is not shorter.
    pub(crate) fn literal_bytes(&self) -> usize {
        if self.parts.is_empty() {
            return self.text.len();
        }
        let literals = self.parts.iter().map(|part| match part {
            Part::Literal(piece) => piece.range().len(),
            Part::Expression(_) => 0,
        });
        literals.sum()
    }

    /// The expressions in it, in their order.
    pub(crate) fn expressions(&self) -> impl Iterator<Item = &Embedded> {
        self.parts.iter().filter_map(|part| match part {
            Part::Literal(_) => None,
            Part::Expression(embedded) => Some(embedded),
        })
    }
}
