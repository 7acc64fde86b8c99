//! Runs that are under way: how they begin, and how those who drive them are killed.

use crate::run::fixture::newest;
use crate::support::{Child, LIMIT, TestRepo, wait_until};

/// Starts a run, or takes one up, and waits until a step has made the file `begun`.
#[track_caller]
pub(crate) fn begin(repo: &TestRepo, words: &[&str]) -> (Child, String) {
    drop(std::fs::remove_file(repo.path().join("begun")));
    begun(repo, repo.spawn(words))
}

/// Waits until a step of a run that was just started has made the file `begun`.
#[track_caller]
pub(crate) fn begun(repo: &TestRepo, mut engine: Child) -> (Child, String) {
    let begun = || repo.path().join("begun").exists();
    wait_until(LIMIT, || begun() || engine.has_ended());
    assert!(begun(), "{}", engine.wait(LIMIT));
    let (run, _) = newest(&repo.here());
    (engine, run)
}

/// Sends the supervisor of a run a signal, by the name that `kill` knows.
#[track_caller]
pub(crate) fn signal_supervisor(repo: &TestRepo, run: &str, name: &str) {
    let lock = repo.read(&format!(".git/mmm/runs/{run}/supervisor.lock"));
    let kill = repo.here().command("kill", &["-s", name, lock.trim()]);
    kill.assert_ok();
}

/// Kills engine and supervisor of a run.
#[track_caller]
pub(crate) fn kill_both(repo: &TestRepo, engine: Child, run: &str) {
    engine.signal("KILL");
    signal_supervisor(repo, run, "KILL");
    engine.wait(LIMIT);
}
