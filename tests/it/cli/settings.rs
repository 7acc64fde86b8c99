//! Settings with values that they cannot have.

use crate::spec::project::{project, spec};
use crate::support::TestRepo;

#[test]
fn a_bad_setting_stops_only_what_uses_it() {
    let mut repo = TestRepo::new();
    repo.git(["config", "mmm.parallelJobs", "abc"]);
    repo.mmm(["init"]).assert_ok();
    repo.mmm(["status"]).assert_ok();
    repo.mmm(["spec", "list"]).assert_ok();
    insta::assert_snapshot!(repo.mmm(["run", "hello"]), @"
    exit code 128
    --- stderr
    error: the Git setting `mmm.parallelJobs` is `abc`, not a number from 1 to 8 ([ROOT]/repo/.git/config)
    hint: `git config --local --unset-all mmm.parallelJobs` removes it, or give it a value of that form
    ");
    repo.git(["config", "--unset-all", "mmm.parallelJobs"]);
    repo.git(["config", "mmm.commit", "bogus"]);
    repo.mmm(["spec", "list"]).assert_ok();
    repo.mmm(["check"]).assert_ok();
    insta::assert_snapshot!(repo.mmm(["spec", "new", "x"]), @"
    exit code 128
    --- stderr
    error: the Git setting `mmm.commit` is `bogus`, not `true` or `false` ([ROOT]/repo/.git/config)
    hint: `git config --local --unset-all mmm.commit` removes it, or give it a value of that form
    ");
    repo.mmm(["spec", "new", "x", "--commit"]).assert_ok();
    repo.set("MMM_COMMIT", "maybe");
    insta::assert_snapshot!(repo.mmm(["spec", "set", "hello", "owner=ada"]), @"
    exit code 128
    --- stderr
    error: the variable `MMM_COMMIT` is `maybe`, not `true` or `false`
    hint: `unset MMM_COMMIT`, or give it a value of that form
    ");
}

#[test]
fn a_bad_setting_of_git_is_named() {
    let repo = project();
    spec(
        &repo,
        "thing-7k3q9x2",
        "ready",
        "",
        &[("[ ] it is (ac-1)", "true")],
    );
    repo.git(["config", "diff.algorithm", "bogus"]);
    insta::assert_snapshot!(repo.mmm(["spec", "verify"]), @"
    exit code 128
    --- stderr
    error: git cannot use its setting `diff.algorithm`: unknown value for config 'diff.algorithm': bogus
    hint: `git config --show-origin --get-all diff.algorithm` shows where it is set
    ");
}

#[test]
fn a_time_that_no_date_can_tell_is_refused() {
    let mut repo = TestRepo::new();
    repo.set("MMM_TIMESTAMP", "99999999999999999");
    insta::assert_snapshot!(repo.mmm(["status"]), @"
    exit code 128
    --- stderr
    error: the variable `MMM_TIMESTAMP` is `99999999999999999`, not milliseconds since 1970 or an RFC 3339 time, up to the year 9999
    hint: `unset MMM_TIMESTAMP`, or give it a value of that form
    ");
}
