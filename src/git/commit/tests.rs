//! Commits of some paths leave everything else as it was.

use super::commit_paths;
use crate::git::head::Head;
use crate::git::testing::{FORMATS, Sandbox, everywhere};
use crate::git::{Error, Repository};
use crate::sys::environment::Environment;
use crate::sys::files;

fn paths(paths: &[&str]) -> Vec<String> {
    paths.iter().map(|path| (*path).to_owned()).collect()
}

#[test]
fn only_the_paths_named_are_committed() {
    everywhere(|sandbox| {
        let head = sandbox.id("HEAD");
        sandbox.write("a.txt", "staged");
        sandbox.git(&["add", "a.txt"]);
        sandbox.write("dir/b.txt", "changed");
        sandbox.write(".mmm/new.txt", "new");
        sandbox.write(".mmm/[other].txt", "other");
        files::remove_file(&sandbox.work().join(".mmm/c.txt")).expect("removes");
        let repository = sandbox.open();
        let named = paths(&[".mmm/new.txt", ".mmm/c.txt", ".mmm/never.txt"]);
        let commit = commit_paths(&repository, &named, "state: one thing").expect("commits");
        assert_eq!(sandbox.id("HEAD"), commit);
        assert_eq!(sandbox.id("HEAD^"), head);
        let changed = sandbox.git(&["show", "--format=%s|%an|%ae", "--name-status", "HEAD"]);
        let expected = "state: one thing|Grace|grace@example.org\n\nD\t.mmm/c.txt\nA\t.mmm/new.txt";
        assert_eq!(changed, expected, "{}", sandbox.label);
        let status = sandbox.git(&["status", "--porcelain", "--untracked-files=all"]);
        let expected = "M  a.txt\n M dir/b.txt\n?? .mmm/[other].txt";
        assert_eq!(status, expected, "{}", sandbox.label);
        let again = commit_paths(&repository, &named, "again");
        assert!(matches!(again, Err(Error::NothingToCommit)), "{again:?}");
        let folder = commit_paths(&repository, &paths(&[".mmm"]), "all").expect("commits");
        assert_eq!(sandbox.id("HEAD"), folder);
        assert!(
            sandbox
                .git(&["log", "-1", "-g", "--format=%gs"])
                .contains("commit: all")
        );
        sandbox.fsck();
    });
}

#[test]
fn the_first_commit_and_a_detached_head_work() {
    for format in FORMATS {
        let sandbox = Sandbox::unborn(format);
        sandbox.write(".mmm/a", "one");
        sandbox.write("b", "two");
        let repository = sandbox.open();
        let commit = commit_paths(&repository, &paths(&[".mmm/a"]), "first").expect("commits");
        let head = Head {
            branch: Some("main".to_owned()),
            commit: Some(commit.clone()),
        };
        assert_eq!(repository.head().expect("has a head"), head);
        assert_eq!(sandbox.git(&["status", "--porcelain"]), "?? b");
        sandbox.git(&["checkout", "-q", "--detach"]);
        sandbox.write(".mmm/a", "two");
        let second = commit_paths(&repository, &paths(&[".mmm/a"]), "second").expect("commits");
        let head = Head {
            branch: None,
            commit: Some(second),
        };
        assert_eq!(repository.head().expect("has a head"), head);
        assert_eq!(sandbox.id("main"), commit);
        sandbox.fsck();
    }
}

#[test]
fn what_stands_in_the_way_is_said_and_nothing_is_written() {
    let sandbox = Sandbox::born(FORMATS[0]);
    let head = sandbox.id("HEAD");
    sandbox.write(".mmm/new", "new");
    let named = paths(&[".mmm/new"]);
    let try_it = |repository: &Repository| commit_paths(repository, &named, "x");
    for bad in ["../x", "/x", "a//b", "", "./a"] {
        let result = commit_paths(&sandbox.open(), &paths(&[bad]), "x");
        assert!(
            matches!(result, Err(Error::Path { .. })),
            "{bad:?} {result:?}"
        );
    }
    let lock = sandbox.work().join(".git/index.lock");
    files::write_atomic(&lock, b"").expect("writes");
    assert!(matches!(
        try_it(&sandbox.open()),
        Err(Error::IndexLocked { .. })
    ));
    files::remove_file(&lock).expect("removes");
    let merge = sandbox.work().join(".git/MERGE_HEAD");
    files::write_atomic(&merge, head.as_str().as_bytes()).expect("writes");
    let result = try_it(&sandbox.open());
    assert!(matches!(
        result,
        Err(Error::OperationInProgress { operation: "merge" })
    ));
    files::remove_file(&merge).expect("removes");
    let nobody = [("GIT_COMMITTER_NAME", ""), ("GIT_COMMITTER_EMAIL", "")];
    let only = [
        ("GIT_CONFIG_KEY_0", "user.useConfigOnly"),
        ("GIT_CONFIG_VALUE_0", "true"),
    ];
    let own = sandbox
        .environment
        .iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let more = nobody
        .iter()
        .chain(&only)
        .map(|(name, value)| ((*name).into(), (*value).into()));
    let environment: Environment = own.chain(more).collect();
    let repository = Repository::discover(sandbox.work(), &environment).expect("is one");
    assert!(matches!(
        try_it(&repository),
        Err(Error::MissingIdentity { .. })
    ));
    // A signature that cannot be made is no reason to commit without one.
    sandbox.git(&["config", "commit.gpgsign", "true"]);
    sandbox.git(&["config", "gpg.program", "/bin/false"]);
    let result = try_it(&sandbox.open());
    assert!(matches!(result, Err(Error::Signature { .. })), "{result:?}");
    assert_eq!(sandbox.id("HEAD"), head);
    assert_eq!(sandbox.git(&["status", "--porcelain"]), "?? .mmm/new");
}
