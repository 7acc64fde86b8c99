//! Runs that are done again as new ones, whole or in part.

use crate::run::again::{GATED, assert_over, cancelled, trace};
use crate::run::fixture::{newest, outcomes, park, project, runs, spec, told, workflow};
use crate::run::under_way::begin;
use crate::support::LIMIT;

#[test]
fn of_a_run_that_is_over_a_new_one_takes_over_the_rest() {
    let repo = project();
    workflow(&repo.here(), "main", GATED);
    repo.write("go", "");
    repo.mmm(["run", "-w", "main"]).assert_ok();
    let (old, _) = newest(&repo.here());
    trace(&repo);
    let cases: [(&str, &str, &[&str]); 5] = [
        ("--from", "b.3", &["b3 b1", "b4", "c1 hello", "d1 success"]),
        ("--only", "b.3", &["b3 b1"]),
        ("--only", "c", &["c1 hello"]),
        ("--downstream", "b", &["c1 hello", "d1 success"]),
        (
            "--from",
            "a",
            &["a1", "b1", "b2", "b3 b1", "b4", "c1 hello", "d1 success"],
        ),
    ];
    for (index, (flag, step, expected)) in cases.into_iter().enumerate() {
        let again = repo.mmm(["run", "--resume", &old, flag, step, "--json"]);
        again.assert_ok();
        assert_eq!(trace(&repo), expected, "{flag} {step}");
        let new = told(&again);
        assert_eq!(again.json()["data"][0]["again"], old.as_str());
        assert_eq!(runs(&repo.here()).len(), index + 2);
        assert_over(&repo, &new, "success");
        let all = ["a/one", "b/1", "b/2", "b/3", "b/4", "c/1", "d/1"];
        let all = all.map(|step| format!("{step}=success"));
        assert_eq!(outcomes(&repo.here(), &new), all);
    }
    let (new, _) = newest(&repo.here());
    let shown = repo.mmm(["show", &new]);
    assert!(
        shown.stdout.contains(&format!("again     {old}\n")),
        "{shown}"
    );
}

#[test]
fn every_try_of_what_was_taken_over_counts_as_time_of_its_job() {
    let repo = project();
    // The second run has less time than the first one spent on both tries.
    let jobs = "  a:
    timeout-minutes: ${{ github.run_attempt == 1 && 5 || 0.02 }}
    steps:
      - id: flaky
        run: 'echo try >>tries; test $(wc -l <tries) = 2'
        retry: {attempts: 2, initial: 1500ms}
      - run: echo \"two ${{ github.run_attempt }}\" >>trace
";
    workflow(&repo.here(), "main", jobs);
    repo.mmm(["run", "-w", "main"]).assert_ok();
    let (old, _) = newest(&repo.here());
    let again = repo.mmm(["run", "--resume", &old, "--from", "a.2"]);
    again.assert_code(1);
    assert_eq!(trace(&repo), ["two 1"]);
    let shown = repo.mmm(["show"]).stdout;
    let line = "job a failure (its time was used up before)\n";
    assert!(shown.contains(line), "{shown}");
    // So does what a third one takes over from the second.
    let (second, _) = newest(&repo.here());
    let again = repo.mmm(["run", "--resume", &second, "--from", "a.2"]);
    again.assert_code(1);
    assert_eq!(trace(&repo), [""; 0]);
}

#[test]
fn what_was_taken_over_is_told_and_its_output_kept() {
    let repo = project();
    let jobs = "  a:\n    steps:\n      - run: echo said\n      - run: echo more\n";
    workflow(&repo.here(), "main", jobs);
    repo.mmm(["run", "-w", "main"]).assert_ok();
    let (old, _) = newest(&repo.here());
    let again = repo.mmm(["run", "--resume", &old, "--from", "a.2"]);
    again.assert_ok();
    let (new, _) = newest(&repo.here());
    let note = format!("run {old} is over; it is done again as run {new}\n");
    assert!(again.stderr.contains(&note), "{again}");
    let shown = repo.mmm(["show", &new]);
    assert_eq!(
        shown.stdout.matches("  (carried over)\n").count(),
        1,
        "{shown}"
    );
    let log = repo.mmm(["log", &new]);
    assert!(
        log.stdout.contains("said") && log.stdout.contains("more"),
        "{log}"
    );
}

