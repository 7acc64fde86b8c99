//! The time, real or fixed.

use std::ffi::OsStr;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::sys::Error;
use crate::sys::environment::Environment;
use crate::sys::files;

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

/// Largest description of a time zone that is read, in bytes.
const ZONE_BYTES: u64 = 1024 * 1024;

/// What local time is ahead of UTC at a time, as git writes it: `+0100`. None where only the C
/// library can tell, because `TZ` names a zone or the machine's own cannot be read.
pub(crate) fn local_zone(environment: &Environment, at_ms: u64) -> Option<String> {
    match environment.var_os("TZ").map(OsStr::as_encoded_bytes) {
        None => {}
        Some(b"UTC" | b"UTC0") => return Some("+0000".to_owned()),
        Some(_) => return None,
    }
    let data = files::read_bytes(Path::new("/etc/localtime"), ZONE_BYTES).ok()?;
    let zone = jiff::tz::TimeZone::tzif("", &data).ok()?;
    let minutes = zone.to_offset(known(at_ms)?).seconds() / 60;
    let sign = if minutes < 0 { '-' } else { '+' };
    let minutes = minutes.unsigned_abs();
    Some(format!("{sign}{:02}{:02}", minutes / 60, minutes % 60))
}

fn timestamp(ms: u64) -> jiff::Timestamp {
    known(ms).unwrap_or(jiff::Timestamp::MAX)
}

/// A time that a date can tell.
fn known(ms: u64) -> Option<jiff::Timestamp> {
    let ms = i64::try_from(ms).ok()?;
    jiff::Timestamp::from_millisecond(ms).ok()
}
