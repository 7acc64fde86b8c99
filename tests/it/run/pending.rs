//! The jobs of a run that have not begun, as `git mmm show` has them.

use crate::run::fixture::{project, workflow};
use crate::support::{LIMIT, TestRepo, wait_until};

/// The lines about the jobs of the newest run.
fn jobs(repo: &TestRepo) -> String {
    let shown = repo.mmm(["show"]).stdout;
    let lines = shown.lines().filter(|line| line.starts_with("job "));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn jobs_that_have_not_begun_are_shown_with_what_they_wait_for() {
    let repo = project();
    let settings = repo.read(".mmm/config.toml") + "\n[run]\nparallel-jobs = 8\n";
    repo.write(".mmm/config.toml", settings);
    let step = "{run: 'until test -e go; do sleep 0.01; done'}";
    let main = format!(
        "  hold: {{concurrency: The group, steps: [{step}]}}
  other: {{needs: hold, concurrency: the group, steps: [{step}]}}
  asks: {{concurrency: the group, needs: quick, steps: [{{run: 'true'}}]}}
  quick: {{steps: [{{run: 'true'}}]}}
  legs:
    strategy: {{matrix: {{n: [1, 2, 3]}}, max-parallel: 1}}
    steps: [{step}]
  calls: {{steps: [{{id: sub, workflow: sub}}]}}
  last: {{needs: [hold, calls, quick], steps: [{{run: 'true'}}]}}
"
    );
    workflow(&repo.here(), "main", &main);
    let sub = format!("  x: {{steps: [{step}]}}\n  y: {{needs: x, steps: [{{run: 'true'}}]}}\n");
    workflow(&repo.here(), "sub", &sub);
    let run = repo.spawn(["run", "-w", "main"]);
    let stands = [
        "job asks pending (waits",
        "job legs@2 (2) pending",
        "job calls+sub+y pending",
    ];
    wait_until(LIMIT, || {
        let jobs = jobs(&repo);
        stands.iter().all(|line| jobs.contains(line))
    });
    let mut lines: Vec<String> = jobs(&repo).lines().map(str::to_owned).collect();
    // Jobs that begin at the same moment have no order.
    lines.sort();
    insta::assert_snapshot!(lines.join("\n"), @"
    job asks pending (waits for the concurrency group `the group`)
    job calls
    job calls+sub+x
    job calls+sub+y pending (needs x)
    job hold
    job last pending (needs hold, calls)
    job legs
    job legs@1 (1)
    job legs@2 (2) pending
    job legs@3 (3) pending
    job other pending (needs hold)
    job quick success
    ");
    let shown = repo.mmm(["show", "--json"]).json();
    let listed = shown["data"]["jobs"].as_array().expect("a list");
    let pending = listed.iter().filter(|job| job["pending"] == true);
    let pending: Vec<String> = pending
        .map(|job| format!("{} {} {}", job["id"], job["result"], job["reason"]))
        .collect();
    insta::assert_snapshot!(pending.join("\n"), @r#"
    "other" null "needs hold"
    "asks" null "waits for the concurrency group `the group`"
    "legs@2" null null
    "legs@3" null null
    "calls+sub+y" null "needs x"
    "last" null "needs hold, calls"
    "#);
    repo.write("go", "");
    run.wait(LIMIT).assert_ok();
    let shown = repo.mmm(["show"]).stdout;
    assert!(!shown.contains("pending"), "{shown}");
}

#[test]
fn jobs_of_a_run_that_waits_are_pending() {
    let repo = project();
    let step = "{run: 'until test -e go; do sleep 0.01; done'}";
    for name in ["one", "two"] {
        let text = format!(
            "name: {name}\nconcurrency: deploy\njobs:\n  {name}: {{steps: [{step}]}}\n  \
             after: {{needs: {name}, steps: [{{checkpoint: look}}]}}\n  last: {{needs: after, steps: [{step}]}}\n"
        );
        repo.write(&format!(".mmm/workflows/{name}.yaml"), text);
    }
    let first = repo.spawn(["run", "-w", "one"]);
    wait_until(LIMIT, || jobs(&repo).starts_with("job one\njob"));
    let second = repo.spawn(["run", "-w", "two"]);
    wait_until(LIMIT, || jobs(&repo).contains("the run waits"));
    insta::assert_snapshot!(jobs(&repo), @"
    job two pending (the run waits for the concurrency group `deploy`)
    job after pending (needs two)
    job last pending (needs after)
    ");
    repo.write("go", "");
    first.wait(LIMIT).assert_code(3);
    second.wait(LIMIT).assert_code(3);
    insta::assert_snapshot!(jobs(&repo), @"
    job two success
    job after
    job last pending (needs after)
    ");
    let run = repo.mmm(["runs", "--json"]).json()["data"][0]["run"].clone();
    repo.mmm(["cancel", run.as_str().expect("a run")])
        .assert_ok();
    let shown = repo.mmm(["show"]).stdout;
    assert!(!shown.contains("pending"), "{shown}");
}
