//! Ids: ULIDs for what happens, short random ids for what people name.
//!
//! A ULID is 48 bits of milliseconds and 80 random bits in Crockford's base 32
//! (<https://github.com/ulid/spec>); here always in lower case. None of the ids is derived from
//! a title or counted up: two clones that never met must not make the same one.

use std::fmt;
use std::str::FromStr;

/// Crockford's base-32 alphabet in lower case: no `i`, `l`, `o`, `u`.
pub(crate) const BASE32: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Text that is not an id of the kind asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{found}` is not {expected}")]
pub(crate) struct ParseIdError {
    /// What stood there.
    pub(crate) found: String,
    /// What kind of id was expected, with its form.
    pub(crate) expected: &'static str,
}

macro_rules! ulid_id {
    ($(#[$doc:meta])* $name:ident, $expected:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub(crate) struct $name(ulid::Ulid);

        impl $name {
            /// Wraps a ULID.
            pub(crate) fn new(ulid: ulid::Ulid) -> Self {
                Self(ulid)
            }

            /// The time in the id, in milliseconds since the Unix epoch.
            pub(crate) fn timestamp_ms(self) -> u64 {
                self.0.timestamp_ms()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.pad(&self.0.to_string().to_ascii_lowercase())
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                // Upper case is refused: one id has one spelling in file names and refs.
                let canonical = !text.bytes().any(|byte| byte.is_ascii_uppercase());
                ulid::Ulid::from_string(text)
                    .ok()
                    .filter(|_| canonical)
                    .map(Self)
                    .ok_or_else(|| ParseIdError {
                        found: text.to_owned(),
                        expected: $expected,
                    })
            }
        }
    };
}

ulid_id!(
    /// Names one run of a workflow.
    RunId,
    "a run id (26 characters of lower-case base 32)"
);
ulid_id!(
    /// Names one record: a line of a note, a seal, a comment.
    RecordId,
    "a record id (26 characters of lower-case base 32)"
);

impl From<RunId> for RecordId {
    /// The record that a run is: the same ULID.
    fn from(run: RunId) -> Self {
        Self(run.0)
    }
}

impl RecordId {
    /// Makes an id of a time in milliseconds since the Unix epoch and the low 80 bits of `random`.
    pub(crate) fn from_parts(timestamp_ms: u64, random: u128) -> Self {
        Self(ulid::Ulid::from_parts(timestamp_ms, random))
    }
}

/// Length of a spec id in characters: 35 bits, 0.15 % chance of any collision at 10,000 specs.
pub(crate) const SPEC_ID_LENGTH: usize = 7;

/// Names one spec for ever: 7 characters of lower-case base 32.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct SpecId(String);

impl SpecId {
    /// Makes an id from random bytes.
    pub(crate) fn from_random(random: u64) -> Self {
        Self(random_base32(random, SPEC_ID_LENGTH))
    }

    /// The id as text.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SpecId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

impl FromStr for SpecId {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        if text.len() == SPEC_ID_LENGTH && text.bytes().all(|byte| BASE32.contains(&byte)) {
            Ok(Self(text.to_owned()))
        } else {
            Err(ParseIdError {
                found: text.to_owned(),
                expected: "a spec id (7 characters of lower-case base 32: 0-9 a-z without i l o u)",
            })
        }
    }
}

/// Names one acceptance criterion in its spec: `ac-` and base-32 characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct CriterionId(String);

impl CriterionId {
    /// Makes an id of 4 characters from random bytes.
    pub(crate) fn from_random(random: u64) -> Self {
        Self(format!("ac-{}", random_base32(random, 4)))
    }

    /// The id as text.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CriterionId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

impl FromStr for CriterionId {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        let valid = text.strip_prefix("ac-").is_some_and(|rest| {
            (1..=32).contains(&rest.len())
                && rest
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        });
        if valid {
            Ok(Self(text.to_owned()))
        } else {
            Err(ParseIdError {
                found: text.to_owned(),
                expected: "a criterion id (`ac-` and up to 32 characters of a-z, 0-9 and `-`)",
            })
        }
    }
}

/// Spells the low bits of `random` in base 32, `length` characters.
pub(crate) fn random_base32(random: u64, length: usize) -> String {
    (0..length)
        .map(|index| {
            let digit = (random >> (5 * index)) & 31;
            char::from(
                BASE32
                    .get(usize::try_from(digit).unwrap_or(0))
                    .copied()
                    .unwrap_or(b'0'),
            )
        })
        .collect()
}

/// A digest of some content, in lower-case hex, compared and stored but never computed here.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ContentHash(String);

impl ContentHash {
    /// Takes a digest in hex.
    pub(crate) fn new(hex: impl Into<String>) -> Self {
        Self(hex.into())
    }

    /// The digest in hex.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ContentHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

/// The id of a Git object in lower-case hex: 40 characters for SHA-1, 64 for SHA-256.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ObjectId(String);

impl ObjectId {
    /// The id in hex.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The first 10 characters, for people.
    pub(crate) fn short(&self) -> &str {
        self.0.get(..10).unwrap_or(&self.0)
    }

    /// The id of nothing, as Git writes it.
    pub(crate) fn none() -> Self {
        Self("0".repeat(40))
    }

    /// Whether it is the id of nothing, which Git writes as zeros.
    #[cfg(test)]
    pub(crate) fn is_zero(&self) -> bool {
        self.0.bytes().all(|byte| byte == b'0')
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

impl FromStr for ObjectId {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        let hex = text
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if hex && matches!(text.len(), 40 | 64) {
            Ok(Self(text.to_owned()))
        } else {
            Err(ParseIdError {
                found: text.to_owned(),
                expected: "an object id (40 or 64 hex digits)",
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{CriterionId, ObjectId, RunId, SpecId};

    #[test]
    fn ids_have_one_spelling() {
        let id = "01jd3v9w8x7k3q9x2m4c8tzp0m";
        let run: RunId = id.parse().expect("a ULID in lower case");
        assert_eq!(run.to_string(), id);
        assert!(id.to_uppercase().parse::<RunId>().is_err());
        assert!("01jd3v".parse::<RunId>().is_err());
    }

    #[test]
    fn random_ids_parse_again() {
        for random in [0, 1, u64::MAX, 0x0123_4567_89ab_cdef] {
            let spec = SpecId::from_random(random);
            assert_eq!(spec.as_str().parse::<SpecId>(), Ok(spec.clone()));
            let criterion = CriterionId::from_random(random);
            assert_eq!(
                criterion.as_str().parse::<CriterionId>(),
                Ok(criterion.clone())
            );
        }
    }

    #[test]
    fn object_ids_are_hex_of_either_hash() {
        assert!("a".repeat(40).parse::<ObjectId>().is_ok());
        assert!(
            "0".repeat(64)
                .parse::<ObjectId>()
                .is_ok_and(|id| id.is_zero())
        );
        assert!("a".repeat(41).parse::<ObjectId>().is_err());
        assert!("G".repeat(40).parse::<ObjectId>().is_err());
    }
}
