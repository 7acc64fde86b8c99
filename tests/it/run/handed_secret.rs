//! Secrets that a workflow hands on where a record names things: to legs of a workflow that it
//! calls, to a concurrency group, in the name of an output.

use crate::run::fixture::{project, sealed_file, told, workflow};
use crate::run::isolated_secret::{SECRET, assert_nowhere};
use crate::support::{Run, TestRepo};

fn with_secret() -> TestRepo {
    let mut repo = project();
    repo.set("TOKEN", SECRET);
    repo
}

/// The values of the legs of a job, as its sealed journal has them.
#[track_caller]
fn legs(repo: &TestRepo, run: &str, job: &str) -> String {
    let journal = sealed_file(&repo.here(), run, "events.jsonl");
    let start = format!("\"kind\":\"job-expanded\",\"job\":\"{job}\",\"legs\":");
    let line = journal.lines().find(|line| line.contains(&start));
    let rest = line.and_then(|line| line.split_once(&start));
    let (_, rest) = rest.expect("it has legs");
    rest.split_once(']').expect("a list").0.to_owned()
}

#[track_caller]
fn assert_masked(run: &Run) {
    for text in [&run.stdout, &run.stderr] {
        assert!(!text.contains("s3cr3t"), "{run}");
    }
}

#[test]
fn legs_that_hold_a_secret_have_it_and_no_record_does() {
    let repo = with_secret();
    repo.write(
        ".mmm/workflows/called.yaml",
        "inputs: {list: {type: string}}
jobs:
  each:
    name: Job of ${{ item.key }}
    for-each: '${{ fromJSON(inputs.list) }}'
    concurrency: 'group of ${{ item.key }}'
    steps:
      - checkpoint: look
        message: at ${{ item.key }}
      - env: {KEY: '${{ item.key }}', KIND: '${{ item.kind }}', T: '${{ secrets.TOKEN }}'}
        run: test \"$KEY.$KIND\" = \"$T.a\" || test \"$KEY.$KIND\" = 'other key.b'
",
    );
    workflow(
        &repo.here(),
        "main",
        "  call:
    steps:
      - id: it
        workflow: called
        with: {list: '[{\"key\": ${{ toJSON(secrets.TOKEN) }}, \"kind\": \"a\"}, {\"key\": \"other key\", \"kind\": \"b\"}]'}
",
    );
    let run = repo.mmm(["run", "-w", "main", "--json"]);
    run.assert_code(3);
    assert_masked(&run);
    let id = told(&run);
    assert_nowhere(&repo.here());
    assert_eq!(
        legs(&repo, &id, "call+it+each"),
        r#"["{\"key\":\"***\",\"kind\":\"a\"}","{\"key\":\"other key\",\"kind\":\"b\"}""#
    );
    for number in ["1", "2"] {
        let run = repo.mmm(["checkpoint", "approve", &format!("{id}/{number}")]);
        assert_masked(&run);
        run.assert_code(if number == "2" { 0 } else { 3 });
    }
    for arguments in [&["show", &id][..], &["show", &id, "--json"], &["log", &id]] {
        let run = repo.mmm(arguments);
        run.assert_ok();
        assert_masked(&run);
    }
    assert_nowhere(&repo.here());
}

#[test]
fn legs_that_stand_in_the_file_are_recorded_as_they_are() {
    let mut repo = with_secret();
    repo.set("TOKEN", "linux");
    let jobs = "  a:
    strategy: {matrix: {os: [linux, mac]}}
    steps:
      - env: {T: '${{ secrets.TOKEN }}', OS: '${{ matrix.os }}'}
        run: test \"$OS\" = linux || test \"$OS\" = mac
";
    workflow(&repo.here(), "main", jobs);
    let run = repo.mmm(["run", "-w", "main", "--json"]);
    run.assert_ok();
    let found = legs(&repo, &told(&run), "a");
    assert_eq!(found, r#"["{\"os\":\"linux\"}","{\"os\":\"mac\"}""#);
}

#[test]
fn a_secret_that_is_the_name_of_an_output_or_a_variable_is_in_no_record() {
    let mut repo = with_secret();
    repo.set("TOKEN", "s3cr3t_name");
    let jobs = "  a:
    steps:
      - id: tell
        env: {T: '${{ secrets.TOKEN }}'}
        run: |
          echo \"$T=out\" >>\"$GITHUB_OUTPUT\"
          echo \"$T=variable\" >>\"$GITHUB_ENV\"
      - checkpoint: look
      - env: {OUT: '${{ toJSON(steps.tell.outputs) }}', T: '${{ secrets.TOKEN }}'}
        run: case \"$OUT\" in *\"$T\"*) ;; *) exit 1 ;; esac; test \"$(printenv \"$T\")\" = variable
";
    workflow(&repo.here(), "main", jobs);
    let run = repo.mmm(["run", "-w", "main", "--json"]);
    run.assert_code(3);
    assert_nowhere(&repo.here());
    repo.mmm(["checkpoint", "approve"]).assert_ok();
    assert_nowhere(&repo.here());
    let journal = sealed_file(&repo.here(), &told(&run), "events.jsonl");
    assert!(journal.contains(r#"[["***","out"]]"#), "{journal}");
}
