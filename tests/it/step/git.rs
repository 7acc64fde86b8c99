//! `git mmm step git`: branches, commits, tags and merges.

use std::fs;

use crate::support::{Run, TestRepo};

/// Runs the command with these parameters; gives what it left and its outputs.
pub(super) fn step(repo: &TestRepo, parameters: &str) -> (Run, String) {
    let file = repo.outside("parameters.json");
    let outputs = repo.outside("outputs");
    fs::write(&file, format!("{{\"format\": 1, \"git\": {parameters}}}")).expect("writes");
    fs::write(&outputs, "").expect("writes");
    let run = repo.mmm(["step", "git", file.to_str().expect("a plain path")]);
    (run, fs::read_to_string(&outputs).expect("reads"))
}

/// A repository whose programs know where outputs go.
pub(super) fn prepared(mut repo: TestRepo) -> TestRepo {
    let outputs = repo.outside("outputs");
    repo.set("GITHUB_OUTPUT", outputs.to_str().expect("a plain path"));
    repo
}

/// One output.
pub(super) fn output<'a>(outputs: &'a str, name: &str) -> &'a str {
    let found = outputs
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
    found.unwrap_or_else(|| panic!("no `{name}` in {outputs}"))
}

/// Makes a branch `theirs` with two commits, beside the one that is checked out.
pub(super) fn fork(repo: &TestRepo) {
    repo.git(["switch", "--quiet", "-c", "theirs"]);
    repo.write("README", "theirs\n");
    repo.git(["commit", "--quiet", "-am", "theirs"]);
    repo.write("more", "of theirs\n");
    repo.git(["add", "more"]);
    repo.git(["commit", "--quiet", "-m", "more"]);
    repo.git(["switch", "--quiet", "main"]);
}

fn each_format(test: impl Fn(&TestRepo)) {
    for object_format in ["sha1", "sha256"] {
        for ref_format in ["files", "reftable"] {
            let builder = TestRepo::builder()
                .with_object_format(object_format)
                .with_ref_format(ref_format);
            test(&prepared(builder.build()));
        }
    }
}

