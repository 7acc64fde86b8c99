//! The one `git update-ref --stdin` process of a command.
//!
//! It is started when a ref is first written and answers line by line, so that many updates
//! cost one process. A transaction that fails ends it.

use crate::git::{Error, Repository};
use crate::proc::command::Exit;
use crate::proc::live::Live;

/// Longest line that is read of an answer, in bytes: they are words such as `start: ok`.
const ANSWER_BYTES: usize = 4096;

/// A live `git update-ref --stdin`.
#[derive(Debug)]
pub(crate) struct Session {
    live: Option<Live>,
    message: String,
}

/// Why a transaction did not happen.
pub(super) enum Refusal {
    /// Git refused it and said this.
    Refused(Exit, String),
    /// We could not talk to git.
    Failed(Error),
}

impl From<crate::proc::Error> for Refusal {
    fn from(error: crate::proc::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl Session {
    fn start(repository: &Repository, message: &str) -> Result<Self, Error> {
        // A ref that is not on the disk when the power goes is a ref that never was.
        let arguments = [
            "-c",
            "core.fsync=reference",
            "update-ref",
            "-m",
            message,
            "--stdin",
        ];
        let live = repository.command(arguments).live()?;
        Ok(Self {
            live: Some(live),
            message: message.to_owned(),
        })
    }

    /// Runs one transaction. `announce` is told git's process id before any lock is taken.
    pub(super) fn transact(
        slot: &mut Option<Self>,
        repository: &Repository,
        message: &str,
        lines: &str,
        announce: impl Fn(u32) -> Result<(), Error>,
    ) -> Result<(), Refusal> {
        if let Some(mut session) = slot.take().filter(|session| session.message == message) {
            // One that has died meanwhile is replaced.
            if session.ask("start\n", "start: ok").is_ok() {
                return session.go_on(slot, lines, announce);
            }
        }
        let mut session = Self::start(repository, message)?;
        session.ask("start\n", "start: ok")?;
        session.go_on(slot, lines, announce)
    }

    fn go_on(
        mut self,
        slot: &mut Option<Self>,
        lines: &str,
        announce: impl Fn(u32) -> Result<(), Error>,
    ) -> Result<(), Refusal> {
        if let Some(live) = &self.live {
            announce(live.pid())?;
        }
        self.ask(&format!("{lines}prepare\n"), "prepare: ok")?;
        self.ask("commit\n", "commit: ok")?;
        *slot = Some(self);
        Ok(())
    }

    /// Sends commands and waits for the answer; any other answer ends the process.
    fn ask(&mut self, commands: &str, expected: &str) -> Result<(), Refusal> {
        let Some(live) = &mut self.live else {
            return Err(Refusal::Refused(Exit::Code(-1), String::new()));
        };
        let mut answer = String::new();
        // When it stopped reading in the middle, it says why on its way out.
        if live.send(commands.as_bytes()).is_ok() {
            match live.read_line(ANSWER_BYTES) {
                Ok(line) if line.trim_end() == expected => return Ok(()),
                Ok(line) => answer = line,
                Err(error @ crate::proc::Error::Timeout { .. }) => {
                    self.live = None;
                    return Err(error.into());
                }
                Err(_) => {}
            }
        }
        match self.live.take().map(Live::finish) {
            Some(Ok((exit, complaint))) => Err(Refusal::Refused(exit, complaint)),
            Some(Err(error)) => Err(error.into()),
            None => Err(Refusal::Refused(Exit::Code(-1), answer)),
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if let Some(live) = self.live.take() {
            // It ends when its input does; waiting leaves no zombie. What it says is of no use.
            drop(live.finish());
        }
    }
}
