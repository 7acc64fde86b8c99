//! A clone in which nothing was checked out: it has no index yet.

use crate::spec::project::spec;
use crate::support::TestRepo;

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
