//! What a spec file says, with the place of everything that a message or an edit points at.

use crate::base::ids::CriterionId;
use crate::base::ids::SpecId;
use crate::base::source::SourceText;
use crate::base::source::Span;
use std::time::Duration;

/// The newest format of a spec file that is read and written.
pub(crate) const FORMAT: i64 = 1;

/// The keys of the front matter in the order in which a new file has them.
///
/// A new file has all of them, empty ones too, and between any two that can change stands a line
/// that does not: one of [`FIXED`], or a blank one. Git then merges edits of different keys on two
/// branches; it would not if a key had to be added, or if its neighbour changed as well.
pub(crate) const KEYS: [&str; 11] = [
    "title",
    "id",
    "status",
    "kind",
    "owner",
    "format",
    "priority",
    "created",
    "workflow",
    "labels",
    "depends_on",
];

/// Keys that stay as they are.
pub(crate) const FIXED: [&str; 2] = ["id", "format"];

/// Problems of one file that are reported: past that a person fixes the first ones anyway.
pub(crate) const PROBLEMS: usize = 200;

/// The stored status of a spec; everything else that lists show is derived.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Status {
    /// Being written.
    Draft,
    /// Can be worked on.
    Ready,
    /// Accepted.
    Done,
    /// Will not be built.
    Dropped,
}

impl Status {
    /// Every status, in the order of a spec's life.
    pub(crate) const ALL: [Self; 4] = [Self::Draft, Self::Ready, Self::Done, Self::Dropped];

    /// The word in the file.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Ready => "ready",
            Self::Done => "done",
            Self::Dropped => "dropped",
        }
    }

    /// The status that a word names.
    pub(crate) fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }
}

/// One spec file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Spec {
    /// Names the spec for ever.
    pub(crate) id: SpecId,
    /// Where the id stands.
    pub(crate) id_span: Span,
    /// The part of the file name before the id.
    pub(crate) slug: String,
    /// The file.
    pub(crate) source: SourceText,
    /// One line that says what will be true.
    pub(crate) title: String,
    /// The stored status.
    pub(crate) status: Status,
    /// Where the status stands.
    pub(crate) status_span: Span,
    /// Such as `feature` or `fix`; any word.
    pub(crate) kind: Option<String>,
    /// Who drives it.
    pub(crate) owner: Option<String>,
    /// Lower comes first; none comes last.
    pub(crate) priority: Option<i64>,
    /// Day of creation, `YYYY-MM-DD`.
    pub(crate) created: Option<String>,
    /// Name of the workflow that builds it.
    pub(crate) workflow: Option<String>,
    /// Free words.
    pub(crate) labels: Vec<String>,
    /// What must be done first.
    pub(crate) depends_on: Vec<Dependency>,
    /// What must be true in the end.
    pub(crate) criteria: Vec<Criterion>,
    /// What stands among the criteria and cannot be read as one: nobody can say that it holds.
    pub(crate) unreadable: Vec<Span>,
    /// What stands under the heading of the criteria, without the heading.
    pub(crate) section: Option<Span>,
    /// The body before the heading of the criteria.
    pub(crate) prose: String,
    /// Format of the file.
    pub(crate) format: i64,
}

impl Spec {
    /// Whether a newer version wrote the file, so that it is only read.
    pub(crate) fn is_newer(&self) -> bool {
        self.format > FORMAT
    }

    /// The name of the file without its ending: slug and id.
    pub(crate) fn name(&self) -> String {
        if self.slug.is_empty() {
            self.id.to_string()
        } else {
            [&self.slug, "-", self.id.as_str()].concat()
        }
    }
}

/// A reference to another spec, as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Dependency {
    /// A slug, an id, both, or a unique prefix.
    pub(crate) text: String,
    /// Where it stands.
    pub(crate) span: Span,
}

/// One acceptance criterion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Criterion {
    /// Names the criterion in its spec.
    pub(crate) id: CriterionId,
    /// What must be true, on one line.
    pub(crate) text: String,
    /// Whether the box is ticked.
    pub(crate) ticked: bool,
    /// The one byte between the brackets.
    pub(crate) tick: Span,
    /// How a machine finds out.
    pub(crate) verify: Option<Verify>,
    /// The whole list item.
    pub(crate) span: Span,
}

/// The command that verifies a criterion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Verify {
    /// Run by `sh -c` at the top of the work tree.
    pub(crate) command: String,
    /// The time it may take, when the criterion says so.
    pub(crate) timeout: Option<Duration>,
}
