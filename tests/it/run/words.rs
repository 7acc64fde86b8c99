//! Arguments and messages of runs: nothing is swallowed, nothing is said that is not so.

use crate::run::fixture::{configure, newest, outcomes, project, runs, spec_text, workflow};
use crate::run::under_way::begin;
use crate::support::{LIMIT, TestRepo, wait_until};

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
    assert!(
        unclear
            .stderr
            .contains("`git mmm checkpoint approve <run>`"),
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
    let (engine, _) = begin(&repo, &["run", "-w", "main"]);
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

#[test]
fn an_empty_text_names_no_run() {
    let repo = project();
    workflow(&repo.here(), "main", "  a:\n    steps: [{run: 'true'}]\n");
    repo.mmm(["run", "-w", "main"]).assert_ok();
    repo.mmm(["run", "-w", "main"]).assert_ok();
    for words in [
        &["show", ""][..],
        &["log", ""],
        &["cancel", ""],
        &["run", "--resume", ""],
        &["checkpoint", "show", ""],
    ] {
        let refused = repo.mmm(words);
        insta::allow_duplicates! {
            insta::assert_snapshot!(refused, @"
            exit code 129
            --- stderr
            error: an empty text names no run
            hint: name one that `git mmm runs` lists, or a prefix of it
            ");
        }
    }
}

#[test]
fn an_empty_condition_is_none() {
    let repo = project();
    let jobs = "  a:
    if: ''
    steps:
      - {run: exit 1, if: ''}
      - {run: touch next, if: ' '}
  b:
    needs: a
    if: ''
    steps: [{run: touch next}]
";
    workflow(&repo.here(), "main", jobs);
    repo.mmm(["workflow", "check", "main"]).assert_ok();
    repo.mmm(["run", "-w", "main"]).assert_code(1);
    let (run, _) = newest(&repo.here());
    assert_eq!(outcomes(&repo.here(), &run), ["a/1=failure", "a/2=skipped"]);
}

#[test]
fn who_starts_the_same_again_is_told_that_it_waits() {
    let repo = project();
    for name in ["main", "other"] {
        workflow(
            &repo.here(),
            name,
            "  a:\n    steps: [{checkpoint: look}]\n",
        );
    }
    repo.write(crate::run::fixture::SPEC, spec_text(&["true"]));
    for words in [
        ["run", "thing", "-w", "main"].as_slice(),
        &["run", "-w", "main"],
    ] {
        let first = repo.mmm(words);
        first.assert_code(3);
        assert_eq!(first.stderr, "", "{first}");
    }
    repo.mmm(["run", "-w", "other"]).assert_code(3);
    let all = runs(&repo.here());
    let found = [
        ("spec", 2, ["run", "thing"].as_slice()),
        ("workflow", 2, &["run", "-w", "main"]),
    ];
    for (index, (what, back, words)) in found.into_iter().enumerate() {
        let (waiting, _) = &all[back - index];
        let again = repo.mmm(words);
        again.assert_code(3);
        let told = format!(
            "warning: run {waiting} of this {what} still waits for an answer; \
             `git mmm checkpoint show {waiting}` shows it\n"
        );
        assert_eq!(again.stderr, told);
    }
}

#[test]
fn what_a_dead_engine_left_running_is_shown_below_the_heading() {
    let repo = project();
    let jobs = "  a:
    steps:
      - {name: left, run: 'touch begun; while ! test -e go; do sleep 0.01; done'}
      - {name: next, run: 'true'}
";
    workflow(&repo.here(), "main", jobs);
    let (engine, run) = begin(&repo, &["run", "-w", "main"]);
    engine.kill();
    let script = "exec git-mmm run --resume \"$0\" 2>told";
    let resumed = repo.here().start("sh", &["-c", script, &run]);
    let told = || std::fs::read_to_string(repo.path().join("told")).unwrap_or_default();
    wait_until(LIMIT, || told().contains("waiting for the steps"));
    repo.write("go", "");
    let resumed = resumed.wait(LIMIT);
    resumed.assert_ok();
    let lines: Vec<&str> = resumed.stdout.lines().collect();
    assert_eq!(lines[0], format!("run {run} of main"), "{resumed}");
    assert!(lines[1].starts_with("success   a / left  "), "{resumed}");
    assert!(lines[2].starts_with("success   a / next  "), "{resumed}");
}

#[test]
fn another_attempt_is_told_as_that() {
    let repo = project();
    let run = "test -e once || { touch once; exit 1; }";
    workflow(
        &repo.here(),
        "main",
        &format!(
            "  a:\n    steps:\n      - run: {run}\n        retry: {{attempts: 2, initial: 1ms}}\n      - run: 'true'\n"
        ),
    );
    repo.mmm(["run", "-w", "main"]).assert_ok();
    for command in ["show", "log"] {
        let told = repo.mmm([command]).stdout;
        assert_eq!(told.matches("  (attempt 2)\n").count(), 1, "{told}");
    }
}

/// What is shown, without how long things took.
fn timeless(shown: &str) -> String {
    let part = |part: &str| match part.split_once(" s") {
        Some((time, rest)) if time.starts_with(|each: char| each.is_ascii_digit()) => {
            format!("T{rest}")
        }
        _ => part.to_owned(),
    };
    let lines = shown.lines().map(|line| {
        let parts: Vec<String> = line.split("  ").map(part).collect();
        parts.join("  ") + "\n"
    });
    lines.collect()
}

#[test]
fn every_try_is_in_the_log_with_what_it_wrote_for_people() {
    let repo = project();
    let jobs = "  a:
    strategy: {matrix: {os: [x]}}
    steps:
      - name: flaky
        run: |
          echo x >>tries
          tries=$(wc -l <tries)
          test $tries = 2 || echo \"# try $tries\" >>\"$GITHUB_STEP_SUMMARY\"
          test $tries = 4
        retry: {attempts: 4, initial: 1ms}
      - run: 'true'
";
    workflow(&repo.here(), "main", jobs);
    repo.mmm(["run", "-w", "main"]).assert_ok();
    let log = repo.mmm(["log", "--summary"]);
    insta::assert_snapshot!(timeless(&log.stdout), @"
    a@1 (x) / flaky  failure  T (exit code 1)  (attempt 1)
    # try 1
    a@1 (x) / flaky  failure  T (exit code 1)  (attempt 3)
    # try 3
    a@1 (x) / flaky  success  T  (attempt 4)
    # try 4
    ");
    let steps = repo.mmm(["log", "--json"]).json();
    let steps = steps["data"].as_array().expect("a list").iter();
    let written: Vec<Option<&str>> = steps.map(|step| step["summary"].as_str()).collect();
    let expected = ["# try 1\n", "", "# try 3\n", "# try 4\n", ""];
    let expected = expected.map(|text| Some(text).filter(|text| !text.is_empty()));
    assert_eq!(written, expected);
    // Its steps have those of their last tries.
    let shown = repo.mmm(["show"]).stdout;
    assert_eq!(shown.matches("    | # try ").count(), 1, "{shown}");
    assert!(shown.contains("    | # try 4\n"), "{shown}");
}

#[test]
fn every_try_is_in_the_log_with_what_it_printed() {
    let repo = project();
    let jobs = "  a:
    steps:
      - id: flaky
        name: flaky
        run: |
          echo x >>tries
          echo \"try $(wc -l <tries)\"
          test $(wc -l <tries) = 3 || exit $(wc -l <tries)
        retry: {attempts: 3, initial: 1ms}
      - run: echo once
";
    workflow(&repo.here(), "main", jobs);
    repo.mmm(["run", "-w", "main"]).assert_ok();
    let log = repo.mmm(["log"]);
    insta::assert_snapshot!(timeless(&log.stdout), @"
    a / flaky  failure  T (exit code 1)  (attempt 1)
      | try 1
    a / flaky  failure  T (exit code 2)  (attempt 2)
      | try 2
    a / flaky  success  T  (attempt 3)
      | try 3
    a / Run echo once  success  T
      | once
    ");
    let steps = repo.mmm(["log", "--json", "--job", "a"]).json();
    let steps = steps["data"].as_array().expect("a list").iter();
    let told: Vec<String> = steps
        .map(|step| {
            let words = ["step", "attempt", "outcome", "output"].map(|key| step[key].to_string());
            words.join(" ").replace("\\n", "")
        })
        .collect();
    assert_eq!(
        told,
        [
            r#""flaky" 1 "failure" "try 1""#,
            r#""flaky" 2 "failure" "try 2""#,
            r#""flaky" 3 "success" "try 3""#,
            r#""2" 1 "success" "once""#,
        ]
    );
    // What comes after its end shows the same.
    let followed = repo.mmm(["log", "--follow"]);
    assert_eq!(followed.stdout, log.stdout);
}

#[test]
fn a_step_behind_a_checkpoint_has_one_attempt() {
    let repo = project();
    let steps = "[{checkpoint: go}, {run: echo chose}]";
    workflow(&repo.here(), "main", &format!("  a:\n    steps: {steps}\n"));
    repo.mmm(["run", "-w", "main"]).assert_code(3);
    repo.mmm(["checkpoint", "approve"]).assert_code(0);
    for command in ["show", "log"] {
        let told = repo.mmm([command]).stdout;
        assert!(told.contains("Run echo chose"), "{told}");
        assert!(!told.contains("attempt"), "{told}");
    }
    let shown = repo.mmm(["show", "--json"]).json();
    let steps = &shown["data"]["jobs"][0]["steps"];
    assert_eq!(steps[0]["attempts"], 1, "{steps}");
    assert_eq!(steps[1]["attempts"], 1, "{steps}");
}
