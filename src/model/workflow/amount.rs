//! Reads lengths of time.

use std::fmt;
use std::time::Duration;

/// The units with their milliseconds, in the order in which they may follow one another.
const UNITS: &[(&str, u64)] = &[
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1_000),
    ("ms", 1),
];

/// The longest one, in milliseconds: a year.
const MOST: u64 = 365 * 86_400_000;

/// Why a text is no length of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DurationFault {
    /// It has no unit.
    NoUnit,
    /// It is something else.
    Unreadable,
    /// It is nothing.
    Zero,
    /// It is more than a year.
    TooLong,
}

impl fmt::Display for DurationFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::NoUnit => "has no unit, expected a time such as `10s`, `5m` or `1h30m`",
            Self::Unreadable => {
                "is no time, expected numbers with the units `d`, `h`, `m`, `s` and `ms`, such as \
                 `1h30m`"
            }
            Self::Zero => "is a time above 0",
            Self::TooLong => "is at most a year",
        })
    }
}

/// Reads `500ms`, `10s`, `5m`, `1h30m`, `2d`: whole numbers with units, each once, the longest
/// unit first.
pub(crate) fn duration(text: &str) -> Result<Duration, DurationFault> {
    let mut rest = text.trim();
    let mut units = UNITS;
    let mut total: u64 = 0;
    if rest.is_empty() {
        return Err(DurationFault::Unreadable);
    }
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, behind) = rest.split_at(digits);
        let letters = behind.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (unit, behind) = behind.split_at(letters);
        if number.is_empty() {
            return Err(DurationFault::Unreadable);
        }
        if unit.is_empty() && behind.is_empty() {
            return Err(DurationFault::NoUnit);
        }
        let place = units.iter().position(|(known, _)| *known == unit);
        let place = place.ok_or(DurationFault::Unreadable)?;
        let factor = units.get(place).map_or(0, |(_, factor)| *factor);
        units = units.get(place + 1..).unwrap_or_default();
        let number: u64 = number.parse().map_err(|_| DurationFault::TooLong)?;
        total = number
            .checked_mul(factor)
            .and_then(|part| total.checked_add(part))
            .filter(|total| *total <= MOST)
            .ok_or(DurationFault::TooLong)?;
        rest = behind;
    }
    match total {
        0 => Err(DurationFault::Zero),
        total => Ok(Duration::from_millis(total)),
    }
}

#[cfg(test)]
mod tests {
    use super::{DurationFault, duration};

    #[test]
    fn durations_have_units() {
        let table = [
            ("500ms", Ok(500)),
            ("10s", Ok(10_000)),
            ("5m", Ok(300_000)),
            ("1h30m", Ok(5_400_000)),
            ("2d", Ok(172_800_000)),
            ("1m1ms", Ok(60_001)),
            (" 1s ", Ok(1_000)),
            ("10", Err(DurationFault::NoUnit)),
            ("1h30", Err(DurationFault::NoUnit)),
            ("", Err(DurationFault::Unreadable)),
            ("s", Err(DurationFault::Unreadable)),
            ("1.5h", Err(DurationFault::Unreadable)),
            ("-1s", Err(DurationFault::Unreadable)),
            ("30m1h", Err(DurationFault::Unreadable)),
            ("1s1s", Err(DurationFault::Unreadable)),
            ("1 s", Err(DurationFault::Unreadable)),
            ("1w", Err(DurationFault::Unreadable)),
            ("1é", Err(DurationFault::Unreadable)),
            ("0s", Err(DurationFault::Zero)),
            ("366d", Err(DurationFault::TooLong)),
            ("99999999999999999999s", Err(DurationFault::TooLong)),
        ];
        for (text, expected) in table {
            let found = duration(text).map(|time| time.as_millis());
            assert_eq!(found, expected, "{text:?}");
        }
    }
}
