//! Trees of the work tree, and checkpoints.

use std::path::Path;

use super::{Reason, checkpoint, delete_checkpoints, look};
use crate::base::ids::ObjectId;
use crate::base::limits;
use crate::base::redact::Masker;
use crate::git::Error;
use crate::git::code_tree::{code_tree, commit_code_tree};
use crate::git::head::Head;
use crate::git::testing::{FORMATS, Sandbox, everywhere};
use crate::sys::files;

/// What git itself makes of the work tree: everything added, `.mmm/` removed, on a copy.
fn by_git(sandbox: &Sandbox) -> ObjectId {
    let index = sandbox.root().join("index-of-the-test");
    let own = sandbox.git(&["rev-parse", "--path-format=absolute", "--git-path", "index"]);
    if Path::new(&own).exists() {
        let bytes = files::read_bytes(Path::new(&own), 1 << 20).expect("reads");
        files::write_atomic(&index, &bytes).expect("writes");
    }
    let repository = sandbox.open();
    let run = |arguments: &[&str]| {
        let command = repository.command(arguments).env("GIT_INDEX_FILE", &index);
        let output = command.run().expect("runs");
        assert!(
            output.exit.success(),
            "{} {}",
            sandbox.label,
            output.complaint()
        );
        output.text()
    };
    // Content decides, not what the copied index remembers of files.
    run(&["update-index", "-q", "--unmerged", "--really-refresh"]);
    run(&["add", "--all", "--sparse", "."]);
    run(&[
        "rm",
        "-r",
        "-q",
        "--cached",
        "--sparse",
        "--ignore-unmatch",
        ".mmm",
    ]);
    let tree = run(&["write-tree"]).trim().parse().expect("an id");
    files::remove_file(&index).expect("removes");
    tree
}

/// Checks the code tree and that nothing else changed.
fn check(sandbox: &Sandbox, what: &str) -> ObjectId {
    let state = || {
        let index = sandbox.open().git_dir().join("index");
        let index = index
            .exists()
            .then(|| files::read_bytes(&index, 1 << 20).expect("reads"));
        let objects = sandbox.git(&["count-objects", "-v"]);
        (index, objects, sandbox.git(&["for-each-ref"]))
    };
    let before = state();
    let found = code_tree(&sandbox.open()).expect("has a tree");
    assert_eq!(state(), before, "{} {what}", sandbox.label);
    assert_eq!(found, by_git(sandbox), "{} {what}", sandbox.label);
    found
}

#[test]
fn the_code_tree_is_what_add_all_makes_without_state() {
    everywhere(|sandbox| {
        let clean = check(sandbox, "clean");
        let head = sandbox.id("HEAD");
        assert_eq!(
            commit_code_tree(&sandbox.open(), &head).expect("hashes"),
            clean
        );
        sandbox.write(".mmm/c.txt", "state changes");
        sandbox.write(".mmm/new.txt", "state is added");
        assert_eq!(check(sandbox, "state"), clean, "{}", sandbox.label);
        sandbox.write("a.txt", "b.txt");
        assert_ne!(check(sandbox, "same size"), clean);
        sandbox.git(&["add", "a.txt"]);
        check(sandbox, "staged");
        sandbox.write("a.txt", "a.txt");
        assert_eq!(check(sandbox, "back again"), clean);
        sandbox.write("new/é \"x\".txt", "new");
        sandbox.git(&["add", "-N", "new"]);
        check(sandbox, "intended");
        sandbox.write(".gitignore", "*.log");
        sandbox.write("x.log", "ignored");
        files::remove_file(&sandbox.work().join("dir/b.txt")).expect("removes");
        let dirty = check(sandbox, "removed");
        sandbox.commit("second");
        assert_eq!(check(sandbox, "committed"), dirty);
        sandbox.fsck();
    });
}

#[test]
fn odd_work_trees_have_a_code_tree() {
    for format in FORMATS {
        let sandbox = Sandbox::unborn(format);
        let empty = check(&sandbox, "empty");
        sandbox.write(".mmm/x", "only state");
        assert_eq!(check(&sandbox, "only state"), empty);
        sandbox.write("a", "one");
        check(&sandbox, "unborn");

        let sandbox = Sandbox::born(format);
        sandbox.git(&["sparse-checkout", "set", "--cone", "none"]);
        assert!(!sandbox.work().join("dir/b.txt").exists());
        let clean = check(&sandbox, "sparse");
        assert_eq!(
            clean,
            commit_code_tree(&sandbox.open(), &sandbox.id("HEAD")).expect("hashes")
        );
        sandbox.write("a.txt", "changed");
        check(&sandbox, "sparse and changed");
        sandbox.write("dir/new.txt", "outside of the cone");
        check(&sandbox, "outside of the cone");

        let sandbox = Sandbox::born(format);
        sandbox.git(&["config", "core.splitIndex", "true"]);
        sandbox.write("a.txt", "changed");
        sandbox.git(&["add", "a.txt"]);
        check(&sandbox, "split index");

        let sandbox = Sandbox::born(format);
        let inner = Sandbox::born(format);
        let source = inner.work().to_str().expect("plain").to_owned();
        sandbox.git(&[
            "-c",
            "protocol.file.allow=always",
            "submodule",
            "add",
            "-q",
            &source,
            "sub",
        ]);
        check(&sandbox, "submodule");
        let clean = {
            sandbox.commit("with submodule");
            check(&sandbox, "submodule committed")
        };
        sandbox.write("sub/a.txt", "changed inside");
        // A commit would not take that along, so it is no code that a commit has.
        assert_ne!(code_tree(&sandbox.open()).expect("has a tree"), clean);
        sandbox.git(&["-C", "sub", "commit", "-qam", "moved on"]);
        assert_ne!(check(&sandbox, "submodule moved on"), clean);
    }
}

