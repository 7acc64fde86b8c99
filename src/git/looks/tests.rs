//! A look that goes on from another finds what a fresh one finds.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;

use super::keep;
use crate::git::Repository;
use crate::git::code_tree::code_tree;
use crate::git::testing::{FORMATS, Sandbox};
use crate::sys::files;

fn folder(repository: &Repository) -> Option<PathBuf> {
    let looks = repository.looks();
    looks
        .last
        .as_ref()
        .map(|last| last.folder.path().to_owned())
}

/// Looks again and afresh; says whether the second look went on from the one before.
fn look(sandbox: &Sandbox, repository: &Repository, what: &str) -> bool {
    let before = folder(repository);
    let fresh = code_tree(&sandbox.open()).expect("has a tree");
    let found = code_tree(repository).expect("has a tree");
    assert_eq!(found, fresh, "{}: {what}", sandbox.label);
    before.is_some() && folder(repository) == before
}

#[test]
fn changes_of_files_are_found_by_going_on() {
    for sandbox in [
        Sandbox::born(FORMATS[0]),
        Sandbox::born(FORMATS[3]).into_linked(),
    ] {
        let repository = sandbox.open();
        let kept = keep(&repository);
        let top = sandbox.work();
        sandbox.write("a.txt", "one");
        assert!(!look(&sandbox, &repository, "the first"));
        let check = |what: &str| assert!(look(&sandbox, &repository, what), "{what}");
        check("nothing");
        sandbox.write("a.txt", "two");
        check("the same size");
        sandbox.write("new/file", "x");
        check("a new file");
        sandbox.write(".mmm/more", "x");
        check("state");
        files::remove_folder(&top.join("dir")).expect("removes");
        sandbox.write("dir", "a file");
        check("a folder becomes a file");
        files::remove_file(&top.join("a.txt")).expect("removes");
        sandbox.write("a.txt/b", "x");
        check("a file becomes a folder");
        let executable = fs::Permissions::from_mode(0o755);
        fs::set_permissions(top.join("new/file"), executable).expect("changes");
        check("a mode");
        symlink("nowhere", top.join("link")).expect("links");
        check("a link");
        files::remove_folder(&top.join("new")).expect("removes");
        check("gone again");
        drop(kept);
        assert_eq!(folder(&repository), None);
        assert!(!look(&sandbox, &repository, "nobody keeps"));
    }
}

#[test]
fn where_an_index_would_mislead_another_is_made() {
    let sandbox = Sandbox::born(FORMATS[0]);
    let repository = sandbox.open();
    let _kept = keep(&repository);
    let check = |what: &str| {
        assert!(!look(&sandbox, &repository, what), "{what}");
        look(&sandbox, &repository, what)
    };
    sandbox.write("new.log", "x");
    sandbox.write("a.txt", "changed");
    assert!(check("the first"));
    sandbox.write(".gitignore", "*.log\n");
    assert!(check("a new file is ignored"));
    sandbox.git(&["add", "--force", "new.log"]);
    assert!(check("an ignored file is staged"));
    sandbox.write("new.log", "y");
    assert!(look(&sandbox, &repository, "it changes"));
    sandbox.git(&["rm", "--quiet", "--force", "--cached", "new.log"]);
    assert!(check("it is not staged any more"));
    sandbox.git(&["update-index", "--assume-unchanged", "a.txt"]);
    sandbox.write("a.txt", "hidden");
    assert!(check("a hidden change"));
    sandbox.git(&["update-index", "--no-assume-unchanged", "a.txt"]);
    assert!(check("it shows again"));
    sandbox.git(&["add", "--all"]);
    assert!(check("all is staged"));
    sandbox.commit("all");
    look(&sandbox, &repository, "all is committed");
    sandbox.write("a.txt", "changed again");
    look(&sandbox, &repository, "a change");
    sandbox.git(&["init", "--quiet", "nested"]);
    let nested = |arguments: &[&str]| {
        let words = ["-C", "nested"].iter().chain(arguments).copied();
        sandbox.git(&words.collect::<Vec<_>>());
    };
    nested(&["commit", "--quiet", "--allow-empty", "-m", "inside"]);
    look(&sandbox, &repository, "a repository inside");
    sandbox.write("nested/file", "x");
    files::remove_folder(&sandbox.work().join("nested/.git")).expect("removes");
    assert!(!look(&sandbox, &repository, "only a folder now"));
}
