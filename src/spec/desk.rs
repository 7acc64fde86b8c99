//! What the spec system works with: one repository, its state, and the sources of ids and time.

use std::path::Path;

use crate::base::redact::Masker;
use crate::git::Repository;
use crate::spec::Error;
use crate::state::layout::Local;
use crate::state::save::Writer;
use crate::state::specs::SpecBook;
use crate::state::state_files::StateFiles;
use crate::state::transaction::Place;
use crate::state::verdicts::Store;
use crate::sys::clock::Clock;
use crate::sys::identifiers::Identifiers;

/// Everything that work on specs needs; borrowed from the command that does it.
#[derive(Debug)]
pub(crate) struct Desk<'a> {
    /// The repository.
    pub(crate) repository: &'a Repository,
    /// The files under `.mmm/`.
    pub(crate) files: &'a StateFiles,
    /// What is local to the repository.
    pub(crate) local: &'a Local,
    /// Where transactions take place; nowhere in a repository without a work tree.
    pub(crate) place: Option<Place>,
    /// Tells the time.
    pub(crate) clock: Clock,
    /// Makes ids.
    pub(crate) identifiers: &'a Identifiers,
    /// The values that are masked in what is shown.
    pub(crate) masked: Vec<String>,
}

impl Desk<'_> {
    /// Top of the work tree.
    pub(crate) fn top(&self) -> Result<&Path, Error> {
        Ok(self.repository.top()?)
    }

    /// All specs.
    pub(crate) fn book(&self) -> Result<SpecBook, Error> {
        Ok(SpecBook::load(self.files)?)
    }

    /// Where verdicts are kept.
    pub(crate) fn verdicts(&self) -> Store<'_, Repository> {
        Store::new(self.repository, self.local)
    }

    /// Begins to change tracked files.
    pub(crate) fn writer(&self) -> Result<Writer, Error> {
        match &self.place {
            Some(place) => Ok(Writer::begin(self.files, place.clone())?),
            None => Err(self.repository.no_work_tree().into()),
        }
    }

    /// A person as it is written into a spec: `@me` is who Git says that one is.
    pub(crate) fn person(&self, text: &str) -> Result<String, Error> {
        if text != "@me" {
            return Ok(text.to_owned());
        }
        let name = self.repository.configuration()?.get("user.name");
        let name = name.map(str::trim).filter(|name| !name.is_empty());
        name.map(str::to_owned).ok_or(Error::Nobody)
    }

    /// Hides the values that are not to be shown.
    pub(crate) fn masker(&self) -> Masker {
        Masker::new(self.masked.iter().map(String::as_str))
    }
}
