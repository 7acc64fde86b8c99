//! Artifacts that are not kept, and why.

use crate::run::fixture::{configure, newest, outcomes, project, sealed_events, told, workflow};
use crate::support::{Run, TestRepo};

/// A workflow with one step of one artifact.
fn with_artifact(repo: &TestRepo, script: &str, artifact: &str) -> Run {
    workflow(
        &repo.here(),
        "main",
        &format!("  a:\n    steps:\n      - run: {script}\n        artifacts: {artifact}\n"),
    );
    repo.mmm(["run", "-w", "main", "--json"])
}

/// The step fails, and says why.
#[track_caller]
fn check(repo: &TestRepo, script: &str, artifact: &str, why: &str) {
    let run = with_artifact(repo, script, artifact);
    run.assert_code(1);
    assert!(run.stderr.contains(why), "{why} in {run}");
    let id = told(&run);
    assert_eq!(outcomes(&repo.here(), &id), ["a/1=failure"]);
    let shown = repo.mmm(["show", &id]);
    assert!(shown.stdout.contains(why), "{why} in {shown}");
    assert_eq!(repo.mmm(["artifact", "list", &id]).stdout, "");
}

#[test]
fn what_cannot_be_kept_fails_the_step() {
    let repo = project();
    let nothing = "artifact `x`: no file fits `out/*`, `!b`";
    let artifact = "{x: {path: [out/*, '!b'], if-no-files-found: error}}";
    check(&repo, "true", artifact, nothing);
    check(
        &repo,
        "true",
        "{x: /etc/passwd}",
        "`/etc/passwd` is outside of the work tree",
    );
    check(
        &repo,
        "true",
        "{x: ~/.ssh/*}",
        "`~/.ssh/*` is outside of the work tree",
    );
    check(&repo, "true", "{x: a/../../b}", "`..` cannot be used");
    let name = "artifact `a/b`: that is no name for an artifact";
    check(&repo, "true", "{'${{ format(''a/b'') }}': README}", name);
    let files = "the artifacts of this run have more than 10000 files";
    check(
        &repo,
        "mkdir many && cd many && seq 10001 | xargs touch",
        "{x: many}",
        files,
    );
    let bytes = "with big/b the artifacts of this run have more than 67108864 bytes";
    let script = "mkdir big; truncate -s 40M big/a; truncate -s 40M big/b";
    check(&repo, script, "{x: big}", bytes);
}

#[test]
fn a_file_with_a_secret_is_not_kept() {
    let mut repo = project();
    configure(&repo.here(), "\n[run]\nmask = [\"DEPLOY_TOKEN\"]\n");
    repo.set("DEPLOY_TOKEN", "s3cr3t/Value");
    let script = "mkdir out; echo fine >out/a; printf %s \"$DEPLOY_TOKEN\" | base64 >out/b";
    check(
        &repo,
        script,
        "{x: out}",
        "artifact `x`: out/b holds a masked value",
    );
    let learnt = "mkdir new; echo '::add-mask::Learned'; echo Learned >new/c";
    check(
        &repo,
        &format!("\"{}\"", learnt.replace('"', "")),
        "{x: new}",
        "new/c holds a masked value",
    );
}

#[test]
fn no_files_are_a_warning_unless_told_otherwise() {
    let repo = project();
    let warned = with_artifact(&repo, "true", "{x: out/*}");
    warned.assert_ok();
    let line = "warning: artifact `x`: no file fits `out/*`";
    assert!(warned.stderr.contains(line), "{warned}");
    let ignored = with_artifact(
        &repo,
        "true",
        "{x: {path: out/*, if-no-files-found: ignore}}",
    );
    ignored.assert_ok();
    assert_eq!(ignored.stderr, "");
}

