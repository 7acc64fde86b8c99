//! `runs`, `show` and `log`.

use crate::run::fixture::{project, runs, spec, told, workflow};

#[test]
fn runs_are_listed_and_filtered() {
    let repo = project();
    workflow(&repo.here(), "good", "  a:\n    steps: [{run: 'true'}]\n");
    workflow(&repo.here(), "bad", "  a:\n    steps: [{run: 'false'}]\n");
    workflow(
        &repo.here(),
        "main",
        "  a:\n    steps: [{checkpoint: look}]\n",
    );
    spec(&repo.here(), &["true"]);
    assert_eq!(runs(&repo.here()), []);
    repo.mmm(["runs"]).assert_ok();
    repo.mmm(["run", "-w", "good"]).assert_ok();
    repo.mmm(["run", "-w", "bad"]).assert_code(1);
    repo.mmm(["run", "thing"]).assert_code(3);
    let list = |words: &[&str]| {
        let run = repo.mmm([&["runs", "--json"], words].concat());
        run.assert_ok();
        let json = run.json();
        assert_eq!(json["schema"], "mmm/runs@1");
        let rows = json["data"].as_array().expect("rows").clone();
        rows.iter()
            .map(|row| row["workflow"].as_str().unwrap_or("").to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(list(&[]), ["main", "bad", "good"]);
    assert_eq!(list(&["-n", "1"]), ["main"]);
    assert_eq!(list(&["--status", "failure"]), ["bad"]);
    assert_eq!(
        list(&["--status", "waiting", "--status", "success"]),
        ["main", "good"]
    );
    assert_eq!(list(&["--spec", "thing"]), ["main"]);
    repo.mmm(["runs", "--status", "nonsense"]).assert_code(129);
    let text = repo.mmm(["runs"]);
    assert_eq!(text.stdout.lines().count(), 4, "{text}");
}

#[test]
fn a_run_is_shown_the_same_live_and_sealed() {
    let repo = project();
    workflow(
        &repo.here(),
        "main",
        "  a:\n    steps:\n      - {name: say, run: echo out; echo err >&2}\n      - checkpoint: look\n",
    );
    spec(&repo.here(), &["true"]);
    let id = told(&repo.mmm(["run", "thing", "--json"]));
    let live = repo.mmm(["show", &id, "--json"]).json();
    assert_eq!(live["schema"], "mmm/run-details@1");
    repo.mmm(["checkpoint", "approve"]).assert_ok();
    let sealed = repo.mmm(["show", &id[..20], "--json"]).json();
    assert_eq!(
        live["data"]["jobs"][1]["steps"][0],
        sealed["data"]["jobs"][1]["steps"][0]
    );
    for key in [
        "run",
        "workflow",
        "workflow_hash",
        "spec",
        "started",
        "base",
        "branch",
        "tree",
        "who",
        "dirty",
    ] {
        assert_eq!(live["data"][key], sealed["data"][key], "{key}");
        assert!(!live["data"][key].is_null(), "{key}");
    }
    let log = repo.mmm(["log", &id]);
    assert!(log.stdout.contains("  | out\n  | err\n"), "{log}");
    let log = repo.mmm(["log", &id, "--json", "--job", "a"]).json();
    assert_eq!(log["data"][0]["output"], "out\nerr\n");
    // Another clone that has the refs reads the same.
    let clone = repo.clone_to("clone", &[]);
    clone.git(["fetch", "--quiet", "origin", "refs/mmm/*:refs/mmm/*"]);
    crate::run::fixture::configure(&clone, "");
    assert_eq!(
        clone.mmm(["show", &id, "--json"]).stdout,
        repo.mmm(["show", &id, "--json"]).stdout
    );
    assert_eq!(
        clone.mmm(["log", &id]).stdout,
        repo.mmm(["log", &id]).stdout
    );
    assert_eq!(clone.mmm(["runs"]).stdout, repo.mmm(["runs"]).stdout);
    clone.mmm(["run", "--resume", &id]).assert_code(128);
}
