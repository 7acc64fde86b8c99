//! Steps that failed and do not get the try that was to follow.

use std::io::Write as _;

use serde_json::Value;

use crate::run::fixture::{
    assert_sound, events, journal, newest, outcomes, project, sealed_events, survivors, told,
    workflow,
};
use crate::support::{Child, LIMIT, TestRepo, wait_until};

/// Fails until there is a file `ok`, after a pause that no test waits for.
const JOB: &str = "
    steps:
      - id: x
        run: |
          echo tried >>tries
          echo \"k=v\" >>\"$GITHUB_OUTPUT\"
          test -e ok || exit 7
        retry: {attempts: 3, initial: 10m}
        on-failure: [{run: touch handled}]
        ensure: [{run: touch ensured}]
      - run: touch next
      - if: always()
        run: echo '${{ steps.x.outcome }} ${{ steps.x.conclusion }} ${{ steps.x.outputs.k }}' >told
";

/// Starts a run and waits until its step waits for its next try.
fn waiting(job: &str) -> (TestRepo, Child, String) {
    let repo = project();
    workflow(&repo.here(), "main", job);
    let mut engine = repo.spawn(["run", "-w", "main"]);
    let retried = || {
        repo.path().join("tries").exists()
            && newest(&repo.here()).1 == "running"
            && journal(&repo, &newest(&repo.here()).0).contains("step-retried")
    };
    wait_until(LIMIT, || retried() || engine.has_ended());
    assert!(retried(), "{}", engine.wait(LIMIT));
    let (run, _) = newest(&repo.here());
    (repo, engine, run)
}

/// How the step with the tries stands in `show --json`: reason and attempts.
fn facts(repo: &TestRepo, run: &str) -> (Value, Value) {
    let shown = repo.mmm(["show", run, "--json"]).json();
    let step = shown["data"]["jobs"][0]["steps"][0].clone();
    (step["reason"].clone(), step["attempts"].clone())
}

fn tries(repo: &TestRepo) -> usize {
    repo.read("tries").lines().count()
}

#[test]
fn the_time_of_its_job_leaves_it_failed() {
    let repo = project();
    let job = JOB.replacen('\n', "", 1);
    let job = format!("  b:\n    timeout-minutes: 0.01\n{job}");
    workflow(&repo.here(), "main", &job);
    let engine = repo.spawn(["run", "-w", "main"]);
    let ended = engine.wait(LIMIT);
    ended.assert_code(1);
    assert!(ended.stderr.contains("is not tried again"), "{ended}");
    let (run, status) = newest(&repo.here());
    assert_eq!(status, "failure");
    let found = outcomes(&repo.here(), &run);
    assert!(found.contains(&"b/x=failure".to_owned()), "{found:?}");
    assert_eq!(facts(&repo, &run), ("exit code 7".into(), 1.into()));
    assert_eq!(repo.read("told"), "failure failure v\n");
    assert!(repo.path().join("handled").exists());
    assert!(repo.path().join("ensured").exists());
    assert!(!repo.path().join("next").exists());
    assert_eq!(tries(&repo), 1);
    let shown = repo.mmm(["show"]);
    assert!(
        shown
            .stdout
            .contains("failure   Run echo tried >>tries  0.0 s (exit code 7)"),
        "{shown}"
    );
    let log = repo.mmm(["log"]);
    assert!(
        log.stdout.contains("tries  failure  0.0 s (exit code 7)"),
        "{log}"
    );
    // What it printed counts once against what a run may print.
    let finished = |event: &&Value| event["kind"] == "step-finished" && event["attempt"] == "b.x.1";
    let all = sealed_events(&repo.here(), &run);
    assert_eq!(all.iter().filter(finished).count(), 2);
    repo.write("ok", "");
    let again = repo.mmm(["rerun", "--failed", &run, "--json"]);
    again.assert_ok();
    assert_eq!(
        outcomes(&repo.here(), &told(&again)).first(),
        Some(&"b/2=success".to_owned())
    );
    assert_eq!(tries(&repo), 2);
    assert_eq!(survivors(&run), Vec::<u32>::new());
}

