//! `--commit`, for every command that writes files under `.mmm/`.

use crate::app::Error;
use crate::state::config::Settings;

/// The flag.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub(crate) struct Commit {
    /// Commit the files written under `.mmm/`, as they are then, and nothing else; hooks of commits
    /// are not run; by default as `mmm.commit` says
    #[arg(long)]
    commit: bool,
}

impl Commit {
    /// Whether the flag is given.
    pub(crate) fn is_given(self) -> bool {
        self.commit
    }

    /// Whether the flag or the person's settings ask for a commit.
    pub(crate) fn is_wanted(self, settings: &Settings) -> Result<bool, Error> {
        Ok(self.commit || settings.commit.get()?)
    }

    /// The message of the commit, when one is wanted.
    pub(crate) fn message(
        self,
        settings: &Settings,
        message: impl Into<String>,
    ) -> Result<Option<String>, Error> {
        Ok(self.is_wanted(settings)?.then(|| message.into()))
    }
}
