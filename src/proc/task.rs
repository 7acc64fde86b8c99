//! A command of the user's that we wait for: within a time limit, with everything it started ended
//! when it ends.
//!
//! For single commands in the foreground, such as the one that verifies a criterion. Steps of runs
//! belong to the supervisor, which outlives us. What is ended is every child that this process got
//! since the task began, orphans included: no other thread may start processes meanwhile, which is
//! why the tests are end-to-end ones (`tests/it/spec/verify.rs`).

use std::collections::VecDeque;
use std::io::{self, Read};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, WaitOptions};

use crate::proc::Error;
use crate::proc::command::Exit;
use crate::proc::interrupt::{Interrupts, Wish, Wishes};
use crate::proc::tree;
use crate::sys::environment::Environment;

/// Time between the polite signal and the one that cannot be refused.
const GRACE: Duration = Duration::from_secs(2);

/// Pause between two looks at processes that are being ended.
const LOOK: Duration = Duration::from_millis(10);

/// Time after which processes that do not die are given up: they hang in the kernel.
const GIVE_UP: Duration = Duration::from_secs(10);

/// A command with everything it gets.
#[derive(Clone, Debug)]
pub(crate) struct Task {
    /// The program and its arguments.
    pub(crate) words: Vec<String>,
    /// Its whole environment.
    pub(crate) environment: Environment,
    /// Where it runs.
    pub(crate) folder: PathBuf,
    /// How long it may take.
    pub(crate) timeout: Duration,
    /// Bytes of the end of its output that are kept.
    pub(crate) output_limit: usize,
}

/// How a task ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// By itself.
    Exited(Exit),
    /// We ended it when its time was over.
    TimedOut,
    /// We ended it because somebody interrupted us.
    Interrupted,
}

/// What a task left.
#[derive(Clone, Debug)]
pub(crate) struct Finished {
    /// How it ended.
    pub(crate) ending: Ending,
    /// The end of what it printed, both streams as they came.
    pub(crate) output: Vec<u8>,
    /// How long it took.
    pub(crate) elapsed: Duration,
}

/// Runs tasks, one at a time. While there is one, signals that ask us to stop are taken, and on
/// Linux we adopt the orphans of what we start, so that none is lost.
#[derive(Debug)]
pub(crate) struct Runner {
    interrupts: Interrupts,
    deaths: Interrupts,
    wishes: Wishes,
    interrupted: bool,
}

impl Runner {
    /// Prepares this process for tasks.
    pub(crate) fn new() -> Result<Self, Error> {
        let runner = Self {
            interrupts: Interrupts::take()?,
            deaths: Interrupts::of(&[signal_hook::consts::SIGCHLD])?,
            wishes: Wishes::default(),
            interrupted: false,
        };
        adopt(true)?;
        Ok(runner)
    }

    /// Whether somebody asked us to stop.
    pub(crate) fn is_interrupted(&mut self) -> bool {
        self.interrupted |= self.wish().is_some();
        self.interrupted
    }

    /// What the signals since the last look ask for that nobody has asked for before.
    fn wish(&mut self) -> Option<Wish> {
        let came = self.interrupts.drain() > 0;
        came.then(|| self.wishes.noticed(Instant::now())).flatten()
    }

    /// Runs a task to its end, and ends everything that it started.
    pub(crate) fn run(&mut self, task: &Task) -> Result<Finished, Error> {
        let shown = task.words.join(" ");
        let lost = |source| Error::Pipe {
            program: shown.clone(),
            source,
        };
        let others = tree::children(std::process::id());
        let started = Instant::now();
        let (mut child, pipe) = spawn(task)?;
        let mut capture = Capture::new(pipe, task.output_limit);
        let waited = self.wait(&mut child, &mut capture, started + task.timeout);
        let waited = waited.map_err(lost);
        let first = match &waited {
            Ok(Wait::Interrupted) => Signal::INT,
            _ => Signal::TERM,
        };
        let family = Family {
            leader: child.id(),
            others,
        };
        let status = self.end(&family, &mut child, &mut capture, first);
        let ending = match (waited?, status.map_err(lost)?) {
            (Wait::Ended(status), ()) => Ending::Exited(status.into()),
            // It ended in the very moment in which its time was over: it was in time.
            (Wait::TimedOut, ()) => Ending::TimedOut,
            (Wait::Interrupted, ()) => Ending::Interrupted,
        };
        Ok(Finished {
            ending,
            output: capture.kept.into(),
            elapsed: started.elapsed(),
        })
    }

