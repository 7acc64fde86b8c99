//! Lines that somebody types on standard input, one at a time.
//!
//! They are read byte by byte: what stands behind a line is left to a program that is started
//! meanwhile, such as a shell.

use std::os::fd::{AsFd, OwnedFd};

use rustix::event::{PollFd, PollFlags, poll};

use crate::proc::Error;
use crate::proc::interrupt::Interrupts;

/// Longest line, in bytes; a longer one is cut in two.
const LINE_BYTES: usize = 64 * 1024;

/// What came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Typed {
    /// A line, without its end.
    Line(String),
    /// Nothing comes any more.
    End,
    /// A signal that asks to stop.
    Interrupted,
}

/// Where lines come from.
#[derive(Debug)]
pub(crate) struct Lines {
    input: OwnedFd,
}

impl Lines {
    /// Lines of standard input.
    pub(crate) fn of_stdin() -> Result<Self, Error> {
        let input = std::io::stdin().as_fd().try_clone_to_owned();
        let input = input.map_err(fail)?;
        Ok(Self { input })
    }

    /// Waits for the next line, or for a signal.
    pub(crate) fn next(&mut self, interrupts: &Interrupts) -> Result<Typed, Error> {
        let mut line = Vec::new();
        while line.len() < LINE_BYTES {
            let mut waiting = [
                PollFd::new(&self.input, PollFlags::IN),
                PollFd::new(interrupts.as_stream(), PollFlags::IN),
            ];
            match poll(&mut waiting, None) {
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(fail(error.into())),
            }
            // After a signal that asks for nothing there is nothing to read, and a read would wait
            // without hearing the next one.
            let came = waiting
                .first()
                .is_some_and(|input| !input.revents().is_empty());
            if interrupts.drain() > 0 {
                return Ok(Typed::Interrupted);
            }
            if !came {
                continue;
            }
            let mut byte = [0_u8; 1];
            match rustix::io::read(&self.input, &mut byte) {
                Ok(0) if line.is_empty() => return Ok(Typed::End),
                Ok(0) => break,
                Ok(_) if byte == *b"\n" => break,
                Ok(_) => line.extend(byte),
                Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => {}
                Err(error) => return Err(fail(error.into())),
            }
        }
        let line = String::from_utf8_lossy(&line);
        Ok(Typed::Line(line.trim_end_matches('\r').to_owned()))
    }
}

fn fail(source: std::io::Error) -> Error {
    Error::Pipe {
        program: "standard input".to_owned(),
        source,
    }
}
