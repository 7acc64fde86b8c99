//! Ending runs: from the terminal and from another process.

use crate::run::fixture::{
    SPEC, assert_sound, newest, outcomes, project, runs, spec, survivors, workflow,
};
use crate::run::under_way::{begin, begun, kill_both};
use crate::support::{Child, LIMIT, TestRepo, wait_until};

const PROGRAM: &str = env!("CARGO_BIN_EXE_git-mmm");
/// A step that says which signal it got, with company that would outlive it.
const SLOW: &str = "  a:
    steps:
      - run: |
          trap 'echo INT >>signals; exit 1' INT
          trap 'echo TERM >>signals; exit 1' TERM
          sleep 471 &
          setsid sleep 472 &
          touch begun
          sleep 473 & wait
      - run: touch next
      - {run: touch always, if: always()}
";

fn start(repo: &TestRepo, jobs: &str) -> (Child, String) {
    start_by(repo, PROGRAM, &["run", "-w", "main"], jobs)
}

/// Starts a run by way of another program.
fn start_by(repo: &TestRepo, program: &str, words: &[&str], jobs: &str) -> (Child, String) {
    workflow(&repo.here(), "main", jobs);
    let (engine, run) = begun(repo, repo.here().start(program, words));
    assert_eq!(newest(&repo.here()).1, "running");
    (engine, run)
}

fn assert_ended(repo: &TestRepo, run: &str) {
    assert_eq!(
        newest(&repo.here()),
        (run.to_owned(), "cancelled".to_owned())
    );
    assert_eq!(survivors(run), Vec::<u32>::new());
    assert!(!repo.path().join(".git/mmm/runs").join(run).exists());
    assert_sound(&repo.here());
}

#[test]
fn an_interrupt_ends_everything() {
    for signal in ["INT", "TERM", "HUP"] {
        let repo = project();
        let (engine, run) = start(&repo, SLOW);
        engine.signal(signal);
        let ended = engine.wait(LIMIT);
        ended.assert_code(130);
        assert_eq!(repo.read("signals"), "INT\n", "{signal}: {ended}");
        assert!(!repo.path().join("next").exists());
        assert!(repo.path().join("always").exists());
        assert_ended(&repo, &run);
    }
}

#[test]
fn a_second_interrupt_kills_at_once() {
    let repo = project();
    let jobs = SLOW.replace("exit 1' INT", "' INT").replace(
        "& wait",
        "& while :; do wait || true; sleep 0.01 || true; done",
    );
    let (mut engine, run) = start(&repo, &jobs);
    // As somebody who has lost patience: what comes at once with the first is not counted.
    wait_until(LIMIT, || {
        engine.signal("INT");
        engine.has_ended()
    });
    engine.wait(LIMIT).assert_code(130);
    // Politely, TERM would have come in between.
    assert_eq!(repo.read("signals"), "INT\n");
    assert!(!repo.path().join("always").exists());
    assert_ended(&repo, &run);
}

/// A step that needs a moment to end, and one that runs in any case.
const CAREFUL: &str = "  a:
    steps:
      - run: |
          trap 'echo INT >>signals; sleep 0.1; echo saved >>signals; exit 1' INT TERM
          touch begun
          sleep 473 & wait
      - {run: touch always, if: always()}
";

/// The run was ended in order, although it was asked to more than once.
fn assert_in_order(repo: &TestRepo, engine: Child, code: i32, run: &str) {
    engine.wait(LIMIT).assert_code(code);
    assert_eq!(repo.read("signals"), "INT\nsaved\n");
    assert!(repo.path().join("always").exists());
    assert_ended(repo, run);
}

#[test]
fn the_whole_foreground_is_interrupted() {
    // As a terminal does it: everyone in the process group gets the signal, and `git` passes its
    // own on to the engine.
    // `git` ends by the signal itself, once the engine has ended.
    let by_git = (
        ["mmm", "run", "-w", "main"].as_slice(),
        "git",
        [130, 143, 129],
    );
    let alone = (["run", "-w", "main"].as_slice(), PROGRAM, [130; 3]);
    for (words, program, codes) in [by_git, alone] {
        for (signal, code) in ["INT", "TERM", "HUP"].into_iter().zip(codes) {
            let repo = project();
            let (engine, run) = start_by(&repo, program, words, CAREFUL);
            let group = format!("-{}", engine.pid());
            repo.here()
                .command("kill", &["-s", signal, "--", &group])
                .assert_code(0);
            assert_in_order(&repo, engine, code, &run);
        }
    }
}

