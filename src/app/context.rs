//! What every command starts from: environment, folder, clock, ids.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::app::Error;
use crate::app::terminal::OutputSettings;
use crate::git::Repository;
use crate::proc::interrupt::Interrupts;
use crate::sys::clock::Clock;
use crate::sys::environment::Environment;
use crate::sys::identifiers::Identifiers;

/// The surroundings of one command.
#[derive(Debug)]
pub(crate) struct Context {
    /// The environment that the program was started with.
    pub(crate) environment: Environment,
    /// The folder that the command was started in.
    pub(crate) folder: PathBuf,
    /// Tells the time.
    pub(crate) clock: Clock,
    /// Makes ids.
    pub(crate) identifiers: Identifiers,
    repository: OnceCell<Rc<Repository>>,
    interrupts: OnceCell<Interrupts>,
}

impl Context {
    /// The surroundings of this process.
    pub(crate) fn of_process() -> Result<Self, Error> {
        let folder = std::env::current_dir().map_err(|source| Error::CurrentFolder { source })?;
        Self::new(Environment::of_process(), &folder)
    }

    /// Surroundings made of these values.
    pub(crate) fn new(environment: Environment, folder: &Path) -> Result<Self, Error> {
        let clock = Clock::from_environment(&environment)?;
        let identifiers = Identifiers::from_environment(clock, &environment)?;
        Ok(Self {
            environment,
            folder: folder.to_owned(),
            clock,
            identifiers,
            repository: OnceCell::new(),
            interrupts: OnceCell::new(),
        })
    }

    /// The repository that the command was started in, found once.
    pub(crate) fn repository(&self) -> Result<Rc<Repository>, Error> {
        if let Some(known) = self.repository.get() {
            return Ok(Rc::clone(known));
        }
        let found = Rc::new(Repository::discover(&self.folder, &self.environment)?);
        Ok(Rc::clone(self.repository.get_or_init(|| found)))
    }

    /// The signals that ask this process to stop. They end it no longer once this was called:
    /// whoever calls it looks at them until the command ends.
    pub(crate) fn interrupts(&self) -> Result<&Interrupts, Error> {
        if let Some(known) = self.interrupts.get() {
            return Ok(known);
        }
        let taken = Interrupts::take()?;
        Ok(self.interrupts.get_or_init(|| taken))
    }

    /// Whether somebody asked this process to stop since its signals were last looked at.
    pub(crate) fn is_interrupted(&self) -> bool {
        let taken = self.interrupts.get();
        taken.is_some_and(|interrupts| interrupts.drain() > 0)
    }

    /// Git's settings of colour and pager. Where there is no repository, or git fails, there are
    /// none: the command that needs more will say what is wrong.
    pub(crate) fn output_settings(&self) -> OutputSettings {
        let Ok(repository) = self.repository() else {
            return OutputSettings::default();
        };
        repository.configuration().map_or_else(
            |_| OutputSettings::default(),
            |configuration| {
                OutputSettings::from_lookup(|key| configuration.get(key).map(str::to_owned))
            },
        )
    }
}
