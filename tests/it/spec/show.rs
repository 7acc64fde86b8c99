//! `git mmm spec show`.

use crate::spec::project::{path, project, spec};

#[test]
fn each_criterion_is_shown_with_its_standing() {
    let repo = project();
    spec(&repo, "store-1m4c8tz", "ready", "", &[]);
    spec(
        &repo,
        "login-7k3q9x2",
        "ready",
        "owner: ada\nlabels:\n  - auth\n  - web\ndepends_on:\n  - store\n",
        &[
            ("[ ] red, then green (ac-1)", "test -e made"),
            ("[ ] always green (ac-2)", "true"),
            ("[ ] red (ac-3)", "false"),
            ("[x] said (ac-4)", ""),
            ("[ ] unknown (ac-5)", "sleep 0"),
            ("[ ] other words (ac-6)", "true # six"),
        ],
    );
    let verify = |words: &[&str]| repo.mmm([&["spec", "verify", "login"], words].concat());
    verify(&["--criterion=ac-1"]).assert_code(1);
    repo.write("made", "x");
    verify(&["--criterion=ac-1", "--criterion=ac-2", "--criterion=ac-6"]).assert_ok();
    verify(&["--criterion=ac-3"]).assert_code(1);
    let text = repo.read(&path("login-7k3q9x2"));
    repo.write(
        &path("login-7k3q9x2"),
        text.replace("other words", "new words"),
    );
    insta::assert_snapshot!(repo.mmm(["spec", "show", "login"]), @"
    exit code 0
    --- stdout
    The login
    spec        login-7k3q9x2
    file        .mmm/specs/login-7k3q9x2.md
    status      failing (in the file: ready)
    proved      2/6, 1 failed, 1 stale, 1 only ticked, 1 never seen red
    owner       ada
    labels      auth, web
    depends on  store
    blocked by  store-1m4c8tz

    [ ] ac-1 red, then green
        proved
        $ test -e made
    [ ] ac-2 always green
        passed, never seen red
        $ true
    [ ] ac-3 red
        failed
        $ false
    [x] ac-4 said
        merely ticked
        $ (no command)
    [ ] ac-5 unknown
        unverified
        $ sleep 0
    [ ] ac-6 new words
        proved, but stale: text changed
        $ true # six

    Why.
    ");
    let run = repo.mmm(["spec", "show", "7k3", "--json"]);
    run.assert_ok();
    let data = &run.json()["data"];
    assert_eq!(data["spec"]["derived_status"], "failing", "{run}");
    assert_eq!(data["criteria"][0]["standing"], "proved", "{run}");
    assert_eq!(
        data["criteria"][5]["changed"],
        serde_json::json!(["text"]),
        "{run}"
    );
    assert_eq!(data["criteria"][0]["line"], 17, "{run}");
}

#[test]
fn what_is_not_there_or_cannot_be_read_is_an_error() {
    let repo = project();
    spec(&repo, "store-1m4c8tz", "redy", "", &[]);
    insta::assert_snapshot!(repo.mmm(["spec", "show", "store"]), @"
    exit code 128
    --- stderr
    error[unknown-status]: the status `redy` is unknown
     --> .mmm/specs/store-1m4c8tz.md:4:9
      |
    4 | status: redy
      |         ^^^^
      |
      = hint: did you mean `ready`?

    1 error in 1 file
    error: `.mmm/specs/store-1m4c8tz.md` cannot be read as a spec: 1 problem
    hint: see what is wrong with `git mmm spec check`
    ");
    insta::assert_snapshot!(repo.mmm(["spec", "show", "x", "--json"]), @r#"
    exit code 128
    --- stdout
    {
      "schema": "mmm/error@1",
      "data": null,
      "problems": [
        {
          "file": null,
          "line": null,
          "column": null,
          "severity": "error",
          "code": "user",
          "message": "no spec is called `x`",
          "hint": "list the specs with `git mmm spec list`"
        }
      ]
    }
    --- stderr
    error: no spec is called `x`
    hint: list the specs with `git mmm spec list`
    "#);
}
