//! `init --commit` and `mmm.commit`.

use crate::support::TestRepo;

#[test]
fn a_commit_holds_only_what_was_written() {
    let repo = TestRepo::new();
    repo.write("staged", "mine\n");
    repo.git(["add", "staged"]);
    repo.write("README", "changed\n");
    let run = repo.mmm(["init", "--commit"]);
    let head = repo.git(["rev-parse", "--short=10", "HEAD"]);
    insta::assert_snapshot!(run.to_string().replace(&head, "[HEAD]"), @"
    exit code 0
    --- stdout
    created .mmm/.gitattributes
    created .mmm/config.toml
    created .mmm/specs/hello-rqdes9p.md
    created .mmm/workflows/hello.yaml
    created .mmm/workflows/default.yaml
    next: git mmm run hello
    --- stderr
    committed as [HEAD]
    ");
    let files = repo.git(["show", "--name-only", "--format=%s", "HEAD"]);
    insta::assert_snapshot!(files, @"
    mmm: init

    .mmm/.gitattributes
    .mmm/config.toml
    .mmm/specs/hello-rqdes9p.md
    .mmm/workflows/default.yaml
    .mmm/workflows/hello.yaml
    ");
    let status = repo.git(["status", "--porcelain"]);
    assert_eq!(status, " M README\nA  staged");
}

#[test]
fn it_can_be_the_first_commit() {
    let repo = TestRepo::builder().unborn().build();
    let data = repo.mmm(["init", "--commit", "--json"]).json();
    let head = repo.git(["rev-parse", "HEAD"]);
    assert_eq!(data["data"]["commit"], head.as_str());
    assert_eq!(repo.git(["status", "--porcelain"]), "");
    // Nothing new is nothing to commit.
    repo.mmm(["init", "--commit"]).assert_ok();
    assert_eq!(repo.git(["rev-parse", "HEAD"]), head);
}

#[test]
fn one_s_own_configuration_asks_for_it_too() {
    let repo = TestRepo::new();
    repo.git(["config", "mmm.commit", "true"]);
    repo.mmm(["init"]).assert_ok();
    assert_eq!(repo.git(["log", "-1", "--format=%s"]), "mmm: init");
}

#[test]
fn without_an_identity_nothing_is_written() {
    let mut repo = TestRepo::new();
    repo.git(["config", "user.useConfigOnly", "true"]);
    repo.set("GIT_CONFIG_GLOBAL", "/dev/null");
    let run = repo.mmm(["init", "--commit"]);
    run.assert_code(128);
    assert!(!repo.path().join(".mmm").exists(), "{run}");
}
