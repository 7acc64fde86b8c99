//! The supervisor's loop: one thread that waits for everything at once.

use std::io;
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Signal, WaitOptions, WaitStatus};
use signal_hook::consts::{SIGCHLD, SIGHUP, SIGINT, SIGTERM};

use crate::proc::Error;
use crate::proc::interrupt::{Interrupts, Wish, Wishes};
use crate::proc::supervisor::attempt::{self, Attempt, Claim, Stream};
use crate::proc::supervisor::commands::Masks;
use crate::proc::supervisor::engine::Engine;
use crate::proc::supervisor::lineage::{self, Lineage};
use crate::proc::supervisor::protocol::{Cause, Dropped, Ending, Finish, Reply, Request, Start};
use crate::proc::supervisor::spawn::Common;
use crate::proc::tree;
use crate::sys::lock::Lock;

/// Longest sleep of the loop, so that a missed wake-up costs at most this.
const LONGEST_WAIT: Duration = Duration::from_mins(1);

/// How long left-over processes are ended: one that forks faster than we kill is not ours to win.
const SWEEP_LIMIT: Duration = Duration::from_secs(5);

/// Writes down what happens to attempts.
pub(crate) trait Recorder {
    /// An attempt is about to be spawned.
    fn started(&mut self, attempt: &str) -> Result<(), Box<dyn std::error::Error>>;
    /// An attempt is over.
    fn finished(
        &mut self,
        attempt: &str,
        finish: &Finish,
    ) -> Result<(), Box<dyn std::error::Error>>;
    /// Steps said that these values are to be masked, also by whoever holds the run later.
    fn masked(&mut self, values: &[String]) -> Result<(), Box<dyn std::error::Error>>;
    /// A signal asked the supervisor to stop, and with it the run.
    fn cancelled(&mut self) -> Result<(), Box<dyn std::error::Error>>;
}

/// Serves one engine until it hangs up and every attempt is over.
///
/// `control` is the connection to the engine, `lock` the file whose lock says that this
/// supervisor is alive, `learnt` what steps of the run said is to be masked.
pub(crate) fn serve(
    control: UnixStream,
    lock: &Path,
    learnt: Vec<String>,
    recorder: &mut dyn Recorder,
) -> Result<(), Error> {
    let fail = |source: io::Error| Error::Pipe {
        program: "supervisor".to_owned(),
        source,
    };
    // A session of its own: Ctrl-C in the engine's terminal does not reach it. It is a group
    // leader already when a shell with job control started it; then it stays in its group.
    let _ = rustix::process::setsid();
    #[cfg(target_os = "linux")]
    rustix::process::set_child_subreaper(Some(rustix::process::getpid()))
        .map_err(|error| fail(error.into()))?;
    let mut alive =
        Lock::take(lock, Duration::from_secs(10)).map_err(|error| fail(io::Error::other(error)))?;
    alive
        .note(&format!("{}\n", std::process::id()))
        .map_err(|error| fail(io::Error::other(error)))?;
    let mut server = Server {
        engine: Engine::on(control).map_err(fail)?,
        common: Common::new().map_err(fail)?,
        recorder,
        attempts: Vec::new(),
        lineage: Lineage::new(),
        background: Vec::new(),
        masks: Masks::new(learnt),
        recording: true,
        children: Interrupts::of(&[SIGCHLD])?,
        stops: Interrupts::of(&[SIGINT, SIGTERM, SIGHUP])?,
        wishes: Wishes::default(),
        stopping: false,
    };
    server.reply(&Reply::Ready(std::process::id()));
    while server.engine.listens() || !server.attempts.is_empty() {
        server.turn().map_err(fail)?;
    }
    server.sweep(|_| true);
    drop(alive);
    Ok(())
}

struct Server<'a> {
    engine: Engine,
    /// What all attempts begin with.
    common: Common,
    recorder: &'a mut dyn Recorder,
    attempts: Vec<Attempt>,
    /// Tells which attempt a process belongs to; of a job until it ends.
    lineage: Lineage,
    /// Output of processes that outlive their step.
    background: Vec<Stream>,
    masks: Masks,
    /// Whether records can be written; when not, nothing new starts.
    recording: bool,
    children: Interrupts,
    stops: Interrupts,
    /// What signals asked for so far.
    wishes: Wishes,
    /// A signal asked to stop, and nobody has done anything about it yet.
    stopping: bool,
}

