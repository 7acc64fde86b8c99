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
use crate::sys::files;

/// Where a supervisor stands, so that it keeps no folder from being removed.
const HOME: &str = "/";

/// What all attempts read from: nothing.
pub(super) fn nothing() -> io::Result<OwnedFd> {
    let file = files::open_read(Path::new("/dev/null")).map_err(io::Error::other)?;
    Ok(OwnedFd::from(file))
}

/// Starts the program of an attempt in a process group of its own, with `input` to read from, and
/// both its outputs into `output`. Gives its process id.
///
/// The program has a path: no `PATH` is searched. What has no close-on-exec flag is inherited.
/// The process is started in the folder where this one stands, and there is one thread, so the
/// folder is changed for as long as it takes.
pub(super) fn spawn(
    start: &Start,
    input: BorrowedFd<'_>,
    output: BorrowedFd<'_>,
) -> io::Result<u32> {
    let arguments = start.arguments.iter().cloned();
    let arguments = arguments.map(CString::new).collect::<Result<Vec<_>, _>>()?;
    let program = arguments
        .first()
        .ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
    let environment: Vec<_> = start.environment.entries().collect();
    let mut actions = PosixSpawnFileActions::init()?;
    actions.add_dup2(input.as_raw_fd(), 0)?;
    actions.add_dup2(output.as_raw_fd(), 1)?;
    actions.add_dup2(output.as_raw_fd(), 2)?;
    let mut attributes = PosixSpawnAttr::init()?;
    attributes.set_flags(
        PosixSpawnFlags::POSIX_SPAWN_SETPGROUP
            | PosixSpawnFlags::POSIX_SPAWN_SETSIGDEF
            | PosixSpawnFlags::POSIX_SPAWN_SETSIGMASK,
    )?;
    attributes.set_pgroup(Pid::from_raw(0))?;
    // This program ignores it; what it starts must not.
    let mut defaults = SigSet::empty();
    defaults.add(Signal::SIGPIPE);
    attributes.set_sigdefault(&defaults)?;
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
