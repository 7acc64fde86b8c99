//! A process that answers line by line, each answer within a limit of time.

use std::io::{self, BufRead, Read, Write};
use std::os::fd::AsFd;
use std::process::{Child, ChildStdin, ChildStdout};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::proc::Error;
use crate::proc::command::Exit;
use crate::proc::tree;

/// Most that is read of what it complains about, in bytes.
const COMPLAINT_BYTES: usize = 1024 * 1024;

/// A process that is written to and read from in turns.
#[derive(Debug)]
pub(crate) struct Live {
    shown: String,
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: io::BufReader<ChildStdout>,
    limit: Duration,
}

impl Live {
    /// Takes a process with pipes at all three ends. Each answer, and its end, must come within
    /// `limit`.
    pub(super) fn new(
        shown: String,
        mut child: Child,
        stdout: ChildStdout,
        limit: Duration,
    ) -> Self {
        Self {
            shown,
            stdin: child.stdin.take(),
            child,
            stdout: io::BufReader::new(stdout),
            limit,
        }
    }

    /// Its process id.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends bytes.
    pub(crate) fn send(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let sent = match &mut self.stdin {
            Some(stdin) => stdin.write_all(bytes).and_then(|()| stdin.flush()),
            None => Err(io::ErrorKind::BrokenPipe.into()),
        };
        sent.map_err(|source| self.pipe(source))
    }

    /// Reads a line with its line feed, at most `longest` bytes of it; nothing at the end of the
    /// output. A process that does not answer in time is ended.
    pub(crate) fn read_line(&mut self, longest: usize) -> Result<String, Error> {
        let deadline = Instant::now() + self.limit;
        let mut line = Vec::new();
        while line.len() < longest {
            if self.stdout.buffer().is_empty()
                && !readable(self.stdout.get_ref(), deadline).map_err(|error| self.pipe(error))?
            {
                return Err(self.late());
            }
            let found = match self.stdout.fill_buf() {
                Ok(found) => found,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(self.pipe(error)),
            };
            let end = found.iter().position(|byte| *byte == b'\n');
            let taken = end.map_or(found.len(), |end| end + 1);
            line.extend_from_slice(found.get(..taken).unwrap_or(found));
            self.stdout.consume(taken);
            if taken == 0 || end.is_some() {
                break;
            }
        }
        Ok(String::from_utf8_lossy(&line).into_owned())
    }

    /// Closes its input and waits for its end; gives what it complained about as well.
    pub(crate) fn finish(mut self) -> Result<(Exit, String), Error> {
        drop(self.stdin.take());
        let deadline = Instant::now() + self.limit;
        let mut complaint = Vec::new();
        if let Some(mut stderr) = self.child.stderr.take() {
            let mut buffer = [0_u8; 4096];
            loop {
                if !readable(&stderr, deadline).map_err(|error| self.pipe(error))? {
                    return Err(self.late());
                }
                match stderr.read(&mut buffer) {
                    Ok(0) => break,
                    Ok(count) if complaint.len() < COMPLAINT_BYTES => {
                        complaint.extend_from_slice(buffer.get(..count).unwrap_or(&[]));
                    }
                    Ok(_) => {}
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => return Err(self.pipe(error)),
                }
            }
        }
        let status = self.child.wait().map_err(|source| self.pipe(source))?;
        let complaint = String::from_utf8_lossy(&complaint).trim().to_owned();
        Ok((status.into(), complaint))
    }

    /// Ends a process that takes too long, the polite way: git removes its lock files then.
    fn late(&mut self) -> Error {
        tree::ask_to_stop(self.child.id());
        // It was started by us and gets the signal, so it does end.
        drop(self.child.wait());
        Error::Timeout {
            program: self.shown.clone(),
            limit: self.limit,
        }
    }

    fn pipe(&self, source: io::Error) -> Error {
        Error::Pipe {
            program: self.shown.clone(),
            source,
        }
    }
}

/// Waits until there is something to read, or the end; `false` when the time is over.
fn readable(pipe: &impl AsFd, deadline: Instant) -> io::Result<bool> {
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let limit = Timespec {
            tv_sec: i64::try_from(left.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: i64::from(left.subsec_nanos()),
        };
        match poll(&mut [PollFd::new(pipe, PollFlags::IN)], Some(&limit)) {
            Ok(0) => return Ok(false),
            Ok(_) => return Ok(true),
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::proc::Error;
    use crate::proc::command::{Exit, Invocation};
    use std::time::Duration;

    fn shell(script: &str) -> Invocation {
        Invocation::new("/bin/sh").args(["-c", script])
    }

    #[test]
    fn a_live_process_answers() {
        let mut live = shell("read a; echo got $a; read b; echo bye >&2")
            .live()
            .expect("starts");
        live.send(b"one\n").expect("sends");
        assert_eq!(live.read_line(100).expect("reads"), "got one\n");
        let (exit, complaint) = live.finish().expect("ends");
        assert_eq!(exit, Exit::Code(0));
        assert_eq!(complaint, "bye");
    }

    #[test]
    fn a_line_has_a_limit_and_the_output_an_end() {
        let mut live = shell("echo abcdef; echo g").live().expect("starts");
        assert_eq!(live.read_line(4).expect("reads"), "abcdef\n");
        assert_eq!(live.read_line(4).expect("reads"), "g\n");
        assert_eq!(live.read_line(4).expect("reads"), "");
    }

    #[test]
    fn one_that_does_not_answer_is_ended() {
        let limit = Duration::from_millis(50);
        let silent = || {
            shell("exec sleep 60")
                .timeout(limit)
                .live()
                .expect("starts")
        };
        let asked = silent().read_line(10);
        assert!(matches!(asked, Err(Error::Timeout { .. })), "{asked:?}");
        let ended = silent().finish();
        assert!(matches!(ended, Err(Error::Timeout { .. })), "{ended:?}");
    }
}
