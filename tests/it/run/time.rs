//! What becomes of jobs whose time is over.

use std::time::{Duration, Instant};

use crate::run::fixture::{newest, outcomes, project, sealed_events, survivors, told, workflow};
use crate::support::{LIMIT, TestRepo};

const MINUTE_MS: u64 = 60_000;

#[test]
fn what_runs_in_any_case_runs_after_the_time_of_its_job() {
    let repo = project();
    workflow(
        &repo.here(),
        "main",
        "  a:\n    timeout-minutes: 0.005\n    steps:\n      - run: sleep 471\n      \
         - run: touch next\n      - {run: touch failed, if: failure()}\n      \
         - {run: touch always, if: always()}\n",
    );
    repo.mmm(["run", "-w", "main"]).assert_code(1);
    let (run, status) = newest(&repo.here());
    assert_eq!(status, "failure");
    assert_eq!(
        outcomes(&repo.here(), &run),
        ["a/1=failure", "a/2=skipped", "a/3=success", "a/4=success"]
    );
    assert_eq!(survivors(&run), Vec::<u32>::new());
}

#[test]
fn a_time_of_nothing_is_no_limit() {
    let repo = project();
    let zero = "\"${{ fromJSON('0') }}\"";
    let jobs = format!(
        "  a:
    timeout-minutes: 0
    strategy: {{matrix: {{x: [1, 2]}}, max-parallel: 0}}
    steps:
      - {{run: 'true', timeout-minutes: 0}}
      - run: test '${{{{ strategy.max-parallel }}}}' = 2
  b:
    timeout-minutes: {zero}
    for-each: {{items: [1, 2], max-parallel: {zero}}}
    steps:
      - {{run: 'true', timeout-minutes: {zero}}}
      - run: test '${{{{ strategy.max-parallel }}}}' = 2
  c:
    steps:
      - {{workflow: sub, timeout-minutes: 0}}
      - {{workflow: sub, timeout-minutes: {zero}}}
"
    );
    workflow(&repo.here(), "main", &jobs);
    workflow(
        &repo.here(),
        "sub",
        "  d:\n    steps:\n      - run: 'true'\n",
    );
    let plan = repo.mmm(["run", "-n", "-w", "main"]);
    plan.assert_ok();
    assert!(!plan.stdout.contains("at most 0"), "{plan}");
    assert!(!plan.stdout.contains("0 at once"), "{plan}");
    repo.mmm(["run", "-w", "main"]).assert_ok();
}

/// Runs a job of twenty minutes whose first step took so long, as its journal has it; tells what
/// became of the steps after it.
fn after(used_ms: u64, last: &str) -> (TestRepo, Vec<String>) {
    let repo = project();
    workflow(
        &repo.here(),
        "main",
        &format!(
            "  a:\n    timeout-minutes: 20\n    steps:\n      - run: 'true'\n      \
             - checkpoint: look\n      - run: 'true'\n      - {{run: {last}, if: always()}}\n"
        ),
    );
    repo.mmm(["run", "-w", "main"]).assert_code(3);
    let (run, _) = newest(&repo.here());
    let path = format!(".git/mmm/runs/{run}/events.jsonl");
    let journal = repo.read(&path);
    let (front, rest) = journal.split_once("\"ms\":").expect("a step has ended");
    let rest = rest.trim_start_matches(|digit: char| digit.is_ascii_digit());
    repo.write(&path, format!("{front}\"ms\":{used_ms}{rest}"));
    repo.mmm(["checkpoint", "approve"]);
    let found = outcomes(&repo.here(), &run);
    assert_eq!(
        found.get(..2),
        Some(&["a/1=success", "a/2=success"].map(str::to_owned)[..])
    );
    assert_eq!(survivors(&run), Vec::<u32>::new());
    (repo, found.into_iter().skip(2).collect())
}

#[test]
fn a_resume_does_not_give_the_time_of_a_job_anew() {
    let (_, found) = after(19 * MINUTE_MS, "'true'");
    assert_eq!(found, ["a/3=success", "a/4=success"]);
    let (repo, found) = after(20 * MINUTE_MS, "'true'");
    assert_eq!(found, ["a/3=skipped", "a/4=success"]);
    assert_eq!(newest(&repo.here()).1, "failure");
}

#[test]
fn the_last_steps_of_a_job_have_a_time_too() {
    // Stopped two seconds after the run went on; in this time it begins even on a busy machine.
    let (repo, found) = after(25 * MINUTE_MS - 2_000, "sleep 471");
    assert_eq!(found, ["a/3=skipped", "a/4=failure"]);
    let (run, status) = newest(&repo.here());
    assert_eq!(status, "failure");
    let events = sealed_events(&repo.here(), &run);
    let last = |kind: &str| {
        let events = events.iter().rev();
        events
            .into_iter()
            .find(|event| event["kind"] == kind)
            .cloned()
    };
    assert_eq!(
        last("step-finished").expect("it ended")["cause"],
        "timed-out"
    );
    // Not begun at all.
    let (repo, found) = after(25 * MINUTE_MS, "touch always");
    assert_eq!(found, ["a/3=skipped", "a/4=failure"]);
    assert!(!repo.path().join("always").exists());
    let shown = repo.mmm(["show"]);
    assert!(
        shown.stdout.contains("the time of its job is over"),
        "{shown}"
    );
}

