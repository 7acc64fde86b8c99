//! Finding repositories and asking about them.

use crate::git::Error;
use crate::git::repository::{Head, ObjectFormat, Operation, Repository};
use crate::git::testing::{TestRepository, each_format};
use crate::sys::files;

#[test]
fn every_format_is_found_from_below() {
    each_format(|test| {
        test.write("sub/x", "x");
        let repository = test.open_at(&test.top().join("sub"));
        assert_eq!(repository.top().expect("a work tree"), test.top());
        assert_eq!(repository.prefix(), "sub/");
        assert_eq!(repository.git_dir(), test.top().join(".git"));
        assert_eq!(repository.common_dir(), test.top().join(".git"));
        assert_eq!(repository.local_folder(), test.top().join(".git/mmm"));
        assert!(!repository.is_shallow());
        let unborn = repository.head().expect("asks");
        assert_eq!(unborn.branch.as_deref(), Some("main"));
        assert_eq!(unborn.commit, None);
        let commit = test.commit("one");
        let length = match repository.object_format() {
            ObjectFormat::Sha1 => 40,
            ObjectFormat::Sha256 => 64,
        };
        assert_eq!(commit.as_str().len(), length);
        test.git(["checkout", "--quiet", "--detach"]);
        let detached = Head {
            branch: None,
            commit: Some(commit),
        };
        assert_eq!(repository.head().expect("asks"), detached);
    });
}

#[test]
fn a_linked_work_tree_shares_the_common_folder() {
    each_format(|test| {
        test.commit("one");
        let linked = test.linked("side");
        let repository = test.open_at(&linked);
        assert_eq!(repository.top().expect("a work tree"), linked);
        assert_eq!(repository.git_dir(), test.top().join(".git/worktrees/side"));
        assert_eq!(repository.local_folder(), test.top().join(".git/mmm"));
        let head = repository.head().expect("asks");
        assert_eq!(head.branch.as_deref(), Some("side"));
    });
}

#[test]
fn a_bare_repository_has_no_top() {
    let test = TestRepository::plain();
    let bare = test.beside("bare.git");
    let text = bare.to_str().expect("UTF-8");
    test.git([
        "clone",
        "--quiet",
        "--bare",
        "--depth=1",
        "--no-local",
        ".",
        text,
    ]);
    let repository = test.open_at(&bare);
    assert!(matches!(repository.top(), Err(Error::Bare { .. })));
    assert!(repository.is_shallow());
    assert_eq!(
        repository.head().expect("asks").branch.as_deref(),
        Some("main")
    );
    assert_eq!(
        repository
            .git(["rev-parse", "--is-bare-repository"])
            .expect("asks")
            .text(),
        "true\n"
    );
    let inside = test.open_at(&test.top().join(".git"));
    assert!(inside.work_tree().is_none());
}

#[test]
fn what_is_no_repository_is_told_apart() {
    let test = TestRepository::plain();
    let ceiling = test.beside("");
    let ceiling = ceiling.to_str().expect("UTF-8");
    let environment = test.environment_with(&[("GIT_CEILING_DIRECTORIES", ceiling)]);
    let outside = test.beside("outside");
    files::create_folder(&outside).expect("makes");
    let found = Repository::discover(&outside, &environment);
    assert!(
        matches!(found, Err(Error::NotARepository { .. })),
        "{found:?}"
    );
    let found = Repository::discover(&test.beside("none"), &environment);
    assert!(matches!(found, Err(Error::NoFolder { .. })), "{found:?}");
    let no_git = test.environment_with(&[("PATH", "/no/such/folder")]);
    let found = Repository::discover(test.top(), &no_git);
    assert!(matches!(found, Err(Error::GitMissing)), "{found:?}");
    let strange = test.environment_with(&[("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")]);
    let found = Repository::discover(test.top(), &strange);
    assert!(matches!(found, Err(Error::NotOwner { .. })), "{found:?}");
}

