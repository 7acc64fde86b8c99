//! What is told about every change of tracked files.

use crate::base::ids::ObjectId;
use crate::cli::output::Output;
use crate::state::save::Saved;
use crate::state::transaction::recovery::{Recovered, Recovery};

/// Says what a dead writer had left, and what was committed.
pub(crate) fn tell(output: &Output, saved: &Saved) {
    recovered(output, &saved.recovered);
    committed(output, saved.commit.as_ref());
}

/// Says what became of changes that another call had begun and not finished.
pub(crate) fn recovered(output: &Output, recovered: &[Recovered]) {
    for recovered in recovered {
        let path = &recovered.path;
        match &recovered.recovery {
            Recovery::Finished => output.note(format!("finished an interrupted change of {path}")),
            Recovery::AlreadyDone => {}
            Recovery::Kept { copy: None } => {
                output.note(format!(
                    "{path} was to be removed, but has changed: it stays"
                ));
            }
            Recovery::Kept { copy: Some(copy) } => output.note(format!(
                "{path} has changed since an interrupted change of it, which is kept in {}",
                copy.display()
            )),
        }
    }
}

/// Says which commit was made.
pub(crate) fn committed(output: &Output, commit: Option<&ObjectId>) {
    if let Some(commit) = commit {
        output.note(format!("committed as {}", commit.short()));
    }
}
