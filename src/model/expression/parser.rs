//! Builds an expression from its words, with GitHub's precedence: `||`, `&&`, `== !=`,
//! `< <= > >=`, `!`, look-up.
//!
//! Names are checked while parsing, because which contexts and functions exist depends on the
//! place. An unknown name does not stop it, so all of them are reported at once.

use crate::base::source::Span;
use crate::model::expression::context::CONTEXTS;
use crate::model::expression::context::Scope;
use crate::model::expression::context::StatusFunctions;
use crate::model::expression::error::Error;
use crate::model::expression::error::Fault;
use crate::model::expression::function::FUNCTIONS;
use crate::model::expression::function::Signature;
use crate::model::expression::lexer;
use crate::model::expression::lexer::Token;
use crate::model::expression::lexer::TokenKind;
pub(crate) use crate::model::expression::tree::Comparison;
pub(crate) use crate::model::expression::tree::Expression;
pub(crate) use crate::model::expression::tree::ExpressionKind;
use crate::model::expression::value::Value;

/// How deep an expression may be nested, as on GitHub.
pub(crate) const MAX_DEPTH: usize = 50;

/// What an expression may name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Names<'a> {
    /// The contexts that can be read, in lower case.
    pub(crate) contexts: &'a [&'a str],
    /// Whether the status functions can be called.
    pub(crate) status_functions: StatusFunctions,
    /// Whether other places of a workflow can read other contexts.
    pub(crate) elsewhere: bool,
}

/// Parses an expression for a place; the expression is there when nothing is wrong with it.
pub(crate) fn parse(text: &str, scope: Scope) -> Result<Expression, Vec<Error>> {
    let names = Names {
        contexts: scope.contexts,
        status_functions: scope.status_functions,
        elsewhere: true,
    };
    parse_with(text, names)
}

/// Parses an expression that may name these.
pub(crate) fn parse_with(text: &str, names: Names<'_>) -> Result<Expression, Vec<Error>> {
    let tokens = lexer::lex(text).map_err(|error| vec![error])?;
    let end = Span::new(text.trim_end().len(), text.len());
    let mut parser = Parser {
        tokens,
        next: 0,
        depth: 0,
        end,
        names,
        unknown: Vec::new(),
    };
    match parser.whole() {
        Ok(expression) if parser.unknown.is_empty() => Ok(expression),
        Ok(_) => Err(parser.unknown),
        Err(error) => {
            parser.unknown.push(error);
            Err(parser.unknown)
        }
    }
}

struct Parser<'a> {
    tokens: Vec<Token>,
    next: usize,
    depth: usize,
    /// An empty span behind the last word.
    end: Span,
    names: Names<'a>,
    /// Names that do not exist here.
    unknown: Vec<Error>,
}

const VALUE: &str = "a value";

