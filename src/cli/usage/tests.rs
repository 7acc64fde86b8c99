//! Wrong command lines as people see them.

use crate::cli::usage::explain;
use clap::{Arg, ArgAction, Command};

fn root() -> Command {
    let list = Command::new("list")
        .arg(
            Arg::new("sort")
                .long("sort")
                .value_parser(["title", "status"]),
        )
        .arg(Arg::new("quiet").long("quiet").action(ArgAction::SetTrue))
        .arg(
            Arg::new("long")
                .long("long")
                .action(ArgAction::SetTrue)
                .conflicts_with("quiet"),
        )
        .arg(
            Arg::new("count")
                .long("count")
                .value_parser(clap::value_parser!(u8)),
        );
    let show = Command::new("show").arg(Arg::new("spec").required(true));
    let spec = Command::new("spec")
        .subcommand_required(true)
        .subcommands([list, show]);
    Command::new("git-mmm")
        .bin_name("git mmm")
        .subcommands([spec, Command::new("status")])
}

fn check(line: &str, message: &str, hint: &str) {
    let words = std::iter::once("git-mmm").chain(line.split_whitespace());
    let words: Vec<String> = words.map(str::to_owned).collect();
    let error = root()
        .try_get_matches_from(&words)
        .expect_err("a wrong command line");
    let (found, found_hint) = explain(&error, &words, &root());
    assert_eq!(
        (found.as_str(), found_hint.as_str()),
        (message, hint),
        "{line}"
    );
}

#[test]
fn wrong_command_lines_are_told_in_our_words() {
    check(
        "stauts",
        "`stauts` is not a command of `git mmm`",
        "did you mean `status`?",
    );
    check(
        "zzz",
        "`zzz` is not a command of `git mmm`",
        "see `git mmm -h`",
    );
    check(
        "spec lst",
        "`lst` is not a command of `git mmm spec`",
        "did you mean `list`?",
    );
    check(
        "spec",
        "`git mmm spec` needs a command",
        "see `git mmm spec -h`",
    );
    check(
        "spec list --qiet",
        "unexpected argument `--qiet`",
        "did you mean `--quiet`?",
    );
    check(
        "spec list x",
        "unexpected argument `x`",
        "see `git mmm spec list -h`",
    );
    check(
        "spec show",
        "missing `<spec>`",
        "see `git mmm spec show -h`",
    );
    check(
        "spec list --sort statsu",
        "`statsu` is not a value of `--sort <sort>`",
        "did you mean `status`?",
    );
    check(
        "spec list --sort x",
        "`x` is not a value of `--sort <sort>`",
        "give `title` or `status`",
    );
    check(
        "spec list --sort",
        "`--sort <sort>` needs a value",
        "give `title` or `status`",
    );
    check(
        "spec list --long --quiet",
        "`--long` cannot be used with `--quiet`",
        "see `git mmm spec list -h`",
    );
    check(
        "spec list --count 999",
        "`999` is not a value of `--count <count>`",
        "999 is not in 0..=255",
    );
    check(
        "spec list --count x",
        "`x` is not a value of `--count <count>`",
        "give a whole number",
    );
    check(
        "spec list --count",
        "`--count <count>` needs a value",
        "see `git mmm spec list -h`",
    );
    check(
        "spec list --count 1 --count 2",
        "`--count <count>` can be given once",
        "see `git mmm spec list -h`",
    );
    check(
        "spec list --quiet=yes",
        "`--quiet` takes no value",
        "see `git mmm spec list -h`",
    );
}
