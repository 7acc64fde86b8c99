//! `git mmm workflow new`.

use crate::support::TestRepo;

#[test]
fn the_new_workflow_is_commented_and_valid() {
    let repo = TestRepo::new();
    repo.mmm(["init"]).assert_ok();
    insta::assert_snapshot!(repo.mmm(["workflow", "new", "build"]), @"
    exit code 0
    --- stdout
    created .mmm/workflows/build.yaml
    next: git mmm run -w build
    ");
    let text = repo.read(".mmm/workflows/build.yaml");
    assert!(text.starts_with("# ") && text.contains("\nname: build\n"));
    repo.mmm(["workflow", "check", "build"]).assert_ok();
    let envelope = repo.mmm(["workflow", "new", "other", "--json"]).json();
    assert_eq!(envelope["schema"], "mmm/workflow-new@1");
    assert_eq!(envelope["data"]["path"], ".mmm/workflows/other.yaml");
}

#[test]
fn nothing_is_overwritten() {
    let repo = TestRepo::new();
    repo.mmm(["init"]).assert_ok();
    repo.write(".mmm/workflows/mine.yml", "mine\n");
    let before = repo.read(".mmm/workflows/hello.yaml");
    insta::assert_snapshot!(repo.mmm(["workflow", "new", "hello"]), @"
    exit code 128
    --- stderr
    error: there is a workflow `hello` already (.mmm/workflows/hello.yaml)
    hint: edit it, then run `git mmm workflow check hello`
    ");
    insta::assert_snapshot!(repo.mmm(["workflow", "new", "mine"]), @"
    exit code 128
    --- stderr
    error: there is a workflow `mine` already (.mmm/workflows/mine.yml)
    hint: rename it so that its name ends in `.yaml`, or remove it
    ");
    assert_eq!(repo.read(".mmm/workflows/hello.yaml"), before);
}

#[test]
fn names_that_no_file_should_have_are_refused() {
    let repo = TestRepo::new();
    repo.mmm(["init"]).assert_ok();
    insta::assert_snapshot!(repo.mmm(["workflow", "new", "../x"]), @"
    exit code 129
    --- stderr
    error: `../x` is not a name for a workflow
    hint: use up to 64 of a-z, A-Z, 0-9, `-` and `_`, a letter or digit first
    ");
    for name in ["a b", ".x", "a.yaml", "", "ä"] {
        repo.mmm(["workflow", "new", name]).assert_code(129);
    }
    assert_eq!(repo.git(["status", "--porcelain"]), "?? .mmm/");
}

#[test]
fn a_repository_without_a_project_gets_none() {
    let repo = TestRepo::new();
    insta::assert_snapshot!(repo.mmm(["workflow", "new", "build"]), @"
    exit code 128
    --- stderr
    error: there is no project in [ROOT]/repo: `.mmm/config.toml` is missing
    hint: run `git mmm init`
    ");
}
