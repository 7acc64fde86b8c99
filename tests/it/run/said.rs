//! What steps say in the lines that they print, and what becomes of values that are to be masked.

use serde_json::{Value, json};

use crate::run::fixture::{
    configure, events, newest, outcomes, project, sealed_events, sealed_file, told, workflow,
};
use crate::run::isolation;
use crate::support::{Run, TestRepo};

/// Runs the jobs as a workflow without a spec.
fn run(repo: &TestRepo, jobs: &str) -> Run {
    workflow(&repo.here(), "x", jobs);
    repo.mmm(["run", "-w", "x", "--json"])
}

/// The annotations of each step in `show --json`, as `step: level file:line: message`.
fn annotations(repo: &TestRepo, run: &str) -> Vec<String> {
    let shown = repo.mmm(["show", run, "--json"]).json();
    let mut found = Vec::new();
    for job in shown["data"]["jobs"].as_array().into_iter().flatten() {
        for step in job["steps"].as_array().into_iter().flatten() {
            for said in step["annotations"].as_array().into_iter().flatten() {
                let text = |key: &str| said[key].as_str().unwrap_or("-").to_owned();
                let (key, level) = (step["key"].as_str().unwrap_or("?"), text("level"));
                let place = format!("{}:{}", text("file"), said["line"]);
                found.push(format!("{key}: {level} {place}: {}", text("message")));
            }
        }
    }
    found
}

fn matcher(repo: &TestRepo, owner: &str, level: &str) {
    let pattern = json!({"regexp": "^(\\S+):(\\d+): (.+)$", "file": 1, "line": 2, "message": 3});
    let text =
        json!({"problemMatcher": [{"owner": owner, "severity": level, "pattern": [pattern]}]});
    repo.write(&format!("{owner}.json"), text.to_string());
}

fn count(events: &[Value], kind: &str) -> usize {
    let of_kind = events.iter().filter(|event| event["kind"] == kind);
    of_kind.count()
}

#[test]
fn annotations_of_commands_and_matchers_are_kept_and_shown() {
    let repo = project();
    repo.write("src/a.rs", "x\n");
    matcher(&repo, "cc", "warning");
    let jobs = "  a:
    steps:
      - name: Lint
        run: |
          echo '::error file=src/a.rs,line=3,col=5,title=Lint::what is%0Awrong'
          echo 'src/a.rs:7: odd'
          echo 'gone.rs:8: odd too'
        problem-matchers: [cc.json]
      - run: 'echo src/a.rs:9: is no warning here'
      - run: for i in 1 2 3 4 5 6 7 8 9 10 11 12; do echo \"::notice::number $i\"; done
";
    let done = run(&repo, jobs);
    done.assert_ok();
    let id = told(&done);
    let found = annotations(&repo, &id);
    assert_eq!(
        found.get(..4).unwrap_or_default(),
        [
            "1: error src/a.rs:3: what is\nwrong",
            "1: warning src/a.rs:7: odd",
            "1: warning -:8: odd too",
            "3: notice -:null: number 1",
        ]
    );
    assert_eq!(found.len(), 13);
    let shown = repo.mmm(["show", &id]);
    assert!(
        shown.stdout.contains(
            "Lint  0.0 s\n    error src/a.rs:3:5: Lint: what is wrong\n    \
             warning src/a.rs:7: odd\n    warning line 8: odd too\n"
        ),
        "{shown}"
    );
    assert!(
        shown.stdout.contains("\n    and 2 more notices\n"),
        "{shown}"
    );
    let log = repo.mmm(["log", &id]);
    assert!(
        log.stdout.contains(
            "  | error src/a.rs:3:5: Lint: what is\n  |   wrong\n  | src/a.rs:7: odd\n  | \
             gone.rs:8: odd too\n  warning src/a.rs:7: odd\n  warning line 8: odd too\na / "
        ),
        "{log}"
    );
    let again = repo.mmm(["run", "-w", "x"]);
    assert!(
        again
            .stdout
            .contains("| gone.rs:8: odd too\n  warning src/a.rs:7: odd\n"),
        "{again}"
    );
}

