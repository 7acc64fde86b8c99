//! `git mmm spec new`.

use crate::spec::project::{project, spec};
use crate::support::TestRepo;

#[test]
fn a_spec_is_written_and_its_path_printed() {
    let repo = project();
    let run = repo.mmm(["spec", "new", "Expired", "tokens", "are refused"]);
    insta::assert_snapshot!(run, @"
    exit code 0
    --- stdout
    .mmm/specs/expired-tokens-are-refused-00rzyp6.md
    ");
    insta::assert_snapshot!(repo.read(run.stdout.trim()), @"
    ---
    title: Expired tokens are refused
    id: 00rzyp6
    status: draft

    kind:

    owner:
    format: 1
    priority:

    created: 2026-11-22

    workflow:

    labels:

    depends_on:
    ---
    ## Acceptance criteria

    <!-- One list item for each, with an id and the command that proves it:

    - [ ] what must be true (ac-swq3)

      verify: `a command that fails until it is`
    -->
    ");
    // Nothing is staged or committed unasked.
    assert_eq!(
        repo.git(["status", "--porcelain", "-uall"]),
        format!("?? {}", run.stdout.trim())
    );
}

#[test]
fn every_flag_is_in_the_file() {
    let repo = project();
    spec(&repo, "store-1m4c8tz", "done", "", &[]);
    let run = repo.mmm([
        "spec",
        "new",
        "No: \"tokens\"",
        "--kind=feature",
        "--owner=@me",
        "--priority=-2",
        "--label=b",
        "--label=a",
        "--label=b",
        "--depends-on=store",
        "--workflow=default",
        "--status=ready",
        "--criterion",
        "one",
        "--verify",
        "test -e one",
        "--criterion",
        "two",
        "--criterion=three",
        "--verify=true\nfalse `x`",
    ]);
    run.assert_ok();
    insta::assert_snapshot!(repo.read(run.stdout.trim()), @r#"
    ---
    title: 'No: "tokens"'
    id: 00rzyp6
    status: ready

    kind: feature

    owner: Ada Lovelace
    format: 1
    priority: -2

    created: 2026-11-22

    workflow: default

    labels:
      - a
      - b

    depends_on:
      - store-1m4c8tz
    ---
    ## Acceptance criteria

    - [ ] one (ac-swq3)

      verify: `test -e one`

    - [ ] two (ac-6tbm)

    - [ ] three (ac-gmp1)

      verify:

      ```sh
      true
      false `x`
      ```
    "#);
}

#[test]
fn it_is_committed_alone_when_asked() {
    let repo = project();
    repo.write("other", "x");
    repo.git(["add", "other"]);
    let run = repo.mmm(["spec", "new", "--commit", "A thing"]);
    run.assert_ok();
    assert_eq!(
        repo.git(["log", "-1", "--format=%s", "--name-only"]),
        format!(
            "mmm: spec new {}\n\n{}",
            run.stdout
                .trim()
                .trim_start_matches(".mmm/specs/")
                .trim_end_matches(".md"),
            run.stdout.trim()
        )
    );
    assert_eq!(repo.git(["status", "--porcelain"]), "A  other");
    // The person's own configuration can ask for it too.
    repo.git(["config", "mmm.commit", "true"]);
    repo.mmm(["spec", "new", "Another thing"]).assert_ok();
    assert_eq!(repo.git(["status", "--porcelain"]), "A  other");
}

#[test]
fn json_names_the_spec() {
    let repo = project();
    let run = repo.mmm(["spec", "new", "--json", "A thing"]);
    run.assert_ok();
    let envelope = run.json();
    assert_eq!(envelope["schema"], "mmm/spec-new@1");
    let path = envelope["data"]["path"].as_str().expect("a path");
    assert!(repo.path().join(path).exists(), "{run}");
    assert!(envelope["data"]["commit"].is_null());
}

#[test]
fn the_editor_is_opened_and_the_file_checked() {
    let mut repo = project();
    repo.set("GIT_EDITOR", "sed -i 's/^status: .*/status: redy/'");
    let run = repo.mmm(["spec", "new", "-e", "A thing"]);
    run.assert_code(1);
    insta::assert_snapshot!(run, @"
    exit code 1
    --- stdout
    .mmm/specs/a-thing-00rzyp6.md
    --- stderr
    error[unknown-status]: the status `redy` is unknown
     --> .mmm/specs/a-thing-00rzyp6.md:4:9
      |
    4 | status: redy
      |         ^^^^
      |
      = hint: did you mean `ready`?

    1 error in 1 file
    ");
}

#[test]
fn what_cannot_be_is_refused() {
    let repo = project();
    spec(&repo, "token-aaaaaaa", "ready", "", &[]);
    spec(&repo, "token-bbbbbbb", "ready", "", &[]);
    let check = |words: &[&str], code: i32| {
        let run = repo.mmm([&["spec", "new"], words].concat());
        run.assert_code(code);
        run.to_string()
    };
    insta::assert_snapshot!(check(&["two\nlines"], 129), @r"
    exit code 129
    --- stderr
    error: the title is not one line of text: `two\nlines`
    hint: say it in one line without control characters; the rest is prose
    ");
    insta::assert_snapshot!(check(&["a\u{1b}[2Jb"], 129), @r"
    exit code 129
    --- stderr
    error: the title is not one line of text: `a\u{1b}[2Jb`
    hint: say it in one line without control characters; the rest is prose
    ");
    insta::assert_snapshot!(check(&["  "], 129), @"
    exit code 129
    --- stderr
    error: the title is empty
    hint: say it in one line of text
    ");
    insta::assert_snapshot!(check(&["a", "--depends-on=tokn"], 128), @"
    exit code 128
    --- stderr
    error: no spec is called `tokn`
    hint: did you mean `token`?
    ");
    insta::assert_snapshot!(check(&["a", "--depends-on=token"], 128), @"
    exit code 128
    --- stderr
    error: `token` may be any of 2 specs
    hint: write `token-aaaaaaa` or `token-bbbbbbb`
    ");
    insta::assert_snapshot!(check(&["a", "--verify=true"], 129), @"
    exit code 129
    --- stderr
    error: `--verify true` does not follow a `--criterion` of its own
    hint: see `git mmm spec new -h`
    ");
    insta::assert_snapshot!(check(&["a", "--status=redy"], 129), @"
    exit code 129
    --- stderr
    error: `redy` is not a value of `--status <status>`
    hint: did you mean `ready`?
    ");
    insta::assert_snapshot!(check(&[], 129), @"
    exit code 129
    --- stderr
    error: missing `<title>...`
    hint: see `git mmm spec new -h`
    ");
    assert_eq!(
        repo.git(["status", "--porcelain", ".mmm"]).lines().count(),
        1
    );
}

#[test]
fn a_project_is_needed() {
    insta::assert_snapshot!(TestRepo::new().mmm(["spec", "new", "a"]), @"
    exit code 128
    --- stderr
    error: there is no project in [ROOT]/repo: `.mmm/config.toml` is missing
    hint: run `git mmm init`
    ");
}

#[test]
fn an_editor_needs_a_terminal_or_a_name() {
    let mut repo = project();
    insta::assert_snapshot!(repo.mmm(["spec", "new", "A thing", "--edit"]), @"
    exit code 128
    --- stderr
    error: there is no terminal for an editor
    hint: set `core.editor` or EDITOR, or change keys with `git mmm spec set`
    ");
    assert!(!repo.path().join(".mmm/specs").exists());
    repo.mmm(["spec", "new", "A thing"]).assert_ok();
    insta::assert_snapshot!(repo.mmm(["spec", "edit", "a-thing"]), @"
    exit code 128
    --- stderr
    error: there is no terminal for an editor
    hint: set `core.editor` or EDITOR, or change keys with `git mmm spec set`
    ");
    repo.set("EDITOR", "false");
    insta::assert_snapshot!(repo.mmm(["spec", "edit", "a-thing"]), @"
    exit code 128
    --- stderr
    error: the editor `false` failed
    hint: set another one with `git config core.editor <command>`; the file is .mmm/specs/a-thing-qe34kch.md
    ");
}

#[test]
fn a_command_must_be_one() {
    let repo = project();
    for command in ["", " ", "a\r\nb"] {
        let run = repo.mmm(["spec", "new", "x", "--criterion=y", "--verify", command]);
        run.assert_code(129);
        assert!(run.stderr.starts_with("error: the command `"), "{run}");
    }
    assert!(!repo.path().join(".mmm/specs").exists());
}
