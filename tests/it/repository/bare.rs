//! A bare repository: its `HEAD` is read, and nothing is written.

use crate::support::{TestRepo, View};

/// Commands that only read.
const READING: &[&[&str]] = &[
    &["check"],
    &["spec", "list"],
    &["spec", "show", "hello"],
    &["spec", "deps"],
    &["spec", "check"],
    &["workflow", "list"],
    &["workflow", "show", "hello"],
    &["workflow", "check"],
    &["runs"],
    &["show"],
    &["log"],
    &["checkpoint", "list"],
];

/// Commands that need a work tree.
const WRITING: &[&[&str]] = &[
    &["init"],
    &["run", "hello"],
    &["spec", "new", "Another one"],
    &["spec", "set", "hello", "owner=ada"],
    &["spec", "verify"],
    &["spec", "done", "hello"],
    &["workflow", "new", "build"],
    &["check", "--verify"],
];

fn everything(view: &View<'_>) -> String {
    let refs = view.git(["for-each-ref"]);
    let files = view.command("find", &[".", "-newer", "config", "-type", "f"]);
    format!("{refs}\n{}", files.stdout)
}

#[test]
fn it_shows_what_the_clone_with_a_work_tree_shows() {
    TestRepo::each_format(|repo| {
        repo.mmm(["init"]).assert_ok();
        repo.mmm(["run", "hello"]).assert_ok();
        repo.git(["add", "--all"]);
        repo.git(["commit", "--quiet", "-m", "state"]);
        let bare = repo.clone_to("bare.git", &["--mirror"]);
        let before = everything(&bare);
        for words in READING {
            let ours = bare.mmm(*words);
            ours.assert_ok();
            assert_eq!(ours.stdout, repo.mmm(*words).stdout, "{words:?}");
        }
        let status = bare.mmm(["status"]);
        status.assert_ok();
        assert!(status.stdout.contains("verified  2/2"), "{status}");
        assert!(
            status.stdout.ends_with("next: git worktree add <folder>\n"),
            "{status}"
        );
        for words in WRITING {
            let refused = bare.mmm(*words);
            refused.assert_code(128);
            let said = "error: [ROOT]/bare.git has no work tree\n\
                        hint: change into a work tree (`git worktree list`), or make one: \
                        `git worktree add <folder>`";
            assert!(refused.to_string().contains(said), "{words:?}: {refused}");
        }
        assert_eq!(everything(&bare), before);
        bare.git(["fsck", "--strict"]);
    });
}

#[test]
fn links_submodules_and_large_files_in_its_trees_are_rows() {
    let repo = TestRepo::new();
    repo.mmm(["init"]).assert_ok();
    repo.here()
        .command("ln", &["-s", "/etc/passwd", ".mmm/specs/link-aaaaaaa.md"])
        .assert_ok();
    repo.write(".mmm/specs/large-bbbbbbb.md", vec![b'x'; 1024 * 1024 + 1]);
    repo.write(".mmm/specs/latin-ccccccc.md", b"---\ntitle: \xff\n---\n");
    repo.git(["add", "--all"]);
    let head = repo.git(["rev-parse", "HEAD"]);
    let entry = format!("160000,{head},.mmm/specs/module-ddddddd.md");
    repo.git(["update-index", "--add", "--cacheinfo", &entry]);
    repo.git(["commit", "--quiet", "-m", "odd"]);
    let bare = repo.clone_to("bare.git", &["--bare"]);
    let list = bare.mmm(["spec", "list", "--json"]);
    list.assert_code(1);
    let json = list.json();
    let problems = json["problems"].as_array().expect("problems");
    let found: Vec<_> = problems
        .iter()
        .map(|problem| (problem["file"].as_str(), problem["code"].as_str()))
        .collect();
    assert_eq!(
        found,
        [
            (Some(".mmm/specs/large-bbbbbbb.md"), Some("too-large")),
            (Some(".mmm/specs/latin-ccccccc.md"), Some("not-utf-8")),
            (Some(".mmm/specs/link-aaaaaaa.md"), Some("not-a-file")),
            (Some(".mmm/specs/module-ddddddd.md"), Some("not-a-file")),
        ]
    );
}

#[test]
fn without_a_commit_there_is_no_project() {
    let repo = TestRepo::builder().bare().build();
    let status = repo.mmm(["status", "--json"]);
    status.assert_ok();
    assert_eq!(status.json()["data"]["initialized"], false);
    repo.mmm(["spec", "list"]).assert_code(128);
}

#[test]
fn hints_work_where_they_are_typed() {
    let repo = TestRepo::builder().bare().build();
    for words in [
        &["check"][..],
        &["spec", "list"],
        &["run", "hello"],
        &["spec", "new", "x"],
        &["workflow", "new", "x"],
    ] {
        let run = repo.mmm(words);
        run.assert_code(128);
        assert!(
            run.stderr
                .contains("hint: change into a work tree (`git worktree list`), or make one"),
            "{words:?}: {run}"
        );
    }
    let run = repo.mmm(["run", "hello"]);
    assert!(run.stderr.contains("has no work tree"), "{run}");
    // Inside of an ordinary `.git` the work tree is near.
    let repo = TestRepo::new();
    let inside = repo.at(".git");
    insta::assert_snapshot!(inside.mmm(["init"]), @"
    exit code 128
    --- stderr
    error: [ROOT]/repo/.git is Git's own folder, not a work tree
    hint: run `cd [ROOT]/repo` first
    ");
    insta::assert_snapshot!(inside.mmm::<&str>([]), @"
    exit code 0
    --- stdout
    no project here yet
    next: cd [ROOT]/repo
    ");
}
