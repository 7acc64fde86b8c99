//! The project that a command works on: repository, configuration, settings.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::app::Error;
use crate::app::context::Context;
use crate::app::error::StateError;
use crate::base::diagnostic::Problem;
use crate::base::limits::STATE_FILE_BYTES;
use crate::base::source::SourceText;
use crate::git::Repository;
use crate::model::project;
use crate::state::config::{self, Settings};
use crate::state::format::config_v1;
use crate::state::layout::{self, Local, StatePath};
use crate::state::save::Writer;
use crate::state::specs::SpecBook;
use crate::state::transaction::Place;
use crate::state::verdicts::Store;
use crate::sys::files;

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
    top: PathBuf,
    key: String,
}

impl Project {
    /// Opens the repository that the command was started in; it needs a work tree.
    pub(crate) fn open(context: &Context, access: Access) -> Result<Self, Error> {
        let repository = context.repository()?;
        let top = repository.top()?.to_owned();
        let local = Local::new(repository.local_folder());
        let key = layout::work_tree_key(repository.common_dir(), repository.git_dir());
        let (initialized, read) = read_config(&top)?;
        let policy = read.project.as_ref().map(|project| &project.run);
        let settings =
            config::effective(policy, repository.configuration()?, &context.environment)?;
        let project = Self {
            about: read.project,
            format: read.format,
            problems: read.problems,
            repository,
            local,
            initialized,
            settings,
            top,
            key,
        };
        if access == Access::Write && project.repository.refuse_quarantine().is_ok() {
            let store = project.verdict_store();
            store.attach_pending(|| context.identifiers.record_id())?;
        }
        Ok(project)
    }

    /// Top of the work tree.
    pub(crate) fn top(&self) -> &Path {
        &self.top
    }

    /// Fails unless `git mmm init` was run here.
    pub(crate) fn require_initialized(&self) -> Result<(), Error> {
        if self.initialized {
            Ok(())
        } else {
            Err(Error::NotInitialized {
                top: self.top.clone(),
            })
        }
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
        Ok(Writer::begin(&self.repository, self.place())?)
    }

    /// Where transactions of this work tree take place.
    pub(crate) fn place(&self) -> Place {
        Place {
            local: self.local.clone(),
            top: self.top.clone(),
            key: self.key.clone(),
        }
    }

    /// All specs.
    pub(crate) fn specs(&self) -> Result<SpecBook, Error> {
        Ok(SpecBook::load(&self.top)?)
    }

    /// Where verdicts are kept.
    pub(crate) fn verdict_store(&self) -> Store<'_, Repository> {
        Store::new(&self.repository, &self.local)
    }
}

fn read_config(top: &Path) -> Result<(bool, config_v1::Read), Error> {
    let path = StatePath::config().to_read(top)?;
    match files::read_text(&path, STATE_FILE_BYTES) {
        Ok(text) => Ok((
            true,
            config_v1::read(&SourceText::new(layout::CONFIG, text)),
        )),
        Err(error) if error.is_not_found() => Ok((
            false,
            config_v1::Read {
                project: None,
                format: None,
                problems: Vec::new(),
            },
        )),
        Err(error) => Err(error.into()),
    }
}