#[test]
fn a_conflict_and_a_nested_repository_do_not_stop_it() {
    let sandbox = Sandbox::born(FORMATS[0]);
    let start = sandbox.id("HEAD");
    for name in ["a.txt", ".mmm/c.txt"] {
        sandbox.write(name, "ours");
    }
    sandbox.commit("ours");
    sandbox.git(&["checkout", "-q", "-b", "other", start.as_str()]);
    for name in ["a.txt", ".mmm/c.txt"] {
        sandbox.write(name, "theirs");
    }
    sandbox.commit("theirs");
    assert!(!sandbox.try_git(&["merge", "main"]).exit.success());
    check(&sandbox, "conflict");

    let sandbox = Sandbox::born(FORMATS[0]);
    let clean = code_tree(&sandbox.open()).expect("has a tree");
    sandbox.git(&["init", "-q", "nested"]);
    assert_eq!(code_tree(&sandbox.open()).expect("has a tree"), clean);
    let bare = sandbox.root().join("bare");
    sandbox.git(&["clone", "-q", "--bare", ".", bare.to_str().expect("plain")]);
    let bare = crate::git::Repository::discover(&bare, &sandbox.environment).expect("is one");
    assert!(matches!(code_tree(&bare), Err(Error::Bare { .. })));
    assert_eq!(
        commit_code_tree(&bare, &sandbox.id("HEAD")).expect("hashes"),
        clean
    );
}

#[test]
fn a_change_in_the_same_instant_is_seen() {
    for format in FORMATS {
        let sandbox = Sandbox::born(format);
        // All that git remembers of a file is then its size and its time.
        sandbox.git(&["config", "core.trustctime", "false"]);
        let clean = code_tree(&sandbox.open()).expect("has a tree");
        let file = sandbox.work().join("a.txt");
        let index = sandbox.open().git_dir().join("index");
        let instant = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_795_000_000);
        let set = |path: &Path, content: Option<&str>| {
            let mut file = files::open_for_lock(path).expect("opens");
            if let Some(content) = content {
                std::io::Write::write_all(&mut file, content.as_bytes()).expect("writes");
            }
            file.set_modified(instant).expect("sets");
        };
        set(&file, None);
        sandbox.git(&["update-index", "--refresh"]);
        set(&file, Some("A.TXT"));
        set(&index, None);
        // Another change, so that the index is copied.
        sandbox.write("new.txt", "new");
        let found = code_tree(&sandbox.open()).expect("has a tree");
        sandbox.git(&["add", "-A"]);
        sandbox.git(&["rm", "-rq", "--cached", ".mmm"]);
        let expected: ObjectId = sandbox.git(&["write-tree"]).parse().expect("an id");
        assert_eq!(
            sandbox.git(&["show", ":a.txt"]),
            "A.TXT",
            "{}",
            sandbox.label
        );
        assert_eq!(found, expected, "{}", sandbox.label);
        assert_ne!(found, clean);
    }
}

