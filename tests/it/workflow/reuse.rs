//! `extends`, overlays and common steps, from the files to the run.

use crate::support::TestRepo;

/// An abstract workflow with common steps and two jobs.
const BASE: &str = "\
abstract: true
env:
  WHO: base
common-steps:
  greet:
    - run: echo \"hello $WHO\"
jobs:
  build:
    steps:
      - use: greet
      - id: compile
        run: echo compile
  test:
    needs: build
    steps:
      - run: echo test
";

/// A workflow that adds to it.
const CHILD: &str = "\
name: Child
extends: base
env:
  WHO: child
jobs:
  build:
    overlay:
      - insert-after: compile
        steps:
          - run: echo link
";

fn repo() -> TestRepo {
    written(TestRepo::new())
}

fn written(repo: TestRepo) -> TestRepo {
    repo.mmm(["init"]).assert_ok();
    repo.write(".mmm/workflows/base.yaml", BASE);
    repo.write(".mmm/workflows/child.yaml", CHILD);
    repo
}

#[test]
fn a_run_goes_by_all_files_as_they_were_at_its_start() {
    // Processes of a run whose folder is gone are found by its id: no other test may have it.
    let repo = written(TestRepo::builder().real_clock().build());
    repo.write(
        ".mmm/workflows/child.yaml",
        format!("{CHILD}  ask:\n    needs: test\n    steps:\n      - checkpoint: review\n      - run: echo \"after $WHO\"\n"),
    );
    let run = repo.mmm(["run", "-w", "child"]);
    run.assert_code(3);
    // Neither what stands there now nor the loss of the live folder changes what the run goes by.
    repo.write(".mmm/workflows/base.yaml", "jobs: []\n");
    let runs = repo.path().join(".git/mmm/runs");
    let folder = std::fs::read_dir(&runs)
        .expect("the runs")
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .find(|path| path.join("events.jsonl").exists())
        .expect("a live run");
    let pinned = folder.join("pinned/parents/base.yaml");
    assert_eq!(
        std::fs::read_to_string(&pinned).expect("it is pinned"),
        BASE
    );
    std::fs::remove_dir_all(&folder).expect("removes");
    repo.write(".mmm/workflows/base.yaml", BASE);
    let run = repo.mmm(["checkpoint", "approve"]);
    run.assert_ok();
    assert!(run.stdout.contains("after child"), "{run}");
}

#[test]
fn an_abstract_workflow_is_listed_and_checked_and_not_run() {
    let repo = repo();
    insta::assert_snapshot!(repo.mmm(["run", "-w", "base"]), @"
    exit code 128
    --- stderr
    error[abstract-workflow]: an abstract workflow is not run by itself
     --> .mmm/workflows/base.yaml:1:1
      |
    1 | abstract: true
      | ^^^^^^^^
      |
      = hint: run a workflow that extends it; `git mmm workflow list` shows all

    1 error in 1 file
    error: the workflow `base` cannot run: 1 error found
    ");
    insta::assert_snapshot!(repo.mmm(["workflow", "list"]), @"
    exit code 0
    --- stdout
    NAME     JOBS  STEPS  TITLE
    base        2      3  base (abstract)
    child       2      4  Child
    default     1      1  default
    hello       2      2  hello
    ");
    repo.mmm(["workflow", "check"]).assert_ok();
    let envelope = repo.mmm(["workflow", "list", "--json"]).json();
    assert_eq!(envelope["data"][0]["abstract"], true);
    assert_eq!(envelope["data"][1]["abstract"], false);
}

#[test]
fn the_plan_is_that_of_the_resolved_workflow() {
    let repo = repo();
    insta::assert_snapshot!(repo.mmm(["workflow", "show", "child"]), @r#"
    exit code 0
    --- stdout
    Child (.mmm/workflows/child.yaml)
     1. build
          - Run echo "hello $WHO"
          - Run echo compile
          - Run echo link
     2. test (needs build)
          - Run echo test
    "#);
    repo.write(".mmm/workflows/open.yaml", "abstract: true\n");
    insta::assert_snapshot!(repo.mmm(["workflow", "show", "open"]), @"
    exit code 0
    --- stdout
    open (.mmm/workflows/open.yaml)
    --- stderr
    it is abstract, and has no plan before a workflow extends it
    ");
}

#[test]
fn a_problem_of_a_parent_is_told_once_in_its_own_file() {
    let repo = repo();
    repo.write(
        ".mmm/workflows/base.yaml",
        BASE.replace("run: echo test", "runn: echo test"),
    );
    repo.write(
        ".mmm/workflows/child.yaml",
        CHILD.replace("insert-after: compile", "insert-after: compil"),
    );
    insta::assert_snapshot!(repo.mmm(["workflow", "check"]), @"
    exit code 1
    --- stderr
    error[unknown-key]: unknown key `runn` in a step
      --> .mmm/workflows/base.yaml:16:9
       |
    16 |       - runn: echo test
       |         ^^^^
       |
       = hint: did you mean `run`?

    error[unknown-step]: no inherited step is `compil`
     --> .mmm/workflows/child.yaml:8:23
      |
    8 |       - insert-after: compil
      |                       ^^^^^^
      |
      = hint: did you mean `compile`?

    2 errors in 2 files
    ");
}

#[test]
fn common_steps_work_after_failures_and_at_the_end() {
    let repo = TestRepo::new();
    repo.mmm(["init"]).assert_ok();
    repo.write(
        ".mmm/workflows/main.yaml",
        "common-steps: {note: [{run: 'echo n >>trace'}]}
jobs:
  a:
    steps:
      - run: exit 1
        on-failure: [{use: note}]
        ensure: [{use: note}]
    on-failure: [{use: note}]
    ensure: [{use: note}]
on-failure: [{use: note}]
ensure: [{use: note}]
",
    );
    let run = repo.mmm(["run", "-w", "main"]);
    run.assert_code(1);
    assert_eq!(repo.read("trace"), "n\n".repeat(6), "{run}");
    repo.write(
        ".mmm/workflows/main.yaml",
        "jobs: {a: {steps: [{run: 'true'}]}}\non-failure: [{run: exit 1}]\n",
    );
    let run = repo.mmm(["run", "-w", "main"]);
    run.assert_ok();
    assert!(run.stdout.contains("@on-failure (nothing failed)"), "{run}");
}