#[test]
fn old_commands_work_or_fail_their_step() {
    let repo = project();
    let jobs = "  a:
    steps:
      - id: old
        run: 'echo \"::set-output name=v::printed\"; echo \"::set-output name=w::seen\"; echo v=written >>\"$GITHUB_OUTPUT\"'
      - run: test \"${{ steps.old.outputs.v }}/${{ steps.old.outputs.w }}\" = written/seen
      - run: echo '::set-env name=A::b'
      - run: 'true'
";
    let done = run(&repo, jobs);
    done.assert_code(1);
    let id = told(&done);
    assert_eq!(
        outcomes(&repo.here(), &id),
        ["a/2=success", "a/3=failure", "a/4=skipped", "a/old=success"]
    );
    assert_eq!(
        annotations(&repo, &id),
        [
            "old: warning -:null: `set-output` is out of date: write to `$GITHUB_OUTPUT` instead",
            "3: error -:null: `set-env` is refused: write to `$GITHUB_ENV` instead",
        ]
    );
    let shown = repo.mmm(["show", &id]);
    assert!(
        shown
            .stdout
            .contains("(`set-env` is refused: write to `$GITHUB_ENV` instead)"),
        "{shown}"
    );
}

#[test]
fn matchers_of_a_job_outlive_the_engine() {
    let repo = project();
    matcher(&repo, "cc", "error");
    let jobs = "  a:
    steps:
      - run: 'echo ::add-matcher::cc.json; echo \"x:1: one\"'
      - checkpoint: look
      - {id: last, run: 'echo \"x:2: two\"; echo ::remove-matcher owner=cc::; echo \"x:3: three\"'}
  b:
    steps:
      - run: 'echo \"x:4: four\"'
";
    let done = run(&repo, jobs);
    done.assert_code(3);
    repo.mmm(["checkpoint", "approve"]).assert_ok();
    assert_eq!(
        annotations(&repo, &told(&done)),
        ["1: error -:1: one", "last: error -:2: two"]
    );
}

#[test]
fn matchers_of_an_isolated_job_are_those_in_its_own_work_tree() {
    let repo = isolation::project();
    matcher(&repo, "cc", "error");
    let config = std::fs::read_to_string(repo.path().join("cc.json")).expect("a file");
    std::fs::remove_file(repo.path().join("cc.json")).expect("a file");
    let jobs = format!(
        "  a:
    isolation: worktree
    steps:
      - run: |
          printf '%s' \"$CONFIG\" >cc.json
          echo ::add-matcher::cc.json
        env: {{CONFIG: '{config}'}}
      - checkpoint: look
      - {{id: last, run: 'echo \"x:2: two\"'}}
"
    );
    isolation::written(&repo.here(), &jobs);
    let done = repo.mmm(["run", "-w", "x", "--json"]);
    done.assert_code(3);
    repo.mmm(["checkpoint", "approve"]).assert_ok();
    assert_eq!(annotations(&repo, &told(&done)), ["last: error -:2: two"]);
}

/// A run is taken up whose engine died when it had recorded so much.
#[track_caller]
fn check_death(last: &str) {
    let repo = project();
    let jobs = "  a:
    outputs: {v: '${{ steps.first.outputs.v }}', w: '${{ steps.first.outputs.w }}'}
    steps:
      - id: first
        run: 'echo ::error::bad; echo \"::set-output name=v::1\"; echo w=2 >>\"$GITHUB_OUTPUT\"; echo X=3 >>\"$GITHUB_ENV\"'
      - checkpoint: look
      - run: test \"$X\" = 3
";
    let done = run(&repo, jobs);
    done.assert_code(3);
    let (id, _) = newest(&repo.here());
    let journal = repo
        .path()
        .join(".git/mmm/runs")
        .join(&id)
        .join("events.jsonl");
    let text = std::fs::read_to_string(&journal).expect("a journal");
    let kinds = events(&text);
    let place = kinds.iter().position(|event| event["kind"] == last);
    let place = place.expect("it was recorded");
    let kept: Vec<&str> = text.lines().take(place + 1).collect();
    std::fs::write(&journal, kept.join("\n") + "\n").expect("writes");
    if last == "annotations" {
        // The files of the step are emptied after what was in them is recorded.
        let files = format!(".git/mmm/runs/{id}/files/a");
        repo.write(&format!("{files}/output"), "w=2\n");
        repo.write(&format!("{files}/env"), "X=3\n");
    }
    repo.mmm(["run", "--resume", &id]).assert_code(3);
    let end = repo.mmm(["checkpoint", "approve"]);
    let events = sealed_events(&repo.here(), &id);
    assert_eq!(end.code, 0, "{last}: {events:#?}");
    assert_eq!(count(&events, "annotations"), 1, "{last}");
    // The answer of a person is one more.
    assert_eq!(count(&events, "step-outputs"), 2, "{last}");
    let end = events.iter().find(|event| event["kind"] == "job-finished");
    let outputs = end.map(|event| event["outputs"].clone());
    assert_eq!(outputs, Some(json!([["v", "1"], ["w", "2"]])), "{last}");
}

