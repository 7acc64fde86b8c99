//! The entry of the supervisor's process.

use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::path::Path;

use crate::app::Error;
use crate::app::context::Context;
use crate::app::error::StateError;
use crate::proc::supervisor::serve;
use crate::state::journal::Journal;
use crate::state::masks::MaskFile;
use crate::state::run_folder::RunFolder;
use crate::workflow::recorder::JournalRecorder;

/// The hidden command that makes this program a supervisor.
pub(crate) const COMMAND: &str = "supervise";

/// Serves the engine at the other end of standard input, for the run in this folder.
pub(crate) fn supervise(context: &Context, folder: &Path) -> Result<(), Error> {
    let folder = RunFolder::at(folder.to_owned());
    let connection = std::io::stdin()
        .as_fd()
        .try_clone_to_owned()
        .map_err(|source| Error::NoEngine { source })?;
    let journal = Journal::open(&folder.events(), context.clock).map_err(StateError::Journal)?;
    let (masks, learnt) = MaskFile::open(&folder.masks())?;
    let mut recorder = JournalRecorder::new(journal, masks);
    serve(
        UnixStream::from(connection),
        &folder.supervisor_lock(),
        learnt,
        &mut recorder,
    )?;
    Ok(())
}
