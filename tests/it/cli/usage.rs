//! Help, version and wrong command lines.

use crate::support::TestRepo;

#[test]
fn help_and_version_are_data() {
    let repo = TestRepo::new();
    insta::assert_snapshot!(repo.mmm(["--version"]), @"
    exit code 0
    --- stdout
    git-mmm [VERSION]
    ");
    let help = repo.mmm(["-h"]);
    help.assert_ok();
    assert_eq!(help.stderr, "");
    assert!(help.stdout.contains("Usage: git mmm"), "{help}");
    // Git takes `--help` for the manual page, so it is the program's own name here.
    repo.mmm(["--help"]).assert_ok();
}

#[test]
fn wrong_command_lines_end_with_129() {
    let repo = TestRepo::new();
    insta::assert_snapshot!(repo.mmm(["--jsn"]), @"
    exit code 129
    --- stderr
    error: unexpected argument `--jsn`
    hint: did you mean `--json`?
    ");
    insta::assert_snapshot!(repo.mmm(["frobnicate"]), @"
    exit code 129
    --- stderr
    error: `frobnicate` is not a command of `git mmm`
    hint: see `git mmm -h`
    ");
    insta::assert_snapshot!(repo.mmm(["--color", "sometimes"]), @"
    exit code 129
    --- stderr
    error: `sometimes` is not a value of `--color <when>`
    hint: give `always`, `auto` or `never`
    ");
}

#[test]
fn a_wrong_command_line_with_json_leaves_the_envelope() {
    let repo = TestRepo::new();
    let run = repo.mmm(["--json", "frobnicate"]);
    run.assert_code(129);
    let envelope = run.json();
    assert!(envelope["data"].is_null(), "{run}");
    assert_eq!(envelope["problems"][0]["code"], "usage", "{run}");
    // What stands after `--` is no flag.
    assert_eq!(repo.mmm(["frobnicate", "--", "--json"]).stdout, "");
}

#[test]
fn a_wrong_variable_is_fatal() {
    let mut repo = TestRepo::new();
    repo.set("MMM_SEED", "seven");
    insta::assert_snapshot!(repo.mmm([] as [&str; 0]), @"
    exit code 128
    --- stderr
    error: the variable `MMM_SEED` is `seven`, not a whole number
    hint: `unset MMM_SEED`, or give it a value of that form
    ");
    let run = repo.mmm(["--json"]);
    run.assert_code(128);
    let envelope = run.json();
    assert!(envelope["data"].is_null(), "{run}");
    assert_eq!(envelope["problems"][0]["code"], "config", "{run}");
}

#[test]
fn git_finds_the_program() {
    let repo = TestRepo::new();
    let version = repo.git(["mmm", "--version"]);
    assert_eq!(version, concat!("git-mmm ", env!("CARGO_PKG_VERSION")));
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let repo = TestRepo::new();
    let run = repo
        .here()
        .command("sh", &["-c", "git-mmm -h | :; git-mmm -h >&-"]);
    assert_eq!((run.stderr.as_str(), run.code), ("", 0), "{run}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error() {
    let repo = TestRepo::new();
    let run = repo.here().command("sh", &["-c", "git-mmm -h >/dev/full"]);
    insta::assert_snapshot!(run, @"
    exit code 128
    --- stderr
    error: cannot write to standard output: No space left on device (os error 28)
    hint: make room on the disk, then try again: nothing was lost
    ");
}