#[test]
fn an_engine_that_died_says_nothing_twice() {
    for last in ["annotations", "step-outputs"] {
        check_death(last);
    }
}

#[test]
fn values_that_were_learnt_stay_masked_after_a_checkpoint() {
    let repo = project();
    let say = "v=$(printf Yrnearq-fr7perg | tr A-Za-z N-ZA-Mn-za-m)";
    let jobs = format!(
        "  a:
    steps:
      - run: {say}; echo \"::add-mask::$v\"
      - checkpoint: look
      - id: last
        run: {say}; echo \"v=$v\" >>\"$GITHUB_OUTPUT\"; echo \"# $v\" >>\"$GITHUB_STEP_SUMMARY\"; echo \"::notice::$v\"
      - run: exit ${{{{ fromJSON(steps.last.outputs.v) }}}}
      - checkpoint: again
        message: it was ${{{{ steps.last.outputs.v }}}}
        if: always()
"
    );
    let done = run(&repo, &jobs);
    done.assert_code(3);
    let id = told(&done);
    let next = repo.mmm(["checkpoint", "approve"]);
    next.assert_code(3);
    assert!(!format!("{next}").contains("Learned-se7cret"), "{next}");
    repo.mmm(["checkpoint", "approve", "-m", "I saw Learned-se7cret"])
        .assert_code(1);
    let journal = sealed_file(&repo.here(), &id, "events.jsonl");
    assert!(!journal.contains("Learned-se7cret"), "{journal}");
    assert!(journal.contains("[\"v\",\"***\"]"), "{journal}");
    assert!(journal.contains("it was ***"), "{journal}");
    assert!(journal.contains("I saw ***"), "{journal}");
    assert_eq!(
        sealed_file(&repo.here(), &id, "out/a.last.2.summary.md"),
        "# ***"
    );
}

#[test]
fn secrets_are_masked_wherever_they_go() {
    let mut repo = project();
    configure(&repo.here(), "");
    repo.set("DEPLOY", "s3cr3t-value");
    workflow(
        &repo.here(),
        "other",
        "  b:\n    steps:\n      - run: 'echo \"in ${{ inputs.token }}\"'\n        env: {T: '${{ inputs.token }}'}\n",
    );
    repo.write(
        ".mmm/workflows/other.yaml",
        "name: other\ninputs:\n  token: {type: string}\njobs:\n  b:\n    steps:\n      - run: echo \"in $T\"\n        env: {T: '${{ inputs.token }}'}\n",
    );
    let jobs = "  a:
    steps:
      - id: call
        workflow: other
        with: {token: '${{ secrets.DEPLOY }}'}
      - checkpoint: look
        message: it is ${{ secrets.DEPLOY }}
";
    let done = run(&repo, jobs);
    done.assert_code(3);
    let id = told(&done);
    assert!(!format!("{done}").contains("s3cr3t-value"), "{done}");
    repo.mmm(["checkpoint", "approve"]).assert_ok();
    let journal = sealed_file(&repo.here(), &id, "events.jsonl");
    assert!(!journal.contains("s3cr3t-value"), "{journal}");
    assert!(journal.contains("it is ***"), "{journal}");
    let printed = sealed_file(&repo.here(), &id, "out/a+call+b.1.1.log");
    assert_eq!(printed, "in ***");
}

