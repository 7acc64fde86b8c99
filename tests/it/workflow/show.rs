//! `git mmm workflow show`.

use crate::support::TestRepo;

/// The workflow with parallel jobs and a checkpoint of `.mmm-example`.
const RELEASE: &str = include_str!("../../../.mmm-example/workflows/release.yaml");

#[test]
fn the_plan_is_shown_in_layers() {
    let repo = TestRepo::new();
    repo.write(".mmm/workflows/release.yaml", RELEASE);
    insta::assert_snapshot!(repo.mmm(["workflow", "show", "release"]), @r#"
    exit code 0
    --- stdout
    Release (.mmm/workflows/release.yaml)
     1. syntax
          - Run sh -n "$SCRIPT"
        test
          - Test the script
          - Say where to look if failure() && steps.test.outcome == 'failure'
     2. approve (needs syntax, test)
          - Checkpoint review
     3. announce (needs approve)
          - Announce it
    "#);
}

#[test]
fn as_json_it_is_the_same_plan() {
    let repo = TestRepo::new();
    repo.write(".mmm/workflows/release.yaml", RELEASE);
    let envelope = repo.mmm(["workflow", "show", "release", "--json"]).json();
    assert_eq!(envelope["schema"], "mmm/workflow-show@1");
    let layers = envelope["data"]["layers"].as_array().expect("layers");
    let ids: Vec<Vec<&str>> = layers
        .iter()
        .map(|layer| {
            let jobs = layer.as_array().expect("jobs").iter();
            jobs.filter_map(|job| job["id"].as_str()).collect()
        })
        .collect();
    assert_eq!(
        ids,
        [vec!["syntax", "test"], vec!["approve"], vec!["announce"]]
    );
    insta::assert_snapshot!(
        serde_json::to_string_pretty(&layers[1]).expect("it is JSON"),
        @r#"
    [
      {
        "condition": null,
        "id": "approve",
        "needs": [
          "syntax",
          "test"
        ],
        "steps": [
          {
            "condition": null,
            "key": "1",
            "kind": "checkpoint",
            "title": "Checkpoint review"
          }
        ],
        "title": "approve"
      }
    ]
    "#
    );
}

#[test]
fn one_that_is_not_there_or_cannot_run_is_an_error() {
    let repo = TestRepo::new();
    repo.mmm(["init"]).assert_ok();
    insta::assert_snapshot!(repo.mmm(["workflow", "show", "helo"]), @"
    exit code 128
    --- stderr
    error: there is no workflow `helo`
    hint: did you mean `hello`?
    ");
    repo.write(".mmm/workflows/bad.yaml", "jobs:\n  a:\n    stepps: []\n");
    insta::assert_snapshot!(repo.mmm(["workflow", "show", "bad"]), @"
    exit code 128
    --- stderr
    error[missing-key]: a job needs `steps`
     --> .mmm/workflows/bad.yaml:2:3
      |
    2 |   a:
      |   ^

    error[unknown-key]: unknown key `stepps` in a job
     --> .mmm/workflows/bad.yaml:3:5
      |
    3 |     stepps: []
      |     ^^^^^^
      |
      = hint: did you mean `steps`?

    2 errors in 1 file
    error: the workflow `bad` cannot run: 2 problems found
    hint: run `git mmm workflow check bad`
    ");
    insta::assert_snapshot!(repo.mmm(["workflow", "show"]), @"
    exit code 129
    --- stderr
    error: missing `<name>`
    hint: see `git mmm workflow show -h`
    ");
}

#[test]
fn escapes_in_a_workflow_do_not_reach_the_terminal() {
    let repo = TestRepo::new();
    let text = "name: \"a\\e[2Jb\"\njobs: {a: {steps: [{name: \"\\e]0;x\\a\", run: 'true'}]}}\n";
    repo.write(".mmm/workflows/evil.yaml", text);
    for command in ["show", "list", "check"] {
        let mut words = vec!["workflow", command];
        if command == "show" {
            words.push("evil");
        }
        let run = repo.mmm(words);
        let printed = [run.stdout.as_str(), run.stderr.as_str()].concat();
        assert!(!printed.contains(['\u{1b}', '\u{7}']), "{run}");
    }
}
