//! Specs with errors: nothing counts what cannot be read as proved, and no list hides it.

use crate::spec::project::{path, project, spec};
use crate::support::TestRepo;

/// A spec with one criterion that holds, and below it what people write by mistake.
fn faulty(repo: &TestRepo, mistake: &str) {
    spec(
        repo,
        "store-1m4c8tz",
        "ready",
        "",
        &[("[ ] it is (ac-1)", "true")],
    );
    let file = path("store-1m4c8tz");
    repo.write(&file, format!("{}\n{mistake}\n", repo.read(&file)));
}

#[test]
fn a_criterion_that_cannot_be_read_is_not_proved() {
    for mistake in [
        "- [ ] the token is never logged\n\n  verify: `false`",
        "- [] the token is never logged (ac-2)",
        "- [y] the token is never logged (ac-2)",
        "- the token is never logged (ac-2)",
        "- [ ] the token is never logged (AC-000H)",
        "- [ ] the token is never logged (ac-2).",
        "- [ ] the token is never logged [ac-2]",
        "  - [ ] the token is never logged (ac-2)",
        "  - [ ] the token is never logged (ac-2)\n\n    verify: `true`",
        "  - the token is never logged (ac-2)\n\n    verify: `true`",
        "  > - [ ] the token is never logged (ac-2)",
        "  - never log the token\n\n    verify: `true`",
    ] {
        let repo = project();
        faulty(&repo, mistake);
        let run = repo.mmm(["spec", "verify"]);
        run.assert_code(1);
        assert!(
            run.stdout.ends_with("2 criteria: 1 passed, 1 unreadable\n"),
            "{mistake}: {run}"
        );
        let run = repo.mmm(["spec", "list"]);
        run.assert_code(1);
        assert!(
            run.stdout
                .contains("ready   1/2, 1 unreadable, 1 never seen red"),
            "{mistake}: {run}"
        );
        repo.mmm(["spec", "done", "store"]).assert_code(1);
        repo.mmm(["spec", "set", "store", "status=done"])
            .assert_code(1);
        assert!(
            repo.read(&path("store-1m4c8tz")).contains("status: ready"),
            "{mistake}"
        );
    }
}

