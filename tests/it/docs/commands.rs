//! The page of commands is what the program says of itself.

use std::fmt::Write as _;
use std::{env, fs};

use crate::support::TestRepo;

const INTRODUCTION: &str = "# Commands

This is what `git mmm help <command>` prints, all of it; `-h` behind a command prints a shorter form.
";

/// The names of the commands in a help text.
fn commands(help: &str) -> Vec<String> {
    let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let lines = lines.take_while(|line| !line.is_empty());
    let names = lines.filter_map(|line| line.split_whitespace().next());
    names.map(str::to_owned).collect()
}

fn add(repo: &TestRepo, path: &[String], page: &mut String) {
    let words = std::iter::once("help").chain(path.iter().map(String::as_str));
    let run = repo.mmm(words);
    run.assert_ok();
    let name = [&["git mmm".to_owned()], path].concat().join(" ");
    let own = run
        .stdout
        .split("\nCommon options:")
        .next()
        .unwrap_or_default();
    let shown = if path.is_empty() { &run.stdout } else { own };
    let _ = write!(page, "\n## {name}\n\n```text\n{}\n```\n", shown.trim_end());
    for command in commands(own) {
        add(repo, &[path, &[command]].concat(), page);
    }
}

#[test]
fn the_page_of_commands_is_complete_and_true() {
    let repo = TestRepo::new();
    let mut page = INTRODUCTION.to_owned();
    add(&repo, &[], &mut page);
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/commands.md");
    if env::var_os("MMM_WRITE_DOCS").is_some() {
        fs::write(path, &page).expect("writes");
    }
    let known = fs::read_to_string(path).unwrap_or_default();
    assert!(
        known == page,
        "docs/commands.md is out of date: `MMM_WRITE_DOCS=1 cargo test commands` writes it anew"
    );
}
