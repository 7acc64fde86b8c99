//! Why a job failed that no step says anything of.

use serde_json::Value;

use crate::run::fixture::{newest, park, project, sealed_events, workflow};
use crate::support::TestRepo;

/// What `show --json` says of the job `a`.
fn shown(repo: &TestRepo, run: &str) -> Value {
    let json = repo.mmm(["show", run, "--json"]).json();
    let mut jobs = json["data"]["jobs"].as_array().into_iter().flatten();
    let job = jobs.find(|job| job["id"] == "a");
    job.expect("it is there").clone()
}

/// Runs a workflow whose job `a` fails by itself; what is recorded, shown and told is the same.
fn check(jobs: &str, reason: &str) {
    let repo = project();
    workflow(&repo.here(), "main", jobs);
    let told = repo.mmm(["run", "-w", "main"]);
    told.assert_code(1);
    let (run, status) = newest(&repo.here());
    assert_eq!(status, "failure", "{told}");
    let job = shown(&repo, &run);
    assert_eq!(job["result"], "failure", "{job}");
    let known = job["reason"].as_str().unwrap_or_default();
    assert!(known.contains(reason), "{job} {told}");
    assert!(told.stderr.contains(known), "{known}: {told}");
    for command in ["show", "log"] {
        let text = repo.mmm([command]);
        assert!(
            text.stdout.contains(&format!("failure ({known})")),
            "{text}"
        );
    }
    let events = sealed_events(&repo.here(), &run);
    let end = events.iter().find(|event| event["kind"] == "job-finished");
    assert_eq!(end.expect("it ended")["reason"], known);
}

const STEPS: &str = "steps: [{run: 'true'}]";

#[test]
fn what_fails_a_job_before_its_first_step_is_in_the_record() {
    for (key, reason) in [
        ("if: fromJSON('nope')", "if: "),
        (
            "strategy: {matrix: \"${{ fromJSON('nope') }}\"}",
            "matrix: ",
        ),
        ("concurrency: \"${{ fromJSON('nope') }}\"", "concurrency"),
        (
            "timeout-minutes: \"${{ fromJSON('-1') }}\"",
            "timeout-minutes: it is not a number of minutes from 0",
        ),
        ("dotenv: .nope", ".nope"),
    ] {
        check(&format!("  a:\n    {key}\n    {STEPS}\n"), reason);
    }
}

#[test]
fn what_fails_a_job_after_its_last_step_is_too() {
    check(
        &format!("  a:\n    outputs: {{x: \"${{{{ fromJSON('nope') }}}}\"}}\n    {STEPS}\n"),
        "outputs: x: ",
    );
}

#[test]
fn a_reason_is_masked_and_has_an_end() {
    let repo = project();
    let files: Vec<String> = (0..20)
        .map(|at| format!(".swordfish-1-{at}-{}", "x".repeat(80)))
        .collect();
    let files = files.join(", ");
    let jobs = format!(
        "  w:\n    steps: [{{run: 'echo \"::add-mask::swordfish-1\"'}}]\n  \
         a:\n    needs: w\n    dotenv: [{files}]\n    {STEPS}\n"
    );
    workflow(&repo.here(), "main", &jobs);
    let told = repo.mmm(["run", "-w", "main"]);
    told.assert_code(1);
    let (run, _) = newest(&repo.here());
    let job = shown(&repo, &run);
    let reason = job["reason"].as_str().expect("there is one").to_owned();
    assert!(reason.starts_with(".***-0-xx"), "{job}");
    // The workflow itself has the word, and so has the name of the step.
    assert!(!told.stderr.contains("swordfish"), "{told}");
    assert!(!job.to_string().contains("swordfish"), "{job}");
    assert_eq!(reason.chars().count(), 1_000, "{job}");
    assert!(reason.ends_with('…'), "{job}");
}

#[test]
fn a_run_that_goes_on_forgets_the_reason() {
    let repo = project();
    let jobs = format!(
        "  a:\n    dotenv: .later\n    {STEPS}\n  w:\n    steps:\n      - checkpoint: wait\n"
    );
    let run = park(&repo, &jobs);
    let job = shown(&repo, &run);
    assert!(
        job["reason"]
            .as_str()
            .is_some_and(|text| text.contains(".later")),
        "{job}"
    );
    repo.write(".later", "A=1\n");
    repo.mmm(["run", "--resume", &run, "--from", "a"])
        .assert_code(3);
    let job = shown(&repo, &run);
    assert_eq!(
        (&job["result"], &job["reason"]),
        (&"success".into(), &Value::Null)
    );
}

#[test]
fn a_time_that_is_no_number_is_told_once() {
    let repo = project();
    let key = "timeout-minutes: \"${{ fromJSON('-1') }}\"";
    workflow(
        &repo.here(),
        "main",
        &format!("  a:\n    {key}\n    {STEPS}\n"),
    );
    let told = repo.mmm(["run", "-w", "main"]);
    told.assert_code(1);
    let lines: Vec<&str> = told
        .stderr
        .lines()
        .filter(|line| line.starts_with("job `a`"))
        .collect();
    assert_eq!(
        lines,
        ["job `a`: timeout-minutes: it is not a number of minutes from 0"],
        "{told}"
    );
}
