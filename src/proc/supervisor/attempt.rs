//! One attempt of a step, as the supervisor holds it.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::fs::{FlockOperation, flock};
use rustix::io::{Errno, FdFlags};
use rustix::process::{Signal, WaitStatus};

use crate::proc::supervisor::commands::Masks;
use crate::proc::supervisor::output::OutputFile;
use crate::proc::supervisor::protocol::{Cause, Dropped, Start};
use crate::proc::supervisor::spawn::{self, Common};
use crate::proc::tree;
use crate::sys::files;

/// The variable that marks every process of an attempt, so that it is found again.
pub(crate) const MARKER: &str = "MMM_ATTEMPT";

/// Bytes that are taken from one pipe before the others, and the clock, have their turn: more than
/// a pipe holds unless somebody made it larger.
const PUMP_BYTES: usize = 1024 * 1024;

/// Pauses between the signals of a cancelled step: GitHub's.
const CANCEL_STAGES: [(Signal, Duration); 3] = [
    (Signal::INT, Duration::from_millis(7_500)),
    (Signal::TERM, Duration::from_millis(2_500)),
    (Signal::KILL, Duration::from_secs(1)),
];

/// Pauses between the signals of a step that took too long.
const TIMEOUT_STAGES: [(Signal, Duration); 2] = [
    (Signal::TERM, Duration::from_secs(2)),
    (Signal::KILL, Duration::from_secs(1)),
];

/// A pipe that an attempt and all it started write to.
#[derive(Debug)]
pub(crate) struct Stream {
    pipe: io::PipeReader,
    output: OutputFile,
    group: String,
}

impl Stream {
    /// Takes what is there without waiting, up to a limit; `false` when every writer is gone.
    pub(crate) fn pump(&mut self, masks: &mut Masks) -> io::Result<bool> {
        let mut buffer = [MaybeUninit::uninit(); 16 * 1024];
        let mut taken = 0;
        while taken < PUMP_BYTES {
            match rustix::io::read(&self.pipe, &mut buffer) {
                Ok(([], _)) => {
                    self.output.flush(masks);
                    return Ok(false);
                }
                Ok((bytes, _)) => {
                    taken += bytes.len();
                    self.output.take(bytes, masks);
                }
                Err(Errno::AGAIN) => return Ok(true),
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(true)
    }

    /// The job whose steps write here.
    pub(crate) fn group(&self) -> &str {
        &self.group
    }

    /// Writes what was held back.
    pub(crate) fn flush(&mut self, masks: &mut Masks) {
        self.output.flush(masks);
    }

    /// Bytes kept, and what was dropped.
    pub(crate) fn counts(&self) -> (u64, Dropped) {
        (self.output.kept(), self.output.dropped().clone())
    }
}

impl AsFd for Stream {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.pipe.as_fd()
    }
}

/// The polite way to end an attempt: stronger signals as time passes.
#[derive(Clone, Copy, Debug)]
struct Ladder {
    stages: &'static [(Signal, Duration)],
    next_at: Instant,
}

/// A running attempt.
#[derive(Debug)]
pub(crate) struct Attempt {
    /// Its name within the run.
    pub(crate) name: String,
    /// The process that was spawned; also the leader of its process group.
    pub(crate) pid: u32,
    /// When it was spawned.
    pub(crate) spawned: Instant,
    /// Why we are ending it, if we are.
    pub(crate) cause: Option<Cause>,
    /// Its output; `None` once every writer is gone.
    pub(crate) stream: Option<Stream>,
    /// Bytes of its output that were kept, once the stream is gone.
    pub(crate) kept: u64,
    /// What of it was dropped.
    pub(crate) dropped: Dropped,
    /// How its own process ended, while what it started has time to end as well.
    pub(crate) outlived: Option<WaitStatus>,
    deadline: Instant,
    ladder: Option<Ladder>,
}

/// What claiming an attempt gave.
pub(crate) enum Claim {
    /// It is ours.
    Taken(File),
    /// Somebody has it, or a resume decided that it must not start any more.
    Refused,
}

/// Claims an attempt: creates its file, which must not exist, and locks it.
///
/// The lock is inherited by everything that the attempt starts, so whoever asks later knows
/// whether any of it is alive.
pub(crate) fn claim(path: &Path) -> io::Result<Claim> {
    let Some(file) = files::open_new(path).map_err(io::Error::other)? else {
        return Ok(Claim::Refused);
    };
    flock(&file, FlockOperation::NonBlockingLockExclusive)?;
    Ok(Claim::Taken(file))
}

impl Attempt {
    /// Spawns a claimed attempt.
    pub(super) fn spawn(start: &Start, claim: &File, common: &Common) -> io::Result<Self> {
        let (reader, writer) = io::pipe()?;
        rustix::io::ioctl_fionbio(&reader, true)?;
        // The claim's lock goes to the child. Nothing else is spawned meanwhile: one thread.
        rustix::io::fcntl_setfd(claim, FdFlags::empty())?;
        let spawned = spawn::spawn(start, common, writer.as_fd());
        drop(writer);
        rustix::io::fcntl_setfd(claim, FdFlags::CLOEXEC)?;
        let pid = spawned?;
        let now = Instant::now();
        Ok(Self {
            name: start.attempt.clone(),
            pid,
            spawned: now,
            cause: None,
            stream: Some(Stream {
                pipe: reader,
                output: OutputFile::new(
                    PathBuf::from(OsStr::from_bytes(&start.output)),
                    start.output_limit,
                ),
                group: group_of(&start.attempt).to_owned(),
            }),
            kept: 0,
            dropped: Dropped::default(),
            outlived: None,
            deadline: now + Duration::from_millis(start.timeout_ms),
            ladder: None,
        })
    }

