//! Runs that go on after they were cancelled, and runs of which a part runs again.

use crate::run::fixture::{
    assert_sound, configure, newest, project, runs, sealed_events, spec, survivors, workflow,
};
use crate::run::under_way::{begin, kill_both, signal_supervisor};
use crate::support::{LIMIT, TestRepo, wait_until};

/// The lines of a file that steps append to, sorted; the file starts anew.
pub(crate) fn trace(repo: &TestRepo) -> Vec<String> {
    let path = repo.path().join("trace");
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    drop(std::fs::remove_file(path));
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines.sort();
    lines
}

/// `b.2` waits for a file, or until it is ended.
pub(crate) const GATED: &str = "  a:
    outputs: {word: '${{ steps.one.outputs.word }}'}
    steps:
      - {id: one, run: 'echo a1 >>trace; echo word=hello >>\"$GITHUB_OUTPUT\"'}
  b:
    needs: a
    steps:
      - run: echo b1 >>trace; echo FROM=b1 >>\"$GITHUB_ENV\"
      - run: echo b2 >>trace; touch begun; until test -e go; do sleep 0.01; done
      - run: echo \"b3 $FROM\" >>trace
      - {run: echo b4 >>trace, if: always()}
  c:
    needs: [a, b]
    steps:
      - run: echo \"c1 ${{ needs.a.outputs.word }}\" >>trace
  d:
    needs: b
    if: always()
    steps:
      - run: echo \"d1 ${{ needs.b.result }}\" >>trace
";

/// A run that was cancelled while `b.2` was under way.
pub(crate) fn cancelled(repo: &TestRepo) -> String {
    workflow(&repo.here(), "main", GATED);
    let (engine, run) = begin(repo, &["run", "-w", "main"]);
    let cancel = repo.mmm(["cancel", &run]);
    cancel.assert_ok();
    engine.wait(LIMIT).assert_code(130);
    assert_eq!(trace(repo), ["a1", "b1", "b2", "b4", "d1 cancelled"]);
    let next = format!("next: git mmm run --resume {run}\n");
    assert!(cancel.stdout.ends_with(&next), "{cancel}");
    assert!(!repo.path().join(".git/mmm/runs").join(&run).exists());
    run
}

pub(crate) fn assert_over(repo: &TestRepo, run: &str, status: &str) {
    assert_eq!(newest(&repo.here()), (run.to_owned(), status.to_owned()));
    assert!(!repo.path().join(".git/mmm/runs").join(run).exists());
    assert_eq!(survivors(run), Vec::<u32>::new());
    assert_sound(&repo.here());
}

/// No attempt of a run began twice.
fn assert_attempts_differ(repo: &TestRepo, run: &str) {
    let events = sealed_events(&repo.here(), run);
    let begun = events
        .iter()
        .filter(|event| event["kind"] == "step-started");
    let mut names: Vec<String> = begun.map(|event| event["attempt"].to_string()).collect();
    let all = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), all, "{names:?}");
}

#[test]
fn a_cancelled_run_goes_on() {
    let repo = project();
    let run = cancelled(&repo);
    repo.write("go", "");
    repo.mmm(["run", "--resume", &run]).assert_ok();
    let ran = ["b2", "b3 b1", "b4", "c1 hello", "d1 success"];
    assert_eq!(trace(&repo), ran);
    assert_eq!(runs(&repo.here()).len(), 1);
    assert_over(&repo, &run, "success");
    assert_attempts_differ(&repo, &run);
    repo.mmm(["run", "--resume", &run]).assert_code(128);
}

#[test]
fn a_cancelled_run_is_cancelled_again_and_goes_on_again() {
    let repo = project();
    let run = cancelled(&repo);
    for _ in 0..2 {
        let (engine, _) = begin(&repo, &["run", "--resume", &run]);
        assert_eq!(newest(&repo.here()).1, "running");
        engine.signal("INT");
        engine.wait(LIMIT).assert_code(130);
        assert_eq!(trace(&repo), ["b2", "b4", "d1 cancelled"]);
        assert_over(&repo, &run, "cancelled");
    }
    repo.write("go", "");
    repo.mmm(["run", "--resume", &run]).assert_ok();
    assert_eq!(trace(&repo).len(), 5);
    assert_over(&repo, &run, "success");
    assert_attempts_differ(&repo, &run);
}

