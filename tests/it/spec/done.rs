//! `git mmm spec done` and `git mmm spec drop`.

use crate::spec::project::{path, project, spec};
use crate::support::TestRepo;

fn status(repo: &TestRepo, name: &str) -> String {
    let text = repo.read(&path(name));
    let line = text.lines().find(|line| line.starts_with("status:"));
    line.unwrap_or_default().to_owned()
}

#[test]
fn only_what_is_proved_is_accepted() {
    let repo = project();
    spec(
        &repo,
        "store-1m4c8tz",
        "ready",
        "",
        &[
            ("[x] it is (ac-1)", "test -e made"),
            ("[ ] and is (ac-2)", "true"),
            ("[x] seen (ac-3)", ""),
        ],
    );
    repo.mmm(["spec", "verify"]).assert_code(1);
    let run = repo.mmm(["spec", "done", "store"]);
    run.assert_code(1);
    insta::assert_snapshot!(run, @"
    exit code 1
    --- stdout
    store-1m4c8tz is not proved on this code:
      ac-1 it is: failed
      ac-3 seen: merely ticked, has no command
    --- stderr
    hint: run `git mmm spec verify store-1m4c8tz`, or accept it all the same with `git mmm spec done --force store-1m4c8tz`
    ");
    assert_eq!(status(&repo, "store-1m4c8tz"), "status: ready");
    repo.mmm(["spec", "set", "store", "status=done"])
        .assert_code(1);
    assert_eq!(status(&repo, "store-1m4c8tz"), "status: ready");
    let run = repo.mmm(["spec", "done", "store", "--json"]);
    run.assert_code(1);
    assert_eq!(run.json()["data"][0]["open"][0]["standing"], "failed");
    repo.mmm(["spec", "done", "--force", "store"]).assert_ok();
    assert_eq!(status(&repo, "store-1m4c8tz"), "status: done");
}

#[test]
fn what_is_proved_is_done_and_committed() {
    let repo = project();
    spec(
        &repo,
        "store-1m4c8tz",
        "ready",
        "",
        &[("[ ] it is (ac-1)", "true")],
    );
    spec(
        &repo,
        "login-7k3q9x2",
        "ready",
        "",
        &[("[ ] it is (ac-1)", "true")],
    );
    repo.mmm(["spec", "verify"]).assert_ok();
    let run = repo.mmm(["spec", "done", "store", "login", "--commit"]);
    run.assert_ok();
    assert_eq!(
        run.stdout,
        ".mmm/specs/store-1m4c8tz.md\n.mmm/specs/login-7k3q9x2.md\n"
    );
    assert_eq!(
        repo.git(["log", "-1", "--format=%s"]),
        "mmm: spec done store-1m4c8tz login-7k3q9x2"
    );
    insta::assert_snapshot!(repo.mmm(["spec", "done", "store"]), @"
    exit code 0
    --- stderr
    nothing to change
    ");
}

#[test]
fn a_spec_without_criteria_proves_nothing() {
    let repo = project();
    spec(&repo, "store-1m4c8tz", "ready", "", &[]);
    insta::assert_snapshot!(repo.mmm(["spec", "done", "store"]), @"
    exit code 1
    --- stdout
    store-1m4c8tz has no acceptance criteria
    --- stderr
    hint: add criteria with `git mmm spec edit store-1m4c8tz`
    ");
}

#[test]
fn a_dropped_spec_keeps_its_file_and_the_reason() {
    let repo = project();
    spec(&repo, "store-1m4c8tz", "ready", "", &[]);
    let run = repo.mmm(["spec", "drop", "store", "-m", "nobody\nwants it", "--json"]);
    run.assert_ok();
    assert_eq!(status(&repo, "store-1m4c8tz"), "status: dropped");
    let envelope = run.json();
    let reason = envelope["data"]["paths"][1]
        .as_str()
        .expect("a second path");
    insta::assert_snapshot!(repo.read(reason), @"
    ---
    format: 1
    kind: decision
    who: Ada Lovelace <ada@example.org>
    at: 2026-11-22T10:00:00Z
    ---

    nobody
    wants it
    ");
    insta::assert_snapshot!(repo.mmm(["check"]), @"
    exit code 0
    --- stdout
    1 spec, 0 workflows, 0 evidence files checked: no problems
    ");
    insta::assert_snapshot!(repo.mmm(["spec", "show", "store"]), @"
    exit code 0
    --- stdout
    The store
    spec        store-1m4c8tz
    file        .mmm/specs/store-1m4c8tz.md
    status      dropped
    proved      -

    Why.

    decision of Ada Lovelace <ada@example.org>, 2026-11-22T10:00:00Z

    nobody
    wants it
    ");
}

#[test]
fn what_is_said_beside_specs_is_checked() {
    let repo = project();
    spec(&repo, "store-1m4c8tz", "draft", "", &[]);
    let said = |name: &str, text: &str| {
        repo.write(&format!(".mmm/specs/{name}"), text);
    };
    said("store-1m4c8tz/01m7ht2ht07t3x9kqv2m5n8r1c.md", "garbage\n");
    said("store-1m4c8tz/note.md", "<<<<<<< HEAD\n");
    said(
        "gone-7k3q9x2/01m7ht2ht07t3x9kqv2m5n8r1c.md",
        "---\nformat: 1\nkind: comment\nwho: Ada\nat: 2026-11-16T09:12:40Z\n---\nOh.\n",
    );
    let run = repo.mmm(["check"]);
    run.assert_code(1);
    insta::assert_snapshot!(run, @"
    exit code 1
    --- stdout
    1 spec, 0 workflows, 0 evidence files checked
    --- stderr
    warning[no-spec]: there is no spec `gone-7k3q9x2`, so nobody sees what is said here
    --> .mmm/specs/gone-7k3q9x2
     = hint: give the folder the name of the spec's file

    error[front-matter]: the front matter is missing: the first line is not `---`
     --> .mmm/specs/store-1m4c8tz/[ULID].md:1:1
      |
    1 | garbage
      | ^^^^^^^
      |
      = hint: start the file with a `---` line, then `format`, `kind`, `who` and `at`, then a `---` line

    warning[file-name]: what is said about a spec stands in a file that is named by a ULID
    --> .mmm/specs/store-1m4c8tz/note.md
     = hint: such as `[ULID].md`

    error[conflict-markers]: the merge conflict marker `<<<<<<<` was left in the file
     --> .mmm/specs/store-1m4c8tz/note.md:1:1
      |
    1 | <<<<<<< HEAD
      | ^^^^^^^^^^^^
      |
      = hint: keep one side of each conflict, or both, and remove the marker lines

    2 errors, 2 warnings in 3 files
    ");
    let run = repo.mmm(["spec", "show", "store", "--json"]);
    let problems = run.json()["problems"].as_array().map(Vec::len);
    assert_eq!(problems, Some(3), "{run}");
}

#[test]
fn the_others_are_not_accepted_either() {
    let repo = project();
    spec(
        &repo,
        "store-1m4c8tz",
        "ready",
        "",
        &[("[ ] it is (ac-1)", "true")],
    );
    spec(
        &repo,
        "login-7k3q9x2",
        "ready",
        "",
        &[("[ ] read (ac-1)", "")],
    );
    repo.mmm(["spec", "verify", "store"]).assert_ok();
    insta::assert_snapshot!(repo.mmm(["spec", "done", "store", "login"]), @"
    exit code 1
    --- stdout
    login-7k3q9x2 is not proved on this code:
      ac-1 read: unverified, has no command
    --- stderr
    hint: give it a command with `git mmm spec edit login-7k3q9x2`, or accept it all the same with `git mmm spec done --force login-7k3q9x2`
    nothing was accepted: name the proved specs alone to accept them
    ");
    // On one screen a hint stands below what it is about.
    let both = repo
        .here()
        .command("sh", &["-c", "git-mmm spec done login 2>&1"]);
    assert!(
        both.stdout.starts_with("login-7k3q9x2 is not proved"),
        "{both}"
    );
}
