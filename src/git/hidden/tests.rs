//! Every way of storing an index, with and without flags.

use super::{has_no_flags, hidden};
use crate::git::testing::everywhere;
use crate::sys::files;

/// Ways of storing an index, as settings of `git update-index`.
const STORED: [&[&str]; 6] = [
    &["--index-version=2"],
    &["--index-version=3"],
    &["--index-version=4"],
    &["--index-version=4", "--untracked-cache"],
    &["--index-version=2", "--split-index"],
    &["--index-version=2", "--no-split-index"],
];

#[test]
fn flags_are_found_however_the_index_is_stored() {
    everywhere(|sandbox| {
        for name in ["m/a.txt", "m/ä b.txt", "n.txt"] {
            sandbox.write(name, name);
        }
        sandbox.commit("more");
        for stored in STORED {
            let update = |flags: &[&str]| {
                let words = ["update-index"].iter().chain(stored).chain(flags).copied();
                sandbox.git(&words.collect::<Vec<_>>());
            };
            let found = || {
                let paths = hidden(&sandbox.open()).expect("looks");
                let paths = paths
                    .into_iter()
                    .map(|path| String::from_utf8(path).expect("text"));
                paths.collect::<Vec<_>>()
            };
            let label = format!("{} {stored:?}", sandbox.label);
            update(&[]);
            assert_eq!(found(), [""; 0], "{label}");
            update(&["--assume-unchanged", "m/ä b.txt"]);
            assert_eq!(found(), ["m/ä b.txt"], "{label}");
            update(&["--skip-worktree", "n.txt"]);
            assert_eq!(found(), ["m/ä b.txt", "n.txt"], "{label}");
            update(&["--no-assume-unchanged", "m/ä b.txt"]);
            assert_eq!(found(), ["n.txt"], "{label}");
            update(&["--no-skip-worktree", "n.txt"]);
            assert_eq!(found(), [""; 0], "{label}");
        }
    });
}

#[test]
fn git_is_asked_only_where_the_index_may_hide_something() {
    everywhere(|sandbox| {
        let look = || has_no_flags(&sandbox.open());
        for version in ["2", "3", "4"] {
            sandbox.git(&["update-index", "--index-version", version]);
            assert!(look(), "{} {version}", sandbox.label);
        }
        // A file that is to be added has flags of its own, which hide nothing.
        sandbox.write("later.txt", "later");
        sandbox.git(&["add", "--intent-to-add", "later.txt"]);
        assert!(look(), "{}", sandbox.label);
        sandbox.git(&["rm", "--quiet", "--cached", "later.txt"]);
        // The rest of a split index is in another file.
        sandbox.git(&["update-index", "--split-index"]);
        assert!(!look(), "{}", sandbox.label);
        sandbox.git(&["update-index", "--no-split-index"]);
        assert!(look(), "{}", sandbox.label);
        // One without a checksum, as `feature.manyFiles` writes it, is read or not: nothing is lost.
        sandbox.git(&[
            "-c",
            "index.skipHash=true",
            "update-index",
            "--force-write-index",
        ]);
        let found = hidden(&sandbox.open()).expect("looks");
        assert_eq!(found, [b""; 0], "{}", sandbox.label);
        // Of a sparse one, folders stand for what is not checked out.
        sandbox.write("out/of/it.txt", "text");
        sandbox.commit("more");
        sandbox.git(&["sparse-checkout", "set", "--cone", "--sparse-index", "m"]);
        assert!(!look(), "{}", sandbox.label);
        let found = hidden(&sandbox.open()).expect("looks");
        assert_eq!(found, [b""; 0], "{}", sandbox.label);
        sandbox.git(&["sparse-checkout", "disable"]);
        let index = sandbox.open().git_dir().join("index");
        files::write_atomic(&index, b"no index").expect("writes");
        assert!(!look(), "{}", sandbox.label);
    });
}
