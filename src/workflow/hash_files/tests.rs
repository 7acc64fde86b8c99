//! Which files patterns mean, on real folders.

use std::os::unix::fs::symlink;

use super::WorkTreeFiles;
use crate::git::digest::Sha256;
use crate::model::port::{HashFiles, HashFilesError, Links};
use crate::sys::files;

struct Tree(tempfile::TempDir);

impl Tree {
    fn new(names: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for name in names {
            let path = folder.path().join("top").join(name);
            files::write_atomic(&path, name.as_bytes()).expect("writes");
        }
        Self(folder)
    }

    fn top(&self) -> std::path::PathBuf {
        self.0.path().join("top")
    }

    fn hash(&self, patterns: &[&str], links: Links) -> Result<String, HashFilesError> {
        let patterns: Vec<String> = patterns.iter().map(|&it| it.to_owned()).collect();
        WorkTreeFiles::new(&self.top()).hash_files(&patterns, links)
    }

    /// The patterns mean the files of these names, in this order. What is in a file is its name.
    fn check(&self, patterns: &[&str], expected: &[&str]) {
        let found = self.hash(patterns, Links::LeftOut).expect("hashes");
        assert_eq!(found, digest(expected), "{patterns:?} is not {expected:?}");
    }
}

fn digest(contents: &[&str]) -> String {
    if contents.is_empty() {
        return String::new();
    }
    let mut all = Sha256::default();
    for content in contents {
        let mut one = Sha256::default();
        one.update(content.as_bytes());
        all.update(&one.bytes());
    }
    all.hex()
}

#[test]
fn the_digest_is_that_of_the_digests() {
    let tree = Tree::new(&[]);
    files::write_atomic(&tree.top().join("a"), b"abc").expect("writes");
    // The SHA-256 of the 32 bytes of FIPS 180-2, appendix B.1.
    let expected = "4f8b42c22dd3729b519ba6f68d2da7cc5b2d606d05daed5ad5128cc03e6c6358";
    assert_eq!(tree.hash(&["a"], Links::LeftOut).expect("hashes"), expected);
}

#[test]
fn patterns_mean_files_in_order() {
    let tree = Tree::new(&[
        "Cargo.lock",
        "a.txt",
        "a/one.txt",
        "a/two.rs",
        "a/deep/one.txt",
        "b/Cargo.lock",
        ".hidden/x.txt",
        ".git/index.txt",
    ]);
    tree.check(&["Cargo.lock"], &["Cargo.lock"]);
    tree.check(&["./Cargo.lock"], &["Cargo.lock"]);
    tree.check(&["**/Cargo.lock"], &["Cargo.lock", "b/Cargo.lock"]);
    for private in [
        ".git/index.txt",
        ".git",
        ".git/**",
        ".GIT/index.txt",
        "./.git/*",
    ] {
        tree.check(&[private], &[]);
    }
    tree.check(&["nothing"], &[]);
    tree.check(&["nothing/**/x"], &[]);
    tree.check(&[], &[]);
    tree.check(&["", "# comment"], &[]);
    // By folders, not by whole paths: `a/…` before `a.txt`.
    let texts = [".hidden/x.txt", "a/deep/one.txt", "a/one.txt", "a.txt"];
    tree.check(&["**/*.txt"], &texts);
    // A folder means all in it.
    tree.check(&["a"], &["a/deep/one.txt", "a/one.txt", "a/two.rs"]);
    tree.check(&["a/"], &["a/deep/one.txt", "a/one.txt", "a/two.rs"]);
    tree.check(&["Cargo.lock/"], &[]);
    tree.check(
        &["?"],
        &["a/deep/one.txt", "a/one.txt", "a/two.rs", "b/Cargo.lock"],
    );
    // The order of the patterns decides where to begin, each file counts once.
    tree.check(&["b/*", "a/*.rs"], &["b/Cargo.lock", "a/two.rs"]);
    tree.check(
        &["a/*.rs", "a/**"],
        &["a/deep/one.txt", "a/one.txt", "a/two.rs"],
    );
    tree.check(&["a/*.rs\nb/*"], &["a/two.rs", "b/Cargo.lock"]);
    // What is taken away can be taken back.
    tree.check(&["a/**", "!a/deep"], &["a/one.txt", "a/two.rs"]);
    tree.check(
        &["a/**", "!**/*.txt", "a/one.txt"],
        &["a/one.txt", "a/two.rs"],
    );
    let absolute = tree.top().join("a/*.rs");
    tree.check(&[absolute.to_str().expect("text")], &["a/two.rs"]);
    tree.check(&["/etc/*", "~/x"], &[]);
}

#[test]
fn nothing_outside_is_read() {
    let tree = Tree::new(&["a/in.txt", "b/x.txt"]);
    let outside = tree.0.path().join("outside.txt");
    files::write_atomic(&outside, b"outside").expect("writes");
    let link = |target: &str, name: &str| symlink(target, tree.top().join(name)).expect("links");
    link("../outside.txt", "outside.txt");
    link("..", "up");
    link("a/in.txt", "in.txt");
    link("../a", "b/folder");
    link("..", "b/loop");
    link("gone", "broken");
    tree.check(&["**"], &["a/in.txt", "b/x.txt", "a/in.txt"]);
    tree.check(&["up/outside.txt"], &[]);
    tree.check(&["b/folder/in.txt"], &[]);
    let followed = tree.hash(&["b"], Links::Followed).expect("hashes");
    assert_eq!(followed, digest(&["a/in.txt", "b/x.txt"]));
    let followed = tree.hash(&["up/*.txt"], Links::Followed).expect("hashes");
    assert_eq!(followed, "");
    let error = tree.hash(&["a/../../outside.txt"], Links::LeftOut);
    assert_eq!(
        error.expect_err("leaves").to_string(),
        "`a/../../outside.txt` leaves its folder: `..` cannot be used in a pattern"
    );
}