#[test]
fn what_cannot_be_read_is_named_with_its_line() {
    let repo = project();
    faulty(&repo, "- [ ] the token is never logged");
    insta::assert_snapshot!(repo.mmm(["spec", "verify"]), @"
    exit code 1
    --- stdout
    ok    store-1m4c8tz ac-1 it is [TIME]
    2 criteria: 1 passed, 1 unreadable
    --- stderr
    error[criterion-without-id]: the criterion has no id at its end
      --> .mmm/specs/store-1m4c8tz.md:15:1
       |
    15 | - [ ] the token is never logged
       | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
       |
       = hint: add an id that no other criterion here has: `the token is never logged (ac-1a2b)`

    1 error in 1 file
    ");
    insta::assert_snapshot!(repo.mmm(["spec", "done", "store"]), @"
    exit code 1
    --- stdout
    store-1m4c8tz is not proved on this code:
      line 15: the criterion has no id at its end
    --- stderr
    hint: repair it with `git mmm spec edit store-1m4c8tz`, or accept it all the same with `git mmm spec done --force store-1m4c8tz`
    ");
    let run = repo.mmm(["spec", "done", "store", "--json"]);
    assert_eq!(run.json()["problems"][0]["line"], 15, "{run}");
    let run = repo.mmm(["spec", "list", "--json"]);
    assert_eq!(run.json()["data"][0]["criteria"]["unreadable"], 1, "{run}");
    assert_eq!(
        run.json()["problems"][0]["code"],
        "criterion-without-id",
        "{run}"
    );
    repo.mmm(["spec", "done", "--force", "store"]).assert_ok();
}

#[test]
fn a_second_command_proves_nothing() {
    for second in ["  verify: `false`", "  `false`", "  ```\n  false\n  ```"] {
        let repo = project();
        faulty(&repo, second);
        repo.mmm(["spec", "verify"]).assert_code(1);
        let run = repo.mmm(["spec", "list"]);
        run.assert_code(1);
        assert!(run.stdout.contains("0/1"), "{second}: {run}");
    }
}

#[test]
fn a_block_that_is_never_closed_hides_no_promise() {
    let repo = project();
    faulty(
        &repo,
        "```sh\nexample\n\n- [ ] the other thing holds (ac-2)",
    );
    repo.mmm(["spec", "verify"]).assert_code(1);
    let run = repo.mmm(["spec", "list"]);
    assert!(run.stdout.contains("1/2, 1 unreadable"), "{run}");
}

#[test]
fn errors_between_specs_are_rows() {
    let repo = project();
    let on = |name: &str| format!("depends_on:\n  - {name}\n");
    spec(&repo, "egg-fffffff", "ready", &on("hen"), &[]);
    spec(&repo, "hen-ggggggg", "ready", &on("egg"), &[]);
    spec(&repo, "login-aaaaaaa", "ready", &on("nothing"), &[]);
    let run = repo.mmm(["spec", "list"]);
    insta::assert_snapshot!(run, @"
    exit code 1
    --- stdout
    NAME           TITLE      STATUS  PROVED  OWNER  BLOCKED BY
    egg-fffffff    The egg    ready   -       -      hen-ggggggg
    hen-ggggggg    The hen    ready   -       -      egg-fffffff
    login-aaaaaaa  The login  ready   -       -      nothing (unresolved)
    ! .mmm/specs/hen-ggggggg.md:7:5 the dependencies form a cycle: egg-fffffff -> hen-ggggggg -> egg-fffffff
    ! .mmm/specs/login-aaaaaaa.md:7:5 no spec is called `nothing`
    ");
    repo.mmm(["spec", "next"]).assert_code(1);
}

#[test]
fn unreadable_files_are_rows_everywhere() {
    let repo = project();
    repo.write(".mmm/specs/z-8k3q9x2.md", "x");
    let run = repo.mmm(["spec", "verify"]);
    insta::assert_snapshot!(run, @"
    exit code 1
    --- stdout
    0 criteria: 0 passed
    --- stderr
    error[front-matter]: the front matter is missing: the first line is not `---`
     --> .mmm/specs/z-8k3q9x2.md:1:1
      |
    1 | x
      | ^
      |
      = hint: start the file with a `---` line, then `title`, `id`, `status` and `format`, then a `---` line

    1 error in 1 file
    ");
    let run = repo.mmm(["spec", "verify", "--json"]);
    assert_eq!(run.json()["problems"][0]["code"], "front-matter", "{run}");
    insta::assert_snapshot!(repo.mmm(["spec", "next", "--all"]), @"
    exit code 1
    --- stdout
    ! .mmm/specs/z-8k3q9x2.md:1:1 the front matter is missing: the first line is not `---`
    --- stderr
    no spec can be read: see `git mmm spec check`
    ");
    spec(&repo, "store-1m4c8tz", "ready", "", &[]);
    insta::assert_snapshot!(repo.mmm(["spec", "next"]), @"
    exit code 1
    --- stdout
    store-1m4c8tz  ready  The store
    ! .mmm/specs/z-8k3q9x2.md:1:1 the front matter is missing: the first line is not `---`
    next: git mmm spec edit store-1m4c8tz
    ");
    insta::assert_snapshot!(repo.mmm(["spec", "deps"]), @"
    exit code 1
    --- stdout
    store-1m4c8tz  ready  The store
    ! .mmm/specs/z-8k3q9x2.md:1:1 the front matter is missing: the first line is not `---`
    ");
    for command in ["list", "next", "deps"] {
        let run = repo.mmm(["spec", command, "--json"]);
        run.assert_code(1);
        let envelope = run.json();
        assert_eq!(envelope["data"][0]["readable"], true, "{run}");
        assert_eq!(
            envelope["data"][1],
            serde_json::json!({"path": ".mmm/specs/z-8k3q9x2.md", "readable": false}),
            "{run}"
        );
        assert_eq!(envelope["problems"][0]["code"], "front-matter", "{run}");
    }
}

#[test]
fn names_that_cannot_be_used_say_why() {
    let repo = project();
    repo.write(".mmm/specs/tab\there-1m4c8tz.md", "x");
    repo.write(".mmm/specs/capital-7k3q9x2.MD", "x");
    insta::assert_snapshot!(repo.mmm(["spec", "list"]), @r"
    exit code 1
    --- stdout
    ! .mmm/specs/capital-7k3q9x2.MD the name of this file must end in `.md`
    ! .mmm/specs/tab\there-1m4c8tz.md this file name cannot be used: it has a control character
    ");
}

#[test]
fn references_are_whole_names_and_paths() {
    let repo = project();
    let on = |name: &str| format!("depends_on:\n  - {name}\n");
    spec(&repo, "store-aaaaaaa", "ready", "", &[]);
    spec(&repo, "token-bbbbbbb", "ready", &on("stor"), &[]);
    let run = repo.mmm(["spec", "check", "token"]);
    run.assert_ok();
    assert!(run.stderr.contains("hint: write `store-aaaaaaa`"), "{run}");
    insta::assert_snapshot!(repo.mmm(["spec", "show", ""]), @"
    exit code 128
    --- stderr
    error: no spec is called ``
    hint: list the specs with `git mmm spec list`
    ");
    std::fs::create_dir(repo.path().join("deep")).expect("a folder");
    let run = repo
        .at("deep")
        .mmm(["spec", "show", "../.mmm/specs/store-aaaaaaa.md"]);
    run.assert_ok();
    // Two that may be meant are not none.
    spec(&repo, "store-ccccccc", "ready", "", &[]);
    let run = repo.mmm(["spec", "deps", "token"]);
    assert!(
        run.stdout.contains("stor  (may be any of several)"),
        "{run}"
    );
}
