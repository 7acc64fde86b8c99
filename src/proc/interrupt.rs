//! Signals that ask this process to stop, as bytes that can be waited for.

use std::io::Read;
use std::os::unix::net::UnixStream;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use crate::proc::Error;

/// Takes `SIGINT`, `SIGTERM` and `SIGHUP` from now on: they no longer end the process.
#[derive(Debug)]
pub(crate) struct Interrupts {
    receiver: UnixStream,
}

impl Interrupts {
    /// Starts taking them.
    pub(crate) fn take() -> Result<Self, Error> {
        Self::of(&[SIGINT, SIGTERM, SIGHUP])
    }

    /// Starts taking these signals.
    pub(crate) fn of(signals: &[i32]) -> Result<Self, Error> {
        let fail = |source| Error::Pipe {
            program: "signal handler".to_owned(),
            source,
        };
        let (receiver, sender) = UnixStream::pair().map_err(fail)?;
        receiver.set_nonblocking(true).map_err(fail)?;
        for signal in signals {
            let sender = sender.try_clone().map_err(fail)?;
            signal_hook::low_level::pipe::register(*signal, sender).map_err(fail)?;
        }
        Ok(Self { receiver })
    }

    /// What becomes readable when a signal comes.
    pub(crate) fn as_stream(&self) -> &UnixStream {
        &self.receiver
    }

    /// How many signals came since the last call.
    pub(crate) fn drain(&self) -> usize {
        let mut buffer = [0_u8; 64];
        let mut count = 0;
        // An empty pipe is an error of kind `WouldBlock`: no signal came.
        while let Ok(read @ 1..) = (&self.receiver).read(&mut buffer) {
            count += read;
        }
        count
    }
}
