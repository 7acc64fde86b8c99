//! What benches need beyond the program: whole pieces of work, told by plain values.
//!
//! It is compiled with the feature `internals` only, and nothing here is a promise.

use std::path::Path;

use crate::base::ids::ObjectId;
use crate::git::Repository;
use crate::git::notes;
use crate::state::specs::SpecBook;
use crate::sys::environment::Environment;

type Outcome = Result<usize, Box<dyn std::error::Error>>;

/// Adds one line to the note of every commit of the current branch, as one batch; gives their
/// number.
pub fn append_notes(folder: &Path) -> Outcome {
    let repository = Repository::discover(folder, &Environment::of_process())?;
    let commits = repository.git(["rev-list", "HEAD"])?;
    let commits = String::from_utf8_lossy(&commits.stdout);
    let mut additions = Vec::new();
    for commit in commits.lines() {
        let line = format!("a line of about as many bytes as Git's, {commit}");
        additions.push((commit.parse::<ObjectId>()?, vec![line]));
    }
    notes::append(&repository, "refs/notes/mmm/metrics", &additions, "bench")?;
    Ok(additions.len())
}

/// Reads every spec of a work tree, and what depends on what; gives their number.
pub fn load_specs(top: &Path) -> Outcome {
    let book = SpecBook::load(top)?;
    let ready = book.graph();
    drop(ready);
    if let Some(problem) = book.problems().first() {
        return Err(problem.message.clone().into());
    }
    Ok(book.specs().len())
}
