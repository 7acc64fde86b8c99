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
        test (at most 5m)
          - Test the script
          - Say where to look: depends on how it goes, steps.test.outcome (if: failure() && steps.test.outcome == 'failure')
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
            "handler": null,
            "id": "approve",
            "if": null,
            "legs": null,
            "legs_unknown": [],
            "needs": [
              "syntax",
              "test"
            ],
            "notes": [],
            "reason": null,
            "state": "runs",
            "steps": [
              {
                "call": null,
                "handler": null,
                "if": null,
                "key": "1",
                "kind": "checkpoint",
                "notes": [],
                "reason": null,
                "state": "runs",
                "title": "Checkpoint review",
                "unknown": []
              }
            ],
            "title": "approve",
            "unknown": []
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
    error: the workflow `bad` cannot run: 2 errors found
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

#[test]
fn a_name_never_makes_a_line_of_its_own() {
    let repo = TestRepo::new();
    repo.mmm(["init"]).assert_ok();
    let forged = "two\\nsuccess   a / rm -rf everything  0.0 s\\u200b";
    let script = "x".repeat(200_000);
    let text = format!(
        "name: \"{forged}\"\njobs:\n  a:\n    name: \"{forged}\"\n    if: |\n      true ||\n      false\n    \
         steps:\n      - {{name: \"{forged}\", run: 'true'}}\n      - {{name: '', run: ''}}\n      \
         - {{name: Ask a person, checkpoint: look, if: 'false'}}\n      - {{run: ': {script}'}}\n"
    );
    repo.write(".mmm/workflows/forge.yaml", text);
    insta::assert_snapshot!(repo.mmm(["workflow", "show", "forge"]), @r"
    exit code 0
    --- stdout
    two\nsuccess   a / rm -rf everything  0.0 s\u{200b} (.mmm/workflows/forge.yaml)
     1. a: two\nsuccess   a / rm -rf everything  0.0 s\u{200b}: runs (if: true ||\nfalse)
          - two\nsuccess   a / rm -rf everything  0.0 s\u{200b}
          - Run nothing
          - Ask a person (checkpoint): skipped (if: false is false)
          - Run : xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…
    ");
    // What would run is told in the same words, and so is what runs.
    let shown = repo.mmm(["workflow", "show", "forge"]).stdout;
    let (_, layers) = shown.split_once('\n').expect("lines");
    let planned = repo.mmm(["run", "-n", "-w", "forge"]).stdout;
    assert_eq!(planned, format!("forge\n{layers}"));
    let run = repo.mmm(["run", "-w", "forge"]);
    run.assert_ok();
    let steps: Vec<&str> = run
        .stdout
        .lines()
        .filter(|line| line.contains("a / "))
        .collect();
    let starts = [
        "success   a / two\\nsuccess   a / rm",
        "success   a / Run nothing  ",
        "skipped   a / Ask a person",
        "success   a / Run : xxx",
    ];
    assert_eq!(steps.len(), starts.len(), "{run}");
    for (step, start) in steps.iter().zip(starts) {
        assert!(step.starts_with(start) && step.len() < 200, "{run}");
    }
    let plan = repo.mmm(["run", "-n", "-w", "forge", "--json"]).json();
    let shown = repo.mmm(["workflow", "show", "forge", "--json"]).json();
    assert_eq!(plan["data"][0]["layers"], shown["data"]["layers"]);
}
