//! Runs a program and says what it and all that it started cost; compares two of them.
//!
//! It knows nothing of what is measured.

use std::io;
use std::mem::MaybeUninit;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// What one run of a program cost, with everything that it started and waited for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    /// From start to end.
    pub(crate) wall: Duration,
    /// In user mode and in the kernel.
    pub(crate) cpu: Duration,
    /// Most memory of the largest of its processes, in KiB.
    pub(crate) peak_kib: u64,
}

/// Runs a command to its end, which must be a good one. What it prints is thrown away.
pub(crate) fn cost(command: &mut Command) -> Cost {
    command.stdin(Stdio::null()).stdout(Stdio::null());
    let began = Instant::now();
    let child = command.spawn().expect("the measured program starts");
    let (status, usage) = wait(child).expect("a child can be waited for");
    let wall = began.elapsed();
    assert_eq!(status, 0, "{command:?} ended with wait status {status}");
    Cost {
        wall,
        cpu: time(usage.ru_utime) + time(usage.ru_stime),
        // Kilobytes on Linux, bytes on macOS.
        peak_kib: u64::try_from(usage.ru_maxrss).unwrap_or(0)
            / if cfg!(target_os = "macos") { 1024 } else { 1 },
    }
}

fn time(value: libc::timeval) -> Duration {
    let micros = i128::from(value.tv_sec) * 1_000_000 + i128::from(value.tv_usec);
    Duration::from_micros(u64::try_from(micros).unwrap_or(0))
}

/// Waits for a child and gives what it and its descendants used; the standard library tells the
/// status alone.
#[expect(unsafe_code, reason = "wait4 fills in a struct of plain numbers")]
#[expect(
    clippy::needless_pass_by_value,
    reason = "nobody may wait for it again"
)]
fn wait(child: Child) -> io::Result<(i32, libc::rusage)> {
    let pid = libc::pid_t::try_from(child.id()).map_err(io::Error::other)?;
    let mut status = 0;
    let mut usage = MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: both pointers are valid for writing, and all zeros are a valid rusage.
    let (found, usage) = unsafe {
        let found = libc::wait4(pid, &raw mut status, 0, usage.as_mut_ptr());
        (found, usage.assume_init())
    };
    if found == pid {
        Ok((status, usage))
    } else {
        Err(io::Error::last_os_error())
    }
}

/// Costs of several runs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Costs(Vec<Cost>);

impl Costs {
    /// Adds one.
    pub(crate) fn push(&mut self, cost: Cost) {
        self.0.push(cost);
    }

    /// Median of the processor time, in milliseconds.
    pub(crate) fn cpu_ms(&self) -> f64 {
        let mut all: Vec<f64> = self.0.iter().map(|cost| millis(cost.cpu)).collect();
        all.sort_by(f64::total_cmp);
        match (all.get(all.len() / 2), all.len() % 2) {
            (Some(middle), 1) => *middle,
            (Some(upper), _) => f64::midpoint(*upper, all[all.len() / 2 - 1]),
            (None, _) => f64::NAN,
        }
    }

    /// Least time from start to end, in milliseconds: the one that the rest of the machine
    /// disturbed least.
    pub(crate) fn wall_ms(&self) -> f64 {
        let all = self.0.iter().map(|cost| millis(cost.wall));
        all.fold(f64::INFINITY, f64::min)
    }
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

/// Runs both in turn, so that whatever else the machine does meets both alike. The first round
/// warms the caches and does not count.
pub(crate) fn both(
    rounds: usize,
    mut ours: impl FnMut() -> Cost,
    mut control: impl FnMut() -> Cost,
) -> (Costs, Costs) {
    let mut costs = (Costs::default(), Costs::default());
    for round in 0..=rounds {
        let (one, other) = (ours(), control());
        if round > 0 {
            costs.0.push(one);
            costs.1.push(other);
        }
    }
    costs
}
