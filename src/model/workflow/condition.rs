//! `if:` of a job or a step.

use crate::base::source::Span;
use crate::model::expression::Context;
use crate::model::expression::Error;
use crate::model::expression::JobStatus;
use crate::model::expression::Scope;
use crate::model::expression::error::Fault;
use crate::model::expression::evaluate::evaluate;
use crate::model::expression::origin::Origin;
use crate::model::expression::template;
use crate::model::expression::template::Segment;
use crate::model::expression::tree::Expression;

/// When a job or a step runs. Without one: when nothing before it has failed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Condition {
    written: Option<Written>,
}

#[derive(Clone, Debug)]
struct Written {
    text: String,
    expression: Expression,
    asks_status: bool,
}

impl Condition {
    /// Parses the value of `if`, with or without `${{ }}` around it.
    ///
    /// An empty one is none, as on GitHub.
    pub(crate) fn parse(text: &str, origin: &Origin, scope: Scope) -> Result<Self, Vec<Error>> {
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        let scope = scope.condition();
        let place = |error: Error| {
            vec![Error {
                span: origin.span(error.span),
                ..error
            }]
        };
        let mut embedded = None;
        let mut around = false;
        for segment in template::split(text).map_err(place)? {
            match segment {
                Segment::Literal(piece) => {
                    let literal = text.get(piece.range()).unwrap_or("");
                    around |= !literal.trim().is_empty();
                }
                Segment::Expression(piece) => around |= embedded.replace(piece).is_some(),
            }
        }
        let whole = Span::new(0, text.len());
        let expression = match embedded {
            None => template::parse_piece(text, whole, origin, scope)?,
            // GitHub makes a text of it, and every text that is not empty counts as true.
            Some(_) if around => return Err(place(Error::new(Fault::TextAroundCondition, whole))),
            Some(piece) => template::parse_embedded(text, piece, origin, scope)?.expression,
        };
        let text = match embedded {
            None => text,
            Some(piece) => text.get(template::inside(piece).range()).unwrap_or(text),
        };
        Ok(Self {
            written: Some(Written {
                text: text.trim().to_owned(),
                asks_status: expression.asks_status(),
                expression,
            }),
        })
    }

    /// Whether the job or step runs. A condition that does not ask for the status holds only
    /// while nothing has failed, as on GitHub.
    pub(crate) fn evaluate(&self, context: &Context) -> Result<bool, Error> {
        match (self.by_status(context.status()), &self.written) {
            (Some(decided), _) => Ok(decided),
            (None, None) => Ok(true),
            (None, Some(written)) => Ok(evaluate(&written.expression, context)?.truthy()),
        }
    }

    /// Whether the expression holds, whatever the status; true without one.
    pub(crate) fn evaluate_alone(&self, context: &Context) -> Result<bool, Error> {
        match &self.written {
            None => Ok(true),
            Some(written) => Ok(evaluate(&written.expression, context)?.truthy()),
        }
    }

    /// The answer, where the status alone gives it.
    pub(crate) fn by_status(&self, status: JobStatus) -> Option<bool> {
        let success = status == JobStatus::Success;
        match &self.written {
            None => Some(success),
            Some(written) if !written.asks_status && !success => Some(false),
            Some(_) => None,
        }
    }

    /// The condition as written, its `${{ }}` left out; nothing when there is none.
    pub(crate) fn text(&self) -> Option<&str> {
        self.written.as_ref().map(|written| written.text.as_str())
    }

    /// The expression, when one is written.
    pub(crate) fn expression(&self) -> Option<&Expression> {
        self.written.as_ref().map(|written| &written.expression)
    }
}
