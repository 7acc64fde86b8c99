//! Arguments and messages of runs: nothing is swallowed, nothing is said that is not so.

use std::time::Duration;

use crate::run::fixture::{configure, newest, project, runs, spec_text, workflow};
use crate::support::{TestRepo, wait_until};

const LIMIT: Duration = Duration::from_mins(1);

#[test]
fn rerun_lost_is_about_a_run() {
    let repo = project();
    workflow(&repo.here(), "main", "  a:\n    steps: [{run: 'true'}]\n");
    repo.write(crate::run::fixture::SPEC, spec_text(&["true"]));
    for words in [
        &["run", "--rerun-lost", "thing"][..],
        &["run", "--rerun-lost", "-w", "main"],
        &["run", "--rerun-lost"],
    ] {
        let run = repo.mmm(words);
        run.assert_code(129);
        assert!(run.stderr.contains("--resume"), "{run}");
    }
    assert_eq!(runs(&repo.here()), []);
}

#[test]
fn a_spec_that_is_named_twice_runs_once() {
    let repo = project();
    workflow(
        &repo.here(),
        "main",
        "  a:\n    steps: [{run: echo x >>trace}]\n",
    );
    repo.write(
        crate::run::fixture::SPEC,
        "---\ntitle: The thing works\nid: 7k3q9x2\nstatus: ready\nformat: 1\nworkflow: main\n---\nWhy.\n",
    );
    let run = repo.mmm(["run", "thing", "7k3q9x2"]);
    run.assert_ok();
    assert!(run.stdout.contains("no criteria to prove"), "{run}");
    assert_eq!(repo.read("trace"), "x\n");
    assert_eq!(runs(&repo.here()).len(), 1);
}

#[test]
fn a_job_that_is_not_there_is_told() {
    let repo = project();
    workflow(
        &repo.here(),
        "main",
        "  build:\n    steps: [{run: exit 1}]\n  later:\n    needs: build\n    steps: [{run: 'true'}]\n",
    );
    repo.mmm(["run", "-w", "main"]).assert_code(1);
    let log = repo.mmm(["log", "--job", "biuld"]);
    log.assert_code(128);
    assert!(log.stderr.contains("did you mean `build`?"), "{log}");
    repo.mmm(["log", "--job", "later"]).assert_ok();
}

#[test]
fn a_comment_is_shown_and_two_runs_that_wait_are_named() {
    let repo = TestRepo::builder().real_clock().unborn().build();
    configure(&repo.here(), "");
    workflow(
        &repo.here(),
        "main",
        "  a:\n    steps: [{checkpoint: look}]\n",
    );
    repo.mmm(["run", "-w", "main"]).assert_code(3);
    let (first, _) = newest(&repo.here());
    repo.mmm(["run", "-w", "main"]).assert_code(3);
    let unclear = repo.mmm(["checkpoint", "approve"]);
    unclear.assert_code(128);
    assert!(
        unclear.stderr.contains("2 runs wait for an answer"),
        "{unclear}"
    );
    repo.mmm(["checkpoint", "approve", &first, "-m", "fine\nby me"])
        .assert_ok();
    let shown = repo.mmm(["show", &first]);
    assert!(shown.stdout.contains("\n  | fine\n  | by me\n"), "{shown}");
    // There is no commit that the tree could differ from.
    assert!(!shown.stdout.contains("differs from the commit"), "{shown}");
}

#[test]
fn the_record_that_is_removed_is_named_and_time_goes_on() {
    let repo = project();
    workflow(
        &repo.here(),
        "main",
        "  a:\n    steps:\n      - run: touch begun; while ! test -e go; do sleep 0.01; done; rm -r .git/mmm/runs\n      - run: 'true'\n",
    );
    let engine = repo.spawn(["run", "-w", "main"]);
    wait_until(LIMIT, || repo.path().join("begun").exists());
    wait_until(LIMIT, || {
        let list = repo.mmm(["runs", "--json"]).json();
        list["data"][0]["elapsed_ms"].as_u64() > Some(500)
    });
    repo.write("go", "");
    let run = engine.wait(LIMIT);
    run.assert_code(128);
    assert!(
        run.stderr.contains("was removed while it was under way"),
        "{run}"
    );
}
