//! Objects in every format that Git has.

use super::{NewCommit, NewTag, ObjectKind, Objects, Store};
use crate::base::ids::ObjectId;
use crate::git::Error;
use crate::git::testing::{FORMATS, Sandbox, everywhere};
use crate::git::tree::{EXECUTABLE, FILE, FOLDER, LINK, TreeEntry};
use crate::sys::files;

const SIGNATURE: &str = "Ada <ada@example.org> 1795348800 +0000";

/// Writes one object of each kind, reads them back, and lets git check them.
fn round_trip(sandbox: &Sandbox, objects: &Objects) {
    let blob = objects.write(ObjectKind::Blob, b"one\n").expect("writes");
    assert_eq!(
        objects.hash(ObjectKind::Blob, b"one\n").expect("hashes"),
        blob
    );
    let read = objects.read(&blob).expect("reads");
    assert_eq!(read, Some((ObjectKind::Blob, b"one\n".to_vec())));
    let inner = objects
        .write_tree(vec![TreeEntry::new(EXECUTABLE, "run", blob.clone())])
        .expect("writes");
    let root = objects
        .write_tree(vec![
            TreeEntry::new(FOLDER, "a", inner),
            TreeEntry::new(LINK, "a-b", blob.clone()),
            TreeEntry::new(FILE, "a.txt", blob.clone()),
            TreeEntry::new(FILE, b"\xff".to_vec(), blob.clone()),
        ])
        .expect("writes");
    let names: Vec<_> = objects.read_tree(&root).expect("reads");
    let names: Vec<_> = names.into_iter().map(|entry| entry.name).collect();
    assert_eq!(
        names,
        [&b"a-b"[..], b"a.txt", b"a", b"\xff"],
        "{}",
        sandbox.label
    );
    let at = |path: &str| {
        objects
            .entry_at(&root, path)
            .expect("looks")
            .map(|entry| entry.id)
    };
    assert_eq!(at("a/run"), Some(blob.clone()));
    assert_eq!(at("a/none"), None);
    assert_eq!(at("a.txt/none"), None);
    let head = sandbox.id("HEAD");
    let commit = objects
        .write_commit(&NewCommit {
            tree: &root,
            parents: &[head],
            signature: SIGNATURE,
            message: "subject\n",
        })
        .expect("writes");
    assert_eq!(objects.commit_tree(&commit).expect("reads"), root);
    let tag = objects
        .write_tag(&NewTag {
            target: &root,
            kind: ObjectKind::Tree,
            name: "run",
            signature: SIGNATURE,
            message: "subject\n",
        })
        .expect("writes");
    objects.sync().expect("syncs");
    sandbox.git(&["update-ref", "refs/mmm/runs/x", tag.as_str()]);
    sandbox.git(&["update-ref", "refs/heads/side", commit.as_str()]);
    sandbox.fsck();
    assert_eq!(sandbox.id("refs/mmm/runs/x^{tree}"), root);
    let missing: ObjectId = "1".repeat(blob.as_str().len()).parse().expect("an id");
    assert_eq!(objects.read(&missing).expect("looks"), None);
    assert!(objects.exists(&blob).expect("looks") && !objects.exists(&missing).expect("looks"));
    let empty = objects.hash(ObjectKind::Tree, b"").expect("hashes");
    assert_eq!(objects.read_tree(&empty).expect("reads"), []);
    let without = objects
        .tree_without(&sandbox.id("HEAD^{tree}"), ".mmm")
        .expect("hashes");
    let stage = sandbox.git(&["ls-tree", "HEAD", "a.txt", "dir"]);
    assert_eq!(without, tree_by_git(sandbox, &stage));
}

/// The id that `git mktree` gives to some lines of `git ls-tree`.
fn tree_by_git(sandbox: &Sandbox, lines: &str) -> ObjectId {
    let make = sandbox
        .open()
        .command(["mktree"])
        .input(format!("{lines}\n"));
    make.run()
        .expect("runs")
        .text()
        .trim()
        .parse()
        .expect("an id")
}

#[test]
fn objects_round_trip_and_git_accepts_them() {
    everywhere(|sandbox| {
        let repository = sandbox.open();
        let objects = repository.objects().expect("opens");
        assert!(
            matches!(objects.store, Store::Library(_)),
            "{}",
            sandbox.label
        );
        round_trip(sandbox, objects);
    });
}

