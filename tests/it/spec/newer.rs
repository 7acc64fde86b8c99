//! Files that a newer version wrote: read as far as they are known, never written.

use crate::spec::project::{path, project, spec};
use crate::support::TestRepo;

/// The refs of the repository, and what is changed in the work tree.
fn state(repo: &TestRepo) -> String {
    let refs = repo.git(["for-each-ref"]);
    format!("{refs}{}", repo.git(["status", "--porcelain", "-uall"]))
}

#[test]
fn a_newer_spec_is_shown_and_not_written() {
    let repo = project();
    spec(
        &repo,
        "store-1m4c8tz",
        "ready",
        "colour: blue\n",
        &[("[ ] it is (ac-1)", "true")],
    );
    let file = path("store-1m4c8tz");
    repo.write(&file, repo.read(&file).replace("format: 1", "format: 2"));
    repo.write(
        ".mmm/workflows/default.yaml",
        "jobs:\n  a:\n    steps: [{run: touch ran}]\n",
    );
    repo.git(["add", "."]);
    repo.git(["commit", "--quiet", "-m", "a spec"]);
    let before = state(&repo);
    let run = repo.mmm(["spec", "list"]);
    run.assert_ok();
    assert!(run.stdout.contains("The store  ready   0/1"), "{run}");
    insta::assert_snapshot!(repo.mmm(["spec", "show", "store"]), @"
    exit code 0
    --- stdout
    The store
    spec        store-1m4c8tz
    file        .mmm/specs/store-1m4c8tz.md
    status      ready
    proved      0/1

    [ ] ac-1 it is
        unverified
        $ true

    Why.
    --- stderr
    warning[newer-format]: the file has format 2, and git-mmm [VERSION] knows format 1
     --> .mmm/specs/store-1m4c8tz.md:5:9
      |
    5 | format: 2
      |         ^
      |
      = hint: it is read as far as it is known, and never written; install a git-mmm newer than [VERSION] that knows format 2

    1 warning in 1 file
    ");
    repo.mmm(["check"]).assert_ok();
    insta::assert_snapshot!(repo.mmm(["spec", "set", "store", "owner=ada"]), @"
    exit code 128
    --- stderr
    error: `.mmm/specs/store-1m4c8tz.md` has format 2, and this version writes up to format 1
    hint: install a git-mmm newer than [VERSION] that knows format 2, or go back to the older format
    ");
    for words in [
        ["spec", "done", "store", "--force"].as_slice(),
        &["spec", "drop", "store"],
        &["run", "store"],
    ] {
        let run = repo.mmm(words);
        run.assert_code(128);
        assert!(run.stderr.contains("has format 2"), "{run}");
    }
    assert_eq!(state(&repo), before);
}

#[test]
fn newer_evidence_counts_with_a_warning() {
    let repo = project();
    let run = "01jd3v9w8x7k3q9x2m4c8tzp0m";
    let text = format!(
        "format = 2\nrun = \"{run}\"\nspec = \"1m4c8tz\"\nworkflow = \"w\"\ncolour = 1\n\
        workflow_hash = \"{}\"\nstarted = 2026-11-22T15:53:24Z\nended = 2026-11-22T15:53:24Z\n\
        outcome = \"success\"\ntree = \"{}\"\ndirty = false\n",
        "a".repeat(64),
        "b".repeat(40)
    );
    repo.write(&format!(".mmm/runs/{run}.toml"), text);
    insta::assert_snapshot!(repo.mmm(["check"]), @"
    exit code 0
    --- stdout
    0 specs, 0 workflows, 1 evidence file checked
    --- stderr
    warning[newer-format]: the file has format 2, and git-mmm [VERSION] knows format 1
     --> .mmm/runs/[ULID].toml:1:10
      |
    1 | format = 2
      |          ^
      |
      = hint: it is read as far as it is known, and never written; install a git-mmm newer than [VERSION] that knows format 2

    1 warning in 1 file
    ");
}

#[test]
fn a_newer_configuration_stops_every_command_that_writes() {
    let repo = project();
    spec(
        &repo,
        "store-1m4c8tz",
        "ready",
        "",
        &[("[ ] it is (ac-1)", "true")],
    );
    repo.write(
        ".mmm/workflows/default.yaml",
        "jobs:\n  a:\n    steps: [{run: touch ran}]\n",
    );
    // A verdict that waits for a commit must go on waiting.
    repo.write("code", "x");
    repo.mmm(["spec", "verify"]).assert_ok();
    let config = repo.read(".mmm/config.toml");
    repo.write(
        ".mmm/config.toml",
        config.replace("format = 1", "format = 2"),
    );
    repo.git(["add", "."]);
    repo.git(["commit", "--quiet", "-m", "a newer project"]);
    let before = state(&repo);
    for words in [
        ["spec", "verify"].as_slice(),
        &["spec", "set", "store", "owner=ada"],
        &["spec", "new", "another"],
        &["spec", "done", "store"],
        &["spec", "drop", "store"],
        &["workflow", "new", "other"],
        &["run", "store"],
        &["init"],
    ] {
        let run = repo.mmm(words);
        run.assert_code(128);
        assert!(run.stderr.contains("format 2"), "{run}");
        assert_eq!(state(&repo), before, "{run}");
    }
    for words in [["spec", "list"], ["spec", "deps"], ["check", "--verify"]] {
        repo.mmm(words).assert_ok();
        assert_eq!(state(&repo), before, "{words:?}");
    }
}
