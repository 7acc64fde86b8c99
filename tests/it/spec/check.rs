//! `git mmm spec check`.

use crate::spec::project::{project, spec};

#[test]
fn every_problem_of_every_spec_is_reported_at_once() {
    let repo = project();
    repo.write(".mmm/specs/yaml-aaaaaaa.md", "---\ntitle: x\nid: [\n---\n");
    spec(&repo, "status-bbbbbbb", "redy", "", &[]);
    spec(
        &repo,
        "unknown-ccccccc",
        "draft",
        "depends_on:\n  - statsu\n  - one\n",
        &[],
    );
    spec(&repo, "one-ddddddd", "draft", "depends_on:\n  - two\n", &[]);
    spec(&repo, "two-eeeeeee", "draft", "depends_on:\n  - one\n", &[]);
    repo.write(
        ".mmm/specs/conflict-fffffff.md",
        "---\n<<<<<<< HEAD\ntitle: x\n---\n",
    );
    spec(&repo, "noid-ggggggg", "ready", "", &[("[ ] no id", "")]);
    repo.write(
        ".mmm/specs/copy-ddddddd.md",
        repo.read(".mmm/specs/one-ddddddd.md"),
    );
    let run = repo.mmm(["spec", "check"]);
    run.assert_code(1);
    insta::assert_snapshot!(run, @"
    exit code 1
    --- stdout
    8 specs checked
    --- stderr
    error[conflict-markers]: the merge conflict marker `<<<<<<<` was left in the file
     --> .mmm/specs/conflict-fffffff.md:2:1
      |
    2 | <<<<<<< HEAD
      | ^^^^^^^^^^^^
      |
      = hint: keep one side of each conflict, or both, and remove the marker lines

    error[duplicate-id]: the id `ddddddd` is also that of .mmm/specs/one-ddddddd.md
     --> .mmm/specs/copy-ddddddd.md:3:5
      |
    3 | id: ddddddd
      |     ^^^^^^^
      |
      = hint: give one of them a new id, in the file and in its name

    error[criterion-without-id]: the criterion has no id at its end
      --> .mmm/specs/noid-ggggggg.md:11:1
       |
    11 | - [ ] no id
       | ^^^^^^^^^^^
       |
       = hint: add an id that no other criterion here has: `no id (ac-1a2b)`

    error[duplicate-id]: the id `ddddddd` is also that of .mmm/specs/copy-ddddddd.md
     --> .mmm/specs/one-ddddddd.md:3:5
      |
    3 | id: ddddddd
      |     ^^^^^^^
      |
      = hint: give one of them a new id, in the file and in its name

    error[dependency-cycle]: the dependencies form a cycle: two-eeeeeee -> one-ddddddd -> two-eeeeeee
     --> .mmm/specs/one-ddddddd.md:7:5
      |
    7 |   - two
      |     ^^^
      |
      = hint: remove one of these dependencies

    error[unknown-status]: the status `redy` is unknown
     --> .mmm/specs/status-bbbbbbb.md:4:9
      |
    4 | status: redy
      |         ^^^^
      |
      = hint: did you mean `ready`?

    error[unknown-dependency]: no spec is called `statsu`
     --> .mmm/specs/unknown-ccccccc.md:7:5
      |
    7 |   - statsu
      |     ^^^^^^
      |
      = hint: list the specs with `git mmm spec list`

    error[yaml-syntax]: the `[` is never closed
     --> .mmm/specs/yaml-aaaaaaa.md:3:5
      |
    3 | id: [
      |     ^

    8 errors in 7 files
    ");
}

#[test]
fn good_specs_and_what_ticks_are_worth() {
    let repo = project();
    insta::assert_snapshot!(repo.mmm(["spec", "check"]), @"
    exit code 0
    --- stdout
    0 specs checked: no problems
    ");
    spec(
        &repo,
        "store-1m4c8tz",
        "ready",
        "",
        &[("[x] it is (ac-1)", "true"), ("[x] and is (ac-2)", "")],
    );
    repo.mmm(["spec", "verify", "--criterion=ac-1"]).assert_ok();
    insta::assert_snapshot!(repo.mmm(["spec", "check"]), @"
    exit code 0
    --- stdout
    1 spec checked: no problems; 2 ticked: 1 proved, 1 only ticked
    ");
    repo.write("code", "x");
    insta::assert_snapshot!(repo.mmm(["spec", "check", "store"]), @"
    exit code 0
    --- stdout
    1 spec checked: no problems; 2 ticked: 1 proved, but stale, 1 only ticked
    ");
}

#[test]
fn one_spec_alone() {
    let repo = project();
    spec(&repo, "good-aaaaaaa", "draft", "", &[]);
    spec(&repo, "bad-bbbbbbb", "redy", "", &[]);
    repo.mmm(["spec", "check", "good"]).assert_ok();
    let run = repo.mmm(["spec", "check", "bad", "--json"]);
    run.assert_code(1);
    let envelope = run.json();
    assert_eq!(envelope["data"]["specs"], 1);
    assert_eq!(envelope["data"]["errors"], 1);
    assert_eq!(envelope["problems"][0]["code"], "unknown-status");
    assert_eq!(envelope["problems"][0]["line"], 4);
    repo.mmm(["spec", "check", "none"]).assert_code(128);
}