#[test]
fn the_command_does_the_same_as_the_library() {
    for format in FORMATS {
        let sandbox = Sandbox::born(format);
        let mut objects = Objects::open(&sandbox.open());
        objects.store = Store::Command;
        round_trip(&sandbox, &objects);
    }
}

#[test]
fn an_unknown_extension_goes_through_the_command() {
    let sandbox = Sandbox::born(FORMATS[0]);
    let repository = sandbox.open();
    sandbox.git(&["config", "core.repositoryformatversion", "1"]);
    sandbox.git(&["config", "extensions.laterInvention", "true"]);
    let objects = Objects::open(&repository);
    assert!(matches!(objects.store, Store::Command));
}

#[test]
fn bad_trees_and_texts_are_refused() {
    let sandbox = Sandbox::born(FORMATS[0]);
    let repository = sandbox.open();
    let objects = repository.objects().expect("opens");
    let blob = objects.write(ObjectKind::Blob, b"x").expect("writes");
    let check = |names: &[&str], mode: u32| {
        let entries = names
            .iter()
            .map(|name| TreeEntry::new(mode, *name, blob.clone()));
        let written = objects.write_tree(entries.collect());
        assert!(
            matches!(written, Err(Error::TreeName { .. })),
            "{names:?} {written:?}"
        );
    };
    for name in ["", "a/b", ".", "..", ".git", ".GIT", "git~1", "a\0b"] {
        check(&[name], FILE);
    }
    check(&["a", "a"], FILE);
    check(&["a"], 0o100_600);
    let head = sandbox.id("HEAD");
    let mut commit = NewCommit {
        tree: &head,
        parents: &[],
        signature: SIGNATURE,
        message: "a\0b",
    };
    assert!(matches!(
        objects.write_commit(&commit),
        Err(Error::ObjectText { .. })
    ));
    commit.signature = "A\nB";
    assert!(matches!(
        objects.write_commit(&commit),
        Err(Error::ObjectText { .. })
    ));
    let missing: ObjectId = "1".repeat(40).parse().expect("an id");
    commit.tree = &missing;
    assert!(matches!(
        objects.write_commit(&commit),
        Err(Error::MissingObject { .. })
    ));
    assert!(matches!(
        objects.read_tree(&blob),
        Err(Error::ObjectKind { .. })
    ));
}

#[test]
fn what_a_partial_clone_left_out_is_fetched() {
    for format in FORMATS {
        let sandbox = Sandbox::born(format);
        sandbox.git(&["config", "uploadpack.allowFilter", "true"]);
        sandbox.git(&["config", "uploadpack.allowAnySHA1InWant", "true"]);
        let clone = sandbox.root().join("clone");
        let source = format!("file://{}", sandbox.work().display());
        let target = clone.to_str().expect("plain");
        sandbox.git(&[
            "clone",
            "--quiet",
            "--bare",
            "--filter=blob:none",
            &source,
            target,
        ]);
        let clone = crate::git::Repository::discover(&clone, &sandbox.environment).expect("is one");
        let objects = clone.objects().expect("opens");
        let blob = sandbox.id("HEAD:a.txt");
        assert!(!objects.exists(&blob).expect("looks"), "{}", sandbox.label);
        let read = objects.read(&blob).expect("fetches");
        assert_eq!(
            read,
            Some((ObjectKind::Blob, b"a.txt".to_vec())),
            "{}",
            sandbox.label
        );
    }
}

#[test]
fn what_is_in_a_pack_needs_no_sync() {
    let sandbox = Sandbox::born(FORMATS[0]);
    sandbox.git(&["repack", "-adq"]);
    let repository = sandbox.open();
    let objects = repository.objects().expect("opens");
    let id = objects.write(ObjectKind::Blob, b"a.txt").expect("is there");
    assert_eq!(id, sandbox.id("HEAD:a.txt"));
    objects.sync().expect("syncs");
    let loose = files::entries(&sandbox.work().join(".git/objects")).expect("lists");
    assert!(
        loose
            .iter()
            .all(|path| path.ends_with("info") || path.ends_with("pack"))
    );
}
