//! Short-lived helper processes: run, feed, read, within limits.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::proc::Error;
use crate::proc::interrupt;
use crate::proc::live::Live;
use crate::proc::program;
use crate::sys::environment::Environment;

/// A program to run, with everything it gets from us.
#[derive(Clone, Debug)]
pub(crate) struct Invocation {
    program: OsString,
    arguments: Vec<OsString>,
    environment: Vec<(OsString, OsString)>,
    folder: Option<PathBuf>,
    input: Vec<u8>,
    timeout: Duration,
    output_limit: usize,
    apart: bool,
}

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// It exited with this code.
    Code(i32),
    /// It was ended by this signal.
    Signal(i32),
}

impl Exit {
    /// Whether it ended well.
    pub(crate) fn success(self) -> bool {
        self == Self::Code(0)
    }
}

impl fmt::Display for Exit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => write!(formatter, "exit code {code}"),
            Self::Signal(signal) => write!(formatter, "signal {signal}"),
        }
    }
}

impl From<ExitStatus> for Exit {
    fn from(status: ExitStatus) -> Self {
        match (status.code(), status.signal()) {
            (Some(code), _) => Self::Code(code),
            (None, Some(signal)) => Self::Signal(signal),
            (None, None) => Self::Code(-1),
        }
    }
}

/// What a finished process left.
#[derive(Clone, Debug)]
pub(crate) struct Output {
    /// How it ended.
    pub(crate) exit: Exit,
    /// What it printed.
    pub(crate) stdout: Vec<u8>,
    /// What it complained about.
    pub(crate) stderr: Vec<u8>,
}

impl Output {
    /// Standard output as text, bytes that are not UTF-8 replaced.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    /// Standard error as text, without surrounding white space.
    pub(crate) fn complaint(&self) -> String {
        String::from_utf8_lossy(&self.stderr).trim().to_owned()
    }
}

impl Invocation {
    /// A program with an empty environment, no input, 60 s and 16 MiB of output.
    pub(crate) fn new(program: impl Into<OsString>) -> Self {
        Self {
            program: program.into(),
            arguments: Vec::new(),
            environment: Vec::new(),
            folder: None,
            input: Vec::new(),
            timeout: Duration::from_mins(1),
            output_limit: 16 * 1024 * 1024,
            apart: false,
        }
    }

