//! `git mmm workflow list`.

use crate::support::TestRepo;

#[test]
fn every_workflow_is_a_row() {
    let repo = TestRepo::new();
    repo.mmm(["init"]).assert_ok();
    insta::assert_snapshot!(repo.mmm(["workflow", "list"]), @"
    exit code 0
    --- stdout
    NAME     JOBS  STEPS  TITLE
    default     1      1  default
    hello       2      2  hello
    ");
    let data = repo.mmm(["workflow", "list", "--json"]).json();
    assert_eq!(data["schema"], "mmm/workflow-list@1");
    insta::assert_snapshot!(data["data"][1], @r#"{"abstract":false,"errors":0,"jobs":2,"name":"hello","path":".mmm/workflows/hello.yaml","steps":2,"title":"hello","warnings":0}"#);
}

#[test]
fn unreadable_ones_are_rows_too_and_the_answer_is_no() {
    let repo = TestRepo::new();
    repo.write(
        ".mmm/workflows/good.yaml",
        "jobs: {a: {steps: [{run: 'true'}]}}\n",
    );
    repo.write(".mmm/workflows/bad.yaml", "jobs:\n  a: [\n");
    repo.write(".mmm/workflows/latin.yaml", b"name: \xe4\n");
    repo.write(".mmm/workflows/other.yml", "jobs: {}\n");
    repo.write(
        ".mmm/workflows/warned.yaml",
        "jobs:\n  a:\n    runs-on: x\n    steps:\n      - run: 'true'\n",
    );
    insta::assert_snapshot!(repo.mmm(["workflow", "list"]), @"
    exit code 1
    --- stdout
    NAME       JOBS  STEPS  TITLE
    bad           -      -  ! 1 error in .mmm/workflows/bad.yaml
    good          1      1  good
    latin         -      -  ! 1 error in .mmm/workflows/latin.yaml
    other.yml     -      -  ! 1 error in .mmm/workflows/other.yml
    warned        1      1  warned (1 warning)
    --- stderr
    hint: `git mmm workflow check` says what is wrong
    ");
    let run = repo.mmm(["workflow", "list", "--json"]);
    run.assert_code(1);
    let envelope = run.json();
    assert_eq!(envelope["data"].as_array().map(Vec::len), Some(5), "{run}");
    assert_eq!(envelope["data"][0]["errors"], 1, "{run}");
    assert_eq!(envelope["data"][4]["warnings"], 1, "{run}");
}

#[test]
fn no_workflow_is_no_error() {
    let repo = TestRepo::new();
    insta::assert_snapshot!(repo.mmm(["workflow", "list"]), @"
    exit code 0
    --- stderr
    no workflows, and no project here yet: run `git mmm init`
    ");
    let outside = repo.at(repo.outside("home"));
    insta::assert_snapshot!(outside.mmm(["workflow", "list"]), @"
    exit code 128
    --- stderr
    error: [ROOT]/home is not in a Git repository
    hint: run `git init`, or change into a repository
    ");
}
