//! What `git mmm check` finds.

use crate::spec::project::{project, spec};
use crate::support::TestRepo;

#[test]
fn everything_is_checked_at_once() {
    let repo = project();
    repo.write(
        ".mmm/config.toml",
        "format = 1\n\n[project]\nid = \"x\"\nname = \"x\"\n",
    );
    repo.write(
        ".mmm/workflows/default.yaml",
        "jobs:\n  build:\n    steps:\n      - rnu: make\n",
    );
    repo.write(
        ".mmm/workflows/good.yaml",
        "jobs:\n  build:\n    steps:\n      - run: make\n",
    );
    repo.write(".mmm/runs/01kaq9yvw0000000000000000x.toml", b"\xff");
    spec(&repo, "store-1m4c8tz", "redy", "", &[]);
    spec(
        &repo,
        "login-7k3q9x2",
        "ready",
        "",
        &[("[x] it is (ac-1)", "")],
    );
    let run = repo.mmm(["check"]);
    run.assert_code(1);
    insta::assert_snapshot!(run, @r#"
    exit code 1
    --- stdout
    2 specs, 2 workflows, 0 evidence files checked; 1 ticked: 1 only ticked
    --- stderr
    error[invalid-value]: `x` is not a project id (12 characters of lower-case base 32: 0-9 a-z without i l o u)
     --> .mmm/config.toml:4:6
      |
    4 | id = "x"
      |      ^^^

    error[not-utf-8]: the file is not UTF-8: byte 0xFF
     --> .mmm/runs/[ULID].toml:1:1
      |
    1 | �
      | ^
      |
      = hint: save the file as UTF-8

    warning[ticked-without-command]: `ac-1` is ticked, and no command can verify it
      --> .mmm/specs/login-7k3q9x2.md:11:1
       |
    11 | - [x] it is (ac-1)
       | ^^^^^^^^^^^^^^^^^^
       |
       = hint: add a paragraph such as verify: `cargo test`, or take the tick away

    error[unknown-status]: the status `redy` is unknown
     --> .mmm/specs/store-1m4c8tz.md:4:9
      |
    4 | status: redy
      |         ^^^^
      |
      = hint: did you mean `ready`?

    error[unknown-key]: unknown key `rnu` in a step
     --> .mmm/workflows/default.yaml:4:9
      |
    4 |       - rnu: make
      |         ^^^
      |
      = hint: did you mean `run`?

    4 errors, 1 warning in 5 files
    "#);
    let run = repo.mmm(["check", "--json"]);
    run.assert_code(1);
    let envelope = run.json();
    assert_eq!(envelope["schema"], "mmm/check@1");
    assert_eq!(envelope["data"]["workflows"], 2);
    assert!(envelope["data"]["verified"].is_null());
}

#[test]
fn ticked_criteria_are_verified_when_asked() {
    let repo = project();
    spec(
        &repo,
        "store-1m4c8tz",
        "done",
        "",
        &[
            ("[x] it is (ac-1)", "true"),
            ("[ ] not yet (ac-2)", "false"),
            ("[x] seen (ac-3)", ""),
        ],
    );
    spec(
        &repo,
        "old-aaaaaaa",
        "dropped",
        "",
        &[("[x] it was (ac-1)", "false")],
    );
    let run = repo.mmm(["check", "--verify"]);
    run.assert_ok();
    insta::assert_snapshot!(run, @"
    exit code 0
    --- stdout
    2 specs, 0 workflows, 0 evidence files checked; 2 ticked: 2 only ticked
    ok    store-1m4c8tz ac-1 it is [TIME]
    1 criterion: 1 passed
    --- stderr
    warning[ticked-without-command]: `ac-3` is ticked, and no command can verify it
      --> .mmm/specs/store-1m4c8tz.md:19:1
       |
    19 | - [x] seen (ac-3)
       | ^^^^^^^^^^^^^^^^^
       |
       = hint: add a paragraph such as verify: `cargo test`, or take the tick away

    1 warning in 1 file
    ");
    spec(
        &repo,
        "login-7k3q9x2",
        "ready",
        "",
        &[("[x] it is (ac-1)", "echo no; false")],
    );
    insta::assert_snapshot!(repo.mmm(["check", "--verify"]), @"
    exit code 1
    --- stdout
    3 specs, 0 workflows, 0 evidence files checked; 3 ticked: 3 only ticked
    FAIL  login-7k3q9x2 ac-1 it is: exit code 1 [TIME]
          no
    ok    store-1m4c8tz ac-1 it is [TIME]
    2 criteria: 1 passed, 1 failed
    --- stderr
    warning[ticked-without-command]: `ac-3` is ticked, and no command can verify it
      --> .mmm/specs/store-1m4c8tz.md:19:1
       |
    19 | - [x] seen (ac-3)
       | ^^^^^^^^^^^^^^^^^
       |
       = hint: add a paragraph such as verify: `cargo test`, or take the tick away

    1 warning in 1 file
    ");
    let run = repo.mmm(["check", "--verify", "--json"]);
    run.assert_code(1);
    assert_eq!(run.json()["data"]["verified"][0]["outcome"], "failed");
}

#[test]
fn a_spec_names_a_workflow_that_is_there() {
    let repo = project();
    let put = |name: &str| {
        repo.write(
            &format!(".mmm/workflows/{name}.yaml"),
            "jobs:\n  a:\n    steps: [{run: 'true'}]\n",
        );
    };
    let one = [("[ ] it is (ac-1)", "true")];
    spec(&repo, "login-7k3q9x2", "ready", "workflow: biuld\n", &one);
    spec(&repo, "over-1m4c8tz", "done", "workflow: gone\n", &[]);
    insta::assert_snapshot!(repo.mmm(["spec", "check"]), @"
    exit code 1
    --- stdout
    2 specs checked
    --- stderr
    error[unknown-workflow]: there is no workflow `biuld`
     --> .mmm/specs/login-7k3q9x2.md:6:11
      |
    6 | workflow: biuld
      |           ^^^^^
      |
      = hint: write it: `git mmm workflow new biuld`

    warning[no-criteria]: the spec is done without acceptance criteria
     --> .mmm/specs/over-1m4c8tz.md:4:9
      |
    4 | status: done
      |         ^^^^
      |
      = hint: add a list item such as `- [ ] what must be true (ac-1a2b)` under `## Acceptance criteria`

    1 error, 1 warning in 2 files
    ");
    put("build");
    put("release");
    insta::assert_snapshot!(repo.mmm(["check"]), @"
    exit code 1
    --- stdout
    2 specs, 2 workflows, 0 evidence files checked
    --- stderr
    error[unknown-workflow]: there is no workflow `biuld`
     --> .mmm/specs/login-7k3q9x2.md:6:11
      |
    6 | workflow: biuld
      |           ^^^^^
      |
      = hint: did you mean `build`? there are `build` and `release`

    warning[no-criteria]: the spec is done without acceptance criteria
     --> .mmm/specs/over-1m4c8tz.md:4:9
      |
    4 | status: done
      |         ^^^^
      |
      = hint: add a list item such as `- [ ] what must be true (ac-1a2b)` under `## Acceptance criteria`

    1 error, 1 warning in 2 files
    ");
    let run = repo.mmm(["check", "--json"]);
    run.assert_code(1);
    let problem = &run.json()["problems"][0];
    assert_eq!(problem["code"], "unknown-workflow");
    assert_eq!(
        (&problem["line"], &problem["column"]),
        (&6.into(), &11.into())
    );
    repo.mmm(["spec", "set", "login", "workflow=build"])
        .assert_ok();
    repo.mmm(["check"]).assert_ok();
}

#[test]
fn what_ticks_are_worth_is_told() {
    let repo = project();
    spec(
        &repo,
        "store-1m4c8tz",
        "ready",
        "",
        &[
            ("[x] it was (ac-1)", "true"),
            ("[x] so they say (ac-2)", "false"),
        ],
    );
    repo.mmm(["spec", "verify", "--criterion", "ac-1"])
        .assert_ok();
    let said = |expected: &str| {
        let run = repo.mmm(["check"]);
        run.assert_ok();
        assert_eq!(run.stdout.lines().last(), Some(expected), "{run}");
    };
    let checked = "1 spec, 0 workflows, 0 evidence files checked: no problems";
    said(&format!("{checked}; 2 ticked: 1 proved, 1 only ticked"));
    repo.write("code", "changed");
    said(&format!(
        "{checked}; 2 ticked: 1 proved, but stale, 1 only ticked"
    ));
    let data = repo.mmm(["check", "--json"]).json()["data"]["ticked"].clone();
    let counts = serde_json::json!({
        "total": 2, "proved": 0, "stale": 1, "failed": 0, "unproved": 1
    });
    assert_eq!(data, counts);
}

#[test]
fn a_project_is_needed() {
    TestRepo::new().mmm(["check"]).assert_code(128);
}

#[test]
fn of_tabs_the_first_line_is_named() {
    let repo = TestRepo::new();
    repo.mmm(["init"]).assert_ok();
    repo.write(
        ".mmm/workflows/tab.yaml",
        "jobs:\n\ta:\n\t\tsteps:\n\t\t\t- run: x\n",
    );
    let problems = repo.mmm(["check", "--json"]).json();
    let problem = &problems["problems"][0];
    assert_eq!(problem["message"], "a tab stands where YAML wants spaces");
    assert_eq!(
        (&problem["line"], &problem["column"]),
        (&2.into(), &1.into())
    );
}

#[test]
fn workflows_are_checked_as_they_are_run() {
    let repo = project();
    let put = |name: &str, text: &str| repo.write(&format!(".mmm/workflows/{name}"), text);
    put(
        "base.yaml",
        "abstract: true\ncommon-steps: {tidy: [{run: x}]}\njobs:\n  a:\n    steps: [{id: s, run: x}, {use: tidy}]\n",
    );
    put(
        "child.yaml",
        "extends: base\njobs:\n  a:\n    overlay: [{insert-after: s, steps: [{use: tidy}]}]\n    ensure: [{use: tidy}]\n",
    );
    let run = repo.mmm(["check"]);
    run.assert_ok();
    assert!(run.stdout.contains("2 workflows"), "{run}");
    // What is wrong in a parent is told once; what a step calls has to be there.
    put("other.yaml", "extends: base\n");
    put(
        "base.yaml",
        "abstract: true\njobs:\n  a:\n    steps: [{runn: x}]\n",
    );
    put("child.yaml", "jobs: {a: {steps: [{workflow: gone}]}}\n");
    let envelope = repo.mmm(["check", "--json"]).json();
    let problems = envelope["problems"].as_array().expect("problems");
    let codes: Vec<_> = problems.iter().map(|found| &found["code"]).collect();
    assert_eq!(codes, ["unknown-key", "unknown-workflow"], "{envelope}");
}

#[test]
fn a_workflow_under_another_ending_is_to_be_renamed() {
    let repo = project();
    repo.write(".mmm/workflows/t.yml", "jobs: {a: {steps: [{run: x}]}}\n");
    let run = repo.mmm(["check"]);
    run.assert_code(1);
    let rename = "mv .mmm/workflows/t.yml .mmm/workflows/t.yaml";
    assert!(run.stderr.contains(rename), "{run}");
    for words in [&["run", "-w", "t"], &["workflow", "show", "t"][..]] {
        let run = repo.mmm(words);
        run.assert_code(128);
        let hint = "hint: rename its file `.mmm/workflows/t.yml` to `t.yaml`";
        assert!(run.stderr.contains(hint), "{run}");
    }
}
