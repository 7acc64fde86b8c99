//! `git mmm spec list`.

use crate::spec::project::{project, spec};
use crate::support::TestRepo;

/// A project with a spec of each status.
fn sample() -> TestRepo {
    let repo = project();
    spec(
        &repo,
        "store-1m4c8tz",
        "ready",
        "owner: ada\npriority: 2\n",
        &[("[ ] it is (ac-1)", "true")],
    );
    spec(
        &repo,
        "login-7k3q9x2",
        "ready",
        "kind: fix\nowner: bob\npriority: 1\nlabels:\n  - auth\ndepends_on:\n  - store\n",
        &[("[x] it is (ac-1)", ""), ("[ ] it is not (ac-2)", "false")],
    );
    spec(&repo, "idea-aaaaaaa", "draft", "created: 2026-01-01\n", &[]);
    spec(
        &repo,
        "old-bbbbbbb",
        "done",
        "",
        &[("[x] it was (ac-1)", "")],
    );
    spec(&repo, "never-ccccccc", "dropped", "", &[]);
    repo
}

#[test]
fn all_but_dropped_specs_are_listed() {
    let repo = sample();
    insta::assert_snapshot!(repo.mmm(["spec", "list"]), @"
    exit code 0
    --- stdout
    NAME           TITLE      STATUS  PROVED              OWNER  BLOCKED BY
    login-7k3q9x2  The login  ready   0/2, 1 only ticked  bob    store-1m4c8tz
    store-1m4c8tz  The store  ready   0/1                 ada
    idea-aaaaaaa   The idea   draft   -                   -
    old-bbbbbbb    The old    done    0/1, 1 only ticked  -
    ");
}

#[test]
fn filters_and_sorting() {
    let repo = sample();
    let names = |flags: &[&str]| {
        let run = repo.mmm([&["spec", "list"], flags].concat());
        run.assert_ok();
        let lines = run.stdout.lines().skip(1);
        let slugs: Vec<&str> = lines.filter_map(|line| line.split('-').next()).collect();
        slugs.join(" ")
    };
    assert_eq!(names(&["--all"]), "login store idea never old");
    assert_eq!(names(&["--status=done", "--status=dropped"]), "never old");
    assert_eq!(names(&["--ready"]), "store");
    assert_eq!(names(&["--blocked"]), "login");
    assert_eq!(names(&["--owner=bob"]), "login");
    assert_eq!(names(&["--label=auth"]), "login");
    assert_eq!(names(&["--label=auth", "--label=x"]), "");
    assert_eq!(names(&["--kind=fix"]), "login");
    assert_eq!(names(&["--limit=1"]), "login");
    assert_eq!(names(&["--sort=title"]), "idea login old store");
    assert_eq!(names(&["--sort=status"]), "login store idea old");
    assert_eq!(names(&["--sort=created"]), "idea login old store");
    repo.mmm(["spec", "list", "--status=redy"]).assert_code(129);
    repo.mmm(["spec", "list", "--ready", "--blocked"])
        .assert_code(129);
}

#[test]
fn json_has_everything() {
    let repo = sample();
    let run = repo.mmm(["spec", "list", "--json", "--label=auth"]);
    run.assert_ok();
    insta::assert_snapshot!(run.stdout, @r#"
    {
      "schema": "mmm/spec-list@1",
      "data": [
        {
          "readable": true,
          "id": "7k3q9x2",
          "name": "login-7k3q9x2",
          "slug": "login",
          "path": ".mmm/specs/login-7k3q9x2.md",
          "title": "The login",
          "status": "ready",
          "derived_status": "ready",
          "ready": false,
          "kind": "fix",
          "owner": "bob",
          "priority": 1,
          "created": null,
          "workflow": null,
          "labels": [
            "auth"
          ],
          "depends_on": [
            "store"
          ],
          "blocked_by": [
            {
              "name": "store-1m4c8tz",
              "reason": "not-done"
            }
          ],
          "criteria": {
            "total": 2,
            "proved": 0,
            "never_seen_red": 0,
            "stale": 0,
            "failed": 0,
            "merely_ticked": 1,
            "unreadable": 0
          }
        }
      ],
      "problems": []
    }
    "#);
}

#[test]
fn unreadable_files_are_rows_and_the_answer_is_no() {
    let repo = sample();
    repo.write(".mmm/specs/bad-ddddddd.md", "---\ntitle: x\nid: [\n---\n");
    repo.write(
        ".mmm/specs/conflict-eeeeeee.md",
        "---\n<<<<<<< HEAD\ntitle: x\n---\n",
    );
    repo.write(".mmm/specs/escape-fffffff.md", "\u{1b}[2J");
    let run = repo.mmm(["spec", "list", "--status=draft"]);
    run.assert_code(1);
    insta::assert_snapshot!(run, @"
    exit code 1
    --- stdout
    NAME          TITLE     STATUS  PROVED  OWNER  BLOCKED BY
    idea-aaaaaaa  The idea  draft   -       -
    ! .mmm/specs/bad-ddddddd.md:3:5 the `[` is never closed
    ! .mmm/specs/conflict-eeeeeee.md:2:1 the merge conflict marker `<<<<<<<` was left in the file
    ! .mmm/specs/escape-fffffff.md:1:1 the front matter is missing: the first line is not `---`
    ");
    let run = repo.mmm(["spec", "list", "--json"]);
    run.assert_code(1);
    let problems = run.json()["problems"].as_array().map(Vec::len);
    assert_eq!(problems, Some(3), "{run}");
}

#[test]
fn nothing_is_said_as_such() {
    let repo = project();
    insta::assert_snapshot!(repo.mmm(["spec", "list"]), @"
    exit code 0
    --- stderr
    no specs yet: make one with `git mmm spec new <title>`
    ");
    spec(&repo, "store-1m4c8tz", "ready", "", &[]);
    insta::assert_snapshot!(repo.mmm(["spec", "list", "--blocked"]), @"
    exit code 0
    --- stderr
    no spec is like that
    ");
}

#[test]
fn ids_are_found_in_any_case_and_emoji_are_shown() {
    let repo = project();
    let family = "\u{1f469}\u{200d}\u{1f469}\u{200d}\u{1f467}";
    let text = format!("[ ] a {family} holds (ac-1a2b)");
    spec(&repo, "login-7k3q9x2", "ready", "", &[(&text, "true")]);
    let shown = repo.mmm(["spec", "show", "7K3Q9X2"]);
    shown.assert_ok();
    assert!(shown.stdout.contains(family), "{shown}");
    assert_eq!(shown.stdout, repo.mmm(["spec", "show", "LOGIN-7K3"]).stdout);
    let verified = repo.mmm(["spec", "verify", "7K3", "--criterion", "AC-1A2B"]);
    verified.assert_ok();
    repo.mmm(["spec", "show", "7K3Q9X3"]).assert_code(128);
}
