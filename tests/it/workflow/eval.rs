//! `git mmm workflow eval`.

use crate::support::TestRepo;

#[test]
fn a_value_is_shown() {
    let repo = TestRepo::new();
    insta::assert_snapshot!(repo.mmm(["workflow", "eval", "format('{0}!', 'Hello')"]), @"
    exit code 0
    --- stdout
    Hello!
    ");
    insta::assert_snapshot!(repo.mmm(["workflow", "eval", "${{ fromJSON('[1, {\"a\": null}]') }}"]), @r#"
    exit code 0
    --- stdout
    [
      1,
      {
        "a": null
      }
    ]
    "#);
    insta::assert_snapshot!(repo.mmm(["workflow", "eval", "-1 < NaN"]), @"
    exit code 0
    --- stdout
    false
    ");
    // Nothing has failed, and every context is there and empty.
    insta::assert_snapshot!(repo.mmm(["workflow", "eval", "success() && steps.a.outcome == null"]), @"
    exit code 0
    --- stdout
    true
    ");
}

#[test]
fn as_json_it_has_its_kind() {
    let repo = TestRepo::new();
    let check = |expression: &str, expected: serde_json::Value| {
        let run = repo.mmm(["workflow", "eval", "--json", "--", expression]);
        run.assert_ok();
        let envelope = run.json();
        assert_eq!(envelope["schema"], "mmm/workflow-eval@1", "{run}");
        assert_eq!(envelope["data"], expected, "{run}");
    };
    check("null", serde_json::json!({"kind": "Null", "value": null}));
    check(
        "1 == 1",
        serde_json::json!({"kind": "Boolean", "value": true}),
    );
    check("0x10", serde_json::json!({"kind": "Number", "value": 16}));
    check("1.5", serde_json::json!({"kind": "Number", "value": 1.5}));
    check(
        "-Infinity",
        serde_json::json!({"kind": "Number", "value": "-Infinity"}),
    );
    check("'a'", serde_json::json!({"kind": "String", "value": "a"}));
    let list = serde_json::json!({"kind": "Array", "value": [1, "Infinity", [], {"a": true}]});
    check("fromJSON('[1.0, 1e999, [], {\"a\": true}]')", list);
    check("env", serde_json::json!({"kind": "Object", "value": {}}));
}

#[test]
fn errors_have_a_stage_and_a_place() {
    let repo = TestRepo::new();
    insta::assert_snapshot!(repo.mmm(["workflow", "eval", "${{ 1 + 2 }}"]), @"
    exit code 1
    --- stderr
    error[lexing]: there is no arithmetic: `+` is no operator
     --> expression:1:7
      |
    1 | ${{ 1 + 2 }}
      |       ^

    1 error in 1 file
    ");
    insta::assert_snapshot!(repo.mmm(["workflow", "eval", "nope.a == contains('a')"]), @"
    exit code 1
    --- stderr
    error[parsing]: unknown context `nope`
     --> expression:1:1
      |
    1 | nope.a == contains('a')
      | ^^^^
      |
      = hint: known here: `checkpoint`, `env`, `github`, `inputs`, `item`, `job`, `jobs`, `matrix`, `needs`, `project`, `run`, `runner`, `secrets`, `spec`, `steps`, `strategy` or `vars`

    error[parsing]: `contains()` takes two arguments, not 1
     --> expression:1:11
      |
    1 | nope.a == contains('a')
      |           ^^^^^^^^^^^^^

    2 errors in 1 file
    ");
    insta::assert_snapshot!(repo.mmm(["workflow", "eval", "fromJSON('{')"]), @"
    exit code 1
    --- stderr
    error[evaluation]: the text of `fromJSON()` is not JSON: the text ends too early
     --> expression:1:1
      |
    1 | fromJSON('{')
      | ^^^^^^^^^^^^^

    1 error in 1 file
    ");
    insta::assert_snapshot!(repo.mmm(["workflow", "eval", "${{ 1 }} ${{ 2 }}"]), @"
    exit code 1
    --- stderr
    error[parsing]: one expression is expected, and this stands behind it
     --> expression:1:10
      |
    1 | ${{ 1 }} ${{ 2 }}
      |          ^^^^^^^^

    1 error in 1 file
    ");
    for (expression, code, column) in [
        ("'a", "lexing", 1),
        ("true true", "parsing", 6),
        ("1 == format('{')", "evaluation", 6),
    ] {
        let run = repo.mmm(["workflow", "eval", expression, "--json"]);
        run.assert_code(1);
        let envelope = run.json();
        assert_eq!(envelope["data"], serde_json::Value::Null, "{run}");
        assert_eq!(envelope["problems"][0]["code"], code, "{run}");
        assert_eq!(envelope["problems"][0]["column"], column, "{run}");
    }
}

#[test]
fn contexts_come_from_a_file() {
    let repo = TestRepo::new();
    repo.write("c.json", r#"{"anything": {"List": [1, "two"]}}"#);
    let eval = |expression: &str| repo.mmm(["workflow", "eval", expression, "--context", "c.json"]);
    insta::assert_snapshot!(eval("join(Anything.list.*, '+')"), @"
    exit code 0
    --- stdout
    1+two
    ");
    insta::assert_snapshot!(eval("steps.a"), @"
    exit code 1
    --- stderr
    error[parsing]: unknown context `steps`
     --> expression:1:1
      |
    1 | steps.a
      | ^^^^^
      |
      = hint: known here: `anything`

    1 error in 1 file
    ");
    repo.write("c.json", "{\"anything\": 1,}\n");
    insta::assert_snapshot!(eval("anything"), @r#"
    exit code 128
    --- stderr
    error[json-syntax]: this is not JSON: unexpected `}` at character 16
     --> c.json:1:16
      |
    1 | {"anything": 1,}
      |                ^

    1 error in 1 file
    "#);
    repo.write("c.json", "[]");
    insta::assert_snapshot!(eval("anything"), @"
    exit code 128
    --- stderr
    error[wrong-type]: the contexts are a JSON object, not of kind Array
     --> c.json:1:1
      |
    1 | []
      | ^^

    1 error in 1 file
    ");
}

#[test]
fn files_of_the_work_tree_are_hashed() {
    let repo = TestRepo::new();
    repo.write("a.lock", "abc");
    let run = repo.mmm(["workflow", "eval", "hashFiles('*.lock', '!b*')"]);
    // The SHA-256 of the SHA-256 of `abc`.
    let expected = "4f8b42c22dd3729b519ba6f68d2da7cc5b2d606d05daed5ad5128cc03e6c6358\n";
    assert_eq!(run.stdout, expected, "{run}");
    insta::assert_snapshot!(repo.mmm(["workflow", "eval", "hashFiles('../x')"]), @"
    exit code 1
    --- stderr
    error[evaluation]: `hashFiles()`: `../x` leaves its folder: `..` cannot be used in a pattern
     --> expression:1:1
      |
    1 | hashFiles('../x')
      | ^^^^^^^^^^^^^^^^^

    1 error in 1 file
    ");
}
