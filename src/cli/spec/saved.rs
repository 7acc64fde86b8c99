//! What is told about every change of specs.

use crate::cli::output::Output;
use crate::spec::save::Saved;
use crate::state::transaction::recovery::Recovery;

/// Says what a dead writer had left, and what was committed.
pub(crate) fn tell(output: &Output, saved: &Saved) {
    for recovered in &saved.recovered {
        let path = &recovered.path;
        match &recovered.recovery {
            Recovery::Finished => {
                output.note(format!("finished an interrupted change of {path}"));
            }
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
    if let Some(commit) = &saved.commit {
        output.note(format!("committed as {}", commit.short()));
    }
}