impl Parser<'_> {
    fn whole(&mut self) -> Result<Expression, Error> {
        if self.tokens.is_empty() {
            return Err(Error::new(Fault::Empty, self.end));
        }
        let expression = self.expression()?;
        match self.peek() {
            None => Ok(expression),
            Some(token) => Err(unexpected(token, "an operator or the end")),
        }
    }

    fn expression(&mut self) -> Result<Expression, Error> {
        self.enter()?;
        let expression = self.any_of();
        self.leave();
        expression
    }

    fn any_of(&mut self) -> Result<Expression, Error> {
        let first = self.all_of()?;
        self.chain("||", first, Self::all_of, ExpressionKind::Or)
    }

    fn all_of(&mut self) -> Result<Expression, Error> {
        let first = self.equality()?;
        self.chain("&&", first, Self::equality, ExpressionKind::And)
    }

    fn chain(
        &mut self,
        operator: &str,
        first: Expression,
        operand: fn(&mut Self) -> Result<Expression, Error>,
        build: fn(Vec<Expression>) -> ExpressionKind,
    ) -> Result<Expression, Error> {
        if !self.peek().is_some_and(|token| token.is(operator)) {
            return Ok(first);
        }
        self.enter()?;
        let mut span = first.span;
        let mut operands = vec![first];
        while self.take(operator).is_some() {
            let right = operand(self)?;
            span.end = right.span.end;
            operands.push(right);
        }
        self.leave();
        let kind = build(operands);
        Ok(Expression { kind, span })
    }

    fn equality(&mut self) -> Result<Expression, Error> {
        let operators = &[("==", Comparison::Equal), ("!=", Comparison::NotEqual)];
        self.comparisons(operators, Self::relation)
    }

    fn relation(&mut self) -> Result<Expression, Error> {
        let operators = &[
            ("<", Comparison::Less),
            ("<=", Comparison::AtMost),
            (">", Comparison::Greater),
            (">=", Comparison::AtLeast),
        ];
        self.comparisons(operators, Self::negation)
    }

    fn comparisons(
        &mut self,
        operators: &[(&str, Comparison)],
        operand: fn(&mut Self) -> Result<Expression, Error>,
    ) -> Result<Expression, Error> {
        let first = operand(self)?;
        let mut rest = Vec::new();
        let mut span = first.span;
        while let Some((_, comparison)) = operators
            .iter()
            .find(|(symbol, _)| self.peek().is_some_and(|token| token.is(symbol)))
        {
            self.next += 1;
            let right = operand(self)?;
            span.end = right.span.end;
            rest.push((*comparison, right));
        }
        if rest.is_empty() {
            return Ok(first);
        }
        let kind = ExpressionKind::Compare(Box::new(first), rest);
        Ok(Expression { kind, span })
    }

    fn negation(&mut self) -> Result<Expression, Error> {
        let Some(start) = self.take("!") else {
            return self.look_up();
        };
        self.enter()?;
        let inner = self.negation()?;
        self.leave();
        let span = Span::new(start.start, inner.span.end);
        let kind = ExpressionKind::Not(Box::new(inner));
        Ok(Expression { kind, span })
    }

    fn look_up(&mut self) -> Result<Expression, Error> {
        let outer = self.depth;
        // What something is looked up in has a name or brackets around it.
        let can = self
            .peek()
            .is_some_and(|token| token.is("(") || matches!(token.kind, TokenKind::Identifier(_)));
        let mut expression = self.value()?;
        if !can {
            return Ok(expression);
        }
        loop {
            let inner = expression.span;
            let (kind, end) = if self.take("[").is_some() {
                let index = self.index()?;
                let close = self.expect("]", "`]`")?;
                self.enter()?;
                let inner = Box::new(expression);
                (index.of(inner), close.end)
            } else if self.take(".").is_some() {
                self.enter()?;
                let (index, span) = self.property()?;
                (index.of(Box::new(expression)), span.end)
            } else {
                break;
            };
            let span = Span::new(inner.start, end);
            expression = Expression { kind, span };
        }
        self.depth = outer;
        Ok(expression)
    }

    /// What stands behind a `[`.
    fn index(&mut self) -> Result<Index, Error> {
        if self.take("*").is_some() {
            return Ok(Index::All);
        }
        let index = self.expression()?;
        Ok(match index.kind {
            ExpressionKind::Literal(Value::String(name)) => Index::Name(name.as_ref().to_owned()),
            _ => Index::Value(Box::new(index)),
        })
    }

    /// What stands behind a dot.
    fn property(&mut self) -> Result<(Index, Span), Error> {
        let expected = "the name of a property";
        let Some(token) = self.peek() else {
            return Err(Error::new(Fault::UnexpectedEnd { expected }, self.end));
        };
        let span = token.span;
        let index = match &token.kind {
            TokenKind::Identifier(name) => Index::Name(name.clone()),
            TokenKind::Symbol("*") => Index::All,
            _ => return Err(unexpected(token, expected)),
        };
        self.next += 1;
        Ok((index, span))
    }

    fn value(&mut self) -> Result<Expression, Error> {
        let Some(token) = self.peek().cloned() else {
            return Err(Error::new(
                Fault::UnexpectedEnd { expected: VALUE },
                self.end,
            ));
        };
        let span = token.span;
        let value = match token.kind {
            TokenKind::Identifier(name) => {
                self.next += 1;
                return self.name(name, span);
            }
            TokenKind::Symbol("(") => {
                self.next += 1;
                let inner = self.expression()?;
                let close = self.expect(")", "`)`")?;
                let span = Span::new(span.start, close.end);
                return Ok(Expression { span, ..inner });
            }
            TokenKind::Symbol(_) => return Err(unexpected(&token, VALUE)),
            TokenKind::Number(number) => Value::Number(number),
            TokenKind::String(text) => Value::from(text),
            TokenKind::Boolean(boolean) => Value::Boolean(boolean),
            TokenKind::Null => Value::Null,
        };
        self.next += 1;
        let kind = ExpressionKind::Literal(value);
        Ok(Expression { kind, span })
    }

    /// A context, or a call when `(` follows.
    fn name(&mut self, name: String, span: Span) -> Result<Expression, Error> {
        if self.take("(").is_some() {
            return self.call(&name, span);
        }
        let folded = name.to_ascii_lowercase();
        if !self.names.contexts.contains(&folded.as_str()) {
            let is_function = self
                .functions()
                .any(|known| known.eq_ignore_ascii_case(&folded));
            let fault = Fault::UnknownContext {
                elsewhere: self.names.elsewhere
                    && CONTEXTS.iter().any(|(known, _)| *known == folded),
                is_function,
                known: self.names.contexts.iter().map(|&it| it.into()).collect(),
                name,
            };
            self.unknown.push(Error::new(fault, span));
        }
        let kind = ExpressionKind::Context(folded);
        Ok(Expression { kind, span })
    }

    fn call(&mut self, name: &str, name_span: Span) -> Result<Expression, Error> {
        let mut arguments = Vec::new();
        let close = loop {
            if let Some(close) = self.take(")") {
                break close;
            }
            arguments.push(self.expression()?);
            // A comma behind the last one does no harm, as on GitHub.
            if !self.peek().is_some_and(|token| token.is(")")) {
                self.expect(",", "`,` or `)`")?;
            }
        };
        let span = Span::new(name_span.start, close.end);
        let Some(known) = Signature::find(name) else {
            let fault = Fault::UnknownFunction {
                name: name.to_owned(),
                known: self.functions().collect(),
            };
            self.unknown.push(Error::new(fault, name_span));
            let kind = ExpressionKind::Literal(Value::Null);
            return Ok(Expression { kind, span });
        };
        let status = self.names.status_functions;
        if known.function.is_status() && status == StatusFunctions::Refused {
            let fault = Fault::StatusOutsideCondition { name: known.name };
            self.unknown.push(Error::new(fault, name_span));
        }
        let of_jobs = known.function.can_be_of_jobs() && status == StatusFunctions::OfJobs;
        if !of_jobs && !known.accepts(arguments.len()) {
            let fault = Fault::ArgumentCount {
                name: known.name,
                expected: known.takes,
                found: arguments.len(),
            };
            self.unknown.push(Error::new(fault, span));
        }
        let kind = ExpressionKind::Call(known.function, arguments);
        Ok(Expression { kind, span })
    }

    /// The names of the functions that can be called here.
    fn functions(&self) -> impl Iterator<Item = &'static str> + use<> {
        let status = self.names.status_functions != StatusFunctions::Refused;
        FUNCTIONS
            .iter()
            .filter(move |known| status || !known.function.is_status())
            .map(|known| known.name)
    }

    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next)
    }

    fn take(&mut self, symbol: &str) -> Option<Span> {
        let span = self.peek().filter(|token| token.is(symbol))?.span;
        self.next += 1;
        Some(span)
    }

    fn expect(&mut self, symbol: &str, expected: &'static str) -> Result<Span, Error> {
        match self.take(symbol) {
            Some(span) => Ok(span),
            None => Err(match self.peek() {
                Some(token) => unexpected(token, expected),
                None => Error::new(Fault::UnexpectedEnd { expected }, self.end),
            }),
        }
    }

    fn enter(&mut self) -> Result<(), Error> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            let span = self.peek().map_or(self.end, |token| token.span);
            return Err(Error::new(Fault::TooDeep { limit: MAX_DEPTH }, span));
        }
        Ok(())
    }

    fn leave(&mut self) {
        self.depth -= 1;
    }
}

/// How one value is looked up in another.
enum Index {
    Name(String),
    All,
    Value(Box<Expression>),
}

impl Index {
    fn of(self, inner: Box<Expression>) -> ExpressionKind {
        match self {
            Self::Name(name) => ExpressionKind::Property(inner, name),
            Self::All => ExpressionKind::All(inner),
            Self::Value(index) => ExpressionKind::Index(inner, index),
        }
    }
}

/// The error for a word that cannot stand where it does.
fn unexpected(token: &Token, expected: &'static str) -> Error {
    let found = match &token.kind {
        TokenKind::Symbol(symbol) => (*symbol).to_owned(),
        TokenKind::Identifier(name) => name.clone(),
        TokenKind::String(text) => format!("'{text}'"),
        TokenKind::Number(number) => Value::Number(*number).to_text(),
        TokenKind::Boolean(boolean) => boolean.to_string(),
        TokenKind::Null => "null".to_owned(),
    };
    Error::new(Fault::UnexpectedToken { found, expected }, token.span)
}
