//! What every command starts from: environment, folder, clock, ids.

use std::path::{Path, PathBuf};

use crate::app::Error;
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
        })
    }
}
