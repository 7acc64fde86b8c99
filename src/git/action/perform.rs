//! One of the actions, and what comes of it.

use std::path::Path;

use crate::base::ids::ObjectId;
use crate::git::Repository;
use crate::git::action::hand::Hand;
use crate::git::action::{Branch, Commit, Merge, Refused, Tag, branch, commit, merge, tag};
use crate::sys::environment::Environment;

/// What a step does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// Makes, moves or checks out a branch.
    Branch(Branch),
    /// Makes a commit.
    Commit(Commit),
    /// Makes or moves a tag.
    Tag(Tag),
    /// Merges another branch into the one that is checked out.
    Merge(Merge),
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// The commit that it is about.
    pub(crate) commit: Option<ObjectId>,
    /// The branch that it is about.
    pub(crate) branch: Option<String>,
    /// The tag that it is about.
    pub(crate) tag: Option<String>,
    /// Whether anything is other than it was.
    pub(crate) changed: bool,
    /// The paths in conflict.
    pub(crate) conflicts: Vec<String>,
    /// Why the step fails all the same.
    pub(crate) failure: Option<String>,
}

/// Does it in the work tree that this folder is in, with what git and its hooks said; the lines are
/// there also when it could not be done.
pub(crate) fn perform(
    repository: &Repository,
    environment: &Environment,
    folder: &Path,
    action: &Action,
) -> (Vec<String>, Result<Outcome, Refused>) {
    let mut hand = Hand {
        repository,
        environment,
        folder,
        lines: Vec::new(),
    };
    let result = match action {
        Action::Branch(branch) => branch::perform(&mut hand, branch),
        Action::Commit(commit) => commit::perform(&mut hand, commit),
        Action::Tag(tag) => tag::perform(&mut hand, tag),
        Action::Merge(merge) => merge::perform(&mut hand, merge),
    };
    (hand.lines, result)
}