#[test]
fn the_environment_names_the_repository_but_not_the_moment() {
    let test = TestRepository::plain();
    let git_dir = test.top().join(".git");
    let environment = test.environment_with(&[
        ("GIT_DIR", git_dir.to_str().expect("UTF-8")),
        ("GIT_WORK_TREE", test.top().to_str().expect("UTF-8")),
        ("GIT_INDEX_FILE", "/no/such/index"),
        ("GIT_OBJECT_DIRECTORY", "/no/such/objects"),
        ("GIT_PREFIX", "sub/"),
        ("GIT_AUTHOR_NAME", "Alice"),
        ("GIT_CONFIG_PARAMETERS", "'mmm.x'='y'"),
        ("GIT_LITERAL_PATHSPECS", "1"),
        ("MMM_SEED", "1"),
    ]);
    let elsewhere = test.beside("elsewhere");
    files::create_folder(&elsewhere).expect("makes");
    let repository = Repository::discover(&elsewhere, &environment).expect("is named");
    assert_eq!(repository.top().expect("a work tree"), test.top());
    let status = repository.git(["status", "--porcelain"]).expect("asks");
    assert_eq!(status.text(), "");
    let configuration = repository.configuration().expect("reads");
    assert_eq!(configuration.get("mmm.x"), Some("y"));
    assert_eq!(configuration.get("user.name"), Some("Ada Test"));
    let scope = configuration
        .entry("core.bare")
        .map(|entry| entry.scope.as_str());
    assert_eq!(scope, Some("local"));
    let child = repository.child_environment();
    let left: Vec<&str> = child.iter().filter_map(|(name, _)| name.to_str()).collect();
    assert!(left.contains(&"PATH") && left.contains(&"GIT_CONFIG_GLOBAL"));
    for gone in ["GIT_DIR", "GIT_AUTHOR_NAME", "MMM_SEED", "GIT_CONFIG_KEY_0"] {
        assert!(!left.contains(&gone), "{gone}");
    }
}

#[test]
fn the_identity_is_gits() {
    let test = TestRepository::plain();
    let identity = |environment: &_| {
        let repository = Repository::discover(test.top(), environment).expect("found");
        repository.identity().map(|identity| identity.to_string())
    };
    assert_eq!(
        identity(test.environment()).expect("is set"),
        "Ada Test <ada@example.org>"
    );
    let other = test.environment_with(&[("GIT_COMMITTER_NAME", "Bob")]);
    assert_eq!(identity(&other).expect("is set"), "Bob <ada@example.org>");
    let nobody = test.environment_with(&[
        ("GIT_CONFIG_COUNT", "1"),
        ("GIT_CONFIG_KEY_0", "user.useConfigOnly"),
        ("GIT_CONFIG_VALUE_0", "true"),
    ]);
    let missing = identity(&nobody);
    assert!(
        matches!(missing, Err(Error::MissingIdentity { .. })),
        "{missing:?}"
    );
}

#[test]
fn quarantine_is_refused() {
    let test = TestRepository::plain();
    test.open().refuse_quarantine().expect("nothing is pushed");
    let environment = test.environment_with(&[("GIT_QUARANTINE_PATH", "/q")]);
    let repository = Repository::discover(test.top(), &environment).expect("found");
    assert!(matches!(
        repository.refuse_quarantine(),
        Err(Error::Quarantine { .. })
    ));
}

#[test]
fn operations_in_progress_are_seen() {
    each_format(|test| {
        test.write("a.txt", "a\n");
        test.commit("base");
        test.git(["switch", "--quiet", "--create", "other"]);
        test.write("a.txt", "b\n");
        test.commit("other");
        test.git(["switch", "--quiet", "main"]);
        test.write("a.txt", "c\n");
        test.commit("main");
        let check = |arguments: &[&str], expected: Option<Operation>, abort: &[&str]| {
            test.try_git_at(test.top(), arguments.iter().copied());
            let found = test.open().operation().expect("asks");
            assert_eq!(found, expected, "{arguments:?}");
            test.git(abort.iter().copied());
            assert_eq!(test.open().operation().expect("asks"), None);
        };
        check(&["status"], None, &["status"]);
        check(
            &["merge", "other"],
            Some(Operation::Merge),
            &["merge", "--abort"],
        );
        check(
            &["rebase", "other"],
            Some(Operation::Rebase),
            &["rebase", "--abort"],
        );
        let pick = ["cherry-pick", "--abort"];
        check(
            &["cherry-pick", "other"],
            Some(Operation::CherryPick),
            &pick,
        );
        let revert = ["revert", "--abort"];
        check(&["revert", "other"], Some(Operation::Revert), &revert);
        check(
            &["bisect", "start"],
            Some(Operation::Bisect),
            &["bisect", "reset"],
        );
    });
}
