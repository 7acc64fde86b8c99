//! Help, version and wrong command lines.

use std::os::unix::ffi::OsStrExt;

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
fn help_is_a_command() {
    let repo = TestRepo::new();
    let help = |words: &[&str]| {
        let run = repo.mmm(words);
        run.assert_ok();
        run.stdout
    };
    assert_eq!(help(&["help"]), help(&["--help"]));
    assert_eq!(
        help(&["help", "spec", "list"]),
        help(&["spec", "list", "--help"])
    );
    assert!(help(&["help", "run"]).starts_with("Run specs through"));
    insta::assert_snapshot!(repo.mmm(["help", "rnu"]), @"
    exit code 129
    --- stderr
    error: `rnu` is not a command of `git mmm`
    hint: did you mean `run`?
    ");
    insta::assert_snapshot!(repo.mmm(["cancel", "-h"]), @"
    exit code 0
    --- stdout
    End a run: its steps are asked to stop, then made to

    Usage: git mmm cancel [OPTIONS] <run>

    Arguments:
      <run>  The run: its id or a unique prefix

    Common options:
          --json          Print one JSON envelope instead of text
          --color <when>  Colour the output: by default as `color.mmm`, `color.ui` and `NO_COLOR` say
                          [possible values: always, auto, never]
      -h, --help          Print help; `git mmm help <command>` prints more of it
    ");
    insta::assert_snapshot!(repo.mmm(["cancel"]), @"
    exit code 129
    --- stderr
    error: missing `<run>`
    hint: see `git mmm cancel -h`
    ");
}

#[test]
fn values_are_told_in_our_words() {
    let repo = TestRepo::new();
    insta::assert_snapshot!(repo.mmm(["quickstart", "--into"]), @"
    exit code 129
    --- stderr
    error: `--into <folder>` needs a value
    hint: see `git mmm quickstart -h`
    ");
    insta::assert_snapshot!(repo.mmm(["runs", "-n", "x"]), @"
    exit code 129
    --- stderr
    error: `x` is not a value of `--limit <count>`
    hint: give a whole number from 1 on
    ");
    insta::assert_snapshot!(repo.mmm(["runs", "--status", "wating"]), @"
    exit code 129
    --- stderr
    error: `wating` is not a value of `--status <status>`
    hint: did you mean `waiting`?
    ");
    insta::assert_snapshot!(repo.mmm(["spec", "new", "x", "--priority", "high"]), @"
    exit code 129
    --- stderr
    error: `high` is not a value of `--priority <n>`
    hint: give a whole number
    ");
    insta::assert_snapshot!(repo.mmm(["run", "a", "-w", "b", "-w", "c"]), @"
    exit code 129
    --- stderr
    error: `--workflow <name>` can be given once
    hint: see `git mmm run -h`
    ");
    insta::assert_snapshot!(repo.mmm(["run", "a", "--json=yes"]), @"
    exit code 129
    --- stderr
    error: `--json` takes no value
    hint: see `git mmm run -h`
    ");
    insta::assert_snapshot!(repo.mmm(["spec", "new", "x", "--verify", "true"]), @"
    exit code 129
    --- stderr
    error: `--verify true` does not follow a `--criterion` of its own
    hint: see `git mmm spec new -h`
    ");
    insta::assert_snapshot!(repo.mmm(["spec", "verify", "--criterion", "x"]), @"
    exit code 129
    --- stderr
    error: `x` is not a value of `--criterion <id>`
    hint: `x` is not a criterion id (`ac-` and up to 32 characters of a-z, 0-9 and `-`)
    ");
    let latin = std::ffi::OsStr::from_bytes(b"\xff");
    insta::assert_snapshot!(repo.mmm([std::ffi::OsStr::new("show"), latin]), @"
    exit code 129
    --- stderr
    error: an argument is not UTF-8
    hint: name a spec by its id, and a run by its id
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
    hint: only the answer is lost: what the command has done stays done
    ");
}

#[test]
fn what_is_wrong_in_the_words_alone_ends_with_129() {
    let repo = TestRepo::new();
    repo.mmm(["init"]).assert_ok();
    let check = |words: &[&str], said: &str| {
        let run = repo.mmm(words);
        run.assert_code(129);
        let first = run.stderr.lines().next().unwrap_or_default();
        assert_eq!(first, format!("error: {said}"), "{words:?}");
        assert!(run.stderr.contains("\nhint: "), "{words:?}: {run}");
    };
    check(&["--version", "extra"], "unexpected argument `extra`");
    check(&["run", "-w", ""], "`--workflow <name>` needs a value");
    check(
        &["workflow", "new", "a/b"],
        "`a/b` is not a name for a workflow",
    );
    check(
        &["spec", "drop", "hello", "-m", " "],
        "` ` is not a value of `--message <reason>`",
    );
    check(
        &["spec", "drop", "hello", "-m", ""],
        "`--message <reason>` needs a value",
    );
    check(
        &["spec", "list", "--limit", "0"],
        "`0` is not a value of `--limit <n>`",
    );
    check(
        &["spec", "list", "--limit", "-1"],
        "`-1` is not a value of `--limit <n>`",
    );
    check(&["spec", "new", ""], "the title is empty");
    check(&["spec", "new", "x", "--label", ""], "the label is empty");
    check(&["spec", "set", "hello", "+labels:"], "the item is empty");
    let shown = repo.mmm(["spec", "show", "hello"]);
    assert!(!shown.stdout.contains("dropped"), "{shown}");
}