/// Starts a run as `nohup`, or a script that does not wait for it, would.
fn start_ignoring(repo: &TestRepo, jobs: &str) -> (Child, String) {
    let script = format!("trap '' HUP INT; exec {PROGRAM} run -w main");
    start_by(repo, "sh", &["-c", &script], jobs)
}

#[test]
fn what_was_ignored_at_the_start_ends_nothing() {
    let jobs = "  a:
    steps:
      - run: |
          trap 'echo INT >>signals' INT HUP
          touch begun
          while [ ! -e go ]; do sleep 0.01; done
";
    let repo = project();
    let (engine, _) = start_ignoring(&repo, jobs);
    for signal in ["HUP", "INT"] {
        engine.signal(signal);
    }
    repo.write("go", "");
    engine.wait(LIMIT).assert_code(0);
    assert!(!repo.path().join("signals").exists());
}

#[cfg(target_os = "linux")]
#[test]
fn a_step_ignores_what_was_ignored_at_the_start_and_nothing_else() {
    let jobs = "  a:
    steps:
      - run: grep '^SigIgn:' /proc/self/status >ignored
";
    let repo = project();
    let ignored_by_step = |ignored: &str| {
        let words = format!("trap '' {ignored} PIPE; exec {PROGRAM} run -w main");
        workflow(&repo.here(), "main", jobs);
        repo.here().command("sh", &["-c", &words]).assert_ok();
        let line = repo.read("ignored");
        let mask = line.trim_start_matches("SigIgn:").trim();
        u64::from_str_radix(mask, 16).expect("a mask")
    };
    let (quit, usr1, pipe, usr2) = (1 << 2, 1 << 9, 1 << 12, 1 << 11);
    for (words, expected) in [("QUIT", quit), ("USR1", usr1), ("QUIT USR1", quit | usr1)] {
        let seen = ignored_by_step(words) & (quit | usr1 | usr2 | pipe);
        assert_eq!(seen, expected, "{words}");
    }
}

#[test]
fn a_run_in_the_background_can_be_cancelled_and_its_steps_hear_it() {
    let repo = project();
    let (engine, run) = start_ignoring(&repo, CAREFUL);
    repo.mmm(["cancel", &run]).assert_ok();
    assert_in_order(&repo, engine, 130, &run);
}

#[test]
fn copies_of_one_signal_are_one() {
    let repo = project();
    let (engine, run) = start(&repo, CAREFUL);
    // One shell sends them, as fast as it can.
    let send = format!(
        "for name in TERM INT HUP; do kill -s $name {}; done",
        engine.pid()
    );
    repo.here().command("sh", &["-c", &send]).assert_ok();
    assert_in_order(&repo, engine, 130, &run);
}

#[cfg(target_os = "linux")]
#[test]
fn a_time_limit_around_the_command_ends_it_in_order() {
    // `timeout` sends its signal to the command and to the whole group.
    let repo = project();
    let words = ["60", "git", "mmm", "run", "-w", "main"];
    let (timeout, run) = start_by(&repo, "timeout", &words, CAREFUL);
    timeout.signal("TERM");
    assert_in_order(&repo, timeout, 143, &run);
}

