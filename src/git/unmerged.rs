//! Which paths are in conflict. The index alone tells: no setting of `git diff` plays a part.

use std::collections::BTreeMap;

use crate::git::{Error, Repository};
use crate::proc::command::Invocation;

/// The stages that the index has of a path: `1` is of the common file, `2` of ours, `3` of theirs.
pub(super) type Stages = Vec<char>;

/// The paths in conflict, from the top of the work tree, with their stages. They are asked for with
/// this `git`, which is for the work tree and has no words yet.
pub(super) fn stages(git: Invocation) -> Result<BTreeMap<String, Stages>, Error> {
    let git = git
        .args(["ls-files", "--unmerged", "--full-name", "-z", "--", ":/"])
        // Whoever has it set means their own paths.
        .env("GIT_LITERAL_PATHSPECS", "0");
    let text = Repository::expect(&git)?.text();
    let mut found: BTreeMap<String, Stages> = BTreeMap::new();
    for line in text.split_terminator('\0') {
        if let Some((entry, path)) = line.split_once('\t') {
            let stage = entry.chars().next_back();
            found.entry(path.to_owned()).or_default().extend(stage);
        }
    }
    Ok(found)
}

/// The paths in conflict, as [`stages`] finds them.
pub(super) fn paths(git: Invocation) -> Result<Vec<String>, Error> {
    Ok(stages(git)?.into_keys().collect())
}
