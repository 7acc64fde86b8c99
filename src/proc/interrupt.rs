//! Signals that ask this process to stop, as bytes that can be waited for.

use std::io::Read;
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use crate::proc::Error;

/// Signals that come this soon after the first are the same wish of the same person.
///
/// One Ctrl-C arrives twice: the terminal sends it to everyone in the foreground, and `git`, our
/// parent, passes its own on to us; `timeout` and service managers do the same. The copies are
/// milliseconds apart, on a busy machine some hundred. A person who means it presses again later.
const ONE_WISH: Duration = Duration::from_millis(500);

/// Whether this process takes the signals that the terminal sends.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// Whether what the terminal sends does not end this process: its helpers shall not be ended by it
/// either, for what they do is not what a person wants to end.
pub(super) fn are_taken() -> bool {
    TAKEN.load(Ordering::Relaxed)
}

/// How somebody wants us to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    /// In order: what is under way is asked to end.
    InOrder,
    /// At once: they have asked before.
    AtOnce,
}

/// Tells apart the copies of one signal and a signal that was sent again.
#[derive(Debug, Default)]
pub(crate) struct Wishes {
    first: Option<Instant>,
}

impl Wishes {
    /// What a signal that was noticed now asks for; nothing new when it is a copy of the first.
    pub(crate) fn noticed(&mut self, now: Instant) -> Option<Wish> {
        let Some(first) = self.first else {
            self.first = Some(now);
            return Some(Wish::InOrder);
        };
        (now.saturating_duration_since(first) >= ONE_WISH).then_some(Wish::AtOnce)
    }
}

/// Takes `SIGINT`, `SIGTERM` and `SIGHUP` from now on: they no longer end the process.
///
/// `SIGINT` and `SIGHUP` stay ignored where they were when the process began, as `nohup` and a `&` in
/// a script leave them: then what ends the terminal is not to end us.
#[derive(Debug)]
pub(crate) struct Interrupts {
    receiver: UnixStream,
}

impl Interrupts {
    /// Starts taking them.
    pub(crate) fn take() -> Result<Self, Error> {
        let mut taken = vec![SIGTERM];
        taken.extend(
            [SIGINT, SIGHUP]
                .iter()
                .filter(|signal| !is_ignored(**signal)),
        );
        let interrupts = Self::of(&taken)?;
        TAKEN.store(true, Ordering::Relaxed);
        Ok(interrupts)
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

/// Whether a signal is ignored. What cannot be asked about is not.
fn is_ignored(signal: i32) -> bool {
    #[expect(unsafe_code, reason = "no safe call tells what a signal does")]
    // SAFETY: the call is given no action to set; it only fills `action`, a structure of integers
    // and a pointer that may be null, so zeros are a value of it.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        libc::sigaction(signal, std::ptr::null(), &raw mut action) == 0
            && action.sa_sigaction == libc::SIG_IGN
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{Wish, Wishes};

    /// What signals ask for that are noticed after these times, in milliseconds.
    fn check(times: &[u64], expected: &[Option<Wish>]) {
        let start = Instant::now();
        let mut wishes = Wishes::default();
        let found: Vec<_> = times
            .iter()
            .map(|ms| wishes.noticed(start + Duration::from_millis(*ms)))
            .collect();
        assert_eq!(found, expected, "{times:?}");
    }

    #[test]
    fn copies_of_a_signal_are_one_wish() {
        let (first, again) = (Some(Wish::InOrder), Some(Wish::AtOnce));
        check(&[7], &[first]);
        check(&[0, 0, 1, 3], &[first, None, None, None]);
        check(&[0, 499, 500], &[first, None, again]);
        // Whoever keeps pressing is heard: time counts from the first.
        check(&[0, 200, 400, 600], &[first, None, None, again]);
        check(&[0, 60_000, 60_001], &[first, again, again]);
    }
}