const ITEMS: &str = "  before: {steps: [{run: echo before >>trace}]}
  m:
    needs: before
    for-each: '${{ fromJSON(''[1, 2, 3, 4]'') }}'
    outputs: {got: 'of ${{ item }}'}
    steps:
      - run: echo \"m ${{ item }} ${{ github.run_attempt }}\" >>trace
      - run: test -e good || test ${{ item }} != 3
  after:
    needs: m
    steps: [{run: 'echo \"after $GOT\" >>trace', env: {GOT: '${{ join(needs.m.results.*.outputs.got) }}'}}]
  beside: {steps: [{run: echo beside >>trace}]}
";

#[test]
fn rerunning_what_failed_runs_failed_items_alone() {
    let repo = project();
    workflow(&repo.here(), "main", ITEMS);
    repo.mmm(["run", "-w", "main"]).assert_code(1);
    let (first, _) = newest(&repo.here());
    assert_eq!(
        trace(&repo),
        ["before", "beside", "m 1 1", "m 2 1", "m 3 1", "m 4 1"]
    );
    let plan = repo.mmm(["rerun", &first, "--failed", "-n"]);
    insta::assert_snapshot!(plan, @"
    exit code 0
    --- stdout
    main, run [ULID] again
      keep  before
      keep  m@1
      keep  m@2
      run   m@3
      keep  m@4
      run   after
      keep  beside
    ");
    repo.mmm(["rerun", &first, "--failed"]).assert_code(1);
    assert_eq!(trace(&repo), ["m 3 2"]);
    let (second, _) = newest(&repo.here());
    repo.write("good", "");
    let third = repo.mmm(["rerun", &second, "--failed", "--json"]);
    third.assert_ok();
    assert_eq!(third.json()["data"][0]["again"], second.as_str());
    assert_eq!(trace(&repo), ["after of 1,of 2,of 3,of 4", "m 3 3"]);
    let (third, _) = newest(&repo.here());
    assert_over(&repo, &third, "success");
    let refused = repo.mmm(["rerun", &third, "--failed"]);
    insta::assert_snapshot!(refused, @"
    exit code 128
    --- stderr
    error: nothing of run [ULID] failed
    hint: run `git mmm rerun [ULID]` to run all of it again
    ");
    repo.mmm(["rerun", &third]).assert_ok();
    let all = [
        "after of 1,of 2,of 3,of 4",
        "before",
        "beside",
        "m 1 4",
        "m 2 4",
        "m 3 4",
        "m 4 4",
    ];
    assert_eq!(trace(&repo), all);
}

#[test]
fn rerunning_goes_by_what_was_pinned() {
    let repo = project();
    let text = "name: main\ninputs:\n  word: {type: string, default: none}\njobs:\n  a:\n    steps:\n      \
                - run: echo \"$WORD\" >>trace; false\n        env: {WORD: '${{ inputs.word }}'}\n";
    repo.write(".mmm/workflows/main.yaml", text);
    spec(&repo.here(), &["true"]);
    repo.mmm(["run", "thing", "--set", "word=given"])
        .assert_code(1);
    let (old, _) = newest(&repo.here());
    repo.write(
        ".mmm/workflows/main.yaml",
        text.replace("; false", "; true"),
    );
    let again = repo.mmm(["rerun", &old]);
    again.assert_code(1);
    let note = "its file `.mmm/workflows/main.yaml` has changed since\n";
    assert!(again.stderr.contains(note), "{again}");
    assert_eq!(trace(&repo), ["given", "given"]);
    let (new, _) = newest(&repo.here());
    assert!(repo.read(&format!(".mmm/runs/{new}.toml")).contains(&new));
    assert!(!repo.path().join(format!(".mmm/runs/{old}.toml")).exists());
}

#[test]
fn a_cancelled_run_can_be_done_again_too() {
    let repo = project();
    let run = cancelled(&repo);
    repo.write("go", "");
    repo.mmm(["rerun", &run, "--failed"]).assert_ok();
    let ran = ["b1", "b2", "b3 b1", "b4", "c1 hello", "d1 success"];
    assert_eq!(trace(&repo), ran);
    let both = runs(&repo.here());
    assert_eq!(
        (both.len(), both[1].clone()),
        (2, (run, "cancelled".to_owned()))
    );
}

#[test]
fn a_run_that_waits_is_not_done_again() {
    let repo = project();
    let run = park(&repo, "  a:\n    steps:\n      - checkpoint: look\n");
    insta::assert_snapshot!(repo.mmm(["rerun", &run]), @"
    exit code 128
    --- stderr
    error: run [ULID] is not over: waiting
    hint: answer it: `git mmm checkpoint show [ULID]`, or end it with `git mmm cancel [ULID]`
    ");
    insta::assert_snapshot!(repo.mmm(["checkpoint", "show", &format!("{run}/7")]), @"
    exit code 128
    --- stderr
    error: run [ULID] has no checkpoint 7 that waits for an answer
    hint: run `git mmm checkpoint list`
    ");
}

/// A job that calls a workflow, whose second job waits for a file.
const CALLS: &str = "  a:
    steps:
      - run: echo a1 >>trace
      - {id: call, workflow: other}
      - run: echo \"a3 $SAID\" >>trace
        env: {SAID: '${{ steps.call.outputs.said }}'}
  last: {needs: a, steps: [{run: echo last >>trace}]}
";

const CALLED: &str = "name: other
outputs: {said: '${{ jobs.x.outputs.said }}'}
jobs:
  x:
    outputs: {said: '${{ steps.say.outputs.said }}'}
    steps: [{id: say, run: 'echo x >>trace; echo said=x >>$GITHUB_OUTPUT'}]
  y:
    needs: x
    steps: [{run: 'echo y >>trace; touch begun; until test -e go; do sleep 0.01; done'}]
";

#[test]
fn jobs_of_called_workflows_run_again_alone_and_with_all_above() {
    let repo = project();
    repo.write(".mmm/workflows/other.yaml", CALLED);
    workflow(&repo.here(), "main", CALLS);
    let (engine, run) = begin(&repo, &["run", "-w", "main"]);
    engine.signal("INT");
    engine.wait(LIMIT).assert_code(130);
    assert_eq!(trace(&repo), ["a1", "x", "y"]);
    repo.write("go", "");
    repo.mmm(["run", "--resume", &run]).assert_ok();
    assert_eq!(trace(&repo), ["a3 x", "last", "y"]);
    let cases: [(&str, &str, &[&str]); 4] = [
        ("--only", "a+call+x", &["x"]),
        ("--from", "a+call+y.1", &["a3 x", "last", "y"]),
        ("--downstream", "say", &["a3 x", "last", "y"]),
        ("--from", "call", &["a3 x", "last", "x", "y"]),
    ];
    for (flag, step, expected) in cases {
        repo.mmm(["run", "--resume", &run, flag, step]).assert_ok();
        assert_eq!(trace(&repo), expected, "{flag} {step}");
        let (new, _) = newest(&repo.here());
        assert_over(&repo, &new, "success");
    }
}

#[test]
fn one_leg_runs_again_in_spite_of_one_that_failed() {
    let repo = project();
    let jobs = "  m:
    strategy: {max-parallel: 1, matrix: {x: [1, 2]}}
    steps: [{run: 'echo ${{ matrix.x }} >>trace; test ${{ matrix.x }} = 1'}]
";
    workflow(&repo.here(), "main", jobs);
    repo.mmm(["run", "-w", "main"]).assert_code(1);
    let (run, _) = newest(&repo.here());
    assert_eq!(trace(&repo), ["1", "2"]);
    repo.mmm(["run", "--resume", &run, "--from", "m@1"])
        .assert_code(1);
    assert_eq!(trace(&repo), ["1"]);
    repo.mmm(["rerun", &run, "--failed"]).assert_code(1);
    assert_eq!(trace(&repo), ["2"]);
}

#[test]
fn a_run_that_waits_does_a_part_again_and_waits_again() {
    let repo = project();
    let jobs = "  a:
    steps:
      - run: echo a1 >>trace
      - checkpoint: first
      - run: echo a3 >>trace
      - checkpoint: second
      - run: echo a5 >>trace
";
    let run = park(&repo, jobs);
    repo.mmm(["checkpoint", "approve", &run]).assert_code(3);
    assert_eq!(trace(&repo), ["a1", "a3"]);
    // What was approved of the first try says nothing about the second one.
    repo.mmm(["run", "--resume", &run, "--from", "a.1"])
        .assert_code(3);
    assert_eq!(trace(&repo), ["a1"]);
    repo.mmm(["checkpoint", "approve", &run]).assert_code(3);
    assert_eq!(trace(&repo), ["a3"]);
    repo.mmm(["checkpoint", "approve", &run]).assert_ok();
    assert_eq!(trace(&repo), ["a5"]);
    assert_over(&repo, &run, "success");
}
