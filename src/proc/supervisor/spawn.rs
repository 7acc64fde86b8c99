//! Starts the process of an attempt.
//!
//! The standard library would take each variable apart and put it together again, several
//! allocations a variable, which costs as much as starting the process. Here the environment goes
//! to the kernel as it came.

use std::ffi::CString;
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd};
use std::path::Path;

use nix::spawn::{PosixSpawnAttr, PosixSpawnFileActions, PosixSpawnFlags, posix_spawn};
use nix::sys::signal::{SigSet, Signal};
use nix::unistd::Pid;
use rustix::process::chdir;

use crate::proc::supervisor::protocol::Start;
use crate::proc::tree;
use crate::sys::files;

/// Where a supervisor stands, so that it keeps no folder from being removed.
const HOME: &str = "/";

/// Signals that the C library of GNU keeps for itself: they are in no set, and ignored in whatever
/// was started by it.
const OWN: [u32; 2] = [32, 33];

/// What all attempts begin with.
pub(super) struct Common {
    /// What they read from: nothing.
    input: OwnedFd,
    /// The signals that do to them what they do by default.
    defaults: SigSet,
}

impl Common {
    /// What attempts of this process begin with.
    pub(super) fn new() -> io::Result<Self> {
        let file = files::open_read(Path::new("/dev/null")).map_err(io::Error::other)?;
        Ok(Self {
            input: OwnedFd::from(file),
            defaults: defaults(),
        })
    }
}

/// The signals to be named when a process is started: all but those that are ignored here, which
/// stay ignored, as after any `exec`. This program ignores `SIGPIPE`; what it starts must not.
///
/// To name `SIGPIPE` alone comes to the same. But of each signal that is not named the C library
/// asks first what becomes of it, in each process that is started.
fn defaults() -> SigSet {
    let mut least = SigSet::empty();
    least.add(Signal::SIGPIPE);
    let Some(ignored) = tree::ignored_signals() else {
        return least;
    };
    let mut named = SigSet::all();
    for signal in 1..=u64::BITS {
        let is_ignored = ignored & (1 << (signal - 1)) != 0;
        if !is_ignored || signal == Signal::SIGPIPE as u32 || OWN.contains(&signal) {
            continue;
        }
        match i32::try_from(signal).map(Signal::try_from) {
            Ok(Ok(signal)) => named.remove(signal),
            // One without a name cannot be left out.
            _ => return least,
        }
    }
    named
}

/// Starts the program of an attempt in a process group of its own, with nothing to read from, and
/// both its outputs into `output`. Gives its process id.
///
/// The program has a path: no `PATH` is searched. What has no close-on-exec flag is inherited.
/// The process is started in the folder where this one stands, and there is one thread, so the
/// folder is changed for as long as it takes.
pub(super) fn spawn(start: &Start, common: &Common, output: BorrowedFd<'_>) -> io::Result<u32> {
    let arguments = start.arguments.iter().cloned();
    let arguments = arguments.map(CString::new).collect::<Result<Vec<_>, _>>()?;
    let program = arguments
        .first()
        .ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
    let environment: Vec<_> = start.environment.entries().collect();
    let mut actions = PosixSpawnFileActions::init()?;
    actions.add_dup2(common.input.as_raw_fd(), 0)?;
    actions.add_dup2(output.as_raw_fd(), 1)?;
    actions.add_dup2(output.as_raw_fd(), 2)?;
    let mut attributes = PosixSpawnAttr::init()?;
    attributes.set_flags(
        PosixSpawnFlags::POSIX_SPAWN_SETPGROUP
            | PosixSpawnFlags::POSIX_SPAWN_SETSIGDEF
            | PosixSpawnFlags::POSIX_SPAWN_SETSIGMASK,
    )?;
    attributes.set_pgroup(Pid::from_raw(0))?;
    attributes.set_sigdefault(&common.defaults)?;
    attributes.set_sigmask(&SigSet::empty())?;
    chdir(start.folder.as_slice())?;
    let spawned = posix_spawn(
        program.as_c_str(),
        &actions,
        &attributes,
        &arguments,
        &environment,
    );
    // To stand in the folder of a step does no harm to what is started next.
    let _ = chdir(Path::new(HOME));
    u32::try_from(spawned?.as_raw()).map_err(io::Error::other)
}