#[test]
fn a_cancelled_checkpoint_asks_again() {
    let repo = project();
    let jobs = "  a:\n    steps:\n      - run: echo a1 >>trace\n      - checkpoint: look\n      \
                - run: echo a3 >>trace\n";
    workflow(&repo.here(), "main", jobs);
    spec(&repo.here(), &["test -e trace"]);
    repo.mmm(["run", "thing"]).assert_code(3);
    let (run, _) = newest(&repo.here());
    repo.mmm(["cancel", &run]).assert_ok();
    repo.mmm(["checkpoint", "approve", &run]).assert_code(128);
    repo.mmm(["run", "--resume", &run]).assert_code(3);
    assert_eq!(newest(&repo.here()), (run.clone(), "waiting".to_owned()));
    let approved = repo.mmm(["checkpoint", "approve", &format!("{run}/2")]);
    approved.assert_ok();
    assert_eq!(trace(&repo), ["a1", "a3"]);
    assert_over(&repo, &run, "success");
    assert_eq!(repo.git(["branch", "--list", "mmm/*"]), "");
    assert!(repo.path().join(format!(".mmm/runs/{run}.toml")).exists());
}

#[test]
fn who_changed_what_it_goes_by_is_asked_first() {
    let repo = project();
    let run = cancelled(&repo);
    repo.write("go", "");
    workflow(&repo.here(), "main", &GATED.replace("b3", "other"));
    let asks = repo.mmm(["run", "--resume", &run]);
    asks.assert_code(3);
    assert!(asks.stdout.contains("checkpoint edited"), "{asks}");
    assert_eq!(trace(&repo), Vec::<String>::new());
    repo.mmm(["checkpoint", "approve", &run]).assert_ok();
    // It goes by what was pinned all the same.
    let ran = ["b2", "b3 b1", "b4", "c1 hello", "d1 success"];
    assert_eq!(trace(&repo), ran);
    assert_over(&repo, &run, "success");
}

