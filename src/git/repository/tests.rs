//! Finding a repository and its settings.

use std::path::Path;

use super::{Repository, too_old};
use crate::git::Error;
use crate::git::environment::LOCAL;
use crate::git::head::{Head, Operation};
use crate::git::testing::{FORMATS, Sandbox, everywhere};
use crate::sys::environment::Environment;

fn with(sandbox: &Sandbox, pairs: &[(&str, &str)]) -> Environment {
    let own = sandbox
        .environment
        .iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    own.chain(
        pairs
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into())),
    )
    .collect()
}

#[test]
fn discovery_answers_for_every_format_and_work_tree() {
    everywhere(|sandbox| {
        let folder = sandbox.work().join("dir");
        let repository = Repository::discover(&folder, &sandbox.environment).expect("is one");
        assert_eq!(
            repository.work_tree(),
            Some(sandbox.work()),
            "{}",
            sandbox.label
        );
        assert_eq!(repository.common_dir(), sandbox.root().join("work/.git"));
        let own = sandbox.git(&["rev-parse", "--absolute-git-dir"]);
        assert_eq!(repository.git_dir(), Path::new(&own));
        assert_eq!(repository.has_ref_files(), sandbox.label.contains("files"));
        let id = sandbox.id("HEAD");
        assert_eq!(id.as_str().len(), repository.object_format().hex_length());
        assert!(!repository.is_shallow());
        let linked = sandbox.label.contains("linked");
        let branch = Some(if linked { "linked" } else { "main" }.to_owned());
        let head = Head {
            branch,
            commit: Some(id.clone()),
        };
        assert_eq!(repository.head().expect("has a head"), head);
        sandbox.git(&["checkout", "--quiet", "--detach"]);
        let head = Head {
            branch: None,
            commit: Some(id),
        };
        assert_eq!(repository.head().expect("has a head"), head);
    });
}

#[test]
fn odd_places_are_told_apart() {
    for format in FORMATS {
        let sandbox = Sandbox::unborn(format);
        let repository = sandbox.open();
        let head = Head {
            branch: Some("main".to_owned()),
            commit: None,
        };
        assert_eq!(repository.head().expect("has a head"), head);
        let inside = Repository::discover(&sandbox.work().join(".git"), &sandbox.environment);
        assert!(matches!(
            inside.expect("is one").top(),
            Err(Error::InsideGit { .. })
        ));
        let outside = Repository::discover(&sandbox.root(), &sandbox.environment);
        assert!(
            matches!(outside, Err(Error::NotARepository { .. })),
            "{outside:?}"
        );
        let nowhere = Repository::discover(Path::new("/no/such/folder"), &sandbox.environment);
        assert!(
            matches!(nowhere, Err(Error::NotARepository { .. })),
            "{nowhere:?}"
        );
        let bare = sandbox.root().join("bare\nwith a line feed");
        sandbox.git(&["init", "--quiet", "--bare", bare.to_str().expect("plain")]);
        let bare = Repository::discover(&bare, &sandbox.environment).expect("is one");
        assert!(matches!(bare.top(), Err(Error::Bare { .. })));
        assert!(bare.git_dir().ends_with("bare\nwith a line feed"));
    }
    let sandbox = Sandbox::unborn(FORMATS[0]);
    let without = with(&sandbox, &[("PATH", "/no/such/folder")]);
    let found = Repository::discover(sandbox.work(), &without);
    assert!(matches!(found, Err(Error::GitMissing)), "{found:?}");
}

#[test]
fn variables_of_a_hook_count_for_the_search_and_for_nothing_else() {
    let other = Sandbox::born(FORMATS[0]);
    let sandbox = Sandbox::born(FORMATS[0]);
    let git_dir = other.work().join(".git");
    let pairs = [
        ("GIT_DIR", git_dir.to_str().expect("plain")),
        ("GIT_WORK_TREE", other.work().to_str().expect("plain")),
        ("GIT_INDEX_FILE", "/no/such/index"),
        ("GIT_OBJECT_DIRECTORY", "/no/such/folder"),
        ("GIT_CONFIG_PARAMETERS", "'mmm.colour'='blue'"),
        ("MMM_SEED", "1"),
    ];
    let environment = with(&sandbox, &pairs);
    let repository = Repository::discover(sandbox.work(), &environment).expect("is one");
    assert_eq!(repository.common_dir(), git_dir);
    assert_eq!(
        repository
            .git(["status", "--porcelain"])
            .expect("runs")
            .text(),
        ""
    );
    let configuration = repository.configuration().expect("is read");
    assert_eq!(configuration.get("mmm.colour"), Some("blue"));
    assert_eq!(
        configuration
            .entry("mmm.colour")
            .map(|entry| entry.scope.as_str()),
        Some("command")
    );
    let children = repository.child_environment();
    let left: Vec<_> = children
        .iter()
        .map(|(name, _)| name.to_string_lossy())
        .collect();
    let expected = ["GIT_CONFIG_GLOBAL", "GIT_CONFIG_KEY_0", "GIT_CONFIG_SYSTEM"];
    let expected = [
        &expected[..],
        &["GIT_CONFIG_VALUE_0", "HOME", "MMM_TIMESTAMP", "PATH", "TZ"],
    ];
    assert_eq!(left, expected.concat());
}

