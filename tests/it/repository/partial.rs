//! A partial clone, whose server may be away.

use crate::support::{TestRepo, View};

#[test]
fn a_run_ends_where_the_files_of_the_past_cannot_be_had() {
    let repo = TestRepo::new();
    repo.mmm(["init"]).assert_ok();
    repo.write("a", "1\n");
    repo.git(["add", "--all"]);
    repo.git(["commit", "--quiet", "-m", "one"]);
    repo.write("a", "2\n");
    repo.git(["commit", "--quiet", "-am", "two"]);
    repo.git(["config", "uploadpack.allowFilter", "true"]);
    let clone = repo.clone_to("clone", &["--filter=blob:none"]);
    clone.git(["config", "remote.origin.url", "file:///nowhere"]);
    clone.mmm(["run", "hello"]).assert_ok();
    let notes = clone.git(["notes", "--ref", "mmm/runs", "show", "HEAD"]);
    assert!(
        notes.contains("anchor") && !notes.contains("\"patch\""),
        "{notes}"
    );
    assert!(clone.mmm(["spec", "list"]).stdout.contains("verified"));
}

/// Objects that the clone knows of and does not have.
fn missing(clone: &View<'_>) -> usize {
    let list = ["rev-list", "--objects", "--all", "--missing=print"];
    let listing = clone.git(list);
    listing.lines().filter(|line| line.starts_with('?')).count()
}

#[test]
fn trees_of_the_past_are_not_fetched_to_find_some_code() {
    TestRepo::each_format(|repo| {
        repo.mmm(["init"]).assert_ok();
        repo.git(["add", "--all"]);
        for number in 1..5 {
            repo.write("a", format!("{number}\n"));
            repo.git(["add", "--all"]);
            repo.git(["commit", "--quiet", "-m", "more"]);
        }
        repo.git(["config", "uploadpack.allowFilter", "true"]);
        for away in [false, true] {
            let name = if away { "away" } else { "there" };
            let clone = repo.clone_to(name, &["--filter=tree:0"]);
            if away {
                clone.git(["config", "remote.origin.url", "file:///nowhere"]);
            }
            clone.write("new", "code that no commit has");
            clone.mmm(["run", "hello"]).assert_ok();
            let before = missing(&clone);
            assert!(before > 0);
            for words in [
                &["status"][..],
                &["spec", "list"],
                &["runs"],
                &["show"],
                &["log"],
            ] {
                clone.mmm(words).assert_ok();
            }
            clone.mmm(["spec", "verify", "hello"]).assert_ok();
            clone.mmm(["check", "--verify"]).assert_ok();
            assert_eq!(missing(&clone), before, "{name}");
            clone.git(["add", "new"]);
            clone.git(["commit", "--quiet", "-m", "the code"]);
            assert!(clone.mmm(["spec", "list"]).stdout.contains("verified"));
            clone.git(["notes", "--ref", "mmm/verdicts", "show", "HEAD"]);
        }
    });
}
