//! A program on a terminal of its own, and what is to be seen there.
//!
//! The crate `vt100` is the screen: it understands what a terminal is sent, and keeps what has
//! gone up out of sight.

use std::fs::File;
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{FdFlags, fcntl_setfd};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

use crate::support::child::{LIMIT, signal};
use crate::support::filters;

/// How long output is waited for before the condition is looked at again: it may be about a file.
const LOOK: Duration = Duration::from_millis(50);

/// Rows that have gone up out of sight and are kept.
const HISTORY: usize = 10_000;

/// A terminal with a program that has it alone; the program is killed when the test forgets it.
pub(crate) struct Terminal {
    child: std::process::Child,
    control: File,
    parser: vt100::Parser,
    /// Everything that was printed, as it came.
    printed: Vec<u8>,
    /// Whether the program may print more.
    open: bool,
    root: PathBuf,
}

impl Terminal {
    pub(super) fn start(mut command: Command, root: &Path, (columns, rows): (u16, u16)) -> Self {
        let (control, terminal) = open_terminal().expect("a terminal");
        set_size(&control, columns, rows);
        let end = || Stdio::from(terminal.try_clone().expect("one more end of the terminal"));
        command.stdin(end()).stdout(end()).stderr(end());
        on_own_terminal(&mut command);
        let child = command.spawn().expect("the program starts");
        Self {
            child,
            control: File::from(control),
            parser: vt100::Parser::new(number(rows), number(columns), HISTORY),
            printed: Vec::new(),
            open: true,
            root: root.to_owned(),
        }
    }

    /// Gives the terminal another size; its program is told.
    pub(crate) fn resize(&mut self, columns: u16, rows: u16) {
        set_size(&self.control, columns, rows);
        let screen = self.parser.screen_mut();
        screen.set_size(number(rows), number(columns));
    }

    /// Types something.
    pub(crate) fn type_in(&mut self, keys: &[u8]) {
        self.control.write_all(keys).expect("it can be typed");
    }

    /// Waits until what is to be seen, or anything else, is as it should be.
    #[track_caller]
    pub(crate) fn wait_for(&mut self, mut condition: impl FnMut(&Self) -> bool) {
        let start = Instant::now();
        while !condition(self) {
            assert!(self.open, "the program has ended:\n{}", self.seen());
            let late = start.elapsed() > LIMIT;
            assert!(!late, "it did not happen in time:\n{}", self.seen());
            self.read();
        }
    }

    /// Waits for the end of the program; gives its exit code, as a shell has it.
    #[track_caller]
    pub(crate) fn end(&mut self) -> i32 {
        let start = Instant::now();
        while self.open {
            let late = start.elapsed() > LIMIT;
            assert!(!late, "it did not end in time:\n{}", self.seen());
            self.read();
        }
        let status = self.child.wait().expect("it can be waited for");
        let code = status
            .code()
            .or_else(|| status.signal().map(|signal| 128 + signal));
        code.expect("it ended by a code or a signal")
    }

    /// Takes what was printed, waiting a little while for it.
    fn read(&mut self) {
        let wait = Timespec::try_from(LOOK).expect("a short time");
        let mut ends = [PollFd::new(&self.control, PollFlags::IN)];
        if poll(&mut ends, Some(&wait)).unwrap_or(0) == 0 {
            return;
        }
        let mut buffer = [0_u8; 16 * 1024];
        // Nobody holds the other end any more: an error on Linux, nothing to read elsewhere.
        let count = self.control.read(&mut buffer).unwrap_or(0);
        self.open = count > 0;
        let bytes = &buffer[..count];
        self.printed.extend(bytes);
        self.parser.process(bytes);
    }

    /// The screen.
    pub(crate) fn screen(&self) -> &vt100::Screen {
        self.parser.screen()
    }

    /// The rows on the screen, down to the last one with something in it.
    pub(crate) fn rows(&self) -> Vec<String> {
        let (_, columns) = self.screen().size();
        let rows = self.screen().rows(0, columns.get());
        let mut rows: Vec<String> = rows.map(|row| row.trim_end().to_owned()).collect();
        while rows.last().is_some_and(String::is_empty) {
            rows.pop();
        }
        rows
    }

    /// The rows that have gone up out of sight, then those on the screen.
    pub(crate) fn history(&mut self) -> Vec<String> {
        let (height, columns) = self.screen().size();
        let mut history = Vec::new();
        let mut above = self.screen().scrollback_len();
        while above > 0 {
            self.parser.screen_mut().set_scrollback(above);
            let count = above.min(usize::from(height.get()));
            let rows = self.screen().rows(0, columns.get());
            history.extend(rows.take(count).map(|row| row.trim_end().to_owned()));
            above -= count;
        }
        self.parser.screen_mut().set_scrollback(0);
        history.extend(self.rows());
        history
    }

    /// What is to be seen, with what changes from run to run replaced.
    pub(crate) fn seen(&self) -> String {
        let root = self.root.to_string_lossy();
        filters::apply(&self.rows().join("\n"), &root)
    }

    /// Everything that was printed, as it came.
    pub(crate) fn printed(&self) -> String {
        String::from_utf8_lossy(&self.printed).into_owned()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            signal("KILL", &format!("-{}", self.child.id()));
            // What was killed is reaped; there is nothing to learn from it.
            drop(self.child.wait());
        }
    }
}

fn number(size: u16) -> NonZeroU16 {
    NonZeroU16::new(size).expect("a terminal has columns and rows")
}

/// Both ends of a terminal: ours, and the program's.
fn open_terminal() -> std::io::Result<(OwnedFd, OwnedFd)> {
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY;
    // Elsewhere it cannot be had at once, and other tests start programs meanwhile.
    #[cfg(target_os = "linux")]
    let flags = flags | OpenptFlags::CLOEXEC;
    let control = openpt(flags)?;
    fcntl_setfd(&control, FdFlags::CLOEXEC)?;
    grantpt(&control)?;
    unlockpt(&control)?;
    let name = ptsname(&control, Vec::new())?;
    let name = std::ffi::OsStr::from_bytes(name.as_bytes());
    // It must not become the terminal of the tests themselves.
    let terminal = File::options()
        .read(true)
        .write(true)
        .custom_flags(libc::O_NOCTTY)
        .open(name)?;
    Ok((control, OwnedFd::from(terminal)))
}

fn set_size(control: impl std::os::fd::AsFd, columns: u16, rows: u16) {
    let size = Winsize {
        ws_row: rows,
        ws_col: columns,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    tcsetwinsize(control, size).expect("a terminal has a size");
}

/// Gives the program a session whose terminal is its standard input: only then does what is typed
/// become signals.
#[expect(
    unsafe_code,
    reason = "the closure makes two system calls and nothing else"
)]
fn on_own_terminal(command: &mut Command) {
    // SAFETY: between `fork` and `exec` it neither allocates nor takes a lock.
    unsafe {
        command.pre_exec(|| {
            rustix::process::setsid()?;
            rustix::process::ioctl_tiocsctty(rustix::stdio::stdin())?;
            Ok(())
        });
    }
}
