//! What benches need beyond the program: whole pieces of work, told by plain values.
//!
//! It is compiled with the feature `internals` only, and nothing here is a promise.

use std::path::Path;

use crate::base::ids::ObjectId;
use crate::git::Repository;
use crate::git::notes;
use crate::sys::environment::Environment;

const METRICS: &str = "refs/notes/mmm/metrics";

type Outcome = Result<usize, Box<dyn std::error::Error>>;

/// Adds one line to the note of every commit of the current branch, as one batch; gives their
/// number.
pub fn append_notes(folder: &Path) -> Outcome {
    let repository = Repository::discover(folder, &Environment::of_process())?;
    let additions: Vec<_> = commits(&repository)?
        .into_iter()
        .map(|commit| (commit.clone(), vec![line(&commit)]))
        .collect();
    let seen = notes::look(&repository, METRICS)?;
    notes::append(&repository, seen, &additions, "bench")?;
    Ok(additions.len())
}

/// Adds as many lines as the current branch has commits to the note of its last one, as one
/// batch; gives their number.
pub fn append_lines(folder: &Path) -> Outcome {
    let repository = Repository::discover(folder, &Environment::of_process())?;
    let commits = commits(&repository)?;
    let lines: Vec<_> = commits.iter().map(line).collect();
    let count = lines.len();
    let last = commits.into_iter().next().ok_or("there is no commit")?;
    let seen = notes::look(&repository, METRICS)?;
    notes::append(&repository, seen, &[(last, lines)], "bench")?;
    Ok(count)
}

fn commits(repository: &Repository) -> Result<Vec<ObjectId>, Box<dyn std::error::Error>> {
    let output = repository.git(["rev-list", "HEAD"])?;
    let text = String::from_utf8_lossy(&output.stdout);
    let ids: Result<Vec<ObjectId>, _> = text.lines().map(str::parse).collect();
    Ok(ids?)
}

fn line(commit: &ObjectId) -> String {
    format!("a line of about as many bytes as Git's, {commit}")
}