/// A workflow that takes ten minutes, and what becomes of it.
fn called(caller: &str, expected: &[&str]) {
    let repo = project();
    let jobs = "  s: {steps: [{run: sleep 600}, {run: 'true', if: always()}]}\n  \
                t: {needs: s, steps: [{run: 'true'}]}\n";
    workflow(&repo.here(), "sub", jobs);
    workflow(&repo.here(), "x", caller);
    let begun = Instant::now();
    let run = repo.mmm(["run", "-w", "x", "--json"]);
    run.assert_code(1);
    assert!(begun.elapsed() < Duration::from_mins(1), "{run}");
    assert_eq!(outcomes(&repo.here(), &told(&run)), expected);
    let shown = repo.mmm(["show"]);
    assert!(shown.stdout.contains("(took too long)"), "{shown}");
}

#[test]
fn the_time_of_a_job_is_that_of_the_workflows_that_it_calls() {
    called(
        "  a:
    timeout-minutes: 0.01
    steps: [{workflow: sub}, {run: 'true'}, {run: 'true', if: failure()}]
",
        &[
            "a+1+s/1=failure",
            "a+1+s/2=success",
            "a/1=failure",
            "a/2=skipped",
            "a/3=success",
        ],
    );
}

#[test]
fn a_call_has_a_time_of_its_own() {
    called(
        "  a:
    steps:
      - {workflow: sub, timeout-minutes: 0.01, continue-on-error: true}
      - run: 'true'
      - {run: 'false'}
",
        &[
            "a+1+s/1=failure",
            "a+1+s/2=success",
            "a/1=failure",
            "a/2=success",
            "a/3=failure",
        ],
    );
}

#[test]
fn the_time_of_a_job_is_that_of_its_pauses_too() {
    let repo = project();
    let jobs = "  b:
    timeout-minutes: 0.01
    steps:
      - {run: 'false', retry: {attempts: 2, initial: 10m}}
";
    workflow(&repo.here(), "main", jobs);
    let engine = repo.spawn(["run", "-w", "main"]);
    engine.wait(LIMIT).assert_code(1);
    let (run, _) = newest(&repo.here());
    assert_eq!(outcomes(&repo.here(), &run), ["b/1=failure"]);
}

/// A job of twenty minutes calls a workflow whose first step took so long, and then asks; what
/// becomes of the rest when the run goes on. The limit is that of the job, or of the step.
fn called_after(used_ms: u64, limits: (&str, &str), status: &str, expected: &[&str]) {
    let repo = project();
    let sub = "  s:
    steps: [{run: 'true'}, {checkpoint: look}, {run: 'true'}, {run: 'true', if: always()}]
";
    workflow(&repo.here(), "sub", sub);
    let (job, step) = limits;
    let main = format!("  a:\n    {job}steps: [{{workflow: sub{step}}}, {{run: 'true'}}]\n");
    workflow(&repo.here(), "main", &main);
    repo.mmm(["run", "-w", "main"]).assert_code(3);
    let (run, _) = newest(&repo.here());
    let path = format!(".git/mmm/runs/{run}/events.jsonl");
    let journal = repo.read(&path);
    let (front, rest) = journal.split_once("\"ms\":").expect("a step has ended");
    let rest = rest.trim_start_matches(|digit: char| digit.is_ascii_digit());
    repo.write(&path, format!("{front}\"ms\":{used_ms}{rest}"));
    let answered = repo.mmm(["checkpoint", "approve"]);
    let found = outcomes(&repo.here(), &run);
    assert_eq!(found, expected, "{answered}");
    assert_eq!(newest(&repo.here()).1, status);
    assert_eq!(survivors(&run), Vec::<u32>::new());
}

#[test]
fn a_resume_counts_what_called_jobs_have_used() {
    let of_job = ("timeout-minutes: 20\n    ", "");
    let of_step = ("", ", timeout-minutes: 20");
    for limits in [of_job, of_step] {
        called_after(
            19 * MINUTE_MS,
            limits,
            "success",
            &[
                "a+1+s/1=success",
                "a+1+s/2=success",
                "a+1+s/3=success",
                "a+1+s/4=success",
                "a/1=success",
                "a/2=success",
            ],
        );
        called_after(
            20 * MINUTE_MS,
            limits,
            "failure",
            &[
                "a+1+s/1=success",
                "a+1+s/2=success",
                "a+1+s/3=skipped",
                "a+1+s/4=success",
                "a/1=failure",
                "a/2=skipped",
            ],
        );
    }
}