#[test]
fn summaries_and_names_of_runs_are_shown() {
    let repo = project();
    let text = "name: x
run-name: 'Deploy ${{ inputs.place }} by ${{ github.actor }}'
inputs: {place: {type: string, default: here}}
jobs:
  a:
    steps:
      - run: for i in 1 2 3 4 5 6 7; do echo \"line $i\"; done >>\"$GITHUB_STEP_SUMMARY\"
      - run: 'true'
";
    repo.write(".mmm/workflows/x.yaml", text);
    let done = repo.mmm(["run", "-w", "x"]);
    done.assert_ok();
    assert!(
        done.stdout.contains(" of x: Deploy here by Ada Lovelace\n"),
        "{done}"
    );
    let shown = repo.mmm(["show"]);
    assert!(
        shown
            .stdout
            .contains("title     Deploy here by Ada Lovelace\n"),
        "{shown}"
    );
    assert!(
        shown
            .stdout
            .contains("    | line 5\n    | (2 more; `git mmm log --summary` shows all)\n"),
        "{shown}"
    );
    let log = repo.mmm(["log", "--summary"]);
    let lines: Vec<&str> = log.stdout.lines().skip(1).collect();
    let expected: Vec<String> = (1..8).map(|number| format!("line {number}")).collect();
    assert_eq!(lines, expected);
    let json = repo.mmm(["show", "--json"]).json();
    assert_eq!(json["data"]["title"], "Deploy here by Ada Lovelace");
    let steps = &json["data"]["jobs"][0]["steps"];
    assert_eq!(steps[0]["summary"], expected.join("\n") + "\n");
    assert_eq!(steps[1]["summary"], Value::Null);
}

#[test]
fn a_summary_that_cannot_be_kept_fails_no_step() {
    let repo = project();
    let jobs = "  a:
    steps:
      - run: head -c 1048577 /dev/zero >\"$GITHUB_STEP_SUMMARY\"; echo v=1 >>\"$GITHUB_OUTPUT\"
      - run: rm \"$GITHUB_STEP_SUMMARY\"; mkdir \"$GITHUB_STEP_SUMMARY\"
      - run: echo kept >>\"$GITHUB_STEP_SUMMARY\"
";
    let done = run(&repo, jobs);
    done.assert_ok();
    for told in [
        "GITHUB_STEP_SUMMARY has 1048577 bytes, 1048576 are allowed: there is no summary\n",
        "GITHUB_STEP_SUMMARY cannot be read any more: there is no summary\n",
    ] {
        assert!(done.stderr.contains(told), "{done}");
    }
    let json = repo.mmm(["show", "--json"]).json();
    let steps = &json["data"]["jobs"][0]["steps"];
    assert_eq!(steps[0]["summary"], Value::Null);
    assert_eq!(steps[1]["summary"], Value::Null);
    assert_eq!(steps[2]["summary"], "kept\n");
}

#[test]
fn steps_find_what_surrounds_them_under_githubs_names() {
    let mut repo = project();
    repo.set("GITHUB_REF_NAME", "of-the-runner");
    let jobs = "  a:
    strategy: {matrix: {n: [1]}}
    steps:
      - run: 'echo \"$GITHUB_JOB ${{ github.job }} $GITHUB_REF $GITHUB_REF_NAME $GITHUB_WORKFLOW $GITHUB_RUN_ATTEMPT\"; test \"$GITHUB_RUN_ID\" = \"$MMM_RUN_ID\" && test \"$GITHUB_WORKSPACE\" = \"$PWD\" && test \"$GITHUB_SHA\" = \"$(git rev-parse HEAD)\" && test -d \"$RUNNER_TEMP\" && test -n \"$RUNNER_OS$RUNNER_ARCH\"'
      - run: echo \"$GITHUB_JOB\"
        env: {GITHUB_JOB: mine}
";
    let done = run(&repo, jobs);
    done.assert_ok();
    let printed = |attempt: &str| {
        let name = format!("out/a@1.{attempt}.log");
        sealed_file(&repo.here(), &told(&done), &name)
    };
    assert_eq!(printed("1.1"), "a a refs/heads/main of-the-runner x 1");
    assert_eq!(printed("2.1"), "mine");
}
