//! How much an evaluation may make of its own.
//!
//! An expression of a few hundred characters can ask for gigabytes
//! (`format('{0}{0}…', format('{0}{0}…', …))`); so whatever makes text or values takes from here
//! first.

/// Most bytes that one evaluation may make, as on GitHub's runner.
pub(crate) const RESULT_BYTES: usize = 10 * 1024 * 1024;

/// What is left of it.
#[derive(Debug)]
pub(crate) struct Memory {
    left: usize,
    limit: usize,
}

/// Nothing is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the result becomes larger than {limit} bytes")]
pub(crate) struct Spent {
    /// How much there was.
    pub(crate) limit: usize,
}

impl Memory {
    /// As much as this.
    pub(crate) fn new(limit: usize) -> Self {
        Self { left: limit, limit }
    }

    /// Takes some bytes.
    pub(crate) fn take(&mut self, bytes: usize) -> Result<(), Spent> {
        let left = self.left.checked_sub(bytes);
        self.left = left.ok_or(Spent { limit: self.limit })?;
        Ok(())
    }
}
