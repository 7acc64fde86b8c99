//! Trees of processes: who descends from whom, and ending all of them.
//!
//! On Linux the kernel tells (`/proc`): descendants are found also after `setsid`, and, by a
//! variable in their environment, after their parents died. Elsewhere only process groups work.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use crate::sys::files;

/// Largest file of `/proc` that is read: an environment.
const PROC_BYTES: u64 = 4 * 1024 * 1024;

/// Most processes that one walk visits.
const PROCESSES: usize = 100_000;

/// First pause while ended processes go away; it doubles up to [`LONGEST_PAUSE`].
pub(crate) const FIRST_PAUSE: Duration = Duration::from_micros(200);
const LONGEST_PAUSE: Duration = Duration::from_millis(10);

/// Pauses, and gives how long to pause next time.
pub(crate) fn pause(length: Duration) -> Duration {
    std::thread::sleep(length);
    (length * 2).min(LONGEST_PAUSE)
}

/// Every process that descends from `root` by parentage, `root` itself left out.
pub(crate) fn descendants(root: u32) -> Vec<u32> {
    let mut found = Vec::new();
    let mut open = vec![root];
    while let Some(parent) = open.pop() {
        for child in children(parent) {
            if found.len() < PROCESSES && child != root && !found.contains(&child) {
                found.push(child);
                open.push(child);
            }
        }
    }
    found
}

/// The processes that this one descends from, its parent first. Empty where the kernel does not
/// tell.
pub(crate) fn ancestors(process: u32) -> Vec<u32> {
    let parent = |pid: &u32| status_fields(*pid).map(|fields| fields.parent);
    std::iter::successors(parent(&process), parent)
        .take_while(|pid| *pid > 0)
        .take(PROCESSES)
        .collect()
}

/// The words that a process was started with. Empty where the kernel does not tell.
pub(crate) fn command_line(pid: u32) -> Vec<OsString> {
    let line = files::read_bytes(&process(pid).join("cmdline"), PROC_BYTES).unwrap_or_default();
    let words = line
        .strip_suffix(b"\0")
        .unwrap_or(&line)
        .split(|byte| *byte == 0);
    words
        .map(|word| OsString::from_vec(word.to_vec()))
        .collect()
}

/// The signals that this process ignores: bit 0 stands for signal 1. Nothing where the kernel does not
/// tell.
pub(crate) fn ignored_signals() -> Option<u64> {
    let text = files::read_text(Path::new("/proc/self/status"), PROC_BYTES).ok()?;
    let mask = text.lines().find_map(|line| line.strip_prefix("SigIgn:"))?;
    u64::from_str_radix(mask.trim(), 16).ok()
}

/// The direct children of a process.
pub(crate) fn children(parent: u32) -> Vec<u32> {
    let tasks = files::entries(&process(parent).join("task")).unwrap_or_default();
    let mut found = Vec::new();
    let mut known = false;
    for task in tasks {
        // A task that ended meanwhile has no children any more.
        if let Ok(list) = files::read_text(&task.join("children"), PROC_BYTES) {
            known = true;
            found.extend(
                list.split_whitespace()
                    .filter_map(|pid| pid.parse::<u32>().ok()),
            );
        }
    }
    if known {
        found
    } else {
        children_by_scan(parent)
    }
}

/// The same on a kernel without `children` files.
fn children_by_scan(parent: u32) -> Vec<u32> {
    all_processes()
        .into_iter()
        .filter(|pid| status_fields(*pid).is_some_and(|fields| fields.parent == parent))
        .collect()
}

/// Every process whose environment at its start had `variable` set to a value that `accepts`.
pub(crate) fn marked(variable: &str, accepts: impl Fn(&str) -> bool) -> Vec<u32> {
    all_processes()
        .into_iter()
        .filter(|pid| marker(*pid, variable).is_some_and(|value| accepts(&value)))
        .collect()
}

/// Every other process that has this file open.
pub(crate) fn holders(path: &Path) -> Vec<u32> {
    let Ok(path) = path.canonicalize() else {
        return Vec::new();
    };
    let holds = |pid: &u32| {
        let descriptors = files::entries(&process(*pid).join("fd")).unwrap_or_default();
        descriptors
            .iter()
            .any(|descriptor| descriptor.read_link().is_ok_and(|target| target == path))
    };
    let own = std::process::id();
    all_processes()
        .into_iter()
        .filter(|pid| *pid != own && holds(pid))
        .collect()
}

/// The value of a variable in the environment that a process was started with.
pub(crate) fn marker(pid: u32, variable: &str) -> Option<String> {
    let environment = files::read_bytes(&process(pid).join("environ"), PROC_BYTES).ok()?;
    environment.split(|byte| *byte == 0).find_map(|entry| {
        let entry = std::str::from_utf8(entry).ok()?;
        let (name, value) = entry.split_once('=')?;
        (name == variable).then(|| value.to_owned())
    })
}

