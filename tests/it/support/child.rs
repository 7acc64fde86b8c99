//! A program that is running, for tests that kill it or talk past it.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::run::Run;

/// How long anything that is waited for may take.
pub(crate) const LIMIT: Duration = Duration::from_mins(1);

/// Pause between two looks of [`wait_until`].
const LOOK: Duration = Duration::from_millis(5);

/// A running program; it is killed with its process group when the test forgets it.
#[derive(Debug)]
pub(crate) struct Child {
    child: Option<std::process::Child>,
    root: PathBuf,
}

impl Child {
    pub(super) fn start(command: Command, root: &Path) -> Self {
        Self::start_into(command, root, Stdio::piped())
    }

    /// Starts it with its output going there.
    pub(super) fn start_into(mut command: Command, root: &Path, output: Stdio) -> Self {
        let child = command
            .process_group(0)
            .stdout(output)
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        Self {
            child: Some(child),
            root: root.to_owned(),
        }
    }

    /// Its process id.
    pub(crate) fn pid(&self) -> u32 {
        self.child.as_ref().map_or(0, std::process::Child::id)
    }

    /// Sends it alone a signal, by the name that `kill` knows.
    pub(crate) fn signal(&self, name: &str) {
        signal(name, &self.pid().to_string());
    }

    /// Sends it and what it started in its process group a signal, as the terminal does.
    pub(crate) fn signal_all(&self, name: &str) {
        signal(name, &format!("-{}", self.pid()));
    }

    /// Whether it has ended.
    pub(crate) fn has_ended(&mut self) -> bool {
        let child = self.child.as_mut();
        child.is_none_or(|child| child.try_wait().expect("it can be asked for").is_some())
    }

    /// Kills it alone, and waits for its end.
    pub(crate) fn kill(self) {
        self.signal("KILL");
        self.wait(LIMIT);
    }

    /// Waits for its end, at most `limit`.
    #[track_caller]
    pub(crate) fn wait(mut self, limit: Duration) -> Run {
        wait_until(limit, || self.has_ended());
        let child = self.child.take().expect("it is taken once");
        let output = child.wait_with_output().expect("it can be waited for");
        Run::new(&output, &self.root)
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            signal("KILL", &format!("-{}", child.id()));
            // What was killed is reaped; there is nothing to learn from it.
            drop(child.wait());
        }
    }
}

/// Sends a process, or with `-` a group, a signal by the name that `kill` knows.
pub(super) fn signal(name: &str, target: &str) {
    // A process that has ended meanwhile cannot be signalled, and that is fine.
    let mut kill = Command::new("kill");
    kill.args(["-s", name, "--", target]).stderr(Stdio::null());
    kill.status().expect("`kill` starts");
}

/// Looks until the condition holds; fails the test when `limit` is over first.
#[track_caller]
pub(crate) fn wait_until(limit: Duration, mut condition: impl FnMut() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(
            start.elapsed() < limit,
            "it did not happen within {limit:?}"
        );
        std::thread::sleep(LOOK);
    }
}

/// Lets time pass, for what is to happen at some moment: it waits for nothing.
pub(crate) fn let_pass(time: Duration) {
    std::thread::sleep(time);
}