#[test]
fn cancelling_a_run_under_way() {
    let repo = project();
    let (engine, run) = start(&repo, SLOW);
    let cancel = repo.mmm(["cancel", &run, "--json"]);
    cancel.assert_ok();
    assert_eq!(cancel.json()["data"]["status"], "cancelled");
    engine.wait(LIMIT).assert_code(130);
    assert_eq!(repo.read("signals"), "INT\n");
    assert_ended(&repo, &run);
    let refused = repo.mmm(["cancel", &run]);
    insta::assert_snapshot!(refused, @"
    exit code 128
    --- stderr
    error: run [ULID] is over: cancelled
    hint: run `git mmm show [ULID]`
    ");
}

/// The result of each job of a run.
fn results(repo: &TestRepo, run: &str) -> Vec<String> {
    let shown = repo.mmm(["show", run, "--json"]).json();
    let jobs = shown["data"]["jobs"].as_array().cloned();
    let text = |job: &serde_json::Value| format!("{}={}", job["id"], job["result"]);
    let mut found: Vec<String> = jobs.iter().flatten().map(text).collect();
    found.retain(|job| !job.contains('@'));
    found.sort();
    found.iter().map(|job| job.replace('"', "")).collect()
}

const ASK: &str = "  a:
    steps:
      - checkpoint: look
      - run: touch next
      - {run: touch always, if: always()}
  b:
    needs: a
    steps:
      - run: touch next
  c:
    needs: a
    if: always()
    steps:
      - run: touch c-plain
      - {run: touch next, if: cancelled()}
";

#[test]
fn cancelling_a_run_that_waits() {
    let repo = project();
    workflow(&repo.here(), "main", ASK);
    spec(&repo.here(), &["true"]);
    repo.mmm(["run", "thing"]).assert_code(3);
    let (run, _) = newest(&repo.here());
    repo.mmm(["cancel", &run]).assert_ok();
    assert!(!repo.path().join("next").exists());
    assert!(repo.path().join("always").exists() && repo.path().join("c-plain").exists());
    assert_eq!(repo.git(["branch", "--list", "mmm/*"]), "");
    assert!(
        !repo.path().join(".mmm/runs").exists(),
        "no evidence of a cancelled run"
    );
    assert_eq!(
        outcomes(&repo.here(), &run),
        [
            "@before/ac-0aaa=success",
            "a/1=cancelled",
            "a/2=skipped",
            "a/3=success",
            "c/1=success",
            "c/2=skipped"
        ]
    );
    assert_eq!(
        results(&repo, &run),
        ["a=cancelled", "b=skipped", "c=success"]
    );
    let shown = repo.mmm(["show", &run]);
    assert!(shown.stdout.contains("look: not answered"), "{shown}");
    assert_ended(&repo, &run);
}

#[test]
fn cancelling_a_run_whose_work_tree_is_another_or_gone() {
    for gone in [false, true] {
        let repo = project();
        repo.git(["add", "."]);
        repo.git(["commit", "--quiet", "-m", "project"]);
        let there = repo.linked_worktree("side");
        workflow(&there, "main", ASK);
        there.mmm(["run", "-w", "main"]).assert_code(3);
        let (run, _) = newest(&repo.here());
        if gone {
            std::fs::remove_dir_all(there.path()).expect("a folder");
        }
        let cancel = repo.mmm(["cancel", &run]);
        cancel.assert_ok();
        let note = format!("was started in {}", there.path().display());
        assert!(cancel.stderr.contains(&note), "{cancel}");
        assert!(!there.path().join("always").exists() && !repo.path().join("always").exists());
        let found = ["a/1=cancelled", "a/2=skipped", "a/3=skipped"];
        assert_eq!(outcomes(&repo.here(), &run), found);
        assert_eq!(
            results(&repo, &run),
            ["a=cancelled", "b=skipped", "c=skipped"]
        );
        assert_ended(&repo, &run);
    }
}

#[test]
fn cancelling_a_run_whose_engine_died() {
    let repo = project();
    let (engine, run) = start(&repo, SLOW);
    engine.kill();
    repo.mmm(["cancel", &run]).assert_ok();
    assert_eq!(repo.read("signals"), "INT\n");
    let found = ["a/1=cancelled", "a/2=skipped", "a/3=success"];
    assert_eq!(outcomes(&repo.here(), &run), found);
    assert_eq!(results(&repo, &run), ["a=cancelled"]);
    assert_ended(&repo, &run);
}

#[test]
fn cancelling_a_run_whose_engine_and_supervisor_died() {
    let repo = project();
    let (engine, run) = start(&repo, SLOW);
    kill_both(&repo, engine, &run);
    repo.mmm(["cancel", &run]).assert_ok();
    let found = ["a/1=cancelled", "a/2=skipped", "a/3=success"];
    assert_eq!(outcomes(&repo.here(), &run), found);
    assert_eq!(results(&repo, &run), ["a=cancelled"]);
    assert_ended(&repo, &run);
}

#[test]
fn what_was_ended_at_once_has_results_too() {
    let repo = project();
    let (mut engine, run) = start(&repo, ASK_BESIDE);
    wait_until(LIMIT, || {
        engine.signal("INT");
        engine.has_ended()
    });
    engine.wait(LIMIT).assert_code(130);
    let found = [
        "a/1=cancelled",
        "a/2=skipped",
        "b/1=cancelled",
        "b/2=skipped",
    ];
    assert_eq!(outcomes(&repo.here(), &run), found);
    assert_eq!(
        results(&repo, &run),
        ["a=cancelled", "b=cancelled", "c=skipped"]
    );
    assert_ended(&repo, &run);
}

/// A step that does not end when it is asked to, beside a checkpoint.
const ASK_BESIDE: &str = "  b:
    steps:
      - checkpoint: look
      - {run: touch b-always, if: always()}
  a:
    steps:
      - run: |
          trap '' INT TERM
          touch begun
          while :; do sleep 0.01; done
      - {run: touch always, if: always()}
  c:
    needs: a
    steps:
      - run: touch next
";

#[test]
fn an_interrupt_ends_a_run_that_waits_beside_its_work() {
    let repo = project();
    let jobs = format!(
        "{SLOW}  b:\n    steps:\n      - checkpoint: look\n      - {{run: touch b-always, if: always()}}\n"
    );
    let (engine, run) = start(&repo, &jobs);
    let journal = format!(".git/mmm/runs/{run}/events.jsonl");
    wait_until(LIMIT, || repo.read(&journal).contains("checkpoint-opened"));
    engine.signal("INT");
    engine.wait(LIMIT).assert_code(130);
    assert_ended(&repo, &run);
    assert!(repo.path().join("b-always").exists());
    assert!(outcomes(&repo.here(), &run).contains(&"b/1=cancelled".to_owned()));
}

#[test]
fn an_interrupt_during_verification_ends_the_run() {
    let repo = project();
    workflow(
        &repo.here(),
        "main",
        "  a:\n    steps:\n      - run: touch next\n",
    );
    spec(&repo.here(), &["touch begun; sleep 471"]);
    let (engine, run) = begin(&repo, &["run", "thing"]);
    engine.signal("INT");
    engine.wait(LIMIT).assert_code(130);
    assert!(!repo.path().join("next").exists());
    assert_ended(&repo, &run);
}

#[test]
fn an_interrupt_while_a_run_is_sealed_keeps_the_next_spec_from_starting() {
    let repo = project();
    workflow(
        &repo.here(),
        "main",
        "  a:\n    steps:\n      - run: \"true\"\n",
    );
    spec(&repo.here(), &["true"]);
    let other = repo.read(SPEC).replace("7k3q9x2", "8m4r0y3");
    repo.write(".mmm/specs/other-8m4r0y3.md", other);
    // Git calls the hook while the ref of the seal is locked; it goes on when somebody writes.
    repo.here().command("mkfifo", &["go-on"]).assert_ok();
    let hook = "#!/bin/sh\n[ \"$1\" = prepared ] && grep -q refs/mmm/runs/ || exit 0\n\
                touch sealing && read -r line <go-on\n";
    let path = ".git/hooks/reference-transaction";
    repo.write_program(path, hook);
    let mut engine = repo.spawn(["run", "thing", "other"]);
    let sealing = || repo.path().join("sealing").exists();
    wait_until(LIMIT, || sealing() || engine.has_ended());
    engine.signal("INT");
    repo.here()
        .command("sh", &["-c", "echo >go-on"])
        .assert_ok();
    let ended = engine.wait(LIMIT);
    ended.assert_code(130);
    repo.here().command("rm", &[path]).assert_ok();
    assert!(
        ended.stderr.contains("interrupted: 1 spec not run"),
        "{ended}"
    );
    let found = runs(&repo.here());
    assert_eq!(found.len(), 1, "{found:?}");
    let (run, status) = newest(&repo.here());
    assert_eq!(status, "success");
    assert_eq!(survivors(&run), Vec::<u32>::new());
    assert_sound(&repo.here());
}

#[test]
fn ctrl_c_does_not_reach_the_git_that_the_run_itself_uses() {
    let repo = project();
    let (begun, go) = (repo.path().join("begun"), repo.path().join("go"));
    let hook = format!(
        "#!/bin/sh\nif test \"$1\" = prepared && grep -q refs/heads/mmm/checkpoint/; then\n  \
         touch '{}'\n  while test ! -e '{}'; do sleep 0.01; done\nfi\n",
        begun.display(),
        go.display()
    );
    repo.write_program(".git/hooks/reference-transaction", &hook);
    let jobs = "  a:\n    steps:\n      - checkpoint: look\n";
    let (engine, run) = start(&repo, jobs);
    engine.signal_all("INT");
    std::fs::write(&go, "").expect("writes");
    engine.wait(LIMIT).assert_code(130);
    assert_ended(&repo, &run);
}
