//! `git mmm spec set` and `git mmm spec edit`.

use crate::spec::project::{path, project, spec};

const NAME: &str = "login-7k3q9x2";

/// A spec written by hand, with everything that an edit could spoil.
const TEXT: &str = "---\r\ntitle: \"The login\"   # a comment\r\nid: 7k3q9x2\r\nstatus: ready\r\nestimate: 3\r\nformat: 1\r\nlabels: [auth, web]\r\n---\r\nWhy.\r\n";

#[test]
fn only_the_bytes_in_question_change() {
    let repo = project();
    repo.write(&path(NAME), TEXT);
    let set = |words: &[&str]| {
        repo.mmm([&["spec", "set", "login"], words].concat())
            .assert_ok()
            .clone()
    };
    let run = set(&[
        "title=Log in",
        "owner=@me",
        "priority=-1",
        "+labels:b",
        "-labels:web",
    ]);
    assert_eq!(run.stdout.trim(), path(NAME));
    assert_eq!(
        repo.read(&path(NAME)),
        TEXT.replace("The login", "Log in")
            .replace("estimate", "owner: Ada Lovelace\r\nestimate")
            .replace("labels: [auth, web]", "priority: -1\r\nlabels: [auth, b]"),
    );
    set(&[
        "title=The login",
        "owner=",
        "priority=",
        "-labels:b",
        "+labels:web",
    ]);
    assert_eq!(repo.read(&path(NAME)), TEXT);
    let run = set(&["status=ready"]);
    assert_eq!(
        (run.stdout.as_str(), run.stderr.as_str()),
        ("", "nothing to change\n")
    );
}

