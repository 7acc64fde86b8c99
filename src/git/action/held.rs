//! Which of the files that a commit would take hold a masked value.

use std::path::Path;

use crate::base::redact::Masker;
use crate::git::action::commit::NAMED;
use crate::git::action::hand::Hand;
use crate::git::action::{Commit, Refused};
use crate::git::{Repository, snapshot};
use crate::sys::environment::Environment;

/// Lists those that hold a masked value, or are named by one, in the words of a person; nothing is
/// staged for it. A step that does the commit in this folder, with this environment, takes the same
/// files.
pub(crate) fn held(
    environment: &Environment,
    folder: &Path,
    commit: &Commit,
    masker: &Masker,
) -> Result<Option<String>, Refused> {
    if masker.is_empty() {
        return Ok(None);
    }
    let repository = Repository::discover(folder, environment)?;
    let staged_only = !commit.all && commit.paths.is_empty();
    let found = if staged_only {
        snapshot::staged_masked(&repository, masker)?
    } else {
        let (known, others) = snapshot::masked(&repository, masker)?;
        [known, others].concat()
    };
    let mut found: Vec<String> = found
        .iter()
        .map(|path| String::from_utf8_lossy(path).into_owned())
        .collect();
    if !commit.paths.is_empty() && !found.is_empty() {
        let hand = Hand {
            repository: &repository,
            environment,
            folder,
            lines: Vec::new(),
        };
        let files = ["ls-files", "-z", "--full-name", "--cached", "--others"];
        let common = ["--exclude-standard", "--"];
        let patterns = commit.patterns();
        let patterns: Vec<&str> = patterns.iter().map(String::as_str).collect();
        let taken = hand.list(&[&files[..], &common, &patterns].concat())?;
        found.retain(|path| taken.contains(path));
    }
    found.sort();
    let more = found.len().saturating_sub(NAMED);
    found.truncate(NAMED);
    if more > 0 {
        found.push(format!("and {more} more"));
    }
    Ok((!found.is_empty()).then(|| masker.mask(&found.join(", "))))
}
