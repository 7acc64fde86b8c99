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

#[test]
fn what_an_earlier_call_left_is_committed() {
    let repo = TestRepo::new();
    repo.mmm(["init"]).assert_ok();
    let run = repo.mmm(["init", "--commit"]);
    let head = repo.git(["rev-parse", "--short=10", "HEAD"]);
    insta::assert_snapshot!(run.to_string().replace(&head, "[HEAD]"), @"
    exit code 0
    --- stdout
    committed .mmm/.gitattributes
    committed .mmm/config.toml
    committed .mmm/workflows/hello.yaml
    committed .mmm/workflows/default.yaml
    committed .mmm/specs/hello-g1chs59.md
    next: git mmm status
    --- stderr
    committed as [HEAD]
    ");
    assert_eq!(repo.git(["status", "--porcelain"]), "");
    // What somebody has changed since is not ours to commit.
    repo.write(".mmm/workflows/hello.yaml", "name: mine\n");
    let run = repo.mmm(["init", "--commit"]);
    assert!(run.stdout.starts_with("nothing to do"), "{run}");
    assert_eq!(
        repo.git(["status", "--porcelain"]),
        " M .mmm/workflows/hello.yaml"
    );
}

#[test]
fn what_git_ignores_is_named_with_the_rule() {
    let repo = TestRepo::new();
    repo.write(".gitignore", "\n*.toml\n");
    let run = repo.mmm(["init"]);
    insta::assert_snapshot!(run, @"
    exit code 0
    --- stdout
    created .mmm/.gitattributes
    created .mmm/config.toml
    created .mmm/specs/hello-g1chs59.md
    created .mmm/workflows/hello.yaml
    created .mmm/workflows/default.yaml
    next: git mmm run hello
    --- stderr
    warning[ignored]: Git ignores `.mmm/config.toml` and `.mmm/runs/*.toml` by the rule `*.toml`: no commit will have what stands there
    --> .gitignore:2
     = hint: take the rule back, or add the lines `!/.mmm/` and `!/.mmm/**` to the end of `.gitignore`

    1 warning in 1 file
    ");
    let json = repo.mmm(["init", "--json"]).json();
    assert_eq!(json["problems"][0]["code"], "ignored");
    assert_eq!(json["problems"][0]["line"], 2);
    repo.mmm(["init", "--commit"]).assert_code(128);
    // A rule for all repositories hides the folder as a whole.
    repo.write(".gitignore", "");
    repo.write("../rules", ".mmm/\n");
    let rules = repo.outside("rules");
    repo.git([
        "config",
        "core.excludesFile",
        rules.to_str().expect("UTF-8"),
    ]);
    let run = repo.mmm(["check"]);
    insta::assert_snapshot!(run, @"
    exit code 0
    --- stdout
    1 spec, 2 workflows, 0 evidence files checked
    --- stderr
    warning[ignored]: Git ignores `.mmm/.gitattributes`, `.mmm/config.toml`, `.mmm/runs/*.toml` and 5 more by the rule `.mmm/`: no commit will have what stands there
    --> [ROOT]/rules:1
     = hint: take the rule back, or add the lines `!/.mmm/` and `!/.mmm/**` to the end of `.gitignore`

    1 warning in 1 file
    ");
    // The hint works.
    repo.write(".gitignore", "!/.mmm/\n!/.mmm/**\n");
    let run = repo.mmm(["check"]);
    assert!(run.stdout.contains("no problems"), "{run}");
    repo.write(".gitignore", "*.toml\n!/.mmm/\n!/.mmm/**\n");
    let run = repo.mmm(["check"]);
    assert!(run.stdout.contains("no problems"), "{run}");
    repo.mmm(["init", "--commit"]).assert_ok();
}
