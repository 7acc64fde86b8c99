//! That `git mmm check` leaves everything as it was, and needs no right to write.

use std::path::Path;

use crate::spec::project::{project, spec};
use crate::support::TestRepo;

/// Every file below a folder with its size and time of change.
fn listing(repo: &TestRepo, folder: &Path) -> String {
    let script = "find . -type f -printf '%p %s %T@\\n' | sort";
    let run = repo.at(folder).command("sh", &["-c", script]);
    run.assert_ok();
    run.stdout
}

fn sample() -> TestRepo {
    let repo = project();
    spec(
        &repo,
        "store-1m4c8tz",
        "ready",
        "",
        &[("[x] it is (ac-1)", "test -e README")],
    );
    repo.git(["add", "."]);
    repo.git(["commit", "--quiet", "-m", "a spec"]);
    repo
}

#[cfg(target_os = "linux")]
#[test]
fn no_file_changes() {
    let repo = sample();
    // Something waits to be noted: a command that may write would do it now.
    repo.write("code", "x");
    repo.mmm(["spec", "verify"]).assert_ok();
    repo.git(["add", "."]);
    repo.git(["commit", "--quiet", "-m", "code"]);
    let before = listing(&repo, repo.path());
    repo.mmm(["check", "--verify"]).assert_ok();
    assert_eq!(listing(&repo, repo.path()), before);
}

#[test]
fn a_shallow_clone_is_enough() {
    let repo = sample();
    let clone = repo.clone_to("clone", &["--depth=1"]);
    clone.mmm(["check", "--verify"]).assert_ok();
    assert_eq!(clone.git(["for-each-ref", "refs/notes", "refs/mmm"]), "");
    assert!(!clone.path().join(".git/mmm").exists());
}

#[test]
fn every_format_of_repository() {
    TestRepo::each_format(|repo| {
        repo.write(
            ".mmm/config.toml",
            "format = 1\n\n[project]\nid = \"0123456789ab\"\nname = \"x\"\n",
        );
        spec(
            repo,
            "store-1m4c8tz",
            "ready",
            "",
            &[("[x] it is (ac-1)", "test -e README")],
        );
        repo.mmm(["check", "--verify"]).assert_ok();
        repo.mmm(["spec", "verify"]).assert_ok();
        repo.mmm(["spec", "list", "--status=verified", "--limit=1"])
            .assert_ok();
    });
}

#[test]
fn a_read_only_repository_is_enough() {
    let repo = sample();
    repo.here()
        .command("chmod", &["-R", "a-w", ".git", ".mmm"])
        .assert_ok();
    let run = repo.mmm(["check", "--verify"]);
    repo.here()
        .command("chmod", &["-R", "u+w", ".git", ".mmm"])
        .assert_ok();
    run.assert_ok();
}

#[test]
fn a_command_that_changes_the_code_is_told_of() {
    let repo = project();
    spec(
        &repo,
        "store-1m4c8tz",
        "ready",
        "",
        &[
            ("[x] it is (ac-1)", "true"),
            ("[x] it writes (ac-2)", "echo w >>made"),
            ("[x] it only looks (ac-3)", "test -e made"),
            ("[x] it ends so (ac-4)", "rm made"),
        ],
    );
    repo.git(["add", "."]);
    repo.git(["commit", "--quiet", "-m", "a spec"]);
    let changed = |words: &[&str], rows: &str| {
        let answer = repo.mmm(words).json();
        let rows = answer.pointer(rows).and_then(serde_json::Value::as_array);
        let rows = rows.expect("rows").iter();
        rows.map(|row| row["changed_code"] == true)
            .collect::<Vec<_>>()
    };
    let expected = [false, true, false, true];
    let objects = || repo.git(["count-objects"]);
    let before = objects();
    assert_eq!(
        changed(&["check", "--verify", "--json"], "/data/verified"),
        expected
    );
    assert_eq!(objects(), before);
    assert_eq!(changed(&["spec", "verify", "--json"], "/data"), expected);
    let run = repo.mmm(["check", "--verify"]);
    run.assert_ok();
    let warning = "warning: the command of store-1m4c8tz ac-2 changed the code";
    assert!(run.stderr.contains(warning), "{run}");
    let left = std::fs::read_dir(repo.outside("tmp")).expect("a folder");
    assert_eq!(left.count(), 0);
}
