//! Workflows of the project, read as far as they can be, with all that is wrong with them.

use crate::app::Error;
use crate::app::error::WorkflowError;
use crate::app::project::Project;
use crate::base::diagnostic::Problem;
use crate::cli::workflow::check;
use crate::model::workflow::Workflow;
use crate::model::workflow::resolve::Reading;
use crate::workflow::catalog::{self, Catalog, Entry};
use crate::workflow::sources::{Find, Sources};

/// A workflow file, read as far as it can be.
#[derive(Debug)]
pub(super) struct Read {
    /// Its name: the file's without the ending.
    pub(super) name: String,
    /// The file, relative to the top of the work tree.
    pub(super) path: String,
    /// Its texts, unless they cannot be read.
    pub(super) sources: Option<Sources>,
    /// Whether only what extends it is run.
    pub(super) is_abstract: bool,
    /// The workflow, unless there is an error in it or, in an abstract one, something left open.
    pub(super) workflow: Option<Workflow>,
    /// Everything that is wrong with it.
    pub(super) problems: Vec<Problem>,
}

impl Read {
    /// Whether nothing is wrong with it.
    pub(super) fn is_valid(&self) -> bool {
        !self.problems.iter().any(Problem::is_error)
    }
}

/// Reads an entry of the catalog.
pub(super) fn read(entry: &Entry, catalog: &Catalog) -> Read {
    read_with(entry, &mut |name| catalog.text(name))
}

/// Reads an entry; what it extends is looked for by `find`.
pub(super) fn read_with(entry: &Entry, find: Find<'_>) -> Read {
    let sources = entry.text.clone();
    let sources = sources.map(|source| Sources::gather(source, find));
    let reading = match &sources {
        Ok(sources) => sources.check(),
        Err(problem) => Reading {
            workflow: None,
            draft: None,
            abstract_at: None,
            problems: vec![problem.clone()],
        },
    };
    Read {
        name: entry.name.clone(),
        path: entry.path.clone(),
        sources: sources.ok(),
        workflow: reading.workflow,
        is_abstract: reading.abstract_at.is_some(),
        problems: reading.problems,
    }
}

/// Reads the workflow of a name.
pub(super) fn find(project: &Project, name: &str) -> Result<Read, Error> {
    let catalog = catalog::list(&project.files)?;
    let known = catalog.entries.iter().map(|entry| entry.name.clone());
    let known: Vec<String> = known.collect();
    let entry = catalog.entries.iter().find(|entry| entry.name == name);
    if entry.is_none() {
        // Without a project there is more to do than to write this workflow.
        project.require_initialized()?;
    }
    let missing = || WorkflowError::NoWorkflow {
        name: name.to_owned(),
        known,
    };
    Ok(read(entry.ok_or_else(missing)?, &catalog))
}

/// How many workflows a project has, and everything that is wrong with them: what stands in one file
/// and is found again in each that extends it, once.
pub(crate) fn check(project: &Project) -> Result<(usize, Vec<Problem>), Error> {
    let catalog = catalog::list(&project.files)?;
    let mut problems = Vec::new();
    for entry in &catalog.entries {
        problems.extend(read(entry, &catalog).problems);
    }
    let count = catalog.entries.len();
    problems.extend(catalog.problems);
    check::once(&mut problems);
    Ok((count, problems))
}