#[test]
fn a_step_that_fails_by_what_it_left_is_shown_once() {
    let repo = project();
    workflow(
        &repo.here(),
        "main",
        "  a:
    steps:
      - name: outputs
        run: echo one; echo broken >>$GITHUB_OUTPUT
        continue-on-error: true
      - name: artifacts
        run: sleep 0.01; echo two
        artifacts:
          kept: README
          missing: {path: out, if-no-files-found: error}
        on-failure:
          - {name: handler, run: echo three}
",
    );
    let run = repo.mmm(["run", "-w", "main"]);
    run.assert_code(1);
    let (id, _) = newest(&repo.here());
    let steps = |text: &str| {
        let lines = text.lines();
        let lines = lines.filter(|line| line.contains(" / ") || line.starts_with("  |"));
        let lines: Vec<String> = lines.map(without_time).collect();
        lines.join("\n")
    };
    insta::assert_snapshot!(steps(&run.stdout), @r"
    failure   a / outputs  [TIME] (GITHUB_OUTPUT, line 1: expected `name=value` or `name<<delimiter`, found `broken` (write a value of several lines as `name<<EOF`, its lines, and `EOF` on a line of its own))
      | one
    failure   a / artifacts  [TIME] (artifact `missing`: no file fits `out`)
      | two
    success   a / handler  [TIME]
      | three
    ");
    assert!(!run.stderr.contains("missing"), "{run}");
    insta::assert_snapshot!(steps(&repo.mmm(["log", &id]).stdout), @r"
    a / outputs  failure  [TIME] (GITHUB_OUTPUT, line 1: expected `name=value` or `name<<delimiter`, found `broken` (write a value of several lines as `name<<EOF`, its lines, and `EOF` on a line of its own))
      | one
    a / artifacts  failure  [TIME] (artifact `missing`: no file fits `out`)
      | two
    a / handler  success  [TIME]
      | three
    ");
    let events = sealed_events(&repo.here(), &id);
    let ends = |attempt: &str, key: &str| {
        let of = events.iter().filter(|event| event["attempt"] == attempt);
        let ends = of.filter(|event| event["kind"] == "step-finished");
        ends.map(|event| event[key].clone()).collect::<Vec<_>>()
    };
    for (attempt, printed) in [("a.1.1", 4), ("a.2.1", 4)] {
        // The second one says what the first one said.
        assert_eq!(ends(attempt, "bytes"), [printed, printed]);
        let [first, second] = &ends(attempt, "ms")[..] else {
            panic!("{events:?}");
        };
        assert_eq!(first, second);
    }
}

/// A line without how long a step took.
fn without_time(line: &str) -> String {
    let Some((front, rest)) = line.split_once("  0.") else {
        return line.to_owned();
    };
    let after = rest.split_once(" s").map_or("", |(_, after)| after);
    format!("{front}  [TIME]{after}")
}

#[test]
fn a_job_fails_by_its_artifacts_too() {
    let repo = project();
    workflow(
        &repo.here(),
        "main",
        "  a:\n    artifacts: {x: {path: out, if-no-files-found: error}}\n    steps:\n      - run: 'true'\n  \
         b:\n    needs: a\n    steps:\n      - run: 'true'\n",
    );
    let run = repo.mmm(["run", "-w", "main", "--json"]);
    run.assert_code(1);
    assert!(
        run.stderr
            .contains("job `a`: artifact `x`: no file fits `out`"),
        "{run}"
    );
    let shown = repo.mmm(["show", &told(&run), "--json"]);
    assert_eq!(shown.json()["data"]["jobs"][0]["result"], "failure");
    assert_eq!(shown.json()["data"]["jobs"][1]["result"], "skipped");
}

#[test]
fn names_that_a_run_does_not_have() {
    let repo = project();
    with_artifact(&repo, "true", "{report: README}").assert_ok();
    insta::assert_snapshot!(repo.mmm(["artifact", "get", "reprt"]), @"
    exit code 128
    --- stderr
    error: run [ULID] has no artifact `reprt`
    hint: did you mean `report`?
    ");
    insta::assert_snapshot!(repo.mmm(["artifact", "get", "x", "report"]), @"
    exit code 128
    --- stderr
    error: there is no run `x`
    hint: run `git mmm runs`
    ");
    insta::assert_snapshot!(repo.mmm(["artifact", "get"]), @"
    exit code 129
    --- stderr
    error: missing `<name>`
    hint: see `git mmm artifact get -h`
    ");
}
