//! Where `init` cannot do anything.

use std::os::unix::fs::symlink;

use crate::support::TestRepo;

#[test]
fn without_a_repository_it_says_how_to_make_one() {
    let repo = TestRepo::new();
    std::fs::create_dir(repo.outside("elsewhere")).expect("a folder");
    let view = repo.at(repo.outside("elsewhere"));
    insta::assert_snapshot!(view.mmm(["init"]), @"
    exit code 128
    --- stderr
    error: [ROOT]/elsewhere is not in a Git repository
    hint: run `git init`, or change into a repository
    ");
    let envelope = view.mmm(["init", "--json"]).json();
    assert!(envelope["data"].is_null());
}

#[test]
fn a_bare_repository_has_no_place_for_it() {
    let repo = TestRepo::builder().bare().build();
    insta::assert_snapshot!(repo.mmm(["init"]), @"
    exit code 128
    --- stderr
    error: [ROOT]/repo has no work tree
    hint: change into a work tree (`git worktree list`), or make one: `git worktree add <folder>`
    ");
}

#[test]
fn a_newer_format_is_left_alone() {
    let repo = TestRepo::new();
    repo.write(".mmm/config.toml", "format = 2\n");
    insta::assert_snapshot!(repo.mmm(["init"]), @"
    exit code 128
    --- stderr
    error: `.mmm/config.toml` has format 2, and this version writes up to format 1
    hint: install a git-mmm newer than [VERSION] that knows format 2, or go back to the older format
    ");
    assert_eq!(
        repo.git(["status", "--porcelain", "-uall"]),
        "?? .mmm/config.toml"
    );
}

#[test]
fn a_damaged_configuration_is_left_alone() {
    let repo = TestRepo::new();
    repo.write(".mmm/config.toml", "format = 1\n[project\n");
    insta::assert_snapshot!(repo.mmm(["init"]), @"
    exit code 128
    --- stderr
    error[invalid-toml]: unclosed table, expected `]`
     --> .mmm/config.toml:2:9
      |
    2 | [project
      |         ^

    1 error in 1 file
    error: `.mmm/config.toml` cannot be used: 1 problem found
    hint: run `git mmm check`
    ");
    repo.write(".mmm/config.toml", "format = 1\n[project]\nid = 7\n");
    insta::assert_snapshot!(repo.mmm(["init"]), @"
    exit code 128
    --- stderr
    error[wrong-type]: `project.id` is a number, not text
     --> .mmm/config.toml:3:6
      |
    3 | id = 7
      |      ^ expected text

    1 error in 1 file
    error: `.mmm/config.toml` cannot be used: 1 problem found
    hint: run `git mmm check`
    ");
    assert_eq!(
        repo.git(["status", "--porcelain", "-uall"]),
        "?? .mmm/config.toml"
    );
}

#[test]
fn names_are_refused_before_anything_is_written() {
    let repo = TestRepo::new();
    insta::assert_snapshot!(repo.mmm(["init", "--name", ""]), @"
    exit code 129
    --- stderr
    error: `` cannot be the name of a project: it is empty
    hint: give one line of at most 100 characters: `--name greeter`
    ");
    insta::assert_snapshot!(repo.mmm(["init", "--name", "a\nb"]), @r"
    exit code 129
    --- stderr
    error: `a\nb` cannot be the name of a project: it holds control characters
    hint: give one line of at most 100 characters: `--name greeter`
    ");
    assert!(!repo.path().join(".mmm").exists());
    repo.mmm(["init"]).assert_ok();
    insta::assert_snapshot!(repo.mmm(["init", "--name", "other"]), @"
    exit code 128
    --- stderr
    error: the project is called `repo` already, not `other`
    hint: edit `name` in `.mmm/config.toml`
    ");
}

#[test]
fn links_are_not_followed_out_of_the_repository() {
    let repo = TestRepo::new();
    std::fs::create_dir(repo.outside("target")).expect("a folder");
    symlink(repo.outside("target"), repo.path().join(".mmm")).expect("a link");
    insta::assert_snapshot!(repo.mmm(["init"]), @"
    exit code 128
    --- stderr
    error: `.mmm` is a symbolic link to `[ROOT]/target`, and nothing is written through links
    hint: replace the link by the file or folder itself
    ");
    let entries = std::fs::read_dir(repo.outside("target")).expect("is there");
    assert_eq!(entries.count(), 0);
}

#[test]
fn nothing_is_written_while_a_push_is_checked() {
    let mut repo = TestRepo::new();
    repo.set("GIT_QUARANTINE_PATH", "/nowhere");
    repo.mmm(["init"]).assert_code(128);
    assert!(!repo.path().join(".mmm").exists());
}

#[test]
fn a_file_in_the_place_of_our_folder_is_named_by_every_command() {
    let repo = TestRepo::new();
    repo.write(".mmm", "mine\n");
    let words = [
        "init",
        "status",
        "check",
        "run hello",
        "spec new x",
        "spec list",
        "runs",
        "workflow list",
        "checkpoint list",
        "log",
    ];
    for words in words {
        let run = repo.mmm(words.split(' '));
        assert_eq!(
            (run.code, run.stderr.as_str()),
            (
                128,
                "error: `.mmm` is a file, not a folder\n\
                 hint: git-mmm keeps its files there: move this one away, `mv .mmm .mmm.old`\n"
            ),
            "{words}: {run}"
        );
    }
    assert_eq!(repo.read(".mmm"), "mine\n");
}
