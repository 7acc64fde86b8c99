//! Bells: named pipes by which processes wake one another, and notice the death of one another.
//!
//! Who waits has a [`Bell`]; whoever knows its path opens a [`Line`] to it, by which it can be rung.
//! The kernel ends a line when the process at the bell dies, however it dies, and [`wait`] returns:
//! so nobody has to look again and again whether somebody is still there.

use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags, open};
use rustix::io::Errno;

use crate::sys::Error;

/// A bell of this process; dropping it, or the death of the process, ends the lines to it.
#[derive(Debug)]
pub(crate) struct Bell {
    ear: File,
    /// Held so that the ear never hears an end: the last other line may go at any time.
    _own: File,
    path: PathBuf,
}

/// A line to a bell of any process.
#[derive(Debug)]
pub(crate) struct Line {
    pipe: File,
}

fn open_pipe(path: &Path, access: OFlags) -> Result<File, Errno> {
    let flags = access | OFlags::NONBLOCK | OFlags::CLOEXEC;
    open(path, flags, Mode::empty()).map(File::from)
}

/// Makes a named pipe, which must not be there yet.
#[cfg(not(target_vendor = "apple"))]
fn make_pipe(path: &Path) -> Result<(), Errno> {
    rustix::fs::mkfifoat(rustix::fs::CWD, path, Mode::RUSR | Mode::WUSR)
}

/// Makes a named pipe, which must not be there yet: on this system no safe call does it.
#[cfg(target_vendor = "apple")]
fn make_pipe(path: &Path) -> Result<(), Errno> {
    let program = crate::proc::command::Invocation::new("/usr/bin/mkfifo");
    match program.args(["-m", "600"]).arg(path).run() {
        Ok(output) if output.exit.success() => Ok(()),
        _ => Err(Errno::IO),
    }
}

impl Bell {
    /// Hangs a bell at a path where nothing is yet.
    pub(crate) fn hang(path: &Path) -> Result<Self, Error> {
        let hang = || {
            make_pipe(path)?;
            // In this order both opens return at once.
            let ear = open_pipe(path, OFlags::RDONLY)?;
            let own = open_pipe(path, OFlags::WRONLY)?;
            Ok(Self {
                ear,
                _own: own,
                path: path.to_owned(),
            })
        };
        hang().map_err(|error: Errno| Error::file("make", path, error.into()))
    }

    /// Forgets that it was rung.
    pub(crate) fn silence(&self) {
        let mut bytes = [0_u8; 256];
        // An empty pipe is an error of kind `WouldBlock`: it is silent.
        while let Ok(1..) = (&self.ear).read(&mut bytes) {}
    }

    /// What becomes readable when it is rung.
    pub(crate) fn as_fd(&self) -> BorrowedFd<'_> {
        self.ear.as_fd()
    }
}

impl Line {
    /// Opens a line; nothing when nobody is at the bell, or there is none.
    pub(crate) fn open(path: &Path) -> Result<Option<Self>, Error> {
        match open_pipe(path, OFlags::WRONLY) {
            Ok(pipe) => Ok(Some(Self { pipe })),
            // The first is a pipe that nobody reads.
            Err(Errno::NXIO | Errno::NOENT) => Ok(None),
            Err(error) => Err(Error::file("open", path, error.into())),
        }
    }

    /// Rings. Nobody may be there any more; and a full pipe rings already.
    pub(crate) fn ring(&self) -> Result<(), Error> {
        match (&self.pipe).write(b"!") {
            Err(error)
                if !matches!(error.kind(), ErrorKind::BrokenPipe | ErrorKind::WouldBlock) =>
            {
                Err(Error::file("ring", "a bell", error))
            }
            _ => Ok(()),
        }
    }
}

/// Waits until the bell rings, the line ends, `other` becomes readable, or `limit` is over.
/// It may return early: whoever calls it looks again.
pub(crate) fn wait(
    bell: &Bell,
    line: Option<&Line>,
    other: Option<BorrowedFd<'_>>,
    limit: Duration,
) -> Result<(), Error> {
    let mut waiting = vec![PollFd::from_borrowed_fd(bell.as_fd(), PollFlags::IN)];
    if let Some(other) = other {
        waiting.push(PollFd::from_borrowed_fd(other, PollFlags::IN));
    }
    if let Some(line) = line {
        // That nobody reads a pipe any more is told without being asked for.
        waiting.push(PollFd::new(&line.pipe, PollFlags::empty()));
    }
    let limit = Timespec {
        tv_sec: i64::try_from(limit.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: i64::from(limit.subsec_nanos()),
    };
    match poll(&mut waiting, Some(&limit)) {
        Ok(_) | Err(Errno::INTR) => Ok(()),
        Err(error) => Err(Error::file("wait for", &bell.path, error.into())),
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{Bell, Line, wait};

    const LONG: Duration = Duration::from_mins(1);

    #[test]
    fn a_bell_rings_and_a_line_ends() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = |name: &str| folder.path().join(name);
        assert!(Line::open(&path("a")).expect("asks").is_none());
        let bell = Bell::hang(&path("a")).expect("hangs");
        Bell::hang(&path("a")).expect_err("is there");
        let other = Bell::hang(&path("b")).expect("hangs");
        let line = Line::open(&path("a")).expect("asks").expect("is there");
        let to_other = Line::open(&path("b")).expect("asks").expect("is there");
        let start = Instant::now();
        line.ring().expect("rings");
        wait(&bell, None, None, LONG).expect("waits");
        bell.silence();
        wait(&bell, None, None, Duration::ZERO).expect("waits");
        drop(other);
        wait(&bell, Some(&to_other), None, LONG).expect("waits");
        assert!(Line::open(&path("b")).expect("asks").is_none());
        // A full pipe is no reason to wait.
        for _ in 0..100_000 {
            line.ring().expect("rings");
        }
        drop(line);
        bell.silence();
        drop(bell);
        assert!(start.elapsed() < LONG);
    }

    #[test]
    fn who_waits_is_woken_by_another_thread() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("a");
        let other = Bell::hang(&folder.path().join("b")).expect("hangs");
        let bell = Bell::hang(&path).expect("hangs");
        let start = Instant::now();
        std::thread::scope(|scope| {
            let line = Line::open(&folder.path().join("b")).expect("asks");
            let line = line.expect("is there");
            let bell = &bell;
            scope.spawn(move || wait(bell, Some(&line), None, LONG).expect("waits"));
            drop(other);
        });
        assert!(start.elapsed() < LONG);
    }
}