    /// Waits for the end of the child, of its time, or of our own patience.
    fn wait(
        &mut self,
        child: &mut Child,
        capture: &mut Capture,
        deadline: Instant,
    ) -> io::Result<Wait> {
        loop {
            // Asked for before looking: a child that ends after the look wakes the poll.
            self.deaths.drain();
            if let Some(status) = child.try_wait()? {
                return Ok(Wait::Ended(status));
            }
            if self.is_interrupted() {
                return Ok(Wait::Interrupted);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(Wait::TimedOut);
            }
            let mut waiting = vec![
                PollFd::new(self.interrupts.as_stream(), PollFlags::IN),
                PollFd::new(self.deaths.as_stream(), PollFlags::IN),
            ];
            if let Some(pipe) = &capture.pipe {
                waiting.push(PollFd::new(pipe, PollFlags::IN));
            }
            let limit = Timespec {
                tv_sec: i64::try_from(left.as_secs()).unwrap_or(i64::MAX),
                tv_nsec: i64::from(left.subsec_nanos()),
            };
            match poll(&mut waiting, Some(&limit)) {
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
            capture.pump()?;
        }
    }

    /// Ends what is left of a task: politely, then for good.
    fn end(
        &mut self,
        family: &Family,
        child: &mut Child,
        capture: &mut Capture,
        first: Signal,
    ) -> io::Result<()> {
        let begun = Instant::now();
        let mut signal = first;
        let mut sent = None;
        let mut ended = false;
        loop {
            ended = ended || child.try_wait()?.is_some();
            capture.pump()?;
            let alive = family.alive();
            let passed = begun.elapsed();
            if ended && alive.is_empty() || passed > GIVE_UP {
                return Ok(());
            }
            if passed > GRACE || self.wish().is_some() && sent.is_some() {
                self.interrupted |= passed <= GRACE;
                signal = Signal::KILL;
            }
            // Each signal once, but the last one as often as somebody new turns up.
            if sent != Some(signal) || signal == Signal::KILL {
                if ended {
                    tree::signal_all(&alive, signal);
                } else {
                    tree::signal_family(family.leader, &alive, signal);
                }
                sent = Some(signal);
            }
            std::thread::sleep(LOOK);
        }
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        // It was possible to begin, so it is possible to end.
        drop(adopt(false));
    }
}

/// Why waiting for a task ended.
enum Wait {
    Ended(ExitStatus),
    TimedOut,
    Interrupted,
}

/// The processes of a task.
struct Family {
    leader: u32,
    /// Children of ours that have nothing to do with it.
    others: Vec<u32>,
}

impl Family {
    /// Those that run; the dead among those that became our children are buried on the way.
    fn alive(&self) -> Vec<u32> {
        let mut alive = Vec::new();
        for child in tree::children(std::process::id()) {
            if self.others.contains(&child) {
                continue;
            }
            if child != self.leader {
                bury(child);
            }
            alive.extend(tree::descendants(child));
            alive.push(child);
        }
        alive.retain(|pid| tree::is_alive(*pid));
        alive
    }
}

/// Waits for an orphan that has ended. One that has not is left alone.
fn bury(orphan: u32) {
    let pid = i32::try_from(orphan).ok().and_then(Pid::from_raw);
    if pid.is_some() {
        // It is no child of ours any more only if it was waited for already.
        let _ = rustix::process::waitpid(pid, WaitOptions::NOHANG);
    }
}

#[cfg(target_os = "linux")]
fn adopt(on: bool) -> Result<(), Error> {
    let own = on.then(rustix::process::getpid);
    rustix::process::set_child_subreaper(own).map_err(|error| Error::Pipe {
        program: "child subreaper".to_owned(),
        source: error.into(),
    })
}

#[cfg(not(target_os = "linux"))]
#[expect(clippy::unnecessary_wraps, reason = "the form of its twin on Linux")]
fn adopt(_on: bool) -> Result<(), Error> {
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "the one spawner of tasks")]
fn spawn(task: &Task) -> Result<(Child, io::PipeReader), Error> {
    let fail = |source| Error::Start {
        program: task.words.first().cloned().unwrap_or_default(),
        source,
    };
    let (program, arguments) = task
        .words
        .split_first()
        .ok_or_else(|| fail(io::ErrorKind::InvalidInput.into()))?;
    let (reader, writer) = io::pipe().map_err(fail)?;
    rustix::io::ioctl_fionbio(&reader, true).map_err(|error| fail(error.into()))?;
    let child = Command::new(program)
        .args(arguments)
        .env_clear()
        .envs(task.environment.iter())
        .current_dir(&task.folder)
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(writer.try_clone().map_err(fail)?)
        .stderr(writer)
        .spawn()
        .map_err(fail)?;
    Ok((child, reader))
}

/// The end of what a task prints.
struct Capture {
    pipe: Option<io::PipeReader>,
    kept: VecDeque<u8>,
    limit: usize,
}

impl Capture {
    fn new(pipe: io::PipeReader, limit: usize) -> Self {
        Self {
            pipe: Some(pipe),
            kept: VecDeque::new(),
            limit,
        }
    }

    /// Takes what is there. One look takes at most 16 MiB, so that a loud task is still ended.
    fn pump(&mut self) -> io::Result<()> {
        let mut buffer = [0_u8; 16 * 1024];
        for _ in 0..1024 {
            let Some(pipe) = &mut self.pipe else { break };
            match pipe.read(&mut buffer) {
                Ok(0) => self.pipe = None,
                Ok(count) => {
                    self.kept.extend(buffer.get(..count).unwrap_or(&[]));
                    let surplus = self.kept.len().saturating_sub(self.limit);
                    self.kept.drain(..surplus);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}
