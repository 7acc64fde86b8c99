//! A project: what it is called, and what its team agreed on.

use std::fmt;
use std::str::FromStr;

use crate::base::ids::{BASE32, ParseIdError, random_base32};

/// Length of a project id in characters: 60 bits, more than any machine holds projects.
const PROJECT_ID_LENGTH: usize = 12;

/// Names one project for ever, across clones and renames: 12 characters of lower-case base 32.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ProjectId(String);

impl ProjectId {
    /// Makes an id from random bits.
    pub(crate) fn from_random(random: u64) -> Self {
        Self(random_base32(random, PROJECT_ID_LENGTH))
    }

    /// The id as text.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ProjectId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

impl FromStr for ProjectId {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        if text.len() == PROJECT_ID_LENGTH && text.bytes().all(|byte| BASE32.contains(&byte)) {
            Ok(Self(text.to_owned()))
        } else {
            Err(ParseIdError {
                found: text.to_owned(),
                expected: "a project id (12 characters of lower-case base 32: 0-9 a-z without i l o u)",
            })
        }
    }
}

/// A project as its tracked configuration describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Project {
    /// Its id.
    pub(crate) id: ProjectId,
    /// Its name, for people.
    pub(crate) name: String,
    /// What holds for its runs.
    pub(crate) run: RunPolicy,
}

/// What the team agreed on for runs. What is not said is left to the built-in values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RunPolicy {
    /// The workflow of specs that name none.
    pub(crate) workflow: Option<String>,
    /// Names of variables whose values are masked in outputs.
    pub(crate) mask: Vec<String>,
    /// Jobs of one run that are under way at once.
    pub(crate) parallel_jobs: Option<usize>,
}

#[cfg(test)]
mod tests {
    use super::ProjectId;

    #[test]
    fn random_ids_parse_again() {
        for random in [0, 1, u64::MAX, 0x0123_4567_89ab_cdef] {
            let id = ProjectId::from_random(random);
            assert_eq!(id.as_str().parse(), Ok(id.clone()));
        }
        assert!("".parse::<ProjectId>().is_err());
        assert!("abcdefghijkl".parse::<ProjectId>().is_err());
    }
}
