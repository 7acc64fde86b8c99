//! The examples of the pages for those who come from elsewhere are run: what is imported does what
//! the same, written by hand, does.

use crate::docs::examples::blocks;
use crate::run::fixture::configure;
use crate::support::{Run, TestRepo};

/// Programs of the repository that the examples call.
const PROGRAMS: &[(&str, &str)] = &[
    ("check", "echo \"$1\" >\"checked-$1\"\n"),
    ("extract", "seq \"$2\"\n"),
    (
        "list-parts",
        "echo '{\"parts\": [{\"name\": \"a\"}, {\"name\": \"b\"}]}'\n",
    ),
    ("load", "wc -l <\"$1\"\n"),
];

/// A repository with the examples of a page, and the import of what is for another program.
fn repository(page: &str) -> TestRepo {
    let repo = TestRepo::builder().real_clock().build();
    configure(&repo.here(), "");
    for (name, text) in PROGRAMS {
        repo.write_program(name, &format!("#!/bin/sh\n{text}"));
    }
    repo.write("Makefile", "test:\n\t@echo $(SIZE) >test.log\n");
    for (heading, text) in blocks(page) {
        let first = text.lines().next().and_then(|line| line.strip_prefix("# "));
        match heading.strip_prefix("yaml") {
            Some("") => repo.write(first.expect("the file is named"), &text),
            Some(_) => {
                repo.write("theirs.yml", &text);
                repo.mmm(["workflow", "import", "theirs.yml", "--name", "imported"])
                    .assert_ok();
            }
            None => {}
        }
    }
    repo.git(["add", "--all"]);
    repo.git(["commit", "--quiet", "--message", "examples"]);
    repo
}

fn run(repo: &TestRepo, name: &str) -> Run {
    let run = repo.mmm(["run", "-w", name, "--json"]);
    run.assert_ok();
    run
}

#[test]
fn what_comes_from_github_does_the_same() {
    let repo = repository(include_str!("../../../docs/coming-from-github-actions.md"));
    let kept = |name: &str| {
        run(&repo, name);
        let list = repo.mmm(["artifact", "list", "--json"]).json();
        let mut names: Vec<String> = list["data"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|kept| format!("{} {}", kept["name"], kept["files"]))
            .collect();
        names.sort();
        names
    };
    let written = kept("ci");
    assert_eq!(written, ["\"log-large\" 1", "\"log-small\" 1"]);
    assert_eq!(kept("imported"), written);
}

#[test]
fn what_comes_from_prodigy_does_the_same() {
    let repo = repository(include_str!("../../../docs/coming-from-prodigy.md"));
    let made = |name: &str| {
        let run = run(&repo, name).json();
        let branch = run["data"][0]["work"]
            .as_str()
            .expect("it is left")
            .to_owned();
        repo.git(["diff", "--name-only", "HEAD", &branch])
    };
    let written = made("parts");
    assert_eq!(written, "checked-a\nchecked-b\nparts.json\nreport.txt");
    assert_eq!(made("imported"), written);
}

#[test]
fn what_comes_from_dagu_does_what_the_page_says() {
    let repo = repository(include_str!("../../../docs/coming-from-dagu.md"));
    let run = repo.mmm(["run", "-w", "nightly", "--set", "days=5"]);
    run.assert_ok();
    assert!(run.stdout.contains("  | 5\n"), "{run}");
    assert!(
        run.stdout
            .contains("skipped   @on-failure (nothing failed)\n"),
        "{run}"
    );
    assert!(!repo.path().join("rows.csv").exists());
}
