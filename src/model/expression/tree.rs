//! A parsed expression: its shape, what it reads, where its parts stand.

use crate::base::source::Span;
use crate::model::expression::function::Function;
use crate::model::expression::value::Value;

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
    /// A property of a value, written `.name` or `['name']`.
    Property(Box<Expression>, String),
    /// An item or a property of a value by another value: `[expression]`.
    Index(Box<Expression>, Box<Expression>),
    /// All items or properties of a value: `.*` or `[*]`.
    All(Box<Expression>),
    /// A call.
    Call(Function, Vec<Expression>),
    /// `!`.
    Not(Box<Expression>),
    /// `&&` over two or more.
    And(Vec<Expression>),
    /// `||` over two or more.
    Or(Vec<Expression>),
    /// `< <= > >=` or `== !=`, from left to right. A list, so that a long chain is not deep.
    Compare(Box<Expression>, Vec<(Comparison, Expression)>),
}

/// A comparison operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    /// `==`.
    Equal,
    /// `!=`.
    NotEqual,
    /// `<`.
    Less,
    /// `<=`.
    AtMost,
    /// `>`.
    Greater,
    /// `>=`.
    AtLeast,
}

/// A place of a context that an expression reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Read<'a> {
    /// The context and the names below it, as far as they are fixed: `steps['a'].outcome` and
    /// `steps.a.outcome` are the same three, `matrix[inputs.which]` is `matrix` and, as another
    /// one, `inputs.which`.
    pub(crate) path: Vec<&'a str>,
    /// Where it stands.
    pub(crate) span: Span,
}

impl Expression {
    /// Calls `visit` for this expression and all inside it, the outer one first.
    pub(crate) fn walk<'a>(&'a self, visit: &mut impl FnMut(&'a Self)) {
        self.walk_while(&mut |expression| {
            visit(expression);
            true
        });
    }

    /// The same; where `visit` says no, what is inside is left out.
    fn walk_while<'a>(&'a self, visit: &mut impl FnMut(&'a Self) -> bool) {
        // A list instead of recursion: chains can be long.
        let mut open = vec![self];
        while let Some(expression) = open.pop() {
            if !visit(expression) {
                continue;
            }
            match &expression.kind {
                ExpressionKind::Literal(_) | ExpressionKind::Context(_) => {}
                ExpressionKind::Property(inner, _)
                | ExpressionKind::All(inner)
                | ExpressionKind::Not(inner) => open.push(inner),
                ExpressionKind::Index(inner, index) => open.extend([index, inner].map(|it| &**it)),
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
            ExpressionKind::Property(inner, _)
            | ExpressionKind::All(inner)
            | ExpressionKind::Not(inner) => inner.move_spans(place),
            ExpressionKind::Index(inner, index) => {
                inner.move_spans(place);
                index.move_spans(place);
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

    /// Everything that it reads of contexts, each place once as far down as its names are fixed,
    /// in the order in which they stand.
    pub(crate) fn reads(&self) -> Vec<Read<'_>> {
        let mut reads = Vec::new();
        self.walk_while(&mut |part| {
            let path = part.path();
            let span = part.span;
            let inner = path.is_none();
            reads.extend(path.map(|path| Read { path, span }));
            inner
        });
        reads
    }

    /// The context and the names of a look-up that is nothing but fixed names.
    pub(crate) fn path(&self) -> Option<Vec<&str>> {
        let mut names = Vec::new();
        let mut part = self;
        loop {
            match &part.kind {
                ExpressionKind::Context(name) => {
                    names.push(name.as_str());
                    names.reverse();
                    return Some(names);
                }
                ExpressionKind::Property(inner, name) => {
                    names.push(name.as_str());
                    part = inner;
                }
                _ => return None,
            }
        }
    }

    /// Whether a status function is called anywhere in it.
    pub(crate) fn asks_status(&self) -> bool {
        let mut found = false;
        self.walk(&mut |inner| {
            found |=
                matches!(inner.kind, ExpressionKind::Call(function, _) if function.is_status());
        });
        found
    }
}
