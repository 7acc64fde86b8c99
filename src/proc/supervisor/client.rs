//! The engine's end of the supervisor.

use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::proc::Error;
use crate::proc::interrupt::Interrupts;
use crate::proc::supervisor::protocol::{Inbox, Reply, Request};
use crate::sys::environment::Environment;

/// A running supervisor. Dropping it hangs up: what runs ends normally, nothing new starts.
#[derive(Debug)]
pub(crate) struct Supervisor {
    child: Child,
    /// `None` after [`Supervisor::finish`].
    control: Option<UnixStream>,
    inbox: Inbox,
    /// What else ends the waiting when it becomes readable.
    bells: Vec<OwnedFd>,
}

/// Why [`Supervisor::wait`] came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wake {
    /// The supervisor said something.
    Reply(Reply),
    /// A signal asked this process to stop.
    Interrupted,
    /// The time is over.
    Timeout,
    /// The supervisor is dead.
    Gone,
}

impl Supervisor {
    /// Starts `program arguments… folder`, which must call `serve` with its standard input as
    /// the connection.
    #[expect(clippy::disallowed_methods, reason = "the one spawner of supervisors")]
    pub(crate) fn launch(
        program: &Path,
        arguments: &[&str],
        folder: &Path,
        environment: &Environment,
    ) -> Result<Self, Error> {
        let shown = program.display().to_string();
        let fail = |source| Error::Start {
            program: shown.clone(),
            source,
        };
        let (ours, theirs) = UnixStream::pair().map_err(fail)?;
        let child = Command::new(program)
            .args(arguments)
            .arg(folder)
            .env_clear()
            .envs(environment.iter())
            .current_dir("/")
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            // Not ours: a supervisor that outlives us must not keep our reader waiting.
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(fail)?;
        ours.set_nonblocking(true).map_err(fail)?;
        Ok(Self {
            child,
            control: Some(ours),
            inbox: Inbox::default(),
            bells: Vec::new(),
        })
    }

    /// From now on [`Self::wait`] comes back too when one of these becomes readable, as if its time
    /// were over.
    pub(crate) fn listen_to(&mut self, bells: Vec<OwnedFd>) {
        self.bells = bells;
    }

    /// Asks for something. A supervisor that is dead hears nothing; [`Self::wait`] tells.
    pub(crate) fn request(&mut self, request: &Request) -> Result<(), Error> {
        let mut bytes = Vec::new();
        request.write(&mut bytes).map_err(lost)?;
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            let Some(control) = &mut self.control else {
                return Ok(());
            };
            match control.write(rest) {
                Ok(count) => rest = rest.get(count..).unwrap_or(&[]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    // It may be waiting for us to read: then both would wait for ever.
                    let mut fds = [PollFd::new(control, PollFlags::IN | PollFlags::OUT)];
                    match poll(&mut fds, None) {
                        Ok(_) | Err(rustix::io::Errno::INTR) => {}
                        Err(error) => return Err(lost(error.into())),
                    }
                    if !self.inbox.fill(control).map_err(lost)? {
                        self.control = None;
                    }
                }
                Err(error) if is_hang_up(&error) => return Ok(()),
                Err(error) => return Err(lost(error)),
            }
        }
        Ok(())
    }

    /// Waits for whatever comes first.
    pub(crate) fn wait(
        &mut self,
        interrupts: &Interrupts,
        limit: Option<Duration>,
    ) -> Result<Wake, Error> {
        loop {
            if let Some(reply) = self.inbox.next_reply().map_err(lost)? {
                return Ok(Wake::Reply(reply));
            }
            let Some(control) = &mut self.control else {
                return Ok(Wake::Gone);
            };
            let limit = limit.map(|limit| Timespec {
                tv_sec: i64::try_from(limit.as_secs()).unwrap_or(i64::MAX),
                tv_nsec: i64::from(limit.subsec_nanos()),
            });
            let mut fds = vec![
                PollFd::new(control, PollFlags::IN),
                PollFd::new(interrupts.as_stream(), PollFlags::IN),
            ];
            let own = fds.len();
            let bells = self.bells.iter();
            fds.extend(bells.map(|bell| PollFd::new(bell, PollFlags::IN)));
            match poll(&mut fds, limit.as_ref()) {
                Ok(0) => return Ok(Wake::Timeout),
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(lost(error.into())),
            }
            let rung = fds.iter().skip(own).any(|bell| !bell.revents().is_empty());
            drop(fds);
            if interrupts.drain() > 0 {
                return Ok(Wake::Interrupted);
            }
            if !self.inbox.fill(control).map_err(lost)? {
                self.control = None;
            } else if rung {
                let reply = self.inbox.next_reply().map_err(lost)?;
                return Ok(reply.map_or(Wake::Timeout, Wake::Reply));
            }
        }
    }

    /// Hangs up and waits for its end; it ends what is left running first.
    pub(crate) fn finish(mut self) -> Result<(), Error> {
        drop(self.control.take());
        self.child.wait().map(drop).map_err(lost)
    }
}

fn is_hang_up(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset
    )
}

fn lost(source: io::Error) -> Error {
    Error::Pipe {
        program: "supervisor".to_owned(),
        source,
    }
}