#[test]
fn dependencies_are_written_with_their_full_names() {
    let repo = project();
    spec(&repo, NAME, "ready", "depends_on:\n  - 1m4\n", &[]);
    spec(&repo, "store-1m4c8tz", "ready", "", &[]);
    spec(&repo, "cache-aaaaaaa", "ready", "", &[]);
    repo.mmm([
        "spec",
        "set",
        "login",
        "+depends_on:cache",
        "-depends_on:store",
    ])
    .assert_ok();
    let text = repo.read(&path(NAME));
    assert!(
        text.contains("depends_on:\n  - cache-aaaaaaa\n---"),
        "{text}"
    );
    let run = repo.mmm(["spec", "set", "cache", "+depends_on:login"]);
    insta::assert_snapshot!(run, @"
    exit code 128
    --- stderr
    error: the dependencies would form a cycle: cache-aaaaaaa -> login-7k3q9x2 -> cache-aaaaaaa
    hint: see who waits for whom with `git mmm spec deps`
    ");
    repo.mmm(["spec", "set", "cache", "+depends_on:cache"])
        .assert_code(128);
}

#[test]
fn a_change_is_committed_alone_when_asked() {
    let repo = project();
    repo.write(&path(NAME), TEXT);
    repo.git(["add", "."]);
    repo.git(["commit", "--quiet", "-m", "a spec"]);
    repo.write("other", "x");
    let run = repo.mmm(["spec", "set", "--json", "login", "kind=fix", "--commit"]);
    run.assert_ok();
    let commit = run.json()["data"]["commit"].as_str().map(str::to_owned);
    assert_eq!(commit, Some(repo.git(["rev-parse", "HEAD"])));
    assert_eq!(
        repo.git(["log", "-1", "--format=%s"]),
        format!("mmm: spec set {NAME} kind=fix")
    );
    assert_eq!(repo.git(["status", "--porcelain"]), "?? other");
}

#[test]
fn nothing_is_written_when_one_change_is_wrong() {
    let repo = project();
    repo.write(&path(NAME), TEXT);
    let check = |change: &str| {
        let run = repo.mmm(["spec", "set", "login", "kind=fix", change]);
        // Only what depends on the project is no matter of the command line.
        let code = if change == "+depends_on:none" {
            128
        } else {
            129
        };
        run.assert_code(code);
        assert_eq!(repo.read(&path(NAME)), TEXT, "{change}");
        run.stderr
    };
    insta::assert_snapshot!(check("status=redy"), @"
    error: `redy` is not `draft`, `ready`, `done` or `dropped`, which `status` must be
    hint: did you mean `ready`?
    ");
    insta::assert_snapshot!(check("status="), @"
    error: a spec cannot be without `status`
    hint: give it another value: `status=…`
    ");
    insta::assert_snapshot!(check("id=aaaaaaa"), @"
    error: `id` cannot be changed
    hint: other clones know the spec by its id; make a new spec instead
    ");
    insta::assert_snapshot!(check("onwer=ada"), @"
    error: a spec has no key `onwer`
    hint: did you mean `owner`?
    ");
    insta::assert_snapshot!(check("priority=high"), @"
    error: `high` is not a whole number, which `priority` must be
    hint: write `priority=2`; lower comes first
    ");
    insta::assert_snapshot!(check("created=yesterday"), @"error: `yesterday` is not a day such as `2026-11-22`, which `created` must be");
    insta::assert_snapshot!(check("labels=a"), @"
    error: `labels` is a list
    hint: add an item with `+labels:a`, or empty the list with `labels=`
    ");
    insta::assert_snapshot!(check("+kind:a"), @"
    error: `kind` is no list
    hint: set it with `kind=a`
    ");
    insta::assert_snapshot!(check("+depends_on:none"), @"
    error: no spec is called `none`
    hint: list the specs with `git mmm spec list`
    ");
    insta::assert_snapshot!(check("kind"), @"
    error: `kind` is neither `key=value` nor `+key:item` nor `-key:item`
    hint: write `owner=ada`, `owner=` to empty the key, or `+labels:auth` and `-labels:auth`
    ");
    insta::assert_snapshot!(check("kind=feature"), @"
    error: `kind` is changed twice
    hint: give one value
    ");
    insta::assert_snapshot!(check("created=2026-02-31"), @"error: `2026-02-31` is not a day such as `2026-11-22`, which `created` must be");
    insta::assert_snapshot!(check("title=a\nb"), @r"
    error: the value is not one line of text: `a\nb`
    hint: say it in one line without control characters; the rest is prose
    ");
}

#[test]
fn the_editor_is_opened_on_the_file() {
    let mut repo = project();
    repo.write(&path(NAME), TEXT);
    repo.set("GIT_EDITOR", ":");
    let run = repo.mmm(["spec", "edit", "login"]);
    insta::assert_snapshot!(run, @"
    exit code 0
    --- stderr
    warning[no-criteria]: the spec is ready without acceptance criteria
     --> .mmm/specs/login-7k3q9x2.md:4:9
      |
    4 | status: ready
      |         ^^^^^
      |
      = hint: add a list item such as `- [ ] what must be true (ac-1a2b)` under `## Acceptance criteria`

    warning[unknown-key]: the key `estimate` is unknown
     --> .mmm/specs/login-7k3q9x2.md:5:1
      |
    5 | estimate: 3
      | ^^^^^^^^
      |
      = hint: it is kept as it is; known keys are `title`, `id`, `status`, `kind`, `owner`, `format`, `priority`, `created`, `workflow`, `labels` or `depends_on`

    2 warnings in 1 file
    ");
    repo.set("GIT_EDITOR", "f() { echo broken >\"$1\"; }; f");
    let run = repo.mmm(["spec", "edit", "login"]);
    run.assert_code(1);
    insta::assert_snapshot!(run, @"
    exit code 1
    --- stderr
    error[front-matter]: the front matter is missing: the first line is not `---`
     --> .mmm/specs/login-7k3q9x2.md:1:1
      |
    1 | broken
      | ^^^^^^
      |
      = hint: start the file with a `---` line, then `title`, `id`, `status` and `format`, then a `---` line

    1 error in 1 file
    ");
    // What cannot be read is repaired in the editor.
    repo.set("GIT_EDITOR", "false");
    insta::assert_snapshot!(repo.mmm(["spec", "edit", "login"]), @"
    exit code 128
    --- stderr
    error: the editor `false` failed
    hint: set another one with `git config core.editor <command>`; the file is .mmm/specs/login-7k3q9x2.md
    ");
}

#[test]
fn an_editor_is_needed() {
    let mut repo = project();
    repo.write(&path(NAME), TEXT);
    repo.set("TERM", "dumb");
    insta::assert_snapshot!(repo.mmm(["spec", "edit", "login"]), @"
    exit code 128
    --- stderr
    error: there is no terminal for an editor
    hint: set `core.editor` or EDITOR, or change keys with `git mmm spec set`
    ");
}

#[test]
fn a_value_that_other_keys_share_is_not_changed() {
    let repo = project();
    let text =
        "---\ntitle: x\nid: 7k3q9x2\nstatus: ready\nowner: &o ada\nkind: *o\nformat: 1\n---\n";
    repo.write(&path(NAME), text);
    insta::assert_snapshot!(repo.mmm(["spec", "set", "login", "owner=bob"]), @"
    exit code 128
    --- stderr
    error: `.mmm/specs/login-7k3q9x2.md` cannot be edited: `kind` takes its value from `owner`, and would change as well
    hint: change it in an editor: `git mmm spec edit <spec>`
    ");
    assert_eq!(repo.read(&path(NAME)), text);
}

#[test]
fn a_workflow_that_is_not_there_is_warned_of() {
    let repo = crate::support::TestRepo::new();
    repo.mmm(["init"]).assert_ok();
    let run = repo.mmm(["spec", "set", "hello", "workflow=defalt"]);
    run.assert_ok();
    let warning = "warning[unknown-workflow]: there is no workflow `defalt`\n";
    assert!(run.stderr.starts_with(warning), "{run}");
    assert!(run.stderr.contains("did you mean `default`?"), "{run}");
    let run = repo.mmm(["spec", "new", "x", "--workflow", "nope", "--json"]);
    run.assert_ok();
    let json = run.json();
    assert_eq!(json["problems"][0]["severity"], "warning");
    assert_eq!(json["problems"][0]["code"], "unknown-workflow");
    let run = repo.mmm(["spec", "set", "hello", "workflow=default"]);
    assert_eq!(run.stderr, "");
}
