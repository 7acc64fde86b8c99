//! `--commit`: what cannot be committed is not written, and what was not committed is told.

use crate::support::TestRepo;

fn project() -> (TestRepo, String) {
    let repo = TestRepo::new();
    repo.mmm(["init"]).assert_ok();
    repo.git(["add", "--all"]);
    repo.git(["commit", "--quiet", "-m", "state"]);
    let list = repo.mmm(["spec", "list", "--json"]).json();
    let path = list["data"][0]["path"].as_str().expect("a path").to_owned();
    (repo, path)
}

const SET: [&str; 5] = ["spec", "set", "hello", "owner=ada", "--commit"];

#[test]
fn what_is_in_the_way_is_seen_before_anything_is_written() {
    let (repo, _) = project();
    let set = |what: &str| {
        let run = repo.mmm(SET);
        run.assert_code(128);
        assert_eq!(
            repo.git(["status", "--porcelain", "-uno"]),
            "",
            "{what}: {run}"
        );
    };
    repo.write(".git/index.lock", "");
    set("the index is locked");
    std::fs::remove_file(repo.path().join(".git/index.lock")).expect("removes");
    repo.git(["config", "user.name", ""]);
    set("nobody is known");
    repo.git(["config", "--unset", "user.name"]);
    repo.write(".git/info/exclude", ".mmm/\n");
    let run = repo.mmm(["spec", "new", "Another one", "--commit"]);
    run.assert_code(128);
    assert!(
        run.stderr.contains("is ignored, and cannot be committed"),
        "{run}"
    );
    assert!(
        run.stderr
            .contains("hint: `git check-ignore -v .mmm/specs/"),
        "{run}"
    );
    assert_eq!(repo.git(["status", "--porcelain", "--ignored"]), "");
    // What Git knows already is not ignored.
    repo.mmm(SET).assert_ok();
    assert_eq!(
        repo.git(["log", "-1", "--format=%an"]),
        repo.git(["log", "-1", "--format=%cn"])
    );
    assert_eq!(repo.git(["status", "--porcelain"]), "");
}

#[test]
fn what_was_written_and_not_committed_is_told_and_committed_later() {
    let (repo, path) = project();
    repo.git(["config", "commit.gpgsign", "true"]);
    repo.git(["config", "gpg.program", "/bin/false"]);
    let run = repo.mmm(SET);
    run.assert_code(128);
    assert!(
        run.stderr
            .contains(&format!("`{path}` written and not committed")),
        "{run}"
    );
    assert!(
        run.stderr.contains(&format!("run `git commit -- {path}`")),
        "{run}"
    );
    assert_eq!(repo.git(["status", "--porcelain"]), format!(" M {path}"));
    repo.git(["config", "--unset", "commit.gpgsign"]);
    let again = repo.mmm(SET);
    again.assert_ok();
    assert!(again.stderr.contains("committed as"), "{again}");
    assert_eq!(repo.git(["status", "--porcelain"]), "");
    let third = repo.mmm(SET);
    third.assert_ok();
    assert!(third.stderr.contains("nothing to change"), "{third}");
}