#[test]
fn a_branch_is_made_moved_and_checked_out() {
    each_format(|repo| {
        for changed in ["true", "false"] {
            let (run, outputs) = step(repo, r#"{"branch": {"name": "topic", "checkout": true}}"#);
            run.assert_ok();
            assert_eq!(output(&outputs, "branch"), "topic");
            assert_eq!(output(&outputs, "changed"), changed);
            assert_eq!(output(&outputs, "commit"), repo.git(["rev-parse", "HEAD"]));
        }
        assert_eq!(repo.git(["symbolic-ref", "--short", "HEAD"]), "topic");
        repo.git(["commit", "--quiet", "--allow-empty", "-m", "second"]);
        let (run, _) = step(repo, r#"{"branch": {"name": "main"}}"#);
        run.assert_code(1);
        assert!(
            run.stderr.starts_with("error: the branch `main` is at "),
            "{run}"
        );
        let (run, _) = step(repo, r#"{"branch": {"name": "main", "force": true}}"#);
        run.assert_ok();
        assert_eq!(
            repo.git(["rev-parse", "main"]),
            repo.git(["rev-parse", "topic"])
        );
        let (run, _) = step(repo, r#"{"branch": {"name": "old", "from": "main~1"}}"#);
        run.assert_ok();
        assert_eq!(
            repo.git(["rev-parse", "old"]),
            repo.git(["rev-parse", "main~1"])
        );
    });
}

#[test]
fn names_and_revisions_are_checked() {
    let repo = prepared(TestRepo::new());
    let mut refused = String::new();
    for parameters in [
        r#"{"branch": {"name": "-x"}}"#,
        r#"{"branch": {"name": "HEAD"}}"#,
        r#"{"branch": {"name": "a..b"}}"#,
        r#"{"branch": {"name": "refs/heads/main"}}"#,
        r#"{"tag": {"name": "@"}}"#,
        r#"{"branch": {"name": "x", "from": "--all"}}"#,
        r#"{"branch": {"name": "x", "from": "nothing"}}"#,
        r#"{"tag": {"name": "-d"}}"#,
        r#"{"tag": {"name": "x", "sign": true}}"#,
        r#"{"commit": {"message": " "}}"#,
        r#"{"merge": {"from": "-x"}}"#,
        r#"{"push": {}}"#,
    ] {
        let (run, outputs) = step(&repo, parameters);
        run.assert_code(1);
        assert_eq!(outputs, "");
        refused.push_str(&run.filtered(&run.stderr));
    }
    insta::assert_snapshot!(refused, @r"
    error: `-x` cannot be the name of a branch
    error: `HEAD` cannot be the name of a branch
    error: `a..b` cannot be the name of a branch
    error: `refs/heads/main` cannot be the name of a branch
    error: `@` cannot be the name of a tag
    error: there is no commit `--all`
    error: there is no commit `nothing`
    error: `-d` cannot be the name of a tag
    error: the tag has no message
    error: the commit has no message
    error: there is no commit `-x`
    error: [ROOT]/parameters.json: the parameters cannot be read: unknown variant `push`, expected one of `branch`, `commit`, `tag`, `merge` at line 1 column 28
    ");
}

#[test]
fn what_is_staged_named_or_all_is_committed() {
    each_format(|repo| {
        let commit = |what: &str| step(repo, &format!(r#"{{"commit": {what}}}"#));
        repo.write("src/deep/a.rs", "a");
        repo.write("src/b.rs", "b");
        repo.write("other", "o");
        let (run, outputs) = commit(r#"{"message": "nothing staged"}"#);
        run.assert_ok();
        assert_eq!(run.stdout, "nothing to commit\n");
        assert_eq!(output(&outputs, "changed"), "false");
        repo.git(["add", "other"]);
        let (run, outputs) = commit(
            r##"{"message": "# Sources\n\nA body.", "paths": ["src/**/*.rs", "!src/b.rs"]}"##,
        );
        run.assert_ok();
        assert_eq!(output(&outputs, "changed"), "true");
        assert_eq!(
            repo.git(["log", "-1", "--format=%B"]).trim(),
            "# Sources\n\nA body."
        );
        assert_eq!(
            repo.git(["show", "--name-only", "--format="]),
            "src/deep/a.rs"
        );
        assert_eq!(repo.git(["status", "--porcelain"]), "A  other\n?? src/b.rs");
        let (run, outputs) = commit(r#"{"message": "again", "paths": ["src/deep/**", "none"]}"#);
        run.assert_ok();
        assert_eq!(output(&outputs, "changed"), "false");
        fs::remove_file(repo.path().join("src/deep/a.rs")).expect("removes");
        let (run, _) = commit(r#"{"message": "gone", "paths": ["src/deep/**"]}"#);
        run.assert_ok();
        assert_eq!(
            repo.git(["show", "--name-status", "--format="]),
            "D\tsrc/deep/a.rs"
        );
        let (run, _) = commit(r#"{"message": "staged", "author": "Mary <mary@example.org>"}"#);
        run.assert_ok();
        assert_eq!(
            repo.git(["log", "-1", "--format=%an %cn"]),
            "Mary Ada Lovelace"
        );
        let (run, _) = commit(r#"{"message": "the rest", "all": true}"#);
        run.assert_ok();
        assert_eq!(repo.git(["status", "--porcelain"]), "");
        let (run, outputs) = commit(r#"{"message": "empty", "allow-empty": true}"#);
        run.assert_ok();
        assert_eq!(output(&outputs, "changed"), "true");
        assert_eq!(output(&outputs, "branch"), "main");
    });
}

#[test]
fn hooks_of_the_person_run_unless_passed_over() {
    let repo = prepared(TestRepo::new());
    repo.write_program(
        ".git/hooks/pre-commit",
        "#!/bin/sh\necho not today\nexit 1\n",
    );
    repo.write("a", "a");
    let (run, _) = step(&repo, r#"{"commit": {"message": "a", "all": true}}"#);
    run.assert_code(1);
    assert_eq!(run.stdout, "not today\n");
    let (run, _) = step(
        &repo,
        r#"{"commit": {"message": "a", "all": true, "no-verify": true}}"#,
    );
    run.assert_ok();
}

#[test]
fn a_tag_is_made_once() {
    each_format(|repo| {
        let tag = |what: &str| step(repo, &format!(r#"{{"tag": {what}}}"#));
        for changed in ["true", "false"] {
            let (run, outputs) = tag(r#"{"name": "v1", "message": "First\n\nof all"}"#);
            run.assert_ok();
            assert_eq!(
                (output(&outputs, "tag"), output(&outputs, "changed")),
                ("v1", changed)
            );
        }
        assert_eq!(repo.git(["cat-file", "-t", "v1"]), "tag");
        let (run, _) = tag(r#"{"name": "light"}"#);
        run.assert_ok();
        assert_eq!(repo.git(["cat-file", "-t", "light"]), "commit");
        // A name is there when a tag with a message is; a message is not there by a name alone.
        let (run, outputs) = tag(r#"{"name": "v1"}"#);
        run.assert_ok();
        assert_eq!(output(&outputs, "changed"), "false");
        assert_eq!(repo.git(["cat-file", "-t", "v1"]), "tag");
        let (run, _) = tag(r#"{"name": "light", "message": "now with one"}"#);
        run.assert_code(1);
        let told = "error: the tag `light` is there without a message; `force: true` would make it";
        assert!(run.stderr.contains(told), "{run}");
        let (run, _) = tag(r#"{"name": "light", "message": "now with one", "force": true}"#);
        run.assert_ok();
        assert_eq!(repo.git(["cat-file", "-t", "light"]), "tag");
        repo.git(["commit", "--quiet", "--allow-empty", "-m", "second"]);
        let (run, _) = tag(r#"{"name": "v1", "message": "again"}"#);
        run.assert_code(1);
        let (run, _) = tag(r#"{"name": "v1", "message": "again", "force": true}"#);
        run.assert_ok();
        assert_eq!(
            repo.git(["rev-parse", "v1^{commit}"]),
            repo.git(["rev-parse", "HEAD"])
        );
    });
}

#[test]
fn another_branch_is_merged_each_way() {
    each_format(|repo| {
        fork(repo);
        for how in ["merge", "squash", "rebase", "ff-only"] {
            repo.git(["switch", "--quiet", "-C", how, "main"]);
            if how != "ff-only" {
                repo.write(how, "own");
                repo.git(["add", how]);
                repo.git(["commit", "--quiet", "-m", "own"]);
            }
            for changed in ["true", "false"] {
                let (run, outputs) = step(
                    repo,
                    &format!(r#"{{"merge": {{"from": "theirs", "how": "{how}"}}}}"#),
                );
                run.assert_ok();
                assert_eq!(output(&outputs, "changed"), changed, "{how}: {run}");
                assert_eq!(output(&outputs, "branch"), how);
            }
            assert_eq!(repo.git(["status", "--porcelain"]), "");
            let log = repo.git(["log", "--format=%s", "--first-parent", "main.."]);
            let expected = match how {
                "merge" => "Merge `theirs`\nown",
                "squash" => "Squash `theirs`\nown",
                "rebase" => "more\ntheirs\nown",
                _ => "more\ntheirs",
            };
            assert_eq!(log, expected, "{how}");
        }
    });
}

#[test]
fn a_conflict_is_taken_back_or_left() {
    each_format(|repo| {
        fork(repo);
        repo.write("README", "mine\n");
        repo.git(["commit", "--quiet", "-am", "mine"]);
        let before = repo.git(["rev-parse", "HEAD"]);
        repo.write("untracked", "stays");
        for how in ["merge", "squash", "rebase"] {
            let merge = |more: &str| {
                step(
                    repo,
                    &format!(r#"{{"merge": {{"from": "theirs", "how": "{how}"{more}}}}}"#),
                )
            };
            let (run, outputs) = merge("");
            run.assert_code(1);
            assert_eq!(output(&outputs, "conflicts"), "README", "{how}");
            assert_eq!(output(&outputs, "changed"), "false", "{how}");
            assert_eq!(run.stderr, "error: merging `theirs` ends in a conflict\n");
            assert_eq!(repo.git(["status", "--porcelain"]), "?? untracked", "{how}");
            assert_eq!(repo.git(["rev-parse", "HEAD"]), before);
            let (run, outputs) = merge(r#", "on-conflict": "leave""#);
            run.assert_ok();
            assert_eq!(output(&outputs, "conflicts"), "README", "{how}");
            assert!(repo.read("README").contains("<<<<<<<"));
            if how != "squash" {
                let (run, _) = merge("");
                run.assert_code(1);
                assert!(run.stderr.ends_with("is in progress here\n"), "{run}");
            }
            repo.git(["reset", "--quiet", "--hard", &before]);
        }
        let (run, _) = step(repo, r#"{"merge": {"from": "theirs", "how": "ff-only"}}"#);
        run.assert_code(1);
        assert_eq!(repo.git(["rev-parse", "HEAD"]), before);
    });
}

#[test]
fn a_conflict_is_found_from_any_folder_and_under_any_setting() {
    let mut repo = prepared(TestRepo::new());
    fork(&repo);
    repo.write("README", "mine\n");
    repo.git(["commit", "--quiet", "-am", "mine"]);
    repo.write("below/ignored", "");
    repo.git(["config", "diff.relative", "true"]);
    repo.set("GIT_LITERAL_PATHSPECS", "1");
    let file = repo.outside("parameters.json");
    let merge = r#"{"format": 1, "git": {"merge": {"from": "theirs", "on-conflict": "leave"}}}"#;
    fs::write(&file, merge).expect("writes");
    let words = ["step", "git", file.to_str().expect("a plain path")];
    repo.at(repo.path().join("below")).mmm(words).assert_ok();
    let outputs = fs::read_to_string(repo.outside("outputs")).expect("reads");
    assert_eq!(output(&outputs, "conflicts"), "README");
    let commit = r#"{"format": 1, "git": {"commit": {"message": "Too early"}}}"#;
    fs::write(&file, commit).expect("writes");
    let run = repo.at(repo.path().join("below")).mmm(words);
    run.assert_code(1);
    let expected = "error: `README` is still in conflict; solve it and `git add` it first\n";
    assert_eq!(run.stderr, expected);
}

#[test]
fn a_merge_that_was_killed_is_done_again() {
    for how in ["merge", "squash", "rebase"] {
        let repo = prepared(TestRepo::new());
        fork(&repo);
        repo.write("README", "mine\n");
        repo.git(["commit", "--quiet", "-am", "mine"]);
        let theirs = repo.git(["rev-parse", "theirs"]);
        let leave =
            format!(r#"{{"merge": {{"from": "theirs", "how": "{how}", "on-conflict": "leave"}}}}"#);
        let (run, _) = step(&repo, &leave);
        run.assert_ok();
        // As if it had been killed just before its end.
        repo.write(".git/mmm-step-merge", format!("{theirs}\n"));
        let (run, outputs) = step(&repo, &leave);
        run.assert_ok();
        assert_eq!(output(&outputs, "conflicts"), "README", "{how}");
    }
}

#[test]
fn there_must_be_a_work_tree() {
    let repo = prepared(TestRepo::builder().bare().build());
    let (run, _) = step(&repo, r#"{"branch": {"name": "x"}}"#);
    run.assert_code(1);
    insta::assert_snapshot!(run, @r"
    exit code 1
    --- stderr
    error: [ROOT]/repo has no work tree
    ");
}
