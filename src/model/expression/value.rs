//! The values of expressions and GitHub's rules for turning one kind into another.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::sync::Arc;

use crate::model::expression::number;
pub(crate) use crate::model::expression::object::Array;
pub(crate) use crate::model::expression::object::Object;

/// A value. Text, lists and objects are shared, so cloning one is cheap. Two lists or objects are
/// equal only when they are the same one, as on GitHub.
#[derive(Clone, Debug, Default)]
pub(crate) enum Value {
    /// Nothing: also what a missing property gives.
    #[default]
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// A number.
    Number(f64),
    /// Text.
    String(Arc<str>),
    /// A list.
    Array(Arc<Array>),
    /// Named values.
    Object(Arc<Object>),
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Boolean(value)
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Number(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::String(value.into())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::String(value.into())
    }
}

impl From<Vec<Value>> for Value {
    fn from(values: Vec<Value>) -> Self {
        Self::Array(Arc::new(Array::new(values)))
    }
}

impl From<Object> for Value {
    fn from(object: Object) -> Self {
        Self::Object(Arc::new(object))
    }
}

impl Value {
    /// The name of the kind, as GitHub writes it.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "Null",
            Self::Boolean(_) => "Boolean",
            Self::Number(_) => "Number",
            Self::String(_) => "String",
            Self::Array(_) => "Array",
            Self::Object(_) => "Object",
        }
    }

    /// Whether it is neither a list nor an object.
    pub(crate) fn is_primitive(&self) -> bool {
        !matches!(self, Self::Array(_) | Self::Object(_))
    }

    /// Whether it counts as true.
    pub(crate) fn truthy(&self) -> bool {
        match self {
            Self::Null => false,
            Self::Boolean(value) => *value,
            Self::Number(value) => *value != 0.0 && !value.is_nan(),
            Self::String(value) => !value.is_empty(),
            Self::Array(_) | Self::Object(_) => true,
        }
    }

    /// The text that stands for it: lists and objects give the name of their kind.
    pub(crate) fn to_text(&self) -> String {
        self.text().into_owned()
    }

    /// The same text, borrowed where it is there already.
    pub(crate) fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Null => Cow::Borrowed(""),
            Self::Boolean(true) => Cow::Borrowed("true"),
            Self::Boolean(false) => Cow::Borrowed("false"),
            Self::Number(value) => Cow::Owned(number::write(*value)),
            Self::String(value) => Cow::Borrowed(value),
            Self::Array(_) | Self::Object(_) => Cow::Borrowed(self.kind()),
        }
    }

    /// The number that stands for it; not-a-number where there is none.
    pub(crate) fn to_number(&self) -> f64 {
        match self {
            Self::Null => 0.0,
            Self::Boolean(value) => f64::from(u8::from(*value)),
            Self::Number(value) => *value,
            Self::String(value) => number::parse(value),
            Self::Array(_) | Self::Object(_) => f64::NAN,
        }
    }

    /// `==`: strings without regard to case, different kinds as numbers, lists and objects by
    /// identity.
    pub(crate) fn loosely_equals(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Boolean(left), Self::Boolean(right)) => left == right,
            (Self::String(left), Self::String(right)) => same_text(left, right),
            (Self::Array(left), Self::Array(right)) => Arc::ptr_eq(left, right),
            (Self::Object(left), Self::Object(right)) => Arc::ptr_eq(left, right),
            (Self::Array(_) | Self::Object(_), _) | (_, Self::Array(_) | Self::Object(_)) => false,
            #[expect(clippy::float_cmp, reason = "the language compares numbers exactly")]
            _ => self.to_number() == other.to_number(),
        }
    }

    /// Which of two is less, by the same rules; lists, objects and not-a-number have no order, and
    /// nothing beside nothing has none either.
    pub(crate) fn order(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Boolean(left), Self::Boolean(right)) => Some(left.cmp(right)),
            (Self::String(left), Self::String(right)) => {
                // UTF-16 code units, as GitHub's engines have them.
                let (left, right) = (fold(left), fold(right));
                Some(left.encode_utf16().cmp(right.encode_utf16()))
            }
            (Self::Null, Self::Null)
            | (Self::Array(_) | Self::Object(_), _)
            | (_, Self::Array(_) | Self::Object(_)) => None,
            _ => self.to_number().partial_cmp(&other.to_number()),
        }
    }
}

/// Whether two texts are the same but for their case.
fn same_text(left: &str, right: &str) -> bool {
    if left.is_ascii() && right.is_ascii() {
        left.eq_ignore_ascii_case(right)
    } else {
        fold(left) == fold(right)
    }
}

/// The form in which names and strings are compared: upper case, but the dotless i stays.
pub(crate) fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_uppercase();
    }
    let mut folded = String::with_capacity(text.len());
    for character in text.chars() {
        if character == 'ı' {
            folded.push(character);
        } else {
            folded.extend(character.to_uppercase());
        }
    }
    folded
}
