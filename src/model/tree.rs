//! A YAML document as a tree of values that know where they stand.
//!
//! Both the front matter of a spec and a workflow are read into this tree first and validated
//! against a table of keys afterwards, so that one pass can report every problem with its place.

use crate::base::source::Span;

/// A value and the bytes it was written with.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Node {
    /// Where the value stands. For a quoted scalar the quotes are part of it; a value that is
    /// not written (`key:`) has an empty span after its colon.
    pub(crate) span: Span,
    /// The value.
    pub(crate) value: Value,
}

/// A YAML value (core schema of YAML 1.2).
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    /// `null`, `~` or nothing.
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// A whole number that fits.
    Integer(i64),
    /// Any other number.
    Float(f64),
    /// Text, quoted or plain.
    String(String),
    /// A list.
    Sequence(Vec<Node>),
    /// A mapping, in the order written. Keys that stand twice are both here: the validator
    /// reports the second one.
    Mapping(Vec<Entry>),
}

/// One key of a mapping with its value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entry {
    /// The key; one that is not text is kept as it was written.
    pub(crate) key: String,
    /// Where the key stands.
    pub(crate) key_span: Span,
    /// The value.
    pub(crate) value: Node,
}

impl Node {
    /// Whether it holds what another one holds, wherever they stand.
    ///
    /// Goes as deep as the reader of files allows.
    pub(crate) fn says_the_same(&self, other: &Self) -> bool {
        match (&self.value, &other.value) {
            (Value::Sequence(own), Value::Sequence(others)) => {
                let mut pairs = own.iter().zip(others);
                own.len() == others.len() && pairs.all(|(own, other)| own.says_the_same(other))
            }
            (Value::Mapping(own), Value::Mapping(others)) => {
                let mut pairs = own.iter().zip(others);
                let same = |(own, other): (&Entry, &Entry)| {
                    own.key == other.key && own.value.says_the_same(&other.value)
                };
                own.len() == others.len() && pairs.all(same)
            }
            // One that is no number is not even equal to itself.
            (Value::Float(own), Value::Float(other)) => own.to_bits() == other.to_bits(),
            (own, other) => own == other,
        }
    }

    /// What kind of value it is, for messages.
    pub(crate) fn kind(&self) -> &'static str {
        match self.value {
            Value::Null => "nothing",
            Value::Boolean(_) => "a boolean",
            Value::Integer(_) | Value::Float(_) => "a number",
            Value::String(_) => "text",
            Value::Sequence(_) => "a list",
            Value::Mapping(_) => "a mapping",
        }
    }

    /// The entries, when it is a mapping.
    pub(crate) fn mapping(&self) -> Option<&[Entry]> {
        match &self.value {
            Value::Mapping(entries) => Some(entries),
            _ => None,
        }
    }

    /// The elements, when it is a list.
    pub(crate) fn sequence(&self) -> Option<&[Node]> {
        match &self.value {
            Value::Sequence(nodes) => Some(nodes),
            _ => None,
        }
    }

    /// The text, when it is text.
    pub(crate) fn string(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The value of a key, when it is a mapping that has it.
    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        self.mapping()?
            .iter()
            .find(|entry| entry.key == key)
            .map(|entry| &entry.value)
    }

    /// The same, each place moved by so many bytes: for a text that became part of a larger one.
    ///
    /// Goes as deep as the reader of files allows.
    pub(crate) fn shifted(self, offset: usize) -> Self {
        let value = match self.value {
            Value::Sequence(nodes) => {
                Value::Sequence(nodes.into_iter().map(|node| node.shifted(offset)).collect())
            }
            Value::Mapping(entries) => {
                let shifted = |entry: Entry| Entry {
                    key: entry.key,
                    key_span: entry.key_span.shifted(offset),
                    value: entry.value.shifted(offset),
                };
                Value::Mapping(entries.into_iter().map(shifted).collect())
            }
            value => value,
        };
        Self {
            span: self.span.shifted(offset),
            value,
        }
    }

    /// How many values it consists of, itself included.
    pub(crate) fn count(&self) -> usize {
        1 + match &self.value {
            Value::Sequence(nodes) => nodes.iter().map(Self::count).sum(),
            Value::Mapping(entries) => entries.iter().map(|entry| entry.value.count()).sum(),
            _ => 0,
        }
    }
}
