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
        run.stderr.contains(
            "(.git/info/exclude:1 `.mmm/`)\nhint: take the rule back in .git/info/exclude"
        ),
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
        run.stderr.contains(&format!(
            "`git add :/{path} && git -c commit.gpgsign=false commit -- :/{path}`"
        )),
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

#[test]
fn a_commit_is_by_whom_git_commit_would_name() {
    let (mut repo, _) = project();
    let named = |repo: &TestRepo| {
        let format = "--format=%an <%ae> %at|%cn <%ce> %ct";
        repo.git(["log", "-1", format])
    };
    repo.git(["config", "author.name", "Author"]);
    repo.git(["config", "author.email", "author@example.org"]);
    repo.mmm(SET).assert_ok();
    assert_eq!(
        named(&repo),
        "Author <author@example.org> 1795341600|Ada Lovelace <ada@example.org> 1795341600"
    );
    repo.set("GIT_AUTHOR_NAME", "Zed");
    repo.set("GIT_AUTHOR_EMAIL", "z@example.org");
    repo.set("GIT_AUTHOR_DATE", "2001-01-01T00:00:00Z");
    repo.set("GIT_COMMITTER_NAME", "Cee");
    repo.set("GIT_COMMITTER_EMAIL", "c@example.org");
    let set = |value: &str| ["spec", "set", "hello", value, "--commit"].map(str::to_owned);
    repo.mmm(set("owner=zed")).assert_ok();
    assert_eq!(
        named(&repo),
        "Zed <z@example.org> 978307200|Cee <c@example.org> 1795341600"
    );
    repo.set("GIT_AUTHOR_DATE", "nonsense");
    insta::assert_snapshot!(repo.mmm(set("owner=bob")), @"
    exit code 128
    --- stderr
    error: the variable `GIT_AUTHOR_DATE` is `nonsense`, not a date in a form that git reads
    hint: `unset GIT_AUTHOR_DATE`, or give it a value of that form
    ");
    // Inside a hook of `git commit`, these tell of the commit around it.
    repo.set("GIT_INDEX_FILE", ".git/index");
    repo.mmm(set("owner=bob")).assert_ok();
    assert_eq!(
        named(&repo),
        "Author <author@example.org> 1795341600|Cee <c@example.org> 1795341600"
    );
}
