//! `git mmm step git` leaves alone what somebody else has done.

use crate::step::git::{fork, output, prepared, step};
use crate::support::TestRepo;

/// A repository whose `main` and `theirs` differ in `README`; the commit of `main`.
fn forked() -> (TestRepo, String) {
    let repo = prepared(TestRepo::new());
    fork(&repo);
    repo.write("README", "mine\n");
    repo.git(["commit", "--quiet", "-am", "mine"]);
    let before = repo.git(["rev-parse", "HEAD"]);
    (repo, before)
}

fn merge(how: &str) -> String {
    format!(r#"{{"merge": {{"from": "theirs", "how": "{how}"}}}}"#)
}

#[test]
fn a_merge_keeps_what_is_staged() {
    for how in ["merge", "squash", "rebase", "ff-only"] {
        let (repo, before) = forked();
        repo.write("staged", "of a person\n");
        repo.git(["add", "staged"]);
        let (run, _) = step(&repo, &merge(how));
        run.assert_code(1);
        assert_eq!(repo.git(["status", "--porcelain"]), "A  staged", "{how}");
        assert_eq!(repo.git(["rev-parse", "HEAD"]), before);
        if how != "ff-only" {
            assert_eq!(
                run.stderr,
                "error: `staged` is staged here; commit or unstage it first\n"
            );
        }
    }
}

#[test]
fn a_killed_merge_that_is_taken_up_keeps_what_was_staged_since() {
    let (repo, _) = forked();
    let theirs = repo.git(["rev-parse", "theirs"]);
    repo.here().command("git", &["merge", "--squash", "theirs"]);
    repo.write(".git/mmm-step-merge", format!("{theirs}\n"));
    repo.write("since", "of a person\n");
    repo.git(["add", "since"]);
    let (run, _) = step(&repo, &merge("squash"));
    run.assert_code(1);
    assert_eq!(
        run.stderr,
        "error: `since` is staged here; commit or unstage it first\n"
    );
    assert_eq!(repo.read("since"), "of a person\n");
    repo.git(["rm", "--quiet", "--cached", "since"]);
    let (run, outputs) = step(&repo, &merge("squash"));
    run.assert_code(1);
    assert_eq!(output(&outputs, "conflicts"), "README");
    assert_eq!(repo.git(["status", "--porcelain"]), "?? since");
}

#[test]
fn no_commit_is_passed_over_because_a_file_is_in_its_way() {
    let repo = prepared(TestRepo::new());
    fork(&repo);
    repo.write("own", "own\n");
    repo.git(["add", "own"]);
    repo.git(["commit", "--quiet", "-m", "own"]);
    let before = repo.git(["rev-parse", "HEAD"]);
    repo.write("more", "of a person\n");
    let (run, _) = step(&repo, &merge("rebase"));
    run.assert_code(1);
    assert_eq!(repo.git(["rev-parse", "HEAD"]), before);
    assert_eq!(repo.git(["status", "--porcelain"]), "?? more");
    assert_eq!(repo.read("more"), "of a person\n");
}

#[test]
fn a_conflict_is_not_committed_before_it_is_solved() {
    for what in [
        r#""all": true"#,
        r#""paths": ["README"]"#,
        r#""sign": false"#,
    ] {
        let (repo, before) = forked();
        repo.here().command("git", &["merge", "theirs"]);
        let commit = format!(r#"{{"commit": {{"message": "solved", {what}}}}}"#);
        let (run, _) = step(&repo, &commit);
        run.assert_code(1);
        assert_eq!(
            run.stderr,
            "error: `README` is still in conflict; solve it and `git add` it first\n"
        );
        assert_eq!(repo.git(["rev-parse", "HEAD"]), before);
        assert_eq!(repo.git(["status", "--porcelain"]), "UU README\nA  more");
    }
    let (repo, _) = forked();
    repo.here().command("git", &["merge", "theirs"]);
    repo.write("README", "both\n");
    let (run, _) = step(&repo, r#"{"commit": {"message": "solved", "all": true}}"#);
    run.assert_ok();
    let parents = repo.git(["log", "-1", "--format=%P"]);
    assert_eq!(parents.split(' ').count(), 2);
}

const ALL: &str = r#"{"commit": {"message": "all", "paths": ["**"]}}"#;

#[test]
fn a_file_in_place_of_a_folder_and_the_other_way_round_are_committed() {
    let repo = prepared(TestRepo::new());
    repo.write("was-folder/a", "a");
    repo.write("was-file", "a");
    repo.git(["add", "."]);
    repo.git(["commit", "--quiet", "-m", "before"]);
    repo.git(["rm", "--quiet", "-r", "--cached", "."]);
    std::fs::remove_dir_all(repo.path().join("was-folder")).expect("removes");
    std::fs::remove_file(repo.path().join("was-file")).expect("removes");
    repo.write("was-folder", "b");
    repo.write("was-file/b", "b");
    repo.git(["reset", "--quiet"]);
    let (run, _) = step(&repo, ALL);
    run.assert_ok();
    assert_eq!(repo.git(["status", "--porcelain"]), "");
    assert_eq!(
        repo.git(["ls-tree", "-r", "--name-only", "HEAD"]),
        "README\nwas-file/b\nwas-folder"
    );
}

#[test]
fn what_a_sparse_work_tree_leaves_out_is_no_hindrance() {
    let repo = prepared(TestRepo::new());
    repo.write("in/a", "a");
    repo.write("out/a", "a");
    repo.git(["add", "."]);
    repo.git(["commit", "--quiet", "-m", "before"]);
    repo.git(["sparse-checkout", "set", "in"]);
    repo.write("in/a", "b");
    repo.write("in/new", "b");
    let (run, _) = step(&repo, ALL);
    run.assert_ok();
    assert_eq!(
        repo.git(["show", "--name-status", "--format=", "HEAD"]),
        "M\tin/a\nA\tin/new"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_name_that_is_not_utf_8_is_committed() {
    use std::os::unix::ffi::OsStrExt as _;

    let repo = prepared(TestRepo::new());
    let name = std::ffi::OsStr::from_bytes(b"caf\xe9");
    std::fs::write(repo.path().join(name), "a").expect("writes");
    let (run, _) = step(&repo, ALL);
    run.assert_ok();
    assert_eq!(repo.git(["status", "--porcelain"]), "");
}

#[test]
fn commits_that_wait_behind_a_solved_conflict_are_told() {
    let (repo, _) = forked();
    let leave = r#"{"merge": {"from": "theirs", "how": "rebase", "on-conflict": "leave"}}"#;
    step(&repo, leave).0.assert_ok();
    repo.write("README", "both\n");
    let commit = r#"{"commit": {"message": "solved", "all": true}}"#;
    let (run, _) = step(&repo, commit);
    run.assert_ok();
    let told = "more commits wait to be picked: `git cherry-pick --continue`\n";
    assert!(run.stdout.ends_with(told), "{run}");
    repo.git(["cherry-pick", "--continue"]);
    repo.write("own", "own\n");
    let (run, _) = step(&repo, commit);
    run.assert_ok();
    assert!(!run.stdout.contains("cherry-pick"), "{run}");
}

#[test]
fn what_a_hook_said_comes_before_the_error() {
    let repo = prepared(TestRepo::new());
    repo.write_program(".git/hooks/pre-commit", "#!/bin/sh\necho no good\nexit 3\n");
    repo.mmm(["init"]).assert_ok();
    repo.write(
        ".mmm/workflows/x.yaml",
        "jobs: {a: {steps: [{run: echo a >a}, {git: {commit: {message: a, paths: [a]}}}]}}\n",
    );
    let run = repo.mmm(["run", "-w", "x"]);
    run.assert_code(1);
    let said = "  |   a\n  | no good\n  | error: `git commit` failed (exit code 1)\n";
    assert!(run.stdout.contains(said), "{run}");
}
