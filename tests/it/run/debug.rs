//! `git mmm debug`: scripted sessions.

use std::fs::File;
use std::process::Stdio;

use crate::run::fixture::{newest, project, workflow};
use crate::support::{LIMIT, Run, TestRepo, wait_until};

/// Debugs the workflow `main`; these lines are typed.
fn debug(repo: &TestRepo, more: &[&str], typed: &str) -> Run {
    let script = repo.outside("typed");
    std::fs::write(&script, typed).expect("writes");
    let input = Stdio::from(File::open(&script).expect("opens"));
    let mut words = vec!["debug", "main"];
    words.extend(more);
    repo.here().spawn_reading(&words, input).wait(LIMIT)
}

const JOBS: &str = "  a:
    env: {LEVEL: low}
    outputs: {n: '${{ steps.one.outputs.n }}'}
    steps:
      - {id: one, name: First, run: 'echo n=5 >>\"$GITHUB_OUTPUT\"; echo \"one $LEVEL\" >>trace'}
      - {id: two, run: 'echo \"two $LEVEL\" >>trace'}
  b:
    needs: a
    steps: [{run: 'echo \"b ${{ needs.a.outputs.n }}\" >>trace'}]
";

#[test]
fn it_stops_before_each_step_and_answers_questions() {
    let repo = project();
    workflow(&repo.here(), "main", JOBS);
    let run = debug(
        &repo,
        &[],
        "where\nstep\neval steps.one.outputs.n * 1\neval steps.one.outputs.n\nprint format('{0}!', env.LEVEL)\n\
         set LEVEL high\nenv\noutputs\nset GITHUB_ENV x\nnonsense\n\nbreak nope\nbreak b\n\
         breakpoints\nc\nprint needs.a.outputs\neval success()\nq\n",
    );
    insta::assert_snapshot!(run.filtered(&run.stderr), @r#"
    stopped before a / First (.mmm/workflows/main.yaml:7:10)
      | echo n=5 >>"$GITHUB_OUTPUT"; echo "one $LEVEL" >>trace
    job a
    > one  First
      two  Run echo "two $LEVEL" >>trace
    stopped before a / Run echo "two $LEVEL" >>trace (.mmm/workflows/main.yaml:8:10)
      | echo "two $LEVEL" >>trace
    unexpected `*`, expected an operator or the end
    5
    low!
    LEVEL=high
    steps.one.outputs.n = 5
    steps.one.outcome = success
    steps.one.conclusion = success
    `GITHUB_ENV` cannot be set for later steps
    there is no command `nonsense`: `help` lists them
    there is no job `nope`
    b
    stopped before b / Run echo "b ${{ needs.a.outputs.n }}" >>trace (.mmm/workflows/main.yaml:11:14)
      | echo "b 5" >>trace
    {
      "n": "5"
    }
    true
    "#);
    assert_eq!(repo.read("trace"), "one low\ntwo high\n");
    assert_eq!(newest(&repo.here()).1, "cancelled");
}

#[test]
fn a_failed_step_can_run_again_or_be_forgiven() {
    let mut repo = project();
    workflow(
        &repo.here(),
        "main",
        "  a:\n    steps:\n      - env: {MINE: 1}\n        run: 'echo try >>trace; test -e ok'\n      - run: 'false'\n      - run: echo end >>trace\n",
    );
    let shell = repo.outside("my-shell");
    repo.write_program(&shell, "#!/bin/sh\necho \"shell $MINE\" >ok\n");
    repo.set("SHELL", &shell.to_string_lossy());
    let run = debug(&repo, &["--break-on-failure"], "shell\nretry\nskip\n");
    run.assert_ok();
    assert_eq!(repo.read("trace"), "try\ntry\nend\n");
    assert_eq!(repo.read("ok"), "shell 1\n");
    insta::assert_snapshot!(run.filtered(&run.stderr), @"
    the step has failed (exit code 1): `retry`, `skip`, or go on
    stopped after a / Run echo try >>trace; test -e ok (.mmm/workflows/main.yaml:5:9)
    the step has failed (exit code 1): `retry`, `skip`, or go on
    stopped after a / Run false (.mmm/workflows/main.yaml:7:9)
    ");
    assert_eq!(newest(&repo.here()).1, "success");
}

#[test]
fn a_failure_that_is_let_be_fails_the_run() {
    let repo = project();
    let jobs =
        "  a: {steps: [{run: 'false'}, {run: touch two}, {run: touch tidy, if: always()}]}\n";
    workflow(&repo.here(), "main", jobs);
    debug(&repo, &["--break-on-failure"], "c\n").assert_code(1);
    assert!(!repo.path().join("two").exists());
    assert!(repo.path().join("tidy").exists());
}

#[test]
fn steps_can_be_left_out() {
    let repo = project();
    workflow(
        &repo.here(),
        "main",
        "  a:\n    steps:\n      - {id: one, run: touch one}\n      - {run: touch two, if: steps.one.outcome == 'skipped'}\n      - checkpoint: look\n      - run: touch three\n",
    );
    let run = debug(&repo, &["--break", "a"], "skip\nskip\nskip\nc\n");
    run.assert_ok();
    assert!(!repo.path().join("one").exists());
    assert!(!repo.path().join("two").exists());
    assert!(repo.path().join("three").exists(), "{run}");
}

#[test]
fn breakpoints_name_jobs_and_steps_of_legs_and_calls() {
    let repo = project();
    workflow(
        &repo.here(),
        "main",
        "  a:\n    strategy: {matrix: {os: [x, y]}}\n    steps:\n      - {id: s, name: 'On ${{ matrix.os }}', run: 'true'}\n      - workflow: other\n",
    );
    workflow(
        &repo.here(),
        "other",
        "  unit: {steps: [{id: t, run: 'true'}]}\n",
    );
    let stops = |more: &[&str], typed: &str| {
        let run = debug(&repo, more, typed);
        run.assert_ok();
        let lines = run
            .stderr
            .lines()
            .filter(|line| line.starts_with("stopped"));
        let lines = lines.map(|line| line.split(" (.mmm").next().unwrap_or(line).to_owned());
        lines.collect::<Vec<_>>()
    };
    assert_eq!(
        stops(&["--break", "a.s"], "c\nc\n"),
        [
            "stopped before a@1 (x) / On x",
            "stopped before a@2 (y) / On y"
        ]
    );
    assert_eq!(
        stops(&["--break", "a@2.s", "--break", "unit.t"], "c\nc\nc\n"),
        [
            // A job whose step waits for others is not under way itself.
            "stopped before a@2 (y) / On y",
            "stopped before a@1 (x)+2+unit / Run true",
            "stopped before a@2 (y)+2+unit / Run true"
        ]
    );
    let wrong = debug(&repo, &["--break", "nope", "--break", "a.zz"], "q\n");
    wrong.assert_code(130);
    let told = "breakpoint `nope`: there is no job `nope`\nbreakpoint `a.zz`: job `a` has no step \
                `zz`\nstopped before a@1 (x) / ";
    assert!(wrong.stderr.starts_with(told), "{wrong}");
}

#[test]
fn what_is_set_beats_what_a_step_says_itself() {
    let repo = project();
    workflow(
        &repo.here(),
        "main",
        "  a:\n    steps:\n      - {env: {N: 1}, run: 'echo \"$N\" >>trace; test \"$N\" = 2'}\n      \
         - {env: {N: 3}, run: 'echo \"$N\" >>trace; echo N=4 >>\"$GITHUB_ENV\"'}\n      \
         - {env: {N: 5}, run: 'echo \"$N\" >>trace'}\n",
    );
    let run = debug(
        &repo,
        &["--break-on-failure"],
        "eval env.N\nset N 2\neval env.N\nretry\n",
    );
    run.assert_ok();
    // A step that sets it anew beats that in its turn.
    assert_eq!(repo.read("trace"), "1\n2\n2\n5\n");
}

#[test]
fn what_is_set_is_there_after_a_resume() {
    let repo = project();
    workflow(
        &repo.here(),
        "main",
        "  a:\n    steps:\n      - run: 'true'\n      - checkpoint: look\n      - run: 'echo \"$NEW\" >trace'\n",
    );
    debug(&repo, &[], "set NEW value\nc\n").assert_code(3);
    repo.mmm(["checkpoint", "approve"]).assert_ok();
    assert_eq!(repo.read("trace"), "value\n");
}

#[test]
fn secrets_are_not_shown() {
    let mut repo = project();
    repo.set("TOKEN", "hunter2hunter2");
    repo.write(
        ".mmm/config.toml",
        repo.read(".mmm/config.toml") + "\n[run]\nmask = [\"TOKEN\"]\n",
    );
    workflow(
        &repo.here(),
        "main",
        "  a:\n    env: {PASS: '${{ secrets.TOKEN }}'}\n    steps:\n      - run: 'echo ${#PASS}'\n",
    );
    let run = debug(
        &repo,
        &[],
        "env\neval env.PASS\neval toJSON(secrets)\nset X hunter2hunter2\nenv\nc\n",
    );
    assert!(
        !format!("{}{}", run.stdout, run.stderr).contains("hunter2"),
        "{run}"
    );
}

#[test]
fn a_signal_at_the_prompt_cancels_the_run() {
    let repo = project();
    workflow(
        &repo.here(),
        "main",
        "  a: {steps: [{run: touch one}, {run: touch tidy, if: always()}]}\n",
    );
    let (reader, writer) = std::io::pipe().expect("a pipe");
    let child = repo
        .here()
        .spawn_reading(&["debug", "main"], Stdio::from(reader));
    wait_until(LIMIT, || {
        let runs = repo.mmm(["runs", "--json"]).json();
        runs["data"][0]["status"] == "running"
    });
    // The prompt may not be there yet; a signal before it cancels the run as well.
    child.signal("INT");
    let run = child.wait(LIMIT);
    drop(writer);
    run.assert_code(130);
    assert!(!repo.path().join("one").exists(), "{run}");
    assert!(repo.path().join("tidy").exists(), "{run}");
}

#[test]
fn failures_are_a_breakpoint_that_comes_and_goes() {
    let repo = project();
    let jobs = "  a:
    steps:
      - {run: 'false', continue-on-error: true}
      - {run: 'false', continue-on-error: true}
      - run: 'true'
";
    workflow(&repo.here(), "main", jobs);
    let run = debug(
        &repo,
        &[],
        "break on-failure\nbreakpoints\nc\ndelete on-failure\nbreakpoints\ndelete on-failure\nc\n",
    );
    run.assert_ok();
    let stops = run.stderr.matches("stopped after").count();
    assert_eq!(stops, 1, "{run}");
    let told = [
        "every step that has failed",
        "none",
        "no breakpoint `on-failure`",
    ];
    assert!(told.iter().all(|told| run.stderr.contains(told)), "{run}");
}

#[test]
fn what_has_failed_is_read_as_the_next_step_would_read_it() {
    let repo = project();
    let jobs = "  a:
    steps:
      - id: one
        env: {OWN: mine}
        run: 'echo n=5 >>\"$GITHUB_OUTPUT\"; exit 3'
      - {id: two, run: 'false', if: always(), continue-on-error: true}
";
    workflow(&repo.here(), "main", jobs);
    let looks = "eval format('{0} {1} {2}.', job.status, failure(), env.OWN)\noutputs\n";
    let typed = format!("{looks}retry\n{looks}c\n{looks}c\n");
    let run = debug(&repo, &["--break-on-failure"], &typed);
    run.assert_code(1);
    insta::assert_snapshot!(run.filtered(&run.stderr), @r#"
    the step has failed (exit code 3): `retry`, `skip`, or go on
    stopped after a / Run echo n=5 >>"$GITHUB_OUTPUT"; exit 3 (.mmm/workflows/main.yaml:5:9)
    failure true mine.
    steps.one.outputs.n = 5
    steps.one.outcome = failure
    steps.one.conclusion = failure
    the step has failed (exit code 3): `retry`, `skip`, or go on
    stopped after a / Run echo n=5 >>"$GITHUB_OUTPUT"; exit 3 (.mmm/workflows/main.yaml:5:9)
    failure true mine.
    steps.one.outputs.n = 5
    steps.one.outcome = failure
    steps.one.conclusion = failure
    the step has failed (exit code 1): `retry`, `skip`, or go on
    stopped after a / Run false (.mmm/workflows/main.yaml:8:10)
    failure true .
    steps.one.outputs.n = 5
    steps.one.outcome = failure
    steps.one.conclusion = failure
    steps.two.outcome = failure
    steps.two.conclusion = success
    "#);
}
