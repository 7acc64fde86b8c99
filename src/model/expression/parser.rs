//! Builds an expression from its words, with GitHub's precedence: `||`, `&&`, `== !=`, `!`, dot.
//!
//! Names are checked while parsing, because which contexts and functions exist depends on the
//! place. An unknown name does not stop it, so all of them are reported at once.

use crate::base::source::Span;
use crate::model::expression::context::CONTEXTS;
use crate::model::expression::context::Scope;
use crate::model::expression::error::Error;
use crate::model::expression::error::Fault;
use crate::model::expression::lexer;
use crate::model::expression::lexer::Token;
use crate::model::expression::lexer::TokenKind;
use crate::model::expression::value::Value;

/// How deep an expression may be nested, as on GitHub.
pub(crate) const MAX_DEPTH: usize = 50;

/// A parsed expression.
#[derive(Clone, Debug)]
pub(crate) struct Expression {
    /// What it is.
    pub(crate) kind: ExpressionKind,
    /// Where it stands in the text that was parsed.
    pub(crate) span: Span,
}

/// The kinds of expression.
#[derive(Clone, Debug)]
pub(crate) enum ExpressionKind {
    /// A value as it stands.
    Literal(Value),
    /// A context by its name in lower case.
    Context(String),
    /// A property of a value.
    Property(Box<Expression>, String),
    /// A call.
    Call(Function, Vec<Expression>),
    /// `!`.
    Not(Box<Expression>),
    /// `&&` over two or more.
    And(Vec<Expression>),
    /// `||` over two or more.
    Or(Vec<Expression>),
    /// `==` and `!=`, from left to right. A list, so that a long chain is not deep.
    Compare(Box<Expression>, Vec<(Comparison, Expression)>),
}

/// A comparison operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    /// `==`.
    Equal,
    /// `!=`.
    NotEqual,
}

/// A function of the language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Function {
    /// Nothing has failed.
    Success,
    /// Something has failed.
    Failure,
    /// True in any case.
    Always,
    /// The run is being cancelled.
    Cancelled,
}

/// The functions with their names. All of them ask for the status and take no argument.
const FUNCTIONS: &[(&str, Function)] = &[
    ("always", Function::Always),
    ("cancelled", Function::Cancelled),
    ("failure", Function::Failure),
    ("success", Function::Success),
];

/// GitHub's other functions: real, but not in this version.
const LATER_FUNCTIONS: &[&str] = &[
    "case",
    "contains",
    "endswith",
    "format",
    "fromjson",
    "hashfiles",
    "join",
    "startswith",
    "tojson",
];

impl Expression {
    /// Calls `visit` for this expression and all inside it, the outer one first.
    pub(crate) fn walk<'a>(&'a self, visit: &mut impl FnMut(&'a Self)) {
        // A list instead of recursion: chains can be long.
        let mut open = vec![self];
        while let Some(expression) = open.pop() {
            visit(expression);
            match &expression.kind {
                ExpressionKind::Literal(_) | ExpressionKind::Context(_) => {}
                ExpressionKind::Property(inner, _) | ExpressionKind::Not(inner) => open.push(inner),
                ExpressionKind::Call(_, inner)
                | ExpressionKind::And(inner)
                | ExpressionKind::Or(inner) => open.extend(inner.iter().rev()),
                ExpressionKind::Compare(first, rest) => {
                    open.extend(rest.iter().rev().map(|(_, right)| right));
                    open.push(first);
                }
            }
        }
    }

    /// Moves every span in it, from the text that was parsed to the file that it stands in.
    pub(crate) fn move_spans(&mut self, place: &dyn Fn(Span) -> Span) {
        self.span = place(self.span);
        match &mut self.kind {
            ExpressionKind::Literal(_) | ExpressionKind::Context(_) => {}
            ExpressionKind::Property(inner, _) | ExpressionKind::Not(inner) => {
                inner.move_spans(place);
            }
            ExpressionKind::Call(_, inner)
            | ExpressionKind::And(inner)
            | ExpressionKind::Or(inner) => {
                for inner in inner {
                    inner.move_spans(place);
                }
            }
            ExpressionKind::Compare(first, rest) => {
                first.move_spans(place);
                for (_, right) in rest {
                    right.move_spans(place);
                }
            }
        }
    }

    /// Whether it reads no context but these, and asks for no status.
    pub(crate) fn reads_only(&self, known: &[&str]) -> bool {
        let mut only = !self.asks_status();
        self.walk(&mut |inner| {
            if let ExpressionKind::Context(name) = &inner.kind {
                only &= known.iter().any(|known| known.eq_ignore_ascii_case(name));
            }
        });
        only
    }

    /// Whether a status function is called anywhere in it.
    pub(crate) fn asks_status(&self) -> bool {
        let mut found = false;
        self.walk(&mut |inner| found |= matches!(inner.kind, ExpressionKind::Call(..)));
        found
    }
}

