//! A clone in which nothing was checked out: it has no index yet.

use crate::spec::project::spec;
use crate::support::{TestRepo, View};

#[test]
fn a_clone_with_nothing_checked_out_has_its_project() {
    TestRepo::each_format(|repo| {
        repo.mmm(["init"]).assert_ok();
        spec(
            repo,
            "store-1m4c8tz",
            "ready",
            "",
            &[("[ ] it is (ac-1)", "true")],
        );
        repo.git(["add", "--all"]);
        repo.git(["commit", "--quiet", "-m", "state"]);
        let own = repo.read(".mmm/config.toml");
        for (name, sparse) in [("clone", false), ("sparse", true)] {
            let clone = repo.clone_to(name, &["--no-checkout"]);
            if sparse {
                clone.git(["config", "core.sparseCheckout", "true"]);
            }
            assert!(clone.mmm(["spec", "list"]).stdout.contains("store"));
            clone.mmm(["check"]).assert_ok();
            let init = clone.mmm(["init"]);
            init.assert_ok();
            assert!(init.stdout.contains("nothing to do"), "{init}");
            assert!(!clone.path().join(".mmm").exists());
            // What is changed is there, and is committed alone.
            clone
                .mmm(["spec", "set", "store", "owner=ada", "--commit"])
                .assert_ok();
            let committed = clone.git(["show", "--format=", "--name-only"]);
            assert_eq!(committed, ".mmm/specs/store-1m4c8tz.md");
            assert_eq!(clone.git(["show", "HEAD:.mmm/config.toml"]), own.trim_end());
            clone.git(["fsck", "--strict"]);
        }
    });
}

#[test]
fn a_project_that_only_head_has_is_not_made_again() {
    let repo = TestRepo::new();
    repo.mmm(["init"]).assert_ok();
    repo.git(["add", "--all"]);
    repo.git(["commit", "--quiet", "-m", "state"]);
    let own = repo.read(".mmm/config.toml");
    let restore = "git restore --source=HEAD --staged --worktree -- :/.mmm";
    let missing =
        "git reset -q -- :/.mmm && git ls-files -zd -- :/.mmm | git checkout-index -z --stdin";
    let check = |repo: &View<'_>, command: &str| {
        let init = repo.mmm(["init"]);
        init.assert_code(128);
        assert!(init.stderr.contains("`HEAD` has a project"), "{init}");
        for arguments in [&["init"][..], &["spec", "list"], &["runs"]] {
            let run = repo.mmm(arguments);
            assert!(run.stderr.contains(&format!("run `{command}`")), "{run}");
        }
        let status = repo.mmm(["status"]);
        assert!(
            status.stdout.ends_with(&format!("next: {command}\n")),
            "{status}"
        );
    };
    // What was written in the meantime stays: in the commit, and in the index.
    let clone = repo.clone_to("clone", &["--no-checkout"]);
    clone.mmm(["spec", "new", "y", "--commit"]).assert_ok();
    check(&clone, missing);
    clone.write(".mmm/specs/own.txt", "mine");
    clone.git(["add", ".mmm/specs/own.txt"]);
    clone.command("sh", &["-c", missing]).assert_ok();
    assert_eq!(clone.read(".mmm/config.toml"), own);
    assert_eq!(clone.read(".mmm/specs/own.txt"), "mine");
    clone.mmm(["spec", "list"]).assert_ok();
    repo.git(["rm", "--quiet", "-r", ".mmm"]);
    check(&repo.here(), restore);
    repo.here().command("sh", &["-c", restore]).assert_ok();
    assert_eq!(repo.git(["status", "--porcelain"]), "");
    assert!(repo.mmm(["init"]).stdout.contains("nothing to do"));
}
