//! The tests' own promise: nothing of the person's world reaches a test, nor the other way.

use crate::support::{LIMIT, TestRepo, wait_until};

#[test]
fn no_variable_is_inherited() {
    let repo = TestRepo::new();
    let run = repo.here().command("env", &[] as &[&str]);
    let names: Vec<&str> = run
        .stdout
        .lines()
        .filter_map(|line| line.split_once('=').map(|(name, _)| name))
        .collect();
    // `.ci/run` runs this suite with these two poisoned.
    for poisoned in [
        "GIT_DIR",
        "GIT_INDEX_FILE",
        "GIT_WORK_TREE",
        "CARGO",
        "USER",
    ] {
        assert!(!names.contains(&poisoned), "{poisoned} is inherited");
    }
}

#[test]
fn each_format_is_what_it_says() {
    TestRepo::each_format(|repo| {
        let hash = repo.git(["rev-parse", "HEAD"]);
        let format = repo.git(["rev-parse", "--show-object-format"]);
        assert_eq!(hash.len(), if format == "sha1" { 40 } else { 64 });
        assert_eq!(repo.git(["status", "--porcelain"]), "");
    });
    let formats = std::cell::RefCell::new(std::collections::BTreeSet::new());
    TestRepo::each_format(|repo| {
        let line = repo.git(["rev-parse", "--show-object-format", "--show-ref-format"]);
        formats.borrow_mut().insert(line);
    });
    assert_eq!(formats.borrow().len(), 4, "{formats:?}");
}

#[test]
fn repositories_of_every_kind() {
    let unborn = TestRepo::builder().unborn().build();
    let head = unborn
        .here()
        .command("git", &["rev-parse", "--verify", "--quiet", "HEAD"]);
    head.assert_code(1);
    let bare = TestRepo::builder().bare().build();
    assert_eq!(bare.git(["rev-parse", "--is-bare-repository"]), "true");
    let repo = TestRepo::new();
    let linked = repo.linked_worktree("side");
    assert_eq!(linked.git(["branch", "--show-current"]), "side");
    let clone = repo.clone_to("clone", &["--depth=1"]);
    assert_eq!(
        clone.git(["rev-parse", "HEAD"]),
        repo.git(["rev-parse", "HEAD"])
    );
    assert_eq!(clone.git(["rev-parse", "--is-shallow-repository"]), "true");
}

#[test]
fn the_clock_and_the_ids_are_fixed_unless_asked() {
    let fixed = |repo: &TestRepo| {
        let script = "echo $MMM_TIMESTAMP $MMM_SEED";
        let seen = || repo.here().command("sh", &["-c", script]).stdout;
        (seen(), seen())
    };
    let (one, two) = fixed(&TestRepo::new());
    assert_ne!(one, two, "each call has its own seed");
    assert_eq!(
        fixed(&TestRepo::new()),
        (one, two),
        "the same calls have the same seeds"
    );
    let real = TestRepo::builder().real_clock().build();
    assert_eq!(fixed(&real), ("\n".to_owned(), "\n".to_owned()));
}

#[test]
fn a_child_can_be_waited_for_and_killed() {
    let repo = TestRepo::new();
    repo.spawn(["--version"]).wait(LIMIT).assert_ok();
    // Its output has no reader until it is waited for; a kill is seen in the code.
    let child = repo.here().start("sleep", &["60"]);
    child.signal("KILL");
    child.wait(LIMIT).assert_code(128 + 9);
}

#[test]
fn a_forgotten_child_is_killed() {
    let repo = TestRepo::new();
    let script = "sleep 60 & echo $! >pid; wait";
    let child = repo.here().start("sh", &["-c", script]);
    let written = || repo.path().join("pid").exists() && repo.read("pid").ends_with('\n');
    wait_until(LIMIT, written);
    assert_ne!(child.pid(), 0);
    drop(child);
    let pid = repo.read("pid");
    // Where nobody reaps orphans, as in a container, the dead stay in the table as zombies.
    let stat = format!("/proc/{}/stat", pid.trim());
    let ended = || {
        let gone = repo.here().command("kill", &["-0", pid.trim()]).code != 0;
        gone || std::fs::read_to_string(&stat).is_ok_and(|stat| stat.contains(") Z "))
    };
    wait_until(LIMIT, ended);
}

#[test]
fn files_are_written_and_read_in_each_folder() {
    let repo = TestRepo::new();
    repo.write("a/b.txt", "one");
    assert_eq!(repo.at("a").read("b.txt"), "one");
    assert_eq!(repo.at("a").path(), repo.path().join("a"));
}
