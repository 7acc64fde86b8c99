//! Repositories that Git does not find from the top of their work tree, and folders of any name.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use crate::support::{TestRepo, View};

/// A repository `dot` with a work tree in the folder given, and nothing there that leads to it.
fn dotfiles(work: &str) -> (TestRepo, String) {
    let mut repo = TestRepo::new();
    let (dot, work) = (repo.outside("dot"), repo.outside(work));
    repo.git([OsStr::new("init"), OsStr::new("--bare"), dot.as_os_str()]);
    std::fs::create_dir_all(&work).expect("a folder");
    let dot = dot.to_str().expect("a plain path").to_owned();
    repo.git(["--git-dir", &dot, "config", "core.bare", "false"]);
    repo.set("GIT_DIR", &dot);
    repo.set("GIT_WORK_TREE", work.to_str().expect("a plain path"));
    (repo, dot)
}

/// A workflow whose step commits all that is there and tells where.
fn committing(view: &View<'_>) {
    view.write(
        ".mmm/workflows/w.yaml",
        "jobs:\n  a:\n    steps:\n      - run: |\n          git rev-parse --absolute-git-dir\n          \
         echo in ${GIT_DIR-nothing}\n          git add -A\n          git commit -qm by-step\n",
    );
}

#[test]
fn steps_work_on_the_repository_that_was_named() {
    // Inside of another repository, and of none.
    for work in ["repo/home", "home2"] {
        let (repo, dot) = dotfiles(work);
        let view = repo.at(repo.outside(work));
        view.mmm(["init"]).assert_ok();
        committing(&view);
        let run = view.mmm(["run", "-w", "w"]);
        run.assert_ok();
        assert!(run.stdout.contains(&format!("| {dot}\n")), "{run}");
        assert_eq!(view.git(["log", "--format=%s"]), "by-step");
        let outer = repo.path().join(".git");
        let outer = outer.to_str().expect("a plain path");
        let log = ["--git-dir", outer, "log", "--format=%s"];
        assert_eq!(view.git(log), "first", "{work}");
    }
}

#[test]
fn verify_commands_work_on_the_repository_that_was_named() {
    let (repo, dot) = dotfiles("repo/home");
    let view = repo.at("home");
    view.mmm(["init"]).assert_ok();
    let command = format!("test $(git rev-parse --absolute-git-dir) = {dot}");
    view.write(
        ".mmm/specs/store-1m4c8tz.md",
        format!(
            "---\ntitle: The store\nid: 1m4c8tz\nstatus: ready\nformat: 1\n---\nWhy.\n\n\
             ## Acceptance criteria\n\n- [ ] it is (ac-1)\n\n  verify: `{command}`\n"
        ),
    );
    view.mmm(["spec", "verify", "store"]).assert_ok();
    view.mmm(["run", "store", "-w", "hello"]).assert_ok();
}

#[test]
fn a_work_tree_of_the_configuration_is_one_of_the_repository() {
    let repo = TestRepo::new();
    let work = repo.outside("work");
    std::fs::create_dir(&work).expect("a folder");
    repo.git(["config", "core.worktree", work.to_str().expect("plain")]);
    repo.mmm(["init"]).assert_ok();
    let view = repo.at(&work);
    committing(&view);
    repo.mmm(["run", "-w", "w"]).assert_ok();
    assert_eq!(repo.git(["log", "-1", "--format=%s"]), "by-step");
}

#[test]
fn steps_are_told_nothing_that_git_finds_by_itself() {
    let mut repo = TestRepo::new();
    repo.mmm(["init"]).assert_ok();
    committing(&repo.here());
    // As in a hook; and where `.git` is a file.
    repo.git(["init", "--quiet", "--separate-git-dir", "../git-dir"]);
    let linked = repo.linked_worktree("linked");
    linked.mmm(["init"]).assert_ok();
    committing(&linked);
    for view in [&repo.here(), &linked] {
        let run = view.mmm(["run", "-w", "w"]);
        run.assert_ok();
        assert!(run.stdout.contains("| in nothing\n"), "{run}");
    }
    repo.set("GIT_DIR", ".git");
    repo.set("GIT_INDEX_FILE", "/no/such/index");
    repo.write("more", "x");
    let run = repo.mmm(["run", "-w", "w"]);
    run.assert_ok();
    assert!(run.stdout.contains("| in nothing\n"), "{run}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_subfolder_has_any_name() {
    let repo = TestRepo::new();
    repo.mmm(["init"]).assert_ok();
    for name in [&b"d\xe9"[..], b"line\nfeed"] {
        let folder = repo.path().join(OsStr::from_bytes(name));
        std::fs::create_dir(&folder).expect("a folder");
        let view = repo.at(folder);
        for words in [&["status"][..], &["run", "hello"], &["spec", "new", "q"]] {
            view.mmm(words).assert_ok();
        }
        assert!(view.mmm(["init"]).stdout.contains("nothing to do"));
    }
}
