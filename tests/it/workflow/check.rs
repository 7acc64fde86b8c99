//! `git mmm workflow check`.

use std::fmt::Write as _;

use crate::support::TestRepo;

const BAD: &str = "\
name: bad
jobs:
  build:
    needs: test
    stepps: []
    steps:
      - runn: make
  test:
    needs: build
    steps:
      - run: echo ${{ spec.title }}
";

#[test]
fn good_workflows_are_counted() {
    let repo = TestRepo::new();
    repo.mmm(["init"]).assert_ok();
    insta::assert_snapshot!(repo.mmm(["workflow", "check"]), @"
    exit code 0
    --- stdout
    2 workflows valid
    ");
    insta::assert_snapshot!(repo.mmm(["workflow", "check", "hello"]), @"
    exit code 0
    --- stdout
    1 workflow valid
    ");
    let envelope = repo.mmm(["workflow", "check", "--json"]).json();
    assert_eq!(envelope["schema"], "mmm/workflow-check@1");
    assert_eq!(envelope["data"][0]["valid"], true);
    assert_eq!(envelope["problems"], serde_json::json!([]));
}

#[test]
fn every_problem_of_every_file_is_told_at_once() {
    let repo = TestRepo::new();
    repo.write(".mmm/workflows/bad.yaml", BAD);
    repo.write(".mmm/workflows/worse.yaml", "jobs: [\n");
    insta::assert_snapshot!(repo.mmm(["workflow", "check"]), @r#"
    exit code 1
    --- stderr
    error[cycle]: jobs wait for one another: build -> test -> build
     --> .mmm/workflows/bad.yaml:4:12
      |
    4 |     needs: test
      |            ^^^^

    error[unknown-key]: unknown key `stepps` in a job
     --> .mmm/workflows/bad.yaml:5:5
      |
    5 |     stepps: []
      |     ^^^^^^
      |
      = hint: did you mean `steps`?

    error[unknown-key]: unknown key `runn` in a step
     --> .mmm/workflows/bad.yaml:7:9
      |
    7 |       - runn: make
      |         ^^^^
      |
      = hint: did you mean `run`?

    error[splice-into-run]: the text of `spec.title` would become part of the script
      --> .mmm/workflows/bad.yaml:11:19
       |
    11 |       - run: echo ${{ spec.title }}
       |                   ^^^^^^^^^^^^^^^^^
       |
       = hint: set `env: { SPEC_TITLE: '${{ spec.title }}' }` and write `"$SPEC_TITLE"`

    error[yaml-syntax]: the `[` is never closed
     --> .mmm/workflows/worse.yaml:1:7
      |
    1 | jobs: [
      |       ^

    5 errors in 2 files
    "#);
    let run = repo.mmm(["workflow", "check", "--json"]);
    run.assert_code(1);
    let envelope = run.json();
    assert_eq!(envelope["data"][0]["valid"], false, "{run}");
    assert_eq!(envelope["problems"][0]["file"], ".mmm/workflows/bad.yaml");
    assert!(envelope["problems"][0]["line"].is_number(), "{run}");
    // Asked for one, the others do not matter.
    repo.write(
        ".mmm/workflows/good.yaml",
        "jobs: {a: {steps: [{run: 'true'}]}}\n",
    );
    repo.mmm(["workflow", "check", "good"]).assert_ok();
    repo.mmm(["workflow", "check", "good", "worse"])
        .assert_code(1);
}

#[test]
fn warnings_are_told_and_are_no_error() {
    let repo = TestRepo::new();
    repo.write(
        "elsewhere.yaml",
        "jobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: 'true'\n",
    );
    insta::assert_snapshot!(repo.mmm(["workflow", "check", "elsewhere.yaml"]), @"
    exit code 0
    --- stdout
    1 workflow valid
    --- stderr
    warning[ignored-key]: `runs-on` is ignored: jobs run on this machine
     --> elsewhere.yaml:3:5
      |
    3 |     runs-on: ubuntu-latest
      |     ^^^^^^^

    1 warning in 1 file
    ");
}

#[test]
fn a_file_is_checked_wherever_it_is() {
    let repo = TestRepo::new();
    let home = repo.at(repo.outside("home"));
    home.write("a.yml", "jobs: {a: {steps: [{run: 'true'}]}}\n");
    home.mmm(["workflow", "check", "a.yml"]).assert_ok();
    insta::assert_snapshot!(home.mmm(["workflow", "check", "b.yml"]), @"
    exit code 128
    --- stderr
    error: cannot read [ROOT]/home/b.yml: No such file or directory (os error 2)
    ");
    insta::assert_snapshot!(home.mmm(["workflow", "check", "name"]), @"
    exit code 128
    --- stderr
    error: [ROOT]/home is not in a Git repository
    hint: run `git init`, or change into a repository
    ");
}

#[test]
fn several_are_checked_whichever_is_missing() {
    let repo = TestRepo::new();
    repo.mmm(["init"]).assert_ok();
    repo.write(".mmm/workflows/a.yaml", "jobs: {}\n");
    repo.write(".mmm/workflows/b.yaml", "jobs: []\n");
    repo.write("c.yaml", b"name: x\n\xe4jobs: {}\n");
    insta::assert_snapshot!(
        repo.mmm(["workflow", "check", "a", "helo", "b", "gone.yaml", "c.yaml"]),
        @"
        exit code 128
        --- stderr
        error[empty]: `jobs` has no job
         --> .mmm/workflows/a.yaml:1:1
          |
        1 | jobs: {}
          | ^^^^

        error[wrong-type]: `jobs` is a list, expected a mapping of ids to jobs
         --> .mmm/workflows/b.yaml:1:7
          |
        1 | jobs: []
          |       ^^

        error[no-workflow]: there is no workflow `helo`
        --> .mmm/workflows/helo.yaml
         = hint: did you mean `hello`?

        error[not-utf-8]: the file is not UTF-8: byte 0xE4
         --> c.yaml:2:1
          |
        2 | �jobs: {}
          | ^
          |
          = hint: save the file as UTF-8

        error[no-workflow]: cannot read [ROOT]/repo/gone.yaml: No such file or directory (os error 2)
        --> gone.yaml

        5 errors in 5 files
        "
    );
    let run = repo.mmm(["workflow", "check", "a", "helo", "hello", "--json"]);
    run.assert_code(128);
    let envelope = run.json();
    assert_eq!(envelope["schema"], "mmm/workflow-check@1");
    assert_eq!(envelope["data"].as_array().map(Vec::len), Some(2), "{run}");
    assert_eq!(
        envelope["problems"].as_array().map(Vec::len),
        Some(2),
        "{run}"
    );
}

#[test]
fn a_file_of_a_workflow_can_be_named_without_its_folder() {
    let repo = TestRepo::new();
    repo.mmm(["init"]).assert_ok();
    repo.mmm(["workflow", "check", "hello.yaml"]).assert_ok();
    let run = repo.mmm(["run", "-w", "hello.yaml"]);
    run.assert_code(128);
    assert!(
        run.stderr.contains("hint: leave out the ending: `hello`"),
        "{run}"
    );
}

#[test]
fn what_a_merge_left_is_named() {
    let repo = TestRepo::new();
    let conflict = "<<<<<<< HEAD\nname: a\n=======\nname: b\n>>>>>>> theirs\n";
    repo.write(
        ".mmm/workflows/top.yaml",
        format!("{conflict}jobs: {{a: {{steps: [run: x]}}}}\n"),
    );
    repo.write(
        ".mmm/workflows/inside.yaml",
        "jobs:\n  a:\n    steps:\n      - run: |\n          one\n<<<<<<< HEAD\n          two\n=======\n          three\n>>>>>>> theirs\n",
    );
    let run = repo.mmm(["workflow", "check", "--json"]);
    run.assert_code(1);
    let envelope = run.json();
    let found: Vec<String> = envelope["problems"]
        .as_array()
        .expect("problems")
        .iter()
        .map(|one| format!("{} {} {}", one["file"], one["line"], one["code"]))
        .collect();
    assert_eq!(
        found,
        [
            r#"".mmm/workflows/inside.yaml" 6 "conflict-markers""#,
            r#"".mmm/workflows/top.yaml" 1 "conflict-markers""#
        ]
    );
}

#[test]
fn names_that_cannot_be_used_are_told_as_they_are() {
    let repo = TestRepo::new();
    repo.write(".mmm/workflows/e\u{1b}[31mx.yaml", "jobs: {}\n");
    let run = repo.mmm(["workflow", "check"]);
    run.assert_code(1);
    assert!(
        run.stderr.contains(".mmm/workflows/e\\u{1b}[31mx.yaml"),
        "{run}"
    );
    let envelope = repo.mmm(["workflow", "check", "--json"]).json();
    assert_eq!(
        envelope["problems"][0]["file"],
        ".mmm/workflows/e\u{1b}[31mx.yaml"
    );
}

#[test]
fn an_error_hides_nothing_that_is_wrong_with_calls() {
    let repo = TestRepo::new();
    repo.mmm(["init"]).assert_ok();
    repo.write(
        ".mmm/workflows/sub.yaml",
        "inputs: {n: {type: number}, c: {type: choice, options: [x]}}\njobs: {a: {steps: [{run: x}]}}\n",
    );
    repo.write(
        ".mmm/workflows/main.yaml",
        "jobs:
  a:
    steps:
      - {workflow: sub, with: {n: abc, c: y, zz: 1}}
      - {workflow: gone}
      - {workflow: sub.yaml, with: {n: '${{ 1 + 1 }}'}}
      - {workflow: sub, with: {n: '${{ 1 + 1 }}'}}
      - {workflow: '${{ x }}'}
      - runn: x
",
    );
    let run = repo.mmm(["workflow", "check", "main", "--json"]);
    run.assert_code(1);
    let envelope = run.json();
    let problems = envelope["problems"].as_array().expect("problems");
    let lines: Vec<_> = problems
        .iter()
        .map(|found| format!("{}:{} {}", found["line"], found["column"], found["code"]))
        .collect();
    assert_eq!(
        lines,
        [
            "4:35 \"bad-input\"",
            "4:43 \"bad-input\"",
            "4:50 \"unknown-input\"",
            "5:20 \"unknown-workflow\"",
            "6:20 \"bad-workflow\"",
            "6:47 \"expression-syntax\"",
            "7:42 \"expression-syntax\"",
            "8:20 \"expression-not-allowed\"",
            "9:9 \"unknown-key\"",
        ],
        "{envelope}"
    );
}

#[test]
fn ten_thousand_jobs_of_a_usual_size_are_read_and_run() {
    let repo = TestRepo::new();
    repo.mmm(["init"]).assert_ok();
    let mut text = "jobs:\n".to_owned();
    for job in 0..10_000_u32 {
        let needs: Vec<String> = (1..=3)
            .filter_map(|back| job.checked_sub(back * 7))
            .map(|needed| format!("job-{needed:05}"))
            .collect();
        let _ = write!(
            text,
            "  job-{job:05}:\n    name: Part {job}\n    needs: [{}]\n    steps:\n      \
             - name: Do its part\n        run: make part-{job}\n",
            needs.join(", ")
        );
    }
    assert!(text.len() > 1024 * 1024);
    repo.write(".mmm/workflows/large.yaml", &text);
    repo.mmm(["workflow", "check", "large"]).assert_ok();
    let plan = repo.mmm(["run", "-n", "-w", "large"]);
    plan.assert_ok();
    assert!(plan.stdout.contains("job-09999: Part 9999"));
    // Whatever it is, more is not read.
    repo.write(".mmm/workflows/large.yaml", text.repeat(4));
    let check = repo.mmm(["workflow", "check", "large"]);
    check.assert_code(1);
    assert!(
        check.stderr.contains("more than the 4194304 that are read"),
        "{check}"
    );
}
