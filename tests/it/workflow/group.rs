//! The group without a command.

use crate::support::TestRepo;

#[test]
fn the_group_alone_says_what_there_is() {
    let repo = TestRepo::new();
    insta::assert_snapshot!(repo.mmm(["workflow"]), @"
    exit code 129
    --- stderr
    error: `git mmm workflow` needs a command
    hint: see `git mmm workflow -h`
    ");
    insta::assert_snapshot!(repo.mmm(["workflow", "chek"]), @"
    exit code 129
    --- stderr
    error: `chek` is not a command of `git mmm workflow`
    hint: did you mean `check`?
    ");
}