/// Parses an expression for a place; the expression is there when nothing is wrong with it.
pub(crate) fn parse(text: &str, scope: Scope) -> Result<Expression, Vec<Error>> {
    let tokens = lexer::lex(text).map_err(|error| vec![error])?;
    let end = Span::new(text.trim_end().len(), text.len());
    let mut parser = Parser {
        tokens,
        next: 0,
        depth: 0,
        end,
        scope,
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

struct Parser {
    tokens: Vec<Token>,
    next: usize,
    depth: usize,
    /// An empty span behind the last word.
    end: Span,
    scope: Scope,
    /// Names that do not exist here.
    unknown: Vec<Error>,
}

const VALUE: &str = "a value";

impl Parser {
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
        let first = self.comparison()?;
        self.chain("&&", first, Self::comparison, ExpressionKind::And)
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

    fn comparison(&mut self) -> Result<Expression, Error> {
        let first = self.negation()?;
        let mut rest = Vec::new();
        let mut span = first.span;
        loop {
            let comparison = if self.take("==").is_some() {
                Comparison::Equal
            } else if self.take("!=").is_some() {
                Comparison::NotEqual
            } else {
                break;
            };
            let right = self.negation()?;
            span.end = right.span.end;
            rest.push((comparison, right));
        }
        if rest.is_empty() {
            return Ok(first);
        }
        let kind = ExpressionKind::Compare(Box::new(first), rest);
        Ok(Expression { kind, span })
    }

    fn negation(&mut self) -> Result<Expression, Error> {
        let Some(start) = self.take("!") else {
            return self.property();
        };
        self.enter()?;
        let inner = self.negation()?;
        self.leave();
        let span = Span::new(start.start, inner.span.end);
        let kind = ExpressionKind::Not(Box::new(inner));
        Ok(Expression { kind, span })
    }

    fn property(&mut self) -> Result<Expression, Error> {
        let outer = self.depth;
        let mut expression = self.value()?;
        while self.take(".").is_some() {
            self.enter()?;
            let expected = "the name of a property";
            let Some(token) = self.peek() else {
                return Err(Error::new(Fault::UnexpectedEnd { expected }, self.end));
            };
            let span = Span::new(expression.span.start, token.span.end);
            let TokenKind::Identifier(name) = &token.kind else {
                return Err(unexpected(token, expected));
            };
            let kind = ExpressionKind::Property(Box::new(expression), name.clone());
            expression = Expression { kind, span };
            self.next += 1;
        }
        self.depth = outer;
        Ok(expression)
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
            TokenKind::String(text) => Value::String(text),
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
        if !self.scope.contexts.contains(&folded.as_str()) {
            let fault = Fault::UnknownContext {
                elsewhere: CONTEXTS.iter().any(|(known, _)| *known == folded),
                is_function: self.functions().contains(&folded.as_str()),
                known: self.scope.contexts.to_vec(),
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
            if !arguments.is_empty() {
                self.expect(",", "`,` or `)`")?;
            }
            arguments.push(self.expression()?);
        };
        let span = Span::new(name_span.start, close.end);
        let folded = name.to_ascii_lowercase();
        let known = FUNCTIONS.iter().find(|(known, _)| *known == folded);
        let Some((known, function)) = known else {
            let fault = if LATER_FUNCTIONS.contains(&folded.as_str()) {
                Fault::NotInThisVersion {
                    what: format!("function `{name}`"),
                }
            } else {
                Fault::UnknownFunction {
                    name: name.to_owned(),
                    known: self.functions(),
                }
            };
            self.unknown.push(Error::new(fault, name_span));
            let kind = ExpressionKind::Literal(Value::Null);
            return Ok(Expression { kind, span });
        };
        if !self.scope.status_functions {
            let fault = Fault::StatusOutsideCondition { name: known };
            self.unknown.push(Error::new(fault, name_span));
        }
        if !arguments.is_empty() {
            let fault = Fault::ArgumentCount {
                name: known,
                expected: "no argument",
                found: arguments.len(),
            };
            self.unknown.push(Error::new(fault, span));
        }
        let kind = ExpressionKind::Call(*function, arguments);
        Ok(Expression { kind, span })
    }

    fn functions(&self) -> Vec<&'static str> {
        if self.scope.status_functions {
            FUNCTIONS.iter().map(|(name, _)| *name).collect()
        } else {
            Vec::new()
        }
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

/// The error for a word that cannot stand where it does.
fn unexpected(token: &Token, expected: &'static str) -> Error {
    let fault = match &token.kind {
        // These are right in GitHub's language, so "unexpected" would mislead.
        TokenKind::Symbol(symbol @ ("<" | ">" | "<=" | ">=" | "[" | "*")) => {
            Fault::NotInThisVersion {
                what: format!("`{symbol}`"),
            }
        }
        kind => Fault::UnexpectedToken {
            found: match kind {
                TokenKind::Symbol(symbol) => (*symbol).to_owned(),
                TokenKind::Identifier(name) => name.clone(),
                TokenKind::String(text) => format!("'{text}'"),
                TokenKind::Number(number) => Value::Number(*number).to_text(),
                TokenKind::Boolean(boolean) => boolean.to_string(),
                TokenKind::Null => "null".to_owned(),
            },
            expected,
        },
    };
    Error::new(fault, token.span)
}
