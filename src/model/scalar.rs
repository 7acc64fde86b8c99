//! What a YAML scalar means: the core schema of YAML 1.2, and nothing of YAML 1.1.
//!
//! The reader and the editor both ask here, so that what one writes plain the other reads back.

use crate::model::tree::Value;

/// The value of a scalar; `None` when it is not what its tag says.
pub(crate) fn value(text: &str, plain: bool, tag: Option<&str>) -> Option<Value> {
    match tag {
        None if plain => Some(plain_value(text)),
        Some("null") => is_null(text).then_some(Value::Null),
        Some("bool") => boolean(text).map(Value::Boolean),
        Some("int") => integer(text),
        Some("float") => integer(text).and_then(as_float).or_else(|| float(text)),
        _ => Some(Value::String(text.to_owned())),
    }
}

/// The value of a scalar without quotes and without a tag.
pub(crate) fn plain_value(text: &str) -> Value {
    // Nearly every scalar is a word: what begins with another letter is nothing but text.
    let other = |byte: &u8| byte.is_ascii_alphabetic() && !b"nNtTfF".contains(byte);
    if text.as_bytes().first().is_some_and(other) {
        return Value::String(text.to_owned());
    }
    if is_null(text) {
        return Value::Null;
    }
    let word = text.as_bytes().first().is_some_and(u8::is_ascii_alphabetic);
    if word {
        // Numbers begin with a digit, a sign or a point.
        return boolean(text).map_or_else(|| Value::String(text.to_owned()), Value::Boolean);
    }
    integer(text)
        .or_else(|| float(text))
        .unwrap_or_else(|| Value::String(text.to_owned()))
}

fn is_null(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

fn boolean(text: &str) -> Option<bool> {
    match text {
        "true" | "True" | "TRUE" => Some(true),
        "false" | "False" | "FALSE" => Some(false),
        _ => None,
    }
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A whole number; one that does not fit in 64 bits becomes a float.
fn integer(text: &str) -> Option<Value> {
    for (prefix, radix) in [("0o", 8), ("0x", 16)] {
        if let Some(digits) = text.strip_prefix(prefix) {
            // `from_str_radix` takes a sign, YAML does not.
            let signed = digits.starts_with(['+', '-']);
            let number = i64::from_str_radix(digits, radix).ok();
            return number.filter(|_| !signed).map(Value::Integer);
        }
    }
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if !all_digits(digits) {
        return None;
    }
    match text.parse() {
        Ok(number) => Some(Value::Integer(number)),
        Err(_) => text.parse().ok().map(Value::Float),
    }
}

fn as_float(value: Value) -> Option<Value> {
    match value {
        #[expect(clippy::cast_precision_loss, reason = "`!!float` asks for a float")]
        Value::Integer(number) => Some(Value::Float(number as f64)),
        Value::Float(_) => Some(value),
        _ => None,
    }
}

fn float(text: &str) -> Option<Value> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let negative = text.starts_with('-');
    match unsigned {
        ".inf" | ".Inf" | ".INF" if negative => return Some(Value::Float(f64::NEG_INFINITY)),
        ".inf" | ".Inf" | ".INF" => return Some(Value::Float(f64::INFINITY)),
        _ if matches!(text, ".nan" | ".NaN" | ".NAN") => return Some(Value::Float(f64::NAN)),
        _ => {}
    }
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let exponent_fits = exponent
        .is_none_or(|exponent| all_digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent)));
    let mantissa_fits = match mantissa.split_once('.') {
        None => all_digits(mantissa),
        Some(("", fraction)) => all_digits(fraction),
        Some((whole, fraction)) => {
            all_digits(whole) && (fraction.is_empty() || all_digits(fraction))
        }
    };
    if exponent_fits && mantissa_fits {
        text.parse().ok().map(Value::Float)
    } else {
        None
    }
}