    /// When something must be done about it next.
    pub(crate) fn next_deadline(&self) -> Instant {
        self.ladder.map_or(self.deadline, |ladder| ladder.next_at)
    }

    /// Begins to end it; what was begun already goes on.
    pub(crate) fn stop(&mut self, cause: Cause, now: Instant) {
        if self.ladder.is_some() {
            return;
        }
        self.cause = Some(cause);
        let stages: &'static [_] = match cause {
            Cause::TimedOut => &TIMEOUT_STAGES,
            Cause::Cancelled => &CANCEL_STAGES,
        };
        self.ladder = Some(Ladder {
            stages,
            next_at: now,
        });
    }

    /// Ends it at once.
    pub(crate) fn kill(&mut self, cause: Cause, now: Instant) {
        self.cause = self.cause.or(Some(cause));
        self.ladder = Some(Ladder {
            stages: CANCEL_STAGES.get(2..).unwrap_or(&[]),
            next_at: now,
        });
    }

    /// Its own process is gone before the rest of what it started, which nobody waits for: it is
    /// asked to end now, unless it was already, and has the time that is left.
    pub(crate) fn outlive(&mut self, status: WaitStatus, now: Instant) {
        self.outlived = Some(status);
        let Some(ladder) = &mut self.ladder else {
            return;
        };
        if let Some(((Signal::INT, _), rest)) = ladder.stages.split_first() {
            ladder.stages = rest;
        }
        if ladder.stages.len() > 1 {
            ladder.next_at = now;
        }
    }

    /// Whether nothing is left but to end it by force.
    pub(crate) fn is_over(&self, now: Instant) -> bool {
        self.ladder
            .is_none_or(|ladder| ladder.stages.len() <= 1 && now >= ladder.next_at)
    }

    /// Does what is due: begins to end it when its time is over, sends the next signal.
    pub(crate) fn tick(&mut self, now: Instant, orphans: impl Fn(&str) -> Vec<u32>) {
        if self.ladder.is_none() && now >= self.deadline {
            self.stop(Cause::TimedOut, now);
        }
        let Some(ladder) = self.ladder.filter(|ladder| now >= ladder.next_at) else {
            return;
        };
        let Some(((signal, pause), rest)) = ladder.stages.split_first() else {
            return;
        };
        // The last rung is repeated until the process is gone.
        let stages = if rest.is_empty() { ladder.stages } else { rest };
        self.ladder = Some(Ladder {
            stages,
            next_at: now + *pause,
        });
        self.signal(*signal, orphans(&self.name));
    }

    /// Signals the process, its group, its descendants and those that left its tree.
    pub(crate) fn signal(&self, signal: Signal, orphans: Vec<u32>) {
        if self.outlived.is_some() {
            // Its number may be another process's by now.
            tree::signal_all(&orphans, signal);
            return;
        }
        let mut pids = tree::descendants(self.pid);
        pids.extend(orphans);
        tree::signal_family(self.pid, &pids, signal);
    }
}

/// The value of [`MARKER`] in the processes of an attempt.
pub(crate) fn marker_of(start: &Start) -> String {
    let marker = start.environment.get(MARKER).unwrap_or(b"");
    String::from_utf8_lossy(marker).into_owned()
}

/// The job of an attempt's name: everything before the first dot.
pub(crate) fn group_of(attempt: &str) -> &str {
    attempt.split('.').next().unwrap_or(attempt)
}