/// The limit of a process on file locks, which we use as a mark: the kernel does not (setrlimit(2)).
/// None where it is unlimited, as it is unless somebody set it.
#[cfg(target_os = "linux")]
pub(crate) fn number(pid: u32) -> Option<u64> {
    let limits = files::read_text(&process(pid).join("limits"), PROC_BYTES).ok()?;
    let line = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max file locks"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn number(_pid: u32) -> Option<u64> {
    None
}

/// The same of this process.
#[cfg(target_os = "linux")]
pub(crate) fn own_number() -> Option<u64> {
    rustix::process::getrlimit(rustix::process::Resource::Locks).current
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn own_number() -> Option<u64> {
    None
}

/// Sets it for this process and what it starts from now on; gives what sets it back.
#[cfg(target_os = "linux")]
pub(crate) fn set_own_number(number: u64) -> Option<impl FnOnce()> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let before = getrlimit(Resource::Locks);
    let marked = Rlimit {
        current: Some(number),
        maximum: before.maximum,
    };
    setrlimit(Resource::Locks, marked).ok()?;
    Some(move || {
        // It was possible before, so it is possible again.
        let _ = setrlimit(Resource::Locks, before);
    })
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn set_own_number(_number: u64) -> Option<impl FnOnce()> {
    None::<fn()>
}

/// Whether a process runs: one that ended and was not waited for yet does not.
pub(crate) fn is_alive(pid: u32) -> bool {
    match status_fields(pid) {
        Some(fields) => !matches!(fields.state, 'Z' | 'X'),
        None if Path::new("/proc/self/stat").exists() => false,
        None => pid_of(pid).is_some_and(|pid| rustix::process::test_kill_process(pid).is_ok()),
    }
}

/// Sends a signal to each of these processes; one that is gone already is fine.
pub(crate) fn signal_all(pids: &[u32], signal: Signal) {
    for pid in pids.iter().filter_map(|pid| pid_of(*pid)) {
        // The only failure is that the process ended before the signal came.
        let _ = kill_process(pid, signal);
    }
}

/// Sends a signal to a process group; one that is gone already is fine.
pub(crate) fn signal_group(leader: u32, signal: Signal) {
    if let Some(pid) = pid_of(leader) {
        // The only failure is that the group has no member left.
        let _ = kill_process_group(pid, signal);
    }
}

/// Sends a signal to a process group and to those of `others` that are not in it: each gets it
/// once. Many programs take a second signal for the wish to stop at once.
pub(crate) fn signal_family(leader: u32, others: &[u32], signal: Signal) {
    // Asked for before anybody is gone because of the signal.
    let outside: Vec<u32> = others
        .iter()
        .copied()
        .filter(|pid| status_fields(*pid).is_some_and(|fields| fields.group != leader))
        .collect();
    signal_group(leader, signal);
    signal_all(&outside, signal);
}

/// Ends each of these processes at once.
pub(crate) fn kill_all(pids: &[u32]) {
    signal_all(pids, Signal::KILL);
}

/// Asks a process to stop; one that is gone already is fine.
pub(crate) fn ask_to_stop(pid: u32) {
    signal_all(&[pid], Signal::TERM);
}

fn pid_of(pid: u32) -> Option<Pid> {
    // 0 and 1 would be our own group and init.
    i32::try_from(pid)
        .ok()
        .filter(|pid| *pid > 1)
        .and_then(Pid::from_raw)
}

fn process(pid: u32) -> PathBuf {
    Path::new("/proc").join(pid.to_string())
}

fn all_processes() -> Vec<u32> {
    files::entries(Path::new("/proc"))
        .unwrap_or_default()
        .iter()
        .filter_map(|path| path.file_name()?.to_str()?.parse().ok())
        .collect()
}

struct StatusFields {
    state: char,
    parent: u32,
    group: u32,
}

/// Reads `/proc/<pid>/stat` (proc(5)): the command name stands in parentheses and may hold
/// anything, so fields are counted from the last closing one.
fn status_fields(pid: u32) -> Option<StatusFields> {
    let line = files::read_bytes(&process(pid).join("stat"), PROC_BYTES).ok()?;
    let line = String::from_utf8_lossy(&line);
    let (_, rest) = line.rsplit_once(')')?;
    let mut fields = rest.split_whitespace();
    let state = fields.next()?.chars().next()?;
    let parent = fields.next()?.parse().ok()?;
    let group = fields.next()?.parse().ok()?;
    Some(StatusFields {
        state,
        parent,
        group,
    })
}
