//! The workflows of a project, by name.

use std::path::Path;

use crate::base::diagnostic::Problem;
use crate::base::source::SourceText;
use crate::state::layout::{self, StatePath};
use crate::state::tracked_files::{self, TrackedFiles};
use crate::workflow::Error;

/// One workflow file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Its name: the file's without the ending.
    pub(crate) name: String,
    /// The file, relative to the top of the work tree.
    pub(crate) path: String,
    /// Its text, or why there is none.
    pub(crate) text: Result<SourceText, Problem>,
}

/// All workflows, sorted by name, and what is wrong with their folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Catalog {
    /// The workflows.
    pub(crate) entries: Vec<Entry>,
    /// What is wrong with the folder as a whole.
    pub(crate) problems: Vec<Problem>,
}

/// Reads all workflows of a work tree.
pub(crate) fn list(top: &Path) -> Result<Catalog, Error> {
    Ok(read(tracked_files::load(top, tracked_files::WORKFLOWS)?))
}

fn read(found: TrackedFiles) -> Catalog {
    let entries = found
        .files
        .into_iter()
        .map(|file| Entry {
            name: name_of(&file.path),
            path: file.path,
            text: file.text,
        })
        .collect();
    Catalog {
        entries,
        problems: found.problems,
    }
}

/// The name of a workflow by its file.
fn name_of(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.strip_suffix(".yaml").unwrap_or(name).to_owned()
}

/// The text of one workflow.
pub(crate) fn load(top: &Path, name: &str) -> Result<SourceText, Error> {
    let catalog = list(top)?;
    let found = catalog.entries.iter().find(|entry| entry.name == name);
    match found {
        Some(entry) => entry
            .text
            .clone()
            .map_err(|problem| Error::InvalidWorkflow {
                name: name.to_owned(),
                problems: vec![problem],
            }),
        None => Err(Error::NoWorkflow {
            name: name.to_owned(),
            known: catalog
                .entries
                .into_iter()
                .map(|entry| entry.name)
                .collect(),
        }),
    }
}

/// The file that a new workflow of this name gets.
pub(crate) fn path_for(name: &str) -> Result<StatePath, Error> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let valid = (1..=64).contains(&name.len())
        && name.bytes().all(plain)
        && name
            .bytes()
            .next()
            .is_some_and(|byte| byte.is_ascii_alphanumeric());
    if !valid {
        return Err(Error::WorkflowName {
            name: name.to_owned(),
        });
    }
    Ok(StatePath::new(format!(
        "{}/{name}.yaml",
        layout::WORKFLOWS
    ))?)
}
