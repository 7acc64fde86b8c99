//! `git mmm workflow check --format`.

use crate::support::{Run, TestRepo};

/// Two errors, a warning, and a name that needs escapes.
fn repo() -> TestRepo {
    let repo = TestRepo::new();
    repo.write(
        ".mmm/workflows/a b.yaml",
        "jobs:\n  é: {}\n  a:\n    runs-on: x\n    stepps: []\n    steps: [run: x]\n",
    );
    repo
}

fn log_of(run: &Run) -> serde_json::Value {
    serde_json::from_str(&run.stdout).expect("it is JSON")
}

#[test]
fn sarif_names_rule_level_place_and_file() {
    let repo = repo();
    let run = repo.mmm(["workflow", "check", "--format", "sarif"]);
    run.assert_code(1);
    assert_eq!(run.stderr, "", "{run}");
    let log = log_of(&run);
    assert_eq!(log["version"], "2.1.0");
    let results = log["runs"][0]["results"].as_array().expect("results");
    let rows: Vec<String> = results
        .iter()
        .map(|result| {
            let place = &result["locations"][0]["physicalLocation"];
            let (rule, level) = (&result["ruleId"], &result["level"]);
            let (uri, region) = (&place["artifactLocation"]["uri"], &place["region"]);
            format!(
                "{rule} {level} {uri} {region} {}",
                result["message"]["text"]
            )
        })
        .collect();
    insta::assert_snapshot!(rows.join("\n"), @r#"
    "bad-id" "error" ".mmm/workflows/a%20b.yaml" {"endColumn":4,"endLine":2,"startColumn":3,"startLine":2} "`é` is not a valid id (hint: start with a letter or `_`, go on with letters, digits, `_` and `-`)"
    "missing-key" "error" ".mmm/workflows/a%20b.yaml" {"endColumn":4,"endLine":2,"startColumn":3,"startLine":2} "a job needs `steps`"
    "ignored-key" "warning" ".mmm/workflows/a%20b.yaml" {"endColumn":12,"endLine":4,"startColumn":5,"startLine":4} "`runs-on` is ignored: jobs run on this machine"
    "unknown-key" "error" ".mmm/workflows/a%20b.yaml" {"endColumn":11,"endLine":5,"startColumn":5,"startLine":5} "unknown key `stepps` in a job (hint: did you mean `steps`?)"
    "#);
    insta::assert_snapshot!(log["runs"][0]["tool"]["driver"]["rules"], @r#"[{"id":"bad-id"},{"id":"ignored-key"},{"id":"missing-key"},{"id":"unknown-key"}]"#);
    let good = TestRepo::new();
    good.mmm(["init"]).assert_ok();
    let run = good.mmm(["workflow", "check", "--format", "sarif"]);
    run.assert_ok();
    assert_eq!(log_of(&run)["runs"][0]["results"], serde_json::json!([]));
}

#[test]
fn annotations_are_one_line_each() {
    let repo = repo();
    insta::assert_snapshot!(repo.mmm(["workflow", "check", "--format", "github"]), @"
    exit code 1
    --- stdout
    ::error file=.mmm/workflows/a b.yaml,line=2,col=3,endColumn=4,title=bad-id::`é` is not a valid id (hint: start with a letter or `_`, go on with letters, digits, `_` and `-`)
    ::error file=.mmm/workflows/a b.yaml,line=2,col=3,endColumn=4,title=missing-key::a job needs `steps`
    ::warning file=.mmm/workflows/a b.yaml,line=4,col=5,endColumn=12,title=ignored-key::`runs-on` is ignored: jobs run on this machine
    ::error file=.mmm/workflows/a b.yaml,line=5,col=5,endColumn=11,title=unknown-key::unknown key `stepps` in a job (hint: did you mean `steps`?)
    ");
    // From the top, wherever one is.
    std::fs::create_dir(repo.path().join("sub")).expect("makes a folder");
    let sub = repo.at(repo.path().join("sub"));
    sub.write("x.yaml", "jobs: []\n");
    insta::assert_snapshot!(
        sub.mmm(["workflow", "check", "./x.yaml", "--format", "github"]),
        @"
    exit code 1
    --- stdout
    ::error file=sub/x.yaml,line=1,col=7,endColumn=9,title=wrong-type::`jobs` is a list, expected a mapping of ids to jobs
    "
    );
}

#[test]
fn json_is_the_envelope_also_of_an_error() {
    let repo = repo();
    let json = |words: &[&str]| repo.mmm(words.iter().copied()).json();
    assert_eq!(
        json(&["workflow", "check", "--format", "json"]),
        json(&["workflow", "check", "--json"])
    );
    let run = repo.mmm(["workflow", "check", "gone", "--format", "json"]);
    run.assert_code(128);
    assert_eq!(run.json()["schema"], "mmm/error@1");
    repo.mmm(["workflow", "check", "--json", "--format", "sarif"])
        .assert_code(129);
}

#[test]
fn a_file_alone_extends_one_beside_it() {
    let repo = TestRepo::new();
    let home = repo.at(repo.outside("home"));
    home.write("base.yaml", "jobs: {a: {steps: [runn: x]}}\n");
    home.write("a.yaml", "extends: base\n");
    insta::assert_snapshot!(home.mmm(["workflow", "check", "a.yaml"]), @"
    exit code 1
    --- stderr
    error[unknown-key]: unknown key `runn` in a step
     --> base.yaml:1:20
      |
    1 | jobs: {a: {steps: [runn: x]}}
      |                    ^^^^
      |
      = hint: did you mean `run`?

    1 error in 1 file
    ");
}
