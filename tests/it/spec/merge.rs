//! Edits of a spec on two branches, merged by Git.

use crate::spec::project::{project, spec};
use crate::support::TestRepo;

/// Edits of each key; those of different keys must merge.
const EDITS: [(&str, &[&str]); 9] = [
    ("title", &["title=Another title"]),
    ("status", &["status=ready"]),
    ("kind", &["kind=fix", "kind="]),
    ("owner", &["owner=bob", "owner="]),
    ("priority", &["priority=7", "priority="]),
    ("created", &["created=2020-01-01", "created="]),
    ("workflow", &["workflow=other", "workflow="]),
    ("labels", &["+labels:web", "-labels:auth", "labels="]),
    (
        "depends_on",
        &["+depends_on:store", "-depends_on:cache", "depends_on="],
    ),
];

/// Makes a branch for each edit and merges every two of different keys.
#[track_caller]
fn check(repo: &TestRepo) {
    repo.git(["add", "."]);
    repo.git(["commit", "--quiet", "-m", "the base"]);
    let base = repo.git(["rev-parse", "HEAD"]);
    let mut branches: Vec<(&str, &str, String)> = Vec::new();
    for (key, edits) in EDITS {
        for edit in edits {
            repo.git(["checkout", "--quiet", "--detach", &base]);
            repo.mmm(["spec", "set", "thing", edit]).assert_ok();
            // Nothing to remove is no edit.
            if !repo.git(["status", "--porcelain"]).is_empty() {
                repo.git(["commit", "--quiet", "-am", edit]);
                branches.push((key, edit, repo.git(["rev-parse", "HEAD"])));
            }
        }
    }
    assert!(branches.len() >= EDITS.len(), "{branches:?}");
    for (index, (key, edit, commit)) in branches.iter().enumerate() {
        for (other_key, other_edit, other) in branches.iter().skip(index + 1) {
            if key == other_key {
                continue;
            }
            let words = ["merge-tree", "--write-tree", commit, other];
            let merged = repo.here().command("git", &words);
            merged.assert_ok();
            let tree = merged.stdout.lines().next().unwrap_or_default();
            let file = repo.git(["ls-tree", "-r", "--name-only", tree, ".mmm/specs/"]);
            let name = file.lines().find(|line| line.contains("/thing-"));
            let text = repo.git(["show", &format!("{tree}:{}", name.expect("the spec"))]);
            assert!(!text.contains("<<<<"), "{edit} and {other_edit}: {text}");
        }
    }
    repo.git(["checkout", "--quiet", "--detach", &base]);
}

fn sample() -> TestRepo {
    let repo = project();
    spec(&repo, "store-1m4c8tz", "done", "", &[]);
    spec(&repo, "cache-aaaaaaa", "done", "", &[]);
    repo
}

/// Every key with a value, in the words of `spec set`.
const ALL: [&str; 6] = [
    "kind=feature",
    "owner=ada",
    "priority=2",
    "workflow=default",
    "+labels:auth",
    "+depends_on:cache",
];

#[test]
fn edits_of_a_short_spec_merge() {
    let repo = sample();
    repo.mmm(["spec", "new", "thing"]).assert_ok();
    check(&repo);
    // Keys that were set are as good as those of a new file.
    repo.mmm([&["spec", "set", "thing"], ALL.as_slice()].concat())
        .assert_ok();
    check(&repo);
}

#[test]
fn edits_of_a_full_spec_merge() {
    let repo = sample();
    repo.mmm([
        "spec",
        "new",
        "thing",
        "--kind=feature",
        "--owner=ada",
        "--priority=2",
        "--workflow=default",
        "--label=auth",
        "--depends-on=cache",
    ])
    .assert_ok();
    check(&repo);
    // So are keys that were emptied.
    let words = ["kind=", "owner=", "priority=", "workflow=", "labels="];
    repo.mmm(
        [
            &["spec", "set", "thing"],
            words.as_slice(),
            &["depends_on="],
        ]
        .concat(),
    )
    .assert_ok();
    check(&repo);
}
