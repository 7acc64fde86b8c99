//! Code that Git passes over: hidden changes, and those inside of submodules.

use super::{code_tree, commit_code_tree, standing};
use crate::git::testing::everywhere;

#[test]
fn a_work_tree_stands_where_head_is() {
    everywhere(|sandbox| {
        let same = |dirty: bool| {
            let (repository, label) = (sandbox.open(), &sandbox.label);
            let found = standing(&repository).expect("looks");
            assert_eq!(found.head, repository.head().expect("asks"), "{label}");
            assert_eq!(
                found.tree,
                code_tree(&repository).expect("has a tree"),
                "{label}"
            );
            assert_eq!(found.dirty, dirty, "{label}");
        };
        same(false);
        sandbox.write(".mmm/c.txt", "state is not code");
        same(false);
        sandbox.write("new.txt", "new");
        same(true);
        for branch in ["feature/ä", "(detached)", "HEAD2"] {
            sandbox.git(&["checkout", "--quiet", "-b", branch]);
            same(true);
        }
        sandbox.git(&["checkout", "--quiet", "--detach"]);
        same(true);
        sandbox.git(&["checkout", "--quiet", "--orphan", "nothing/yet"]);
        same(true);
    });
}

#[test]
fn flags_in_the_index_hide_nothing() {
    everywhere(|sandbox| {
        let clean = code_tree(&sandbox.open()).expect("has a tree");
        for flag in ["assume-unchanged", "skip-worktree"] {
            let set = |prefix: &str| {
                sandbox.git(&["update-index", &format!("--{prefix}{flag}"), "a.txt"]);
            };
            let before = sandbox.git(&["hash-object", "a.txt"]);
            let text = sandbox.git(&["show", ":a.txt"]);
            set("");
            assert_eq!(code_tree(&sandbox.open()).expect("hashes"), clean, "{flag}");
            sandbox.write("a.txt", "something else\n");
            let hidden = code_tree(&sandbox.open()).expect("hashes");
            set("no-");
            assert_eq!(
                code_tree(&sandbox.open()).expect("hashes"),
                hidden,
                "{flag}"
            );
            assert_ne!(hidden, clean, "{} {flag}", sandbox.label);
            sandbox.write("a.txt", &text);
            if sandbox.git(&["hash-object", "a.txt"]) != before {
                sandbox.git(&["checkout", "--", "a.txt"]);
            }
            assert_eq!(code_tree(&sandbox.open()).expect("hashes"), clean, "{flag}");
        }
    });
}

#[test]
fn what_is_changed_inside_of_a_submodule_is_part_of_the_code() {
    everywhere(|sandbox| {
        let inner = |arguments: &[&str]| {
            let words = ["-C", "sm"].iter().chain(arguments).copied();
            sandbox.git(&words.collect::<Vec<_>>())
        };
        let url = sandbox.work().display().to_string();
        let allow = "protocol.file.allow=always";
        sandbox.git(&["-c", allow, "submodule", "--quiet", "add", &url, "sm"]);
        sandbox.git(&["commit", "--quiet", "-am", "with a submodule"]);
        let tree = || code_tree(&sandbox.open()).expect("has a tree");
        let committed = commit_code_tree(&sandbox.open(), &sandbox.id("HEAD")).expect("hashes");
        let label = &sandbox.label;
        assert_eq!(tree(), committed, "{label}");
        let mut seen = vec![committed.clone()];
        let mut changed = |what: &str| {
            let now = tree();
            assert!(!seen.contains(&now), "{label}: {what}");
            assert_eq!(now, tree(), "{label}: {what}");
            seen.push(now);
        };
        sandbox.write("sm/a.txt", "changed inside\n");
        changed("a changed file");
        sandbox.write("sm/a.txt", "changed inside again\n");
        changed("another content");
        inner(&["checkout", "--quiet", "--", "a.txt"]);
        assert_eq!(tree(), committed, "{label}");
        sandbox.write("sm/new.txt", "new inside\n");
        changed("a new file");
        inner(&["add", "new.txt"]);
        let identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"];
        let commit = ["commit", "--quiet", "-m", "inside"];
        inner(&[&identity[..], &commit[..]].concat());
        changed("another commit");
        sandbox.git(&["commit", "--quiet", "-am", "follow"]);
        let head = sandbox.id("HEAD");
        let followed = commit_code_tree(&sandbox.open(), &head).expect("hashes");
        assert_eq!(tree(), followed, "{label}");
    });
}

#[test]
fn files_are_converted_as_git_does() {
    everywhere(|sandbox| {
        sandbox.git(&["config", "core.autocrlf", "true"]);
        sandbox.git(&["config", "filter.loud.clean", "tr a-z A-Z"]);
        sandbox.write(
            ".gitattributes",
            "*.id ident\n*.loud filter=loud\n*.bin -text\n",
        );
        for name in [
            "lines.txt",
            "lines.bin",
            "lines.id",
            "lines.loud",
            "dir/b.txt",
        ] {
            sandbox.write(name, "one\r\ntwo $Id: x $\r\n");
        }
        sandbox.write("empty", "");
        sandbox.write("byte", "x");
        sandbox.write("large", "0123456789abcdef".repeat(100_000));
        let found = code_tree(&sandbox.open()).expect("has a tree");
        let head = sandbox.commit("all");
        let committed = commit_code_tree(&sandbox.open(), &head).expect("hashes");
        assert_eq!(found, committed, "{}", sandbox.label);
    });
}