#[test]
fn continue_on_error_holds_for_it_too() {
    let repo = project();
    workflow(
        &repo.here(),
        "main",
        "  b:
    timeout-minutes: 0.01
    steps:
      - id: x
        run: exit 7
        continue-on-error: true
        retry: {attempts: 3, initial: 10m}
      - if: always()
        run: echo '${{ steps.x.outcome }} ${{ steps.x.conclusion }}' >told
",
    );
    let engine = repo.spawn(["run", "-w", "main"]);
    engine.wait(LIMIT).assert_code(1);
    assert_eq!(repo.read("told"), "failure success\n");
}

#[test]
fn a_cancellation_leaves_it_cancelled_and_a_resume_tries_it_anew() {
    // The first asks, the second waits for nothing.
    for at_once in [false, true] {
        let (repo, mut engine, run) = waiting(&format!("  b:{JOB}"));
        if at_once {
            wait_until(LIMIT, || {
                engine.signal("INT");
                engine.has_ended()
            });
        } else {
            repo.mmm(["cancel", &run]).assert_ok();
        }
        engine.wait(LIMIT).assert_code(130);
        assert_eq!(newest(&repo.here()).1, "cancelled");
        let found = outcomes(&repo.here(), &run);
        assert!(found.contains(&"b/x=cancelled".to_owned()), "{found:?}");
        let (reason, attempts) = facts(&repo, &run);
        assert_eq!((reason, attempts), ("exit code 7".into(), 1.into()));
        if !at_once {
            assert_eq!(repo.read("told"), "cancelled cancelled v\n");
            assert!(!repo.path().join("handled").exists());
            assert!(repo.path().join("ensured").exists());
        }
        repo.write("ok", "");
        repo.mmm(["run", "--resume", &run]).assert_ok();
        let found = outcomes(&repo.here(), &run);
        assert!(found.contains(&"b/x=success".to_owned()), "{found:?}");
        assert_eq!(tries(&repo), 2);
        assert_sound(&repo.here());
    }
}

#[test]
fn an_engine_that_died_meanwhile_changes_nothing() {
    let (repo, engine, run) = waiting(&format!("  b:{JOB}"));
    engine.kill();
    wait_until(LIMIT, || newest(&repo.here()).1 == "interrupted");
    // It had come so far as to say that there is no other try, and no further.
    let known = journal(&repo, &run);
    let line = known.lines().find(|line| line.contains("step-finished"));
    let path = format!(".git/mmm/runs/{run}/events.jsonl");
    let mut file = std::fs::File::options()
        .append(true)
        .open(repo.path().join(&path))
        .expect("opens");
    writeln!(file, "{}", line.expect("it ended")).expect("writes");
    repo.mmm(["run", "--resume", &run]).assert_code(1);
    let found = outcomes(&repo.here(), &run);
    assert!(found.contains(&"b/x=failure".to_owned()), "{found:?}");
    assert_eq!(repo.read("told"), "failure failure v\n");
    assert_eq!(tries(&repo), 1);
    let all = sealed_events(&repo.here(), &run);
    let retried = all.iter().filter(|event| event["kind"] == "step-retried");
    assert_eq!(retried.count(), 1);
}

#[test]
fn a_run_that_was_taken_up_while_it_waited_shows_the_try_that_there_was() {
    let (repo, engine, run) = waiting(&format!("  b:{JOB}"));
    engine.kill();
    wait_until(LIMIT, || newest(&repo.here()).1 == "interrupted");
    let engine = repo.spawn(["run", "--resume", &run]);
    wait_until(LIMIT, || {
        let begun = |event: &&Value| event["kind"] == "engine-started";
        events(&journal(&repo, &run)).iter().filter(begun).count() == 2
    });
    repo.mmm(["cancel", &run]).assert_ok();
    engine.wait(LIMIT).assert_code(130);
    assert_eq!(facts(&repo, &run), ("exit code 7".into(), 1.into()));
    let found = outcomes(&repo.here(), &run);
    assert!(found.contains(&"b/x=cancelled".to_owned()), "{found:?}");
    assert_eq!(repo.read("told"), "cancelled cancelled v\n");
}
