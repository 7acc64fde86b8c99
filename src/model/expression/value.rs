//! The values of expressions and GitHub's rules for turning one kind into another.

use std::collections::HashMap;
use std::sync::Arc;

/// A value. Lists and objects are shared: cloning one is cheap, and two of them are equal only
/// when they are the same one, as on GitHub.
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
    String(String),
    /// A list.
    Array(Arc<Vec<Value>>),
    /// Named values.
    Object(Arc<Object>),
}

/// Named values in the order of their insertion.
#[derive(Clone, Debug, Default)]
pub(crate) struct Object {
    entries: Vec<(String, Value)>,
    /// Where the entry of a name is; the names are folded unless case counts.
    index: HashMap<String, usize>,
    case_counts: bool,
}

impl Object {
    /// An object whose names are found in any case.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// An object whose names differ by case: the variables of an environment.
    pub(crate) fn case_sensitive() -> Self {
        Self {
            case_counts: true,
            ..Self::default()
        }
    }

    /// Sets a value; a name that is there keeps its place and gets the new value.
    pub(crate) fn set(&mut self, name: impl Into<String>, value: impl Into<Value>) {
        let name = name.into();
        let key = self.key(&name);
        let known = self.index.get(&key).copied();
        if let Some(entry) = known.and_then(|index| self.entries.get_mut(index)) {
            entry.1 = value.into();
        } else {
            self.index.insert(key, self.entries.len());
            self.entries.push((name, value.into()));
        }
    }

    /// The value of a name.
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        let index = *self.index.get(&self.key(name))?;
        self.entries.get(index).map(|(_, value)| value)
    }

    /// The entries in their order.
    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Value)> {
        self.entries
            .iter()
            .map(|(name, value)| (name.as_str(), value))
    }

    /// How many entries there are.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    fn key(&self, name: &str) -> String {
        if self.case_counts {
            name.to_owned()
        } else {
            fold(name)
        }
    }
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
        Self::String(value.to_owned())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::String(value)
    }
}

impl From<Vec<Value>> for Value {
    fn from(values: Vec<Value>) -> Self {
        Self::Array(Arc::new(values))
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
        match self {
            Self::Null => String::new(),
            Self::Boolean(value) => value.to_string(),
            Self::Number(value) => format_number(*value),
            Self::String(value) => value.clone(),
            Self::Array(_) | Self::Object(_) => self.kind().to_owned(),
        }
    }

    /// The number that stands for it; not-a-number where there is none.
    pub(crate) fn to_number(&self) -> f64 {
        match self {
            Self::Null => 0.0,
            Self::Boolean(value) => f64::from(u8::from(*value)),
            Self::Number(value) => *value,
            Self::String(value) => parse_number(value),
            Self::Array(_) | Self::Object(_) => f64::NAN,
        }
    }

    /// `==`: strings without regard to case, different kinds as numbers, lists and objects by
    /// identity.
    pub(crate) fn loosely_equals(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Boolean(left), Self::Boolean(right)) => left == right,
            (Self::String(left), Self::String(right)) => fold(left) == fold(right),
            (Self::Array(left), Self::Array(right)) => Arc::ptr_eq(left, right),
            (Self::Object(left), Self::Object(right)) => Arc::ptr_eq(left, right),
            (Self::Array(_) | Self::Object(_), _) | (_, Self::Array(_) | Self::Object(_)) => false,
            #[expect(clippy::float_cmp, reason = "the language compares numbers exactly")]
            _ => self.to_number() == other.to_number(),
        }
    }
}

/// The form in which names and strings are compared: upper case, but the dotless i stays.
pub(crate) fn fold(text: &str) -> String {
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

/// Reads a number as GitHub's language does: decimal, `0x`, `0o` and `0b`, white space around
/// it, nothing at all as 0. Anything else is not-a-number.
pub(crate) fn parse_number(text: &str) -> f64 {
    let text = text.trim();
    if text.is_empty() {
        return 0.0;
    }
    for (prefixes, radix) in [(["0x", "0X"], 16), (["0o", "0O"], 8), (["0b", "0B"], 2)] {
        for prefix in prefixes {
            if let Some(digits) = text.strip_prefix(prefix) {
                return parse_digits(digits, radix);
            }
        }
    }
    match text {
        "Infinity" | "+Infinity" => return f64::INFINITY,
        "-Infinity" => return f64::NEG_INFINITY,
        _ => {}
    }
    // Rust's own parser also reads words such as `inf`.
    let decimal = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+' | b'-'));
    if decimal {
        text.parse().unwrap_or(f64::NAN)
    } else {
        f64::NAN
    }
}

fn parse_digits(digits: &str, radix: u32) -> f64 {
    if digits.is_empty() {
        return f64::NAN;
    }
    let mut value = 0.0;
    for character in digits.chars() {
        match character.to_digit(radix) {
            Some(digit) => value = value * f64::from(radix) + f64::from(digit),
            None => return f64::NAN,
        }
    }
    value
}

/// A number half-way between two of 15 decimals goes away from zero, where Rust's formatting goes
/// to the even one. Half-way are exactly the odd multiples of 2^-16; from 8 on neighbouring
/// numbers are further apart than 15 decimals, so the tie makes no difference.
fn away_from_tie(value: f64) -> f64 {
    #[expect(clippy::float_cmp, reason = "a tie is exact or it is none")]
    let tie = (value * 65_536.0).abs() % 2.0 == 1.0;
    match value {
        _ if !tie || value.abs() >= 8.0 => value,
        _ if value > 0.0 => value.next_up(),
        _ => value.next_down(),
    }
}

/// Writes a number as GitHub's language does: at most 15 decimals, the shortest form that reads
/// back, an exponent from 1e21 and below 1e-6.
fn format_number(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "Infinity" } else { "-Infinity" }.to_owned();
    }
    let rounded: f64 = if value.abs() < 1e21 {
        let value = away_from_tie(value);
        format!("{value:.15}").parse().unwrap_or(value)
    } else {
        value
    };
    if rounded == 0.0 {
        return "0".to_owned();
    }
    if (1e-6..1e21).contains(&rounded.abs()) {
        return rounded.to_string();
    }
    let written = format!("{rounded:e}");
    match written.split_once('e') {
        Some((digits, exponent)) if !exponent.starts_with('-') => format!("{digits}e+{exponent}"),
        _ => written,
    }
}
