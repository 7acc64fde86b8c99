//! What can be wrong with the parts of a workflow that are also read on their own.

/// A `shell` that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ShellError {
    /// Neither a known shell nor a command with `{0}`.
    #[error("`{found}` is neither a known shell nor a command with `{{0}}`")]
    Unknown {
        /// What stands there.
        found: String,
    },
    /// A quote that is not closed.
    #[error("a quote in `{found}` is not closed")]
    UnclosedQuote {
        /// What stands there.
        found: String,
    },
    /// A command whose program is not fixed.
    #[error("`{found}` has no program before `{{0}}`")]
    NoProgram {
        /// What stands there.
        found: String,
    },
}