impl Server<'_> {
    /// Waits once and does everything that is due.
    fn turn(&mut self) -> io::Result<()> {
        self.wait()?;
        let told = self.stops.drain() > 0;
        self.pump()?;
        self.listen();
        self.heed(told);
        if self.children.drain() > 0 {
            self.reap()?;
        }
        let now = Instant::now();
        self.let_go(now)?;
        self.engine.tick(now);
        let ours = self.ours();
        let lineage = &self.lineage;
        for attempt in &mut self.attempts {
            attempt.tick(now, |name| lineage::orphans_of(&ours, lineage, name));
        }
        Ok(())
    }

    /// The processes of the attempts themselves.
    fn ours(&self) -> Vec<u32> {
        self.attempts.iter().map(|attempt| attempt.pid).collect()
    }

    fn wait(&self) -> io::Result<()> {
        let now = Instant::now();
        let left = self
            .attempts
            .iter()
            .map(Attempt::next_deadline)
            .chain(self.engine.next_deadline())
            .map(|due| due.saturating_duration_since(now))
            .min()
            .unwrap_or(LONGEST_WAIT)
            .min(LONGEST_WAIT);
        let limit = Timespec {
            tv_sec: i64::try_from(left.as_secs()).unwrap_or(60),
            tv_nsec: i64::from(left.subsec_nanos()),
        };
        let streams = self
            .attempts
            .iter()
            .filter_map(|attempt| attempt.stream.as_ref());
        let mut fds = vec![
            PollFd::new(self.children.as_stream(), PollFlags::IN),
            PollFd::new(self.stops.as_stream(), PollFlags::IN),
        ];
        let engine = self.engine.as_stream();
        fds.extend(engine.map(|control| PollFd::new(control, PollFlags::IN)));
        fds.extend(
            streams
                .chain(&self.background)
                .map(|stream| PollFd::from_borrowed_fd(stream.as_fd(), PollFlags::IN)),
        );
        match poll(&mut fds, Some(&limit)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Takes what was printed.
    fn pump(&mut self) -> io::Result<()> {
        for attempt in &mut self.attempts {
            if let Some(stream) = &mut attempt.stream {
                let open = stream.pump(&mut self.masks)?;
                (attempt.kept, attempt.dropped) = stream.counts();
                if !open {
                    attempt.stream = None;
                }
            }
        }
        let mut result = Ok(());
        let masks = &mut self.masks;
        self.background
            .retain_mut(|stream| match stream.pump(masks) {
                Ok(open) => open,
                Err(error) => {
                    result = Err(error);
                    false
                }
            });
        self.tell_masks();
        result
    }

    /// Records and tells what steps said is to be masked.
    fn tell_masks(&mut self) {
        let values = self.masks.untold();
        if values.is_empty() {
            return;
        }
        match self.recorder.masked(&values) {
            Ok(()) => self.reply(&Reply::Masked(values)),
            Err(error) => {
                let first = self.attempts.first();
                let name = first.map(|attempt| attempt.name.clone());
                self.record_failed(&name.unwrap_or_default(), &error);
            }
        }
    }

    /// Takes what the engine asks for.
    fn listen(&mut self) {
        let open = self.engine.listen();
        while let Some(request) = self.engine.next_request() {
            self.handle(request);
        }
        if !open {
            self.engine.hang_up();
        }
    }

    fn handle(&mut self, request: Request) {
        let now = Instant::now();
        match request {
            Request::Mask(values) => self.masks.give(&values),
            Request::Start(start) => self.start(&start),
            Request::Stop {
                attempt: name,
                cause,
            } => {
                for attempt in self
                    .attempts
                    .iter_mut()
                    .filter(|attempt| attempt.name == name)
                {
                    attempt.stop(cause, now);
                }
            }
            Request::Cancel { at_once } => {
                self.stopping = false;
                self.cancel(at_once);
            }
            Request::EndGroup(group) => self.end_group(&group),
        }
    }

    fn cancel(&mut self, at_once: bool) {
        let now = Instant::now();
        for attempt in &mut self.attempts {
            if at_once {
                attempt.kill(Cause::Cancelled, now);
            } else {
                attempt.stop(Cause::Cancelled, now);
            }
        }
    }

    /// Somebody signalled the supervisor itself: the run is cancelled. The engine does that, so that
    /// nothing begins and ends in between; without one, or when it does not react, the record
    /// says so before anything of the run ends.
    fn heed(&mut self, told: bool) {
        let wish = told.then(|| self.wishes.noticed(Instant::now())).flatten();
        if wish == Some(Wish::InOrder) {
            self.stopping = true;
            self.reply(&Reply::Cancelled);
        }
        let alone = !self.engine.listens() || wish == Some(Wish::AtOnce);
        if !self.stopping || !alone {
            return;
        }
        self.stopping = false;
        if let Err(error) = self.recorder.cancelled() {
            let first = self.attempts.first();
            let name = first.map(|attempt| attempt.name.clone());
            self.record_failed(&name.unwrap_or_default(), &error);
        }
        self.cancel(false);
    }

    fn start(&mut self, start: &Start) {
        let refused = Reply::Refused {
            attempt: start.attempt.clone(),
        };
        let path = PathBuf::from(std::ffi::OsString::from_vec(start.claim.clone()));
        let claim = match attempt::claim(&path) {
            Ok(Claim::Taken(file)) if self.recording => file,
            Ok(_) => return self.reply(&refused),
            Err(error) => return self.record_failed(&start.attempt, &error),
        };
        if let Err(error) = self.recorder.started(&start.attempt) {
            return self.record_failed(&start.attempt, &error);
        }
        let marker = attempt::marker_of(start);
        let common = &self.common;
        let spawn = || Attempt::spawn(start, &claim, common);
        match self.lineage.spawn(&start.attempt, &marker, spawn) {
            Ok(attempt) => {
                self.attempts.push(attempt);
                self.engine.reply_soon(&Reply::Started {
                    attempt: start.attempt.clone(),
                });
            }
            Err(error) => self.finish(
                &start.attempt,
                Finish {
                    ending: Ending::NotStarted(error.to_string()),
                    cause: None,
                    elapsed_ms: 0,
                    output_bytes: 0,
                    dropped: Dropped::default(),
                },
            ),
        }
    }

    /// Collects ended processes: attempts, and whatever became ours as an orphan.
    fn reap(&mut self) -> io::Result<()> {
        loop {
            match rustix::process::wait(WaitOptions::NOHANG) {
                Ok(Some((pid, status))) => {
                    let pid = u32::try_from(pid.as_raw_nonzero().get()).unwrap_or(0);
                    self.ended(pid, status)?;
                }
                Ok(None) | Err(rustix::io::Errno::CHILD) => return Ok(()),
                Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn ended(&mut self, pid: u32, status: WaitStatus) -> io::Result<()> {
        let mut attempts = self.attempts.iter();
        let Some(index) = attempts.position(|at| at.pid == pid && at.outlived.is_none()) else {
            return Ok(());
        };
        let stopped = |attempt: &Attempt| attempt.cause.is_some();
        if !self.attempts.get(index).is_some_and(stopped) {
            let attempt = self.attempts.remove(index);
            return self.settle(attempt, status);
        }
        if self.has_family(index) {
            if let Some(attempt) = self.attempts.get_mut(index) {
                attempt.outlive(status, Instant::now());
            }
            return Ok(());
        }
        tree::signal_group(pid, Signal::KILL);
        self.end(index, status)
    }

    /// Ends attempts that are to end and whose own processes are gone, when all that they started is
    /// gone as well or its time is over.
    fn let_go(&mut self, now: Instant) -> io::Result<()> {
        for index in (0..self.attempts.len()).rev() {
            let Some(attempt) = self.attempts.get(index) else {
                continue;
            };
            match attempt.outlived {
                Some(status) if attempt.is_over(now) || !self.has_family(index) => {
                    self.end(index, status)?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Whether anything is alive that an attempt started, besides its own process.
    fn has_family(&self, index: usize) -> bool {
        let family = self.attempts.get(index).map(|attempt| {
            let (ours, lineage) = (self.ours(), &self.lineage);
            lineage::orphans_of(&ours, lineage, &attempt.name)
        });
        family.into_iter().flatten().any(tree::is_alive)
    }

    /// Ends an attempt that was to end: its own process is gone, and nothing that it started may
    /// stay.
    fn end(&mut self, index: usize, status: WaitStatus) -> io::Result<()> {
        let attempt = self.attempts.remove(index);
        let alone = self.attempts.is_empty();
        self.sweep(|found| found.map_or(alone, |found| found == attempt.name));
        self.settle(attempt, status)
    }

    /// Records how an attempt ended.
    fn settle(&mut self, mut attempt: Attempt, status: WaitStatus) -> io::Result<()> {
        let elapsed = attempt.spawned.elapsed();
        // Everything that it wrote before it ended is in the pipe already.
        if let Some(mut stream) = attempt.stream.take() {
            let open = stream.pump(&mut self.masks)?;
            if open {
                stream.flush(&mut self.masks);
            }
            (attempt.kept, attempt.dropped) = stream.counts();
            if open {
                self.background.push(stream);
            }
            // Before its end is recorded: what comes next must know.
            self.tell_masks();
        }
        let ending = match (status.exit_status(), status.terminating_signal()) {
            (Some(code), _) => Ending::Code(code),
            (None, signal) => Ending::Signal(signal.unwrap_or(0)),
        };
        let finish = Finish {
            ending,
            cause: attempt.cause,
            elapsed_ms: u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX),
            output_bytes: attempt.kept,
            dropped: attempt.dropped,
        };
        self.finish(&attempt.name, finish);
        Ok(())
    }

    fn finish(&mut self, attempt: &str, finish: Finish) {
        match self.recorder.finished(attempt, &finish) {
            Ok(()) => self.reply(&Reply::Finished {
                attempt: attempt.to_owned(),
                finish,
            }),
            Err(error) => self.record_failed(attempt, &error),
        }
    }

    fn record_failed(&mut self, attempt: &str, reason: &dyn ToString) {
        self.recording = false;
        self.reply(&Reply::RecordFailed {
            attempt: attempt.to_owned(),
            reason: reason.to_string(),
        });
    }

    fn reply(&mut self, reply: &Reply) {
        self.engine.reply(reply);
    }

    /// Ends what a finished job left running.
    fn end_group(&mut self, group: &str) {
        let alone = self.attempts.is_empty();
        self.sweep(|found| found.map_or(alone, |found| attempt::group_of(found) == group));
        self.lineage
            .forget(|attempt| attempt::group_of(attempt) == group);
        // Whoever still holds the pipe writes to nobody from now on.
        self.background.retain(|stream| stream.group() != group);
    }

    /// Ends every process of ours that is in the tree of no running attempt and that `chosen`
    /// wants, by the attempt that it descends from, if that is known.
    fn sweep(&mut self, chosen: impl Fn(Option<&str>) -> bool) {
        let ours = self.ours();
        let start = Instant::now();
        let mut pause = tree::FIRST_PAUSE;
        while start.elapsed() < SWEEP_LIMIT {
            let targets: Vec<u32> = lineage::orphans(&ours)
                .into_iter()
                .filter(|pid| chosen(self.lineage.attempt_of(*pid)))
                .filter(|pid| tree::is_alive(*pid))
                .collect();
            if targets.is_empty() {
                return;
            }
            tree::signal_all(&targets, Signal::KILL);
            // A killed process is gone only when it has been given the processor once more.
            pause = tree::pause(pause);
            self.reap_orphans();
        }
    }

    /// Collects orphans that were just ended; a running attempt that ends meanwhile is left for
    /// [`Self::reap`].
    fn reap_orphans(&self) {
        for pid in tree::children(std::process::id()) {
            let ours = self.attempts.iter().any(|attempt| attempt.pid == pid);
            let pid = i32::try_from(pid)
                .ok()
                .and_then(rustix::process::Pid::from_raw);
            if let (false, Some(pid)) = (ours, pid) {
                // A process that has not ended yet is found again in the next round.
                let _ = rustix::process::waitpid(Some(pid), WaitOptions::NOHANG);
            }
        }
    }
}
