//! Patch ids: what a commit changes, whatever it is based on.

use crate::base::ids::ObjectId;
use crate::git::objects::offline;
use crate::git::repository::parse_id;
use crate::git::{Error, Repository};

/// The stable patch id of what a commit changes against its parent (`git patch-id --stable`).
///
/// None for a merge, for a root commit, for one that changes nothing, for one whose parent is not
/// here (a shallow clone), and for one whose files are not (a partial clone): it is not worth
/// asking a server that may not be reachable.
pub(crate) fn patch_id(
    repository: &Repository,
    commit: &ObjectId,
) -> Result<Option<ObjectId>, Error> {
    let arguments = [
        "diff-tree",
        "-p",
        "--no-ext-diff",
        "--no-textconv",
        "--no-color",
    ];
    let ask = repository.command(arguments.into_iter().chain([commit.as_str()]));
    let patch = match Repository::expect(&offline(ask)) {
        Err(Error::Git { .. }) if repository.objects()?.is_partial()? => return Ok(None),
        answer => answer?,
    };
    if patch.stdout.is_empty() {
        return Ok(None);
    }
    let arguments = ["patch-id", "--stable"];
    let invocation = repository.command(arguments).input(patch.stdout);
    let answer = Repository::expect(&invocation)?;
    match answer.text().split_whitespace().next() {
        None => Ok(None),
        Some(id) => parse_id("patch-id", id).map(Some),
    }
}

/// What differs between two revisions, a line for each file, as `git diff --stat` draws it.
pub(crate) fn summary(repository: &Repository, from: &ObjectId, to: &str) -> Result<String, Error> {
    let output = repository.git([
        "diff",
        "--stat=100",
        "--no-color",
        "--no-ext-diff",
        from.as_str(),
        to,
        "--",
    ])?;
    Ok(output.text())
}
