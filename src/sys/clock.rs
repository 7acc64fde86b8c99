//! The time, real or fixed.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::sys::Error;
use crate::sys::environment::Environment;

/// Fixes the clock: milliseconds since the Unix epoch, or an RFC 3339 time.
pub(crate) const TIMESTAMP_VARIABLE: &str = "MMM_TIMESTAMP";

/// Tells the time.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Clock {
    /// The machine's clock.
    System,
    /// Always the same time, in milliseconds since the Unix epoch; for reproducible output.
    Fixed(u64),
}

impl Clock {
    /// The clock that the environment asks for.
    pub(crate) fn from_environment(environment: &Environment) -> Result<Self, Error> {
        let Some(value) = environment.var(TIMESTAMP_VARIABLE) else {
            return Ok(Self::System);
        };
        let parsed = value.parse::<u64>().ok().or_else(|| parse_rfc3339(value));
        // A later one could not be written as a date.
        let parsed = parsed.filter(|ms| known(*ms).is_some());
        parsed.map(Self::Fixed).ok_or_else(|| Error::Variable {
            name: TIMESTAMP_VARIABLE,
            found: value.to_owned(),
            expected: "milliseconds since 1970 or an RFC 3339 time, up to the year 9999",
        })
    }

    /// Milliseconds since the Unix epoch.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that asks the machine's clock"
    )]
    pub(crate) fn now_ms(self) -> u64 {
        match self {
            Self::System => SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .ok()
                .and_then(|elapsed| u64::try_from(elapsed.as_millis()).ok())
                .unwrap_or(0),
            Self::Fixed(ms) => ms,
        }
    }
}

/// A time in milliseconds since the Unix epoch as RFC 3339 in UTC, to the second.
pub(crate) fn rfc3339(ms: u64) -> String {
    timestamp(ms).strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The day of a time in UTC, as `2026-11-22`.
pub(crate) fn day(ms: u64) -> String {
    timestamp(ms).strftime("%Y-%m-%d").to_string()
}

/// The milliseconds since the Unix epoch of an RFC 3339 time; none for other text, or a time
/// before 1970.
pub(crate) fn parse_rfc3339(text: &str) -> Option<u64> {
    let timestamp: jiff::Timestamp = text.parse().ok()?;
    u64::try_from(timestamp.as_millisecond()).ok()
}

/// The milliseconds since the Unix epoch of a time as HTTP writes it, such as
/// `Sun, 06 Nov 1994 08:49:37 GMT`; none for other text, or a time before 1970.
pub(crate) fn parse_http_date(text: &str) -> Option<u64> {
    let timestamp = jiff::fmt::rfc2822::DateTimeParser::new()
        .parse_timestamp(text)
        .ok()?;
    u64::try_from(timestamp.as_millisecond()).ok()
}

fn timestamp(ms: u64) -> jiff::Timestamp {
    known(ms).unwrap_or(jiff::Timestamp::MAX)
}

/// A time that a date can tell.
fn known(ms: u64) -> Option<jiff::Timestamp> {
    let ms = i64::try_from(ms).ok()?;
    jiff::Timestamp::from_millisecond(ms).ok()
}