    /// Adds an argument.
    pub(crate) fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.arguments.push(argument.as_ref().to_owned());
        self
    }

    /// Adds arguments.
    pub(crate) fn args<A: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.arguments.extend(
            arguments
                .into_iter()
                .map(|argument| argument.as_ref().to_owned()),
        );
        self
    }

    /// Gives it these variables, in addition to those it has.
    pub(crate) fn environment(mut self, environment: &Environment) -> Self {
        self.environment.extend(
            environment
                .iter()
                .map(|(name, value)| (name.to_owned(), value.to_owned())),
        );
        self
    }

    /// Sets one variable.
    pub(crate) fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }

    /// Runs it in this folder.
    pub(crate) fn folder(mut self, folder: impl AsRef<Path>) -> Self {
        self.folder = Some(folder.as_ref().to_owned());
        self
    }

    /// Feeds it these bytes.
    pub(crate) fn input(mut self, input: impl Into<Vec<u8>>) -> Self {
        self.input = input.into();
        self
    }

    /// Ends it after this time.
    pub(crate) fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Takes at most this many bytes of each of its outputs.
    pub(crate) fn output_limit(mut self, bytes: usize) -> Self {
        self.output_limit = bytes;
        self
    }

    /// Whether it is kept apart from what Ctrl-C at the terminal and its end mean, where we take
    /// that ourselves. What asks a person something, such as a passphrase, must not be: only what
    /// stands in the foreground may read from the terminal.
    pub(crate) fn apart(mut self, apart: bool) -> Self {
        self.apart = apart;
        self
    }

    /// The program and its arguments, for messages.
    pub(crate) fn shown(&self) -> String {
        let words = std::iter::once(&self.program).chain(&self.arguments);
        words
            .map(|word| word.to_string_lossy())
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// Runs it to its end.
    pub(crate) fn run(&self) -> Result<Output, Error> {
        let mut child = self.spawn(Stdio::piped, Stdio::piped, Stdio::piped)?;
        match self.converse(&mut child) {
            Ok(output) => Ok(output),
            Err(error) => {
                // Ending a process that has ended already fails, and that is fine.
                drop(child.kill());
                drop(child.wait());
                Err(error)
            }
        }
    }

    /// Runs it on this process's own terminal; for editors and pagers.
    pub(crate) fn run_attached(&self) -> Result<Exit, Error> {
        let mut child = self.spawn(Stdio::inherit, Stdio::inherit, Stdio::inherit)?;
        child
            .wait()
            .map(Exit::from)
            .map_err(|error| self.pipe(error))
    }

    /// Runs it as a pager: it reads `input` and owns the terminal.
    pub(crate) fn run_pager(&self) -> Result<Exit, Error> {
        // Ctrl-C goes to the pager, which stays; if it ended us, the shell and the pager would
        // fight over the terminal. A handler, unlike ignoring, is not inherited by the pager.
        let interrupted = Arc::new(AtomicBool::new(false));
        let handler = signal_hook::flag::register(signal_hook::consts::SIGINT, interrupted)
            .map_err(|error| self.pipe(error))?;
        let exit = self.page();
        signal_hook::low_level::unregister(handler);
        exit
    }

    fn page(&self) -> Result<Exit, Error> {
        let mut child = self.spawn(Stdio::piped, Stdio::inherit, Stdio::inherit)?;
        if let Some(mut stdin) = child.stdin.take() {
            match stdin.write_all(&self.input) {
                // The person closed the pager before its end.
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
                result => result.map_err(|error| self.pipe(error))?,
            }
        }
        child
            .wait()
            .map(Exit::from)
            .map_err(|error| self.pipe(error))
    }

    /// Starts it and keeps talking to it.
    pub(crate) fn live(&self) -> Result<Live, Error> {
        let mut child = self.spawn(Stdio::piped, Stdio::piped, Stdio::piped)?;
        let Some(stdout) = child.stdout.take() else {
            return Err(self.pipe(io::ErrorKind::BrokenPipe.into()));
        };
        Ok(Live::new(self.shown(), child, stdout, self.timeout))
    }

    fn spawn(
        &self,
        stdin: fn() -> Stdio,
        stdout: fn() -> Stdio,
        stderr: fn() -> Stdio,
    ) -> Result<Child, Error> {
        let variables = || self.environment.iter().map(|(name, value)| (name, value));
        let search = variables().rfind(|(name, _)| *name == "PATH");
        let search = search.map(|(_, value)| value.as_os_str());
        let spawned = program::spawn(&self.program, search, |command| {
            command
                .args(&self.arguments)
                .env_clear()
                .envs(variables())
                .stdin(stdin())
                .stdout(stdout())
                .stderr(stderr());
            if let Some(folder) = &self.folder {
                command.current_dir(folder);
            }
            if self.apart && interrupt::are_taken() {
                command.process_group(0);
            }
            Ok(())
        });
        spawned.map_err(|source| match &self.folder {
            // The system's complaint about it would be taken for a missing program.
            Some(folder) if !folder.is_dir() => Error::NoFolder {
                program: self.program.to_string_lossy().into_owned(),
                folder: folder.clone(),
            },
            _ => Error::Start {
                program: self.program.to_string_lossy().into_owned(),
                source,
            },
        })
    }

    fn pipe(&self, source: io::Error) -> Error {
        Error::Pipe {
            program: self.shown(),
            source,
        }
    }

    /// Feeds and reads all pipes at once, so that neither side waits for the other for ever.
    fn converse(&self, child: &mut Child) -> Result<Output, Error> {
        let mut stdin = child.stdin.take().filter(|_| !self.input.is_empty());
        let (mut stdout, mut stderr) = (child.stdout.take(), child.stderr.take());
        let pipes = [
            stdin.as_ref().map(AsFd::as_fd),
            stdout.as_ref().map(AsFd::as_fd),
            stderr.as_ref().map(AsFd::as_fd),
        ];
        for pipe in pipes.into_iter().flatten() {
            rustix::io::ioctl_fionbio(pipe, true).map_err(|error| self.pipe(error.into()))?;
        }
        let deadline = Instant::now() + self.timeout;
        let mut written = 0;
        let (mut out, mut err) = (Vec::new(), Vec::new());
        while stdin.is_some() || stdout.is_some() || stderr.is_some() {
            self.wait_ready(stdin.as_ref(), stdout.as_ref(), stderr.as_ref(), deadline)?;
            self.push(&mut stdin, &mut written)?;
            self.pull(&mut stdout, &mut out)?;
            self.pull(&mut stderr, &mut err)?;
        }
        let status = child.wait().map_err(|error| self.pipe(error))?;
        Ok(Output {
            exit: status.into(),
            stdout: out,
            stderr: err,
        })
    }

    fn wait_ready(
        &self,
        stdin: Option<&ChildStdin>,
        stdout: Option<&ChildStdout>,
        stderr: Option<&std::process::ChildStderr>,
        deadline: Instant,
    ) -> Result<(), Error> {
        let left = deadline.saturating_duration_since(Instant::now());
        let timeout = || Error::Timeout {
            program: self.shown(),
            limit: self.timeout,
        };
        if left.is_zero() {
            return Err(timeout());
        }
        let mut waiting: Vec<PollFd<'_>> = Vec::with_capacity(3);
        if let Some(pipe) = stdin {
            waiting.push(PollFd::new(pipe, PollFlags::OUT));
        }
        if let Some(pipe) = stdout {
            waiting.push(PollFd::new(pipe, PollFlags::IN));
        }
        if let Some(pipe) = stderr {
            waiting.push(PollFd::new(pipe, PollFlags::IN));
        }
        let limit = Timespec {
            tv_sec: i64::try_from(left.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: i64::from(left.subsec_nanos()),
        };
        match poll(&mut waiting, Some(&limit)) {
            Ok(0) => Err(timeout()),
            Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
            Err(error) => Err(self.pipe(error.into())),
        }
    }

    fn push(&self, stdin: &mut Option<ChildStdin>, written: &mut usize) -> Result<(), Error> {
        let Some(pipe) = stdin else { return Ok(()) };
        match pipe.write(self.input.get(*written..).unwrap_or(&[])) {
            Ok(count) => *written += count,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            // It ended without reading everything; its exit code says why.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => *stdin = None,
            Err(error) => return Err(self.pipe(error)),
        }
        if *written >= self.input.len() {
            *stdin = None;
        }
        Ok(())
    }

    fn pull(&self, pipe: &mut Option<impl Read>, into: &mut Vec<u8>) -> Result<(), Error> {
        let mut buffer = [0_u8; 16 * 1024];
        while let Some(open) = pipe {
            match open.read(&mut buffer) {
                Ok(0) => *pipe = None,
                Ok(count) => into.extend_from_slice(buffer.get(..count).unwrap_or(&[])),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.pipe(error)),
            }
            if into.len() > self.output_limit {
                return Err(Error::Output {
                    program: self.shown(),
                    limit: self.output_limit,
                });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Exit, Invocation};
    use crate::proc::Error;
    use std::time::Duration;

    fn shell(script: &str) -> Invocation {
        Invocation::new("/bin/sh").args(["-c", script])
    }

    #[test]
    fn output_input_and_exit_come_through() {
        let output = shell("cat; echo no >&2; exit 3")
            .input("x".repeat(1_000_000))
            .run()
            .expect("runs");
        assert_eq!(output.exit, Exit::Code(3));
        assert_eq!(output.stdout.len(), 1_000_000);
        assert_eq!(output.complaint(), "no");
        let killed = shell("kill -9 $$").run().expect("runs");
        assert_eq!(killed.exit, Exit::Signal(9));
    }

    #[test]
    fn the_environment_is_what_was_given() {
        let output = shell("echo $A-$HOME").env("A", "1").run().expect("runs");
        assert_eq!(output.text(), "1-\n");
    }

    #[test]
    fn limits_hold() {
        let late = shell("exec sleep 60")
            .timeout(Duration::from_millis(50))
            .run();
        assert!(matches!(late, Err(Error::Timeout { .. })), "{late:?}");
        let loud = shell("exec yes").output_limit(1000).run();
        assert!(matches!(loud, Err(Error::Output { .. })), "{loud:?}");
        let missing = Invocation::new("/no/such/program").run();
        assert!(matches!(missing, Err(Error::Start { .. })), "{missing:?}");
    }
}