#[test]
fn a_checkpoint_keeps_everything_and_touches_nothing() {
    everywhere(|sandbox| {
        let head = sandbox.id("HEAD");
        sandbox.write("a.txt", "staged");
        sandbox.git(&["add", "a.txt"]);
        sandbox.write("a.txt", "not staged");
        sandbox.write("new.txt", "untracked");
        sandbox.write(".mmm/new.txt", "state");
        sandbox.write("deploy/.env", "PASSWORD=1");
        sandbox.write(
            "large.bin",
            vec![0; usize::try_from(limits::SNAPSHOT_FILE_BYTES + 1).expect("fits")],
        );
        let status = sandbox.git(&["status", "--porcelain"]);
        let branch = "mmm/checkpoint/r/1-review";
        let repository = sandbox.open();
        let made =
            checkpoint(&repository, branch, "before review", &Masker::default()).expect("keeps");
        assert_eq!(sandbox.id(&format!("{branch}^{{tree}}")), made.tree);
        assert_eq!(sandbox.id(&format!("{branch}^")), head);
        assert_eq!(
            sandbox.git(&["show", &format!("{branch}:a.txt")]),
            "not staged"
        );
        let names = sandbox.git(&["ls-tree", "-r", "--name-only", branch]);
        let expected = [
            ".mmm/c.txt",
            ".mmm/new.txt",
            "a.txt",
            "dir/b.txt",
            "new.txt",
        ];
        assert_eq!(
            names.lines().collect::<Vec<_>>(),
            expected,
            "{}",
            sandbox.label
        );
        let left_out: Vec<_> = made
            .left_out
            .iter()
            .map(|left| (left.path.as_str(), left.reason))
            .collect();
        let large = Reason::TooLarge(limits::SNAPSHOT_FILE_BYTES + 1);
        assert_eq!(
            left_out,
            [("deploy/.env", Reason::LooksSecret), ("large.bin", large)]
        );
        assert_eq!(sandbox.git(&["status", "--porcelain"]), status);
        assert_eq!(sandbox.git(&["show", ":a.txt"]), "staged");
        let again = checkpoint(&repository, branch, "again", &Masker::default());
        assert!(matches!(again, Err(Error::RefMoved { .. })), "{again:?}");
        let other = checkpoint(&repository, "main", "x", &Masker::default());
        assert!(matches!(other, Err(Error::RefName { .. })), "{other:?}");
        checkpoint(
            &repository,
            "mmm/checkpoint/other/1",
            "x",
            &Masker::default(),
        )
        .expect("keeps");
        sandbox.fsck();
        assert_eq!(
            delete_checkpoints(&repository, "mmm/checkpoint/r").expect("removes"),
            [branch]
        );
        let left = repository.refs().list(&["refs/heads/mmm"]).expect("lists");
        assert_eq!(left.len(), 1);
        assert!(delete_checkpoints(&repository, "mmm/checkpoint/").is_err());
    });
}

#[test]
fn a_snapshot_before_the_first_commit() {
    for format in FORMATS {
        let sandbox = Sandbox::unborn(format);
        sandbox.write("a", "one");
        sandbox.write("b", "two");
        sandbox.git(&["add", "b"]);
        let repository = sandbox.open();
        let masked = look(&repository, &Masker::new(["two"])).expect("looks");
        assert_eq!(masked.left_out.len(), 1);
        sandbox.git(&["rm", "--quiet", "--force", "b"]);
        let snapshot = look(&repository, &Masker::default()).expect("looks");
        let made = checkpoint(
            &repository,
            "mmm/checkpoint/r/1",
            "first",
            &Masker::default(),
        )
        .expect("keeps");
        assert_eq!(made.tree, snapshot.tree);
        assert_eq!(masked.tree, snapshot.tree);
        assert_eq!(
            sandbox.git(&["ls-tree", "--name-only", made.tree.as_str()]),
            "a"
        );
        assert_eq!(
            sandbox.git(&["rev-list", "--count", "mmm/checkpoint/r/1"]),
            "1"
        );
        let head = Head {
            branch: Some("main".to_owned()),
            commit: None,
        };
        assert_eq!(repository.head().expect("has a head"), head);
    }
}

#[test]
fn what_holds_a_masked_value_is_left_out() {
    everywhere(|sandbox| {
        let masker = Masker::new(["hunter22-secret"]);
        sandbox.write("plain.txt", "the word is hunter22-secret");
        sandbox.write("encoded.txt", "aHVudGVyMjItc2VjcmV0");
        sandbox.write("dir/b.txt", "tracked: hunter22-secret");
        sandbox.write("staged.txt", "staged: hunter22-secret");
        sandbox.git(&["add", "staged.txt"]);
        sandbox.write("staged.txt", "harmless again");
        // It begins in one piece of what is read at once, and ends in the next.
        sandbox.write("long.txt", format!("{}hunter22-secret", "x".repeat(65_530)));
        sandbox.write("good.txt", "hunter");
        std::os::unix::fs::symlink("hunter22-secret", sandbox.work().join("link")).expect("links");
        let before = sandbox.git(&["show", "HEAD:dir/b.txt"]);
        let status = sandbox.git(&["status", "--porcelain"]);
        let branch = "mmm/checkpoint/r/1-review";
        let made = checkpoint(&sandbox.open(), branch, "look", &masker).expect("keeps");
        let mut left_out: Vec<_> = made.left_out.iter().map(ToString::to_string).collect();
        left_out.sort();
        let names = [
            "dir/b.txt",
            "encoded.txt",
            "link",
            "long.txt",
            "plain.txt",
            "staged.txt",
        ];
        assert_eq!(
            left_out,
            names.map(|name| format!("{name} (holds a masked value)"))
        );
        assert_eq!(
            sandbox.git(&["show", &format!("{branch}:dir/b.txt")]),
            before
        );
        let kept = sandbox.git(&["ls-tree", "-r", "--name-only", branch]);
        assert_eq!(
            kept.lines().collect::<Vec<_>>(),
            [".mmm/c.txt", "a.txt", "dir/b.txt", "good.txt"]
        );
        assert_eq!(sandbox.git(&["status", "--porcelain"]), status);
        assert_eq!(
            sandbox.git(&["show", ":staged.txt"]),
            "staged: hunter22-secret"
        );
    });
}
