//! Numbers as the language reads and writes them: JavaScript's rules, of which GitHub's are made.

/// White space as JavaScript has it: what is trimmed off a number and what ends a word.
pub(crate) fn is_space(character: char) -> bool {
    character == '\u{feff}' || (character.is_whitespace() && character != '\u{85}')
}

/// Reads a number: decimal, `0x`, `0o` and `0b`, white space around it, nothing at all as 0.
/// Anything else is not-a-number.
pub(crate) fn parse(text: &str) -> f64 {
    let text = text.trim_matches(is_space);
    if text.is_empty() {
        return 0.0;
    }
    for (prefixes, bits) in [(["0x", "0X"], 4), (["0o", "0O"], 3), (["0b", "0B"], 1)] {
        for prefix in prefixes {
            if let Some(digits) = text.strip_prefix(prefix) {
                return parse_digits(digits, bits);
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

/// Digits of `bits` bits each. What is past the first hundred bits only decides how the rest is
/// rounded, once.
fn parse_digits(digits: &str, bits: u32) -> f64 {
    if digits.is_empty() {
        return f64::NAN;
    }
    let mut value: u128 = 0;
    let mut shifted: i32 = 0;
    let mut rest = false;
    for character in digits.chars() {
        let Some(digit) = character.to_digit(1 << bits) else {
            return f64::NAN;
        };
        if value >> 100 == 0 {
            value = value << bits | u128::from(digit);
        } else {
            shifted = shifted.saturating_add(bits.cast_signed());
            rest |= digit != 0;
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "rounding is what is wanted")]
    let value = (value | u128::from(rest)) as f64;
    // Beyond the exponents that a number has, infinity is right whatever the power is.
    value * 2f64.powi(shifted.min(2000))
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

/// Writes a number with at most 15 decimals: its text wherever it becomes text.
pub(crate) fn write(value: f64) -> String {
    if value.abs() < 1e21 && value.fract() != 0.0 {
        let value = away_from_tie(value);
        write_exact(format!("{value:.15}").parse().unwrap_or(value))
    } else {
        write_exact(value)
    }
}

/// Writes a number in the shortest form that reads back, with an exponent from 1e21 and below
/// 1e-6.
pub(crate) fn write_exact(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "Infinity" } else { "-Infinity" }.to_owned();
    }
    if value == 0.0 {
        return "0".to_owned();
    }
    if (1e-6..1e21).contains(&value.abs()) {
        return value.to_string();
    }
    let written = format!("{value:e}");
    match written.split_once('e') {
        Some((digits, exponent)) if !exponent.starts_with('-') => format!("{digits}e+{exponent}"),
        _ => written,
    }
}
