//! `git mmm workflow show --resolved`.

use crate::support::TestRepo;

const BASE: &str = "\
abstract: true
env:
  WHO: base
common-steps:
  greet:
    - name: Greet
      run: |
        echo \"hello $WHO\"
        echo again
jobs:
  build:
    steps:
      - use: greet
      - id: compile
        run: echo compile
";

const CHILD: &str = "\
extends: base
env: {WHO: child, MORE: 'true'}
jobs:
  build:
    overlay:
      - insert-after: compile
        steps: [run: echo link]
  test:
    needs: build
    steps:
      - run: echo test
";

fn repo() -> TestRepo {
    let repo = TestRepo::new();
    repo.write(".mmm/workflows/base.yaml", BASE);
    repo.write(".mmm/workflows/child.yaml", CHILD);
    repo
}

#[test]
fn each_part_says_where_it_comes_from() {
    let repo = repo();
    insta::assert_snapshot!(repo.mmm(["workflow", "show", "child", "--resolved"]), @r#"
    exit code 0
    --- stdout
    env:  # from child.yaml:2
      WHO: child  # from child.yaml:2
      MORE: 'true'  # from child.yaml:2
    jobs:  # from child.yaml:3
      build:  # from child.yaml:4
        steps:  # from base.yaml:12
          - name: Greet  # from base.yaml:6
            run: |
              echo "hello $WHO"
              echo again
          - id: compile  # from base.yaml:14
            run: echo compile
          - run: echo link  # from child.yaml:7
      test:  # from child.yaml:8
        needs: build  # from child.yaml:9
        steps:  # from child.yaml:10
          - run: echo test  # from child.yaml:11
    "#);
    insta::assert_snapshot!(repo.mmm(["workflow", "show", "base", "--resolved"]), @r#"
    exit code 0
    --- stdout
    abstract: true  # from base.yaml:1
    env:  # from base.yaml:2
      WHO: base  # from base.yaml:3
    jobs:  # from base.yaml:10
      build:  # from base.yaml:11
        steps:  # from base.yaml:12
          - name: Greet  # from base.yaml:6
            run: |
              echo "hello $WHO"
              echo again
          - id: compile  # from base.yaml:14
            run: echo compile
    "#);
}

#[test]
fn what_is_shown_is_a_workflow_that_means_the_same() {
    let repo = repo();
    for name in ["child", "base"] {
        let shown = repo.mmm(["workflow", "show", name, "--resolved"]);
        shown.assert_ok();
        let plan = |name: &str| {
            let mut envelope = repo.mmm(["workflow", "show", name, "--json"]).json();
            envelope["data"]["layers"].take()
        };
        repo.write(".mmm/workflows/one.yaml", &shown.stdout);
        repo.mmm(["workflow", "check", "one"]).assert_ok();
        assert_eq!(plan("one"), plan(name), "{shown}");
        let resolved = |name: &str| {
            let run = repo.mmm(["workflow", "show", name, "--resolved", "--json"]);
            run.assert_ok();
            run.json()["data"]["workflow"].clone()
        };
        assert_eq!(resolved("one"), resolved(name), "{shown}");
    }
}

#[test]
fn as_json_it_has_pointers_to_the_places() {
    let repo = repo();
    let envelope = repo
        .mmm(["workflow", "show", "child", "--resolved", "--json"])
        .json();
    assert_eq!(envelope["schema"], "mmm/workflow-resolved@1");
    let data = &envelope["data"];
    assert_eq!(data["workflow"]["env"]["WHO"], "child");
    assert_eq!(data["abstract"], false);
    let origins = data["origins"].as_array().expect("origins");
    let rows: Vec<String> = origins
        .iter()
        .map(|origin| {
            let pointer = origin["pointer"].as_str().expect("a pointer");
            assert!(data["workflow"].pointer(pointer).is_some(), "{pointer}");
            let file = origin["file"].as_str().expect("a file");
            format!("{pointer} {file}:{}:{}", origin["line"], origin["column"])
        })
        .filter(|row| row.starts_with("/jobs/build/steps/"))
        .collect();
    insta::assert_snapshot!(rows.join("\n"), @"
    /jobs/build/steps/0 .mmm/workflows/base.yaml:6:7
    /jobs/build/steps/0/name .mmm/workflows/base.yaml:6:7
    /jobs/build/steps/0/run .mmm/workflows/base.yaml:7:7
    /jobs/build/steps/1 .mmm/workflows/base.yaml:14:9
    /jobs/build/steps/1/id .mmm/workflows/base.yaml:14:9
    /jobs/build/steps/1/run .mmm/workflows/base.yaml:15:9
    /jobs/build/steps/2 .mmm/workflows/child.yaml:7:17
    /jobs/build/steps/2/run .mmm/workflows/child.yaml:7:17
    ");
}

#[test]
fn an_error_is_told_instead() {
    let repo = repo();
    repo.write(".mmm/workflows/base.yaml", "jobs: []\n");
    let run = repo.mmm(["workflow", "show", "child", "--resolved"]);
    run.assert_code(128);
    assert_eq!(run.stdout, "", "{run}");
}
