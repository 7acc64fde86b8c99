//! The process of a `git` step: reads what it is to do, does it, and leaves its outputs.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::git::Repository;
use crate::git::action::{self, Outcome, Refused};
use crate::state::format::git_step_v1::{self, Unreadable};
use crate::sys;
use crate::sys::environment::Environment;
use crate::sys::files;

/// The variable that names the file for outputs.
const OUTPUT: &str = "GITHUB_OUTPUT";

/// Why a `git` step fails.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// It cannot tell what it is to do.
    #[error("{}: {source}", path.display())]
    Parameters {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: Unreadable,
    },
    /// It could not be done.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// It ended in a conflict.
    #[error("{what}")]
    Conflict {
        /// What did.
        what: String,
    },
    /// There is no repository.
    #[error(transparent)]
    Git(#[from] crate::git::Error),
    /// The machine failed.
    #[error(transparent)]
    Machine(#[from] sys::Error),
}

/// Does what this file says, in the work tree that the folder is in. What was done is told line by
/// line, also when it fails.
pub(crate) fn perform(
    environment: &Environment,
    folder: &Path,
    file: &Path,
) -> (Vec<String>, Result<(), Failure>) {
    let prepared = || -> Result<_, Failure> {
        let text = files::read_text(&folder.join(file), git_step_v1::FILE_BYTES)?;
        let action = git_step_v1::decode(&text).map_err(|source| Failure::Parameters {
            path: file.to_owned(),
            source,
        })?;
        let repository = Repository::discover(folder, environment)?;
        repository.top()?;
        Ok((action, repository))
    };
    let (action, repository) = match prepared() {
        Ok(prepared) => prepared,
        Err(failure) => return (Vec::new(), Err(failure)),
    };
    let (lines, result) = action::perform(&repository, environment, folder, &action);
    let result = result.map_err(Failure::from).and_then(|outcome| {
        if let Some(path) = environment.var(OUTPUT) {
            leave(Path::new(path), &outputs(&outcome))?;
        }
        match outcome.failure {
            Some(what) => Err(Failure::Conflict { what }),
            None => Ok(()),
        }
    });
    (lines, result)
}

/// Adds to the file for outputs.
fn leave(path: &Path, text: &str) -> Result<(), Failure> {
    let mut file = files::open_append(path)?;
    let written = file.write_all(text.as_bytes());
    Ok(written.map_err(|error| sys::Error::file("write", path, error))?)
}

/// The outputs in the form of GitHub's file.
fn outputs(outcome: &Outcome) -> String {
    let conflicts = outcome.conflicts.join("\n");
    let commit = outcome.commit.as_ref().map(ToString::to_string);
    let values = [
        ("commit", commit.unwrap_or_default()),
        ("branch", outcome.branch.clone().unwrap_or_default()),
        ("tag", outcome.tag.clone().unwrap_or_default()),
        ("changed", outcome.changed.to_string()),
        ("conflicts", conflicts),
    ];
    let mut text = String::new();
    for (name, value) in values {
        // Writing into a text does not fail.
        let _ = if value.contains(['\n', '\r']) {
            let end = (0..=value.len())
                .map(|number| format!("end-{number}"))
                .find(|end| !value.lines().any(|line| line == end))
                .unwrap_or_default();
            writeln!(text, "{name}<<{end}\n{value}\n{end}")
        } else {
            writeln!(text, "{name}={value}")
        };
    }
    text
}

#[cfg(test)]
mod tests {
    use super::outputs;
    use crate::git::action::Outcome;

    #[test]
    fn outputs_have_the_form_of_github() {
        let outcome = Outcome {
            branch: Some("a=b".to_owned()),
            conflicts: vec!["x".to_owned(), "end-0".to_owned()],
            ..Outcome::default()
        };
        insta::assert_snapshot!(outputs(&outcome), @"
        commit=
        branch=a=b
        tag=
        changed=false
        conflicts<<end-1
        x
        end-0
        end-1
        ");
    }
}
