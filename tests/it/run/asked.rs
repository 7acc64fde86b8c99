//! `cancel` of a run that takes its time to end, or cannot.

use crate::run::fixture::{newest, project, workflow};
use crate::run::under_way::begin;
use crate::support::{Child, LIMIT, Run, TestRepo, wait_until};

/// Starts a run and gives it when its first step is under way.
fn start(repo: &TestRepo, jobs: &str) -> (Child, String) {
    workflow(&repo.here(), "main", jobs);
    begin(repo, &["run", "-w", "main"])
}

/// A cleanup that takes until a file is there.
const CLEANUP: &str = "  a:
    steps:
      - run: touch begun; sleep 471
      - if: cancelled()
        run: while ! test -e go; do sleep 0.01; done; touch cleaned
";

/// Starts `cancel`; what it says goes into a file.
fn cancel(repo: &TestRepo, run: &str) -> Child {
    let script = "exec git-mmm cancel \"$0\" 2>told";
    repo.here().start("sh", &["-c", script, run])
}

#[track_caller]
fn wait_for_note(repo: &TestRepo, cancel: &mut Child) {
    let told = || std::fs::read_to_string(repo.path().join("told")).unwrap_or_default();
    let note = "was asked to end; waiting until its steps have ended and cleaned up";
    wait_until(LIMIT, || told().contains(note) || cancel.has_ended());
    assert!(told().contains(note), "{}", told());
}

#[test]
fn who_cancels_is_told_that_the_run_cleans_up() {
    let repo = project();
    let (engine, run) = start(&repo, CLEANUP);
    let mut cancel = cancel(&repo, &run);
    wait_for_note(&repo, &mut cancel);
    assert!(!repo.path().join("cleaned").exists());
    repo.write("go", "");
    let cancel = cancel.wait(LIMIT);
    cancel.assert_ok();
    let told = format!("run {run} cancelled\nnext: git mmm run --resume {run}\n");
    assert_eq!(cancel.stdout, told);
    assert_eq!(
        repo.read("told").lines().count(),
        1,
        "{}",
        repo.read("told")
    );
    assert!(repo.path().join("cleaned").exists());
    engine.wait(LIMIT).assert_code(130);
}

#[test]
fn who_asks_again_does_not_end_the_cleaning_up() {
    let repo = project();
    let (engine, run) = start(&repo, CLEANUP);
    let mut first = cancel(&repo, &run);
    wait_for_note(&repo, &mut first);
    let mut second = repo
        .here()
        .start("sh", &["-c", "exec git-mmm cancel \"$0\" 2>again", &run]);
    let told = || std::fs::read_to_string(repo.path().join("again")).unwrap_or_default();
    wait_until(LIMIT, || {
        told().contains("was asked to end") || second.has_ended()
    });
    repo.write("go", "");
    first.wait(LIMIT).assert_ok();
    second.wait(LIMIT).assert_ok();
    assert!(repo.path().join("cleaned").exists());
    engine.wait(LIMIT).assert_code(130);
}

#[test]
fn an_interrupt_ends_the_waiting_and_not_the_request() {
    let repo = project();
    let (engine, run) = start(&repo, CLEANUP);
    let mut cancel = cancel(&repo, &run);
    wait_for_note(&repo, &mut cancel);
    cancel.signal("INT");
    cancel.wait(LIMIT).assert_code(130);
    repo.write("go", "");
    engine.wait(LIMIT).assert_code(130);
    assert!(repo.path().join("cleaned").exists());
    assert_eq!(newest(&repo.here()), (run, "cancelled".to_owned()));
}

/// The answer with the process id taken out.
fn without_pid(run: &Run, pid: &str) -> String {
    format!("{run}").replace(pid, "[PID]")
}

#[cfg(target_os = "linux")]
#[test]
fn an_engine_that_is_stopped_is_named() {
    for what in ["engine", "supervisor"] {
        let repo = project();
        let (engine, run) = start(
            &repo,
            "  a:\n    steps:\n      - run: touch begun; sleep 471\n",
        );
        let pid = repo.read(&format!(".git/mmm/runs/{run}/{what}.lock"));
        let pid = pid.trim();
        let signal = |name: &str| {
            repo.here().command("kill", &["-s", name, pid]).assert_ok();
        };
        signal("STOP");
        let refused = repo.mmm(["cancel", &run]);
        signal("CONT");
        insta::allow_duplicates! {
            insta::assert_snapshot!(without_pid(&refused, pid).replace(what, "[WHO]"), @"
            exit code 128
            --- stderr
            error: run [ULID] was asked to end, and the request stands, but its [WHO] (process [PID]) is stopped
            hint: run `kill -CONT [PID]`
            ");
        }
        // The request stands.
        engine.wait(LIMIT).assert_code(130);
        assert_eq!(newest(&repo.here()), (run, "cancelled".to_owned()));
    }
}
