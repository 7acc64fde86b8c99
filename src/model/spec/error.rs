//! Why an edit of a spec's text is refused.

/// An edit that cannot be made without changing more than it should.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum EditError {
    /// The front matter is written as `{…}` or is no mapping.
    #[error("the front matter is not written as one `key: value` a line")]
    NotBlock,
    /// The key holds something else than the edit is for.
    #[error("`{key}` holds {found}, not {expected}")]
    WrongKind {
        /// The key.
        key: String,
        /// What it holds.
        found: &'static str,
        /// What the edit is for.
        expected: &'static str,
    },
    /// The key stands more than once, so that it is not known which one is meant.
    #[error("`{key}` stands {count} times in the front matter")]
    Ambiguous {
        /// The key.
        key: String,
        /// How often it stands there.
        count: usize,
    },
    /// Another key takes its value from this one, so that both would change.
    #[error("`{other}` takes its value from `{key}`, and would change as well")]
    Shared {
        /// The key that was to be changed.
        key: String,
        /// The other key.
        other: String,
    },
    /// The value is shared with another key by an alias or a merge key.
    #[error("`{key}` is written as an alias")]
    Alias {
        /// The key.
        key: String,
    },
}
