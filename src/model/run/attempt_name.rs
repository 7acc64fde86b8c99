//! How an attempt of a step is named.

use std::fmt;
use std::str::FromStr;

use crate::base::ids::ParseIdError;

/// Names one attempt of a step within its run: `<job>.<step>.<number>`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct AttemptName {
    /// Id of the job.
    pub(crate) job: String,
    /// Key of the step in its job.
    pub(crate) step: String,
    /// Counted from 1.
    pub(crate) number: u32,
}

impl fmt::Display for AttemptName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}.{}", self.job, self.step, self.number)
    }
}

impl FromStr for AttemptName {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        let mut parts = text.split('.');
        let parsed = (|| {
            let name = Self {
                job: parts.next()?.to_owned(),
                step: parts.next()?.to_owned(),
                number: parts.next()?.parse().ok()?,
            };
            parts.next().is_none().then_some(name)
        })();
        parsed.ok_or_else(|| ParseIdError {
            found: text.to_owned(),
            expected: "the name of an attempt (`<job>.<step>.<number>`)",
        })
    }
}
