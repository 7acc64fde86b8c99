//! The project that a command works on: repository, configuration, settings.

use std::path::Path;
use std::rc::Rc;

use crate::app::Error;
use crate::app::context::Context;
use crate::app::error::StateError;
use crate::base::diagnostic::Problem;
use crate::git::Repository;
use crate::model::project;
use crate::state::config::{self, Settings};
use crate::state::format::config_v1;
use crate::state::layout::{self, Local};
use crate::state::save::Writer;
use crate::state::specs::SpecBook;
use crate::state::state_files::StateFiles;
use crate::state::transaction::Place;
use crate::state::verdicts::Store;

/// Whether a command may write anything at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// It may: what waits for a commit is noted, what a dead process began is finished.
    Write,
    /// It must not: no file, no note, no ref.
    ReadOnly,
}

/// A repository with what we know of the project in it.
#[derive(Debug)]
pub(crate) struct Project {
    /// The repository.
    pub(crate) repository: Rc<Repository>,
    /// What is local to it.
    pub(crate) local: Local,
    /// The files under `.mmm/`.
    pub(crate) files: StateFiles,
    /// The project of `.mmm/config.toml`, when it can be read.
    pub(crate) about: Option<project::Project>,
    /// Whether there is a `.mmm/config.toml` at all.
    pub(crate) initialized: bool,
    /// The format that the file says it has.
    format: Option<i64>,
    /// Everything wrong with that file.
    pub(crate) problems: Vec<Problem>,
    /// The settings in force.
    pub(crate) settings: Settings,
    key: String,
}

impl Project {
    /// Opens the repository that the command was started in. One without a work tree is there to
    /// be read.
    pub(crate) fn open(context: &Context, access: Access) -> Result<Self, Error> {
        let repository = context.repository()?;
        let local = Local::new(repository.local_folder());
        let key = layout::work_tree_key(repository.common_dir(), repository.git_dir());
        let files = StateFiles::of(&repository);
        let read = config::agreed(&files)?;
        let initialized = read.is_some();
        let (about, format, problems) = match read {
            Some(read) => (read.project, read.format, read.problems),
            None => (None, None, Vec::new()),
        };
        let policy = about.as_ref().map(|project| &project.run);
        let settings = config::effective(policy, repository.configuration()?, &context.environment);
        let project = Self {
            repository,
            local,
            files,
            about,
            initialized,
            format,
            problems,
            settings,
            key,
        };
        let writes = access == Access::Write
            && project.repository.work_tree().is_some()
            && project.require_writable().is_ok();
        if writes && project.repository.refuse_quarantine().is_ok() {
            let store = project.verdict_store();
            store.attach_pending(|| context.identifiers.record_id())?;
        }
        Ok(project)
    }

    /// Opens the project that a command works on, in its work tree.
    pub(crate) fn to_work_on(context: &Context) -> Result<Self, Error> {
        let project = Self::open(context, Access::Write)?;
        project.top()?;
        project.require_initialized()?;
        Ok(project)
    }

    /// Top of the work tree.
    pub(crate) fn top(&self) -> Result<&Path, Error> {
        Ok(self.repository.top()?)
    }

    /// Fails unless `git mmm init` was run here.
    pub(crate) fn require_initialized(&self) -> Result<(), Error> {
        if self.initialized {
            Ok(())
        } else {
            let place = self.repository.work_tree();
            Err(Error::NotInitialized {
                top: place.unwrap_or(self.repository.git_dir()).to_owned(),
                has_work_tree: place.is_some(),
                at_head: self.files.only_at_head()?,
            })
        }
    }

    /// Fails where `.mmm/config.toml` cannot be read: what it says shall be masked would not be.
    pub(crate) fn require_settings(&self) -> Result<(), Error> {
        if self.about.is_some() || !self.initialized {
            return Ok(());
        }
        self.require_writable()?;
        Err(StateError::Invalid {
            path: layout::CONFIG.to_owned(),
            problems: self.problems.clone(),
        }
        .into())
    }

    /// Fails where a newer version has written the configuration: what would be changed now is
    /// refused before anything is done for it.
    pub(crate) fn require_writable(&self) -> Result<(), Error> {
        match self.format {
            Some(found) if found > config_v1::FORMAT => Err(StateError::NewerFormat {
                path: layout::CONFIG.to_owned(),
                found,
                supported: config_v1::FORMAT,
            }
            .into()),
            _ => Ok(()),
        }
    }

    /// Begins to change tracked files.
    pub(crate) fn writer(&self) -> Result<Writer, Error> {
        Ok(Writer::begin(&self.files, self.place()?)?)
    }

    /// Where transactions of this work tree take place.
    pub(crate) fn place(&self) -> Result<Place, Error> {
        Ok(Place {
            local: self.local.clone(),
            top: self.top()?.to_owned(),
            key: self.key.clone(),
        })
    }

    /// All specs.
    pub(crate) fn specs(&self) -> Result<SpecBook, Error> {
        Ok(SpecBook::load(&self.files)?)
    }

    /// Where verdicts are kept.
    pub(crate) fn verdict_store(&self) -> Store<'_, Repository> {
        Store::new(&self.repository, &self.local)
    }
}
