//! What people said about a spec: one file for each decision, comment or approval.

/// The kinds that this version knows.
pub(crate) const KINDS: [&str; 3] = ["decision", "comment", "approval"];

/// One thing that was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Remark {
    /// One of [`KINDS`], or a word that a later version knows.
    pub(crate) kind: String,
    /// Who said it: name and address.
    pub(crate) who: String,
    /// When, in milliseconds since the Unix epoch.
    pub(crate) at_ms: u64,
    /// What was said, in Markdown.
    pub(crate) text: String,
}
