//! Steps that are tried several times by engines that are killed meanwhile.

use serde_json::Value;

use crate::run::fixture::{
    assert_sound, events, newest, project, sealed_events, survivors, workflow,
};
use crate::run::under_way::{begin, kill_both};
use crate::support::{LIMIT, TestRepo, wait_until};

/// A step whose first try waits for a file, and whose third one succeeds.
fn flaky(repo: &TestRepo, retry: &str) {
    let script = "echo x >>tries; echo \"try $(wc -l <tries)\"
          test $(wc -l <tries) != 1 || { touch begun; until test -e go; do sleep 0.01; done; }
          test $(wc -l <tries) = 3";
    let jobs = format!(
        "  a:
    steps:
      - id: flaky
        name: flaky
        retry: {retry}
        run: |
          {script}
"
    );
    workflow(&repo.here(), "main", &jobs);
}

/// The tries of the only step as `git mmm log` has them, without how long they took.
fn tries(repo: &TestRepo) -> Vec<String> {
    let log = repo.mmm(["log"]).stdout;
    let lines: Vec<&str> = log.lines().collect();
    let tries = lines.chunks(2).map(|lines| {
        let parts: Vec<&str> = lines[0].split("  ").collect();
        let (outcome, number) = (parts[1], parts[parts.len() - 1]);
        format!("{outcome} {number} {}", lines[1].trim())
    });
    tries.collect()
}

/// What `git mmm show` says of the only step.
fn step(repo: &TestRepo) -> Value {
    let shown = repo.mmm(["show", "--json"]).json();
    shown["data"]["jobs"][0]["steps"][0].clone()
}

/// How long each try took by the record, in milliseconds.
fn took(repo: &TestRepo, run: &str) -> Vec<u64> {
    let ended = sealed_events(&repo.here(), run).into_iter();
    let ended = ended.filter(|event| event["kind"] == "step-finished");
    ended.filter_map(|event| event["ms"].as_u64()).collect()
}

#[test]
fn the_first_try_is_killed_with_its_engine() {
    let repo = project();
    flaky(&repo, "{attempts: 3, initial: 40ms, jitter: false}");
    let (engine, run) = begin(&repo, &["run", "-w", "main"]);
    engine.kill();
    for pid in survivors(&run) {
        let kill = repo
            .here()
            .command("kill", &["-s", "KILL", &pid.to_string()]);
        drop(kill);
    }
    wait_until(LIMIT, || newest(&repo.here()).1 == "interrupted");
    repo.mmm(["run", "--resume", &run]).assert_ok();
    assert_eq!(
        tries(&repo),
        [
            "failure (attempt 1) | try 1",
            "failure (attempt 2) | try 2",
            "success (attempt 3) | try 3"
        ]
    );
    let step = step(&repo);
    assert_eq!(step["attempts"], 3, "{step}");
    let took = took(&repo, &run);
    assert_eq!(step["elapsed_ms"], took[2], "{step}");
    // The pauses were of 40 and of 80 milliseconds.
    let tried = step["tried_ms"].as_u64().expect("a number");
    assert!(tried >= took[0] + took[1] + 110, "{step} {took:?}");
    assert_sound(&repo.here());
}

#[test]
fn a_try_of_which_nobody_knows_the_end_is_one_of_them() {
    let repo = project();
    flaky(&repo, "{attempts: 3, initial: 1ms, on: [lost, failure]}");
    let (engine, run) = begin(&repo, &["run", "-w", "main"]);
    kill_both(&repo, engine, &run);
    repo.mmm(["run", "--resume", &run]).assert_ok();
    assert_eq!(
        tries(&repo),
        [
            "unknown (attempt 1) | try 1",
            "failure (attempt 2) | try 2",
            "success (attempt 3) | try 3"
        ]
    );
    assert_eq!(step(&repo)["attempts"], 3);
    assert_sound(&repo.here());
}

#[test]
fn an_engine_that_is_killed_before_the_next_try_takes_none_away() {
    let repo = project();
    repo.write("go", "");
    flaky(
        &repo,
        "{attempts: 3, initial: 1s, backoff: constant, jitter: false}",
    );
    let (engine, run) = begin(&repo, &["run", "-w", "main"]);
    let journal = format!(".git/mmm/runs/{run}/events.jsonl");
    wait_until(LIMIT, || {
        let known = events(&repo.read(&journal));
        known.iter().any(|event| event["kind"] == "step-retried")
    });
    engine.kill();
    wait_until(LIMIT, || newest(&repo.here()).1 == "interrupted");
    repo.mmm(["run", "--resume", &run]).assert_ok();
    assert_eq!(
        tries(&repo),
        [
            "failure (attempt 1) | try 1",
            "failure (attempt 2) | try 2",
            "success (attempt 3) | try 3"
        ]
    );
    assert_sound(&repo.here());
}