#[test]
fn another_clone_does_not_go_on() {
    let repo = project();
    let run = cancelled(&repo);
    let clone = repo.clone_to("clone", &[]);
    clone.git(["fetch", "--quiet", "origin", "refs/mmm/*:refs/mmm/*"]);
    configure(&clone, "");
    let refused = clone.mmm(["run", "--resume", &run]);
    insta::assert_snapshot!(refused, @"
    exit code 128
    --- stderr
    error: run [ULID] cannot go on here: nothing says that it was cancelled in this clone
    hint: resume it where it was cancelled, or run `git mmm rerun [ULID]`
    ");
    assert_eq!(runs(&clone), [(run, "cancelled".to_owned())]);
}

#[test]
fn legs_that_were_cancelled_run_and_no_others() {
    let repo = project();
    let jobs = "  m:
    strategy: {max-parallel: 1, matrix: {x: [1, 2, 3, 4]}}
    steps:
      - run: |
          echo \"m ${{ matrix.x }}\" >>trace
          if test ${{ matrix.x }} = 2; then touch begun; until test -e go; do sleep 0.01; done; fi
  last:
    needs: m
    steps: [{run: echo last >>trace}]
";
    workflow(&repo.here(), "main", jobs);
    let (engine, run) = begin(&repo, &["run", "-w", "main"]);
    engine.signal("INT");
    engine.wait(LIMIT).assert_code(130);
    assert_eq!(trace(&repo), ["m 1", "m 2"]);
    repo.write("go", "");
    repo.mmm(["run", "--resume", &run]).assert_ok();
    assert_eq!(trace(&repo), ["last", "m 2", "m 3", "m 4"]);
    assert_over(&repo, &run, "success");
}

/// A run that is interrupted while `b.2` is under way, all before it done.
fn interrupted(repo: &TestRepo) -> String {
    workflow(&repo.here(), "main", GATED);
    let (engine, run) = begin(repo, &["run", "-w", "main"]);
    kill_both(repo, engine, &run);
    assert_eq!(trace(repo), ["a1", "b1", "b2"]);
    repo.write("go", "");
    run
}

#[test]
fn a_run_that_is_not_over_does_parts_again() {
    let cases: [(&str, &str, &[&str]); 5] = [
        (
            "--from",
            "a",
            &["a1", "b1", "b2", "b3 b1", "b4", "c1 hello", "d1 success"],
        ),
        (
            "--from",
            "b.1",
            &["b1", "b2", "b3 b1", "b4", "c1 hello", "d1 success"],
        ),
        (
            "--from",
            "b.2",
            &["b2", "b3 b1", "b4", "c1 hello", "d1 success"],
        ),
        (
            "--downstream",
            "b.1",
            &["b2", "b3 b1", "b4", "c1 hello", "d1 success"],
        ),
        ("--only", "b.2", &["b2"]),
    ];
    for (flag, step, expected) in cases {
        let repo = project();
        let run = interrupted(&repo);
        repo.mmm(["run", "--resume", &run, flag, step]).assert_ok();
        assert_eq!(trace(&repo), expected, "{flag} {step}");
        assert_eq!(runs(&repo.here()).len(), 1);
        assert_over(&repo, &run, "success");
        assert_attempts_differ(&repo, &run);
    }
}

#[test]
fn a_cancelled_run_does_parts_again() {
    let repo = project();
    let run = cancelled(&repo);
    repo.write("go", "");
    repo.mmm(["run", "--resume", &run, "--from", "one"])
        .assert_ok();
    let all = ["a1", "b1", "b2", "b3 b1", "b4", "c1 hello", "d1 success"];
    assert_eq!(trace(&repo), all);
    assert_over(&repo, &run, "success");
}

#[test]
fn names_that_are_wrong_or_fit_several_are_refused() {
    let repo = project();
    let jobs = "  build: {steps: [{id: make, run: 'true'}]}\n  \
                test: {needs: build, steps: [{id: make, run: 'false'}]}\n";
    workflow(&repo.here(), "main", jobs);
    repo.mmm(["run", "-w", "main"]).assert_code(1);
    let (run, _) = newest(&repo.here());
    let refused = repo.mmm(["run", "--resume", &run, "--from", "biuld"]);
    insta::assert_snapshot!(refused, @"
    exit code 128
    --- stderr
    error: run [ULID] has no job or step `biuld`
    hint: did you mean `build`?
    ");
    let refused = repo.mmm(["run", "--resume", &run, "--only", "make"]);
    insta::assert_snapshot!(refused, @"
    exit code 128
    --- stderr
    error: `make` fits 2 steps of run [ULID]
    hint: write more of it: `build.make` or `test.make`
    ");
    let both = ["run", "--resume", &run, "--only", "build", "--from", "test"];
    repo.mmm(both).assert_code(129);
    repo.mmm(["run", "--from", "test"]).assert_code(129);
    assert_eq!(runs(&repo.here()).len(), 1);
}

#[test]
fn a_step_whose_needs_are_open_does_not_run_alone() {
    let repo = project();
    let run = interrupted(&repo);
    let refused = repo.mmm(["run", "--resume", &run, "--only", "c"]);
    insta::assert_snapshot!(refused, @"
    exit code 128
    --- stderr
    error: `c` of run [ULID] cannot run alone: `b` has not ended
    hint: run `git mmm run --resume [ULID] --from c`, which waits for it
    ");
    assert_eq!(trace(&repo), Vec::<String>::new());
}

/// A step that is lost twice when it is left alone, and may run three times.
const RETRIES: &str = "  a:
    steps:
      - run: echo a1 >>trace
      - run: echo a2 >>trace; touch begun; until test -e go; do sleep 0.01; done
        retry: {attempts: 2, on: [lost]}
      - run: echo a3 >>trace
";

#[test]
fn a_lost_attempt_that_may_runs_again_without_asking() {
    let repo = project();
    workflow(&repo.here(), "main", RETRIES);
    let (engine, run) = begin(&repo, &["run", "-w", "main"]);
    kill_both(&repo, engine, &run);
    repo.write("go", "");
    repo.mmm(["run", "--resume", &run]).assert_ok();
    assert_eq!(trace(&repo), ["a1", "a2", "a2", "a3"]);
    assert_over(&repo, &run, "success");
}

#[test]
fn the_same_when_only_the_supervisor_dies() {
    let repo = project();
    workflow(&repo.here(), "main", RETRIES);
    let (engine, run) = begin(&repo, &["run", "-w", "main"]);
    std::fs::remove_file(repo.path().join("begun")).expect("it begun");
    signal_supervisor(&repo, &run, "KILL");
    wait_until(LIMIT, || repo.path().join("begun").exists());
    // It has no third try.
    signal_supervisor(&repo, &run, "KILL");
    engine.wait(LIMIT).assert_code(3);
    assert_eq!(trace(&repo), ["a1", "a2", "a2"]);
    assert_eq!(newest(&repo.here()), (run, "lost".to_owned()));
}

#[test]
fn an_engine_killed_in_a_cancelled_run_that_went_on() {
    let repo = project();
    let run = cancelled(&repo);
    for _ in 0..3 {
        let (engine, _) = begin(&repo, &["run", "--resume", &run]);
        engine.kill();
        // The supervisor holds the step; the run is neither over nor gone.
        assert_eq!(newest(&repo.here()), (run.clone(), "running".to_owned()));
        signal_supervisor(&repo, &run, "KILL");
        wait_until(LIMIT, || newest(&repo.here()).1 == "interrupted");
        repo.mmm(["run", "--resume", &run]).assert_code(3);
        assert_eq!(newest(&repo.here()), (run.clone(), "lost".to_owned()));
        assert_eq!(trace(&repo), ["b2"]);
        repo.mmm(["cancel", &run]).assert_ok();
        assert_eq!(trace(&repo), ["b4", "d1 cancelled"]);
        assert_over(&repo, &run, "cancelled");
    }
    repo.write("go", "");
    repo.mmm(["run", "--resume", &run]).assert_ok();
    let ran = ["b2", "b3 b1", "b4", "c1 hello", "d1 success"];
    assert_eq!(trace(&repo), ran);
    assert_over(&repo, &run, "success");
    assert_attempts_differ(&repo, &run);
}

/// The engine may die at any moment after it took up a cancelled run: when nothing of that is in
/// the record yet, while the folder is written, while steps run.
#[test]
fn kills_at_any_moment_of_going_on_lose_nothing() {
    for round in 0..8_u64 {
        let repo = project();
        let run = cancelled(&repo);
        repo.write("go", "");
        let mut engine = repo.spawn(["run", "--resume", &run]);
        // A count of lines in the journal, so that each round dies at another place.
        let journal = repo
            .path()
            .join(format!(".git/mmm/runs/{run}/events.jsonl"));
        let lines = || {
            let text = std::fs::read_to_string(&journal).unwrap_or_default();
            u64::try_from(text.lines().count()).unwrap_or(0)
        };
        wait_until(LIMIT, || lines() > 16 + round * 3 || engine.has_ended());
        engine.kill();
        let (known, status) = newest(&repo.here());
        assert_eq!(known, run);
        if status != "success" {
            repo.mmm(["run", "--resume", &run]).assert_ok();
        }
        let ran = ["b2", "b3 b1", "b4", "c1 hello", "d1 success"];
        assert_eq!(trace(&repo), ran, "round {round}");
        assert_over(&repo, &run, "success");
        assert_attempts_differ(&repo, &run);
    }
}

#[test]
fn what_would_run_is_shown_before() {
    let repo = project();
    workflow(
        &repo.here(),
        "sub",
        "  x:\n    steps: [{run: 'true'}]\n  y:\n    needs: x\n    steps: [{run: 'true'}]\n",
    );
    workflow(
        &repo.here(),
        "main",
        "  a:
    steps:
      - {id: one, run: echo one >>trace}
      - {id: two, run: echo two >>trace}
      - {id: three, run: echo three >>trace}
  m:
    strategy: {fail-fast: false, matrix: {k: [1, 2]}}
    steps: [{run: 'test ${{ matrix.k }} = 1'}]
  c:
    steps:
      - {id: call, workflow: sub}
      - {id: after, run: 'true'}
  z:
    needs: [a, m]
    steps: [{run: 'true'}]
",
    );
    repo.mmm(["run", "-w", "main"]).assert_code(1);
    let (run, _) = newest(&repo.here());
    let cases: [(&[&str], &str); 5] = [
        (
            &["--from", "a.two"],
            "run a: two, three|keep m@1|keep m@2|keep c|run z",
        ),
        (
            &["--only", "two"],
            "run a: two|keep m@1|keep m@2|keep c|keep z",
        ),
        (
            &["--downstream", "a.one"],
            "run a: two, three|keep m@1|keep m@2|keep c|run z",
        ),
        (&["--from", "m@2"], "keep a|keep m@1|run m@2|keep c|run z"),
        (
            &["--from", "c+call+y"],
            "keep a|keep m@1|keep m@2|run c: call, after|keep c+call+x|run c+call+y|keep z",
        ),
    ];
    for (words, expected) in cases {
        let all = [&["run", "--resume", &run, "-n"], words].concat();
        let shown = repo.mmm(&all);
        shown.assert_ok();
        let lines = shown.stdout.lines().skip(1);
        let words_of = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
        let lines: Vec<String> = lines.map(words_of).collect();
        assert_eq!(lines.join("|"), expected, "{words:?}");
    }
    let json = repo.mmm(["run", "--resume", &run, "-n", "--from", "a.two", "--json"]);
    let job = &json.json()["data"]["jobs"][0];
    assert_eq!(job["steps"], serde_json::json!(["two", "three"]));
    assert_eq!(repo.read("trace"), "one\ntwo\nthree\n");
    assert_eq!(newest(&repo.here()).0, run);
    repo.mmm(["run", "--resume", &run, "-n"]).assert_code(128);
}