#[test]
fn our_list_of_local_variables_covers_that_of_git() {
    let sandbox = Sandbox::unborn(FORMATS[0]);
    let names = sandbox.git(&["rev-parse", "--local-env-vars"]);
    let unknown: Vec<_> = names.lines().filter(|name| !LOCAL.contains(name)).collect();
    assert_eq!(unknown, [""; 0]);
}

#[test]
fn an_identity_is_the_committer_or_an_error() {
    let sandbox = Sandbox::born(FORMATS[0]);
    let identity = sandbox.open().identity().expect("is known");
    assert_eq!(identity.signature(1_500), "Ada <ada@example.org> 1 +0000");
    let none = [
        ("GIT_COMMITTER_NAME", ""),
        ("GIT_COMMITTER_EMAIL", ""),
        ("GIT_CONFIG_COUNT", "1"),
        ("GIT_CONFIG_KEY_0", "user.useConfigOnly"),
        ("GIT_CONFIG_VALUE_0", "true"),
    ];
    let environment = with(&sandbox, &none);
    let repository = Repository::discover(sandbox.work(), &environment).expect("is one");
    let identity = repository.identity();
    assert!(
        matches!(identity, Err(Error::MissingIdentity { .. })),
        "{identity:?}"
    );
}

#[test]
fn nothing_is_written_in_quarantine() {
    let sandbox = Sandbox::born(FORMATS[0]);
    let environment = with(&sandbox, &[("GIT_QUARANTINE_PATH", "/tmp/q")]);
    let repository = Repository::discover(sandbox.work(), &environment).expect("is one");
    assert!(matches!(
        repository.refuse_quarantine(),
        Err(Error::Quarantine)
    ));
    assert!(matches!(
        repository.refs().update(&[], "x"),
        Err(Error::Quarantine)
    ));
    assert!(sandbox.open().refuse_quarantine().is_ok());
}

#[test]
fn what_is_in_progress_is_seen() {
    everywhere(|sandbox| {
        let check = |begin: &[&str], end: &[&str], expected: Operation| {
            let output = sandbox.try_git(begin);
            let found = sandbox.open().operation();
            assert_eq!(
                found,
                Some(expected),
                "{} {}",
                sandbox.label,
                output.complaint()
            );
            sandbox.git(end);
            assert_eq!(sandbox.open().operation(), None, "{}", sandbox.label);
        };
        let start = sandbox.id("HEAD");
        sandbox.write("a.txt", "ours");
        let ours = sandbox.commit("ours");
        sandbox.git(&["checkout", "--quiet", "-b", "other", start.as_str()]);
        sandbox.write("a.txt", "theirs");
        let theirs = sandbox.commit("theirs");
        check(
            &["merge", ours.as_str()],
            &["merge", "--abort"],
            Operation::Merge,
        );
        check(
            &["rebase", ours.as_str()],
            &["rebase", "--abort"],
            Operation::Rebase,
        );
        check(
            &["cherry-pick", ours.as_str()],
            &["cherry-pick", "--abort"],
            Operation::CherryPick,
        );
        sandbox.write("a.txt", "later");
        sandbox.commit("later");
        check(
            &["revert", theirs.as_str()],
            &["revert", "--abort"],
            Operation::Revert,
        );
        check(
            &["bisect", "start"],
            &["bisect", "reset"],
            Operation::Bisect,
        );
    });
}

#[test]
fn versions_compare_by_number() {
    let check = |text: &str, expected: bool| assert_eq!(too_old(text), expected, "{text}");
    check("git version 2.37.9\n", true);
    check("git version 2.38.0 (Apple Git-1)", false);
    check("git version 2.100.0", false);
    check("git version 1.9.1", true);
    check("git version unknown", false);
}
