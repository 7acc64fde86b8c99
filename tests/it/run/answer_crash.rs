//! Killing whoever answers a checkpoint: the answer counts once or not at all.

use std::time::{Duration, Instant};

use crate::run::fixture::{
    assert_sound, newest, project, sealed_events, survivors, told, workflow,
};
use crate::support::let_pass;

/// Runs that are answered, each by somebody who is killed.
const KILLS: u32 = 12;

/// Most times that one run is taken up.
const TAKE_UPS: usize = 10;

const JOBS: &str = "  a:
    steps:
      - checkpoint: ship
        options: [now, later]
      - run: echo \"${{ env.OPTION }}\" >>.git/trace
        env: {OPTION: \"${{ checkpoint.ship.option }}\"}
";

#[test]
fn an_answer_counts_once_whoever_is_killed() {
    let repo = project();
    let view = repo.here();
    workflow(&view, "main", JOBS);
    let mut span = Duration::ZERO;
    for kill in 0..=KILLS {
        drop(std::fs::remove_file(repo.path().join(".git/trace")));
        let run = repo.mmm(["run", "-w", "main", "--json"]);
        run.assert_code(3);
        let run = told(&run);
        let words = ["checkpoint", "approve", &run, "--option", "later"];
        if kill == 0 {
            // How long it takes when nobody is killed.
            let start = Instant::now();
            repo.mmm(words).assert_ok();
            span = start.elapsed();
        } else {
            let child = repo.spawn(words);
            let_pass(span * kill / KILLS);
            child.kill();
            finish(&repo, &run);
        }
        assert_eq!(newest(&view), (run.clone(), "success".to_owned()));
        assert_eq!(repo.read(".git/trace"), "later\n");
        let events = sealed_events(&view, &run);
        let answers = events
            .iter()
            .filter(|event| event["kind"] == "checkpoint-answered");
        assert_eq!(answers.count(), 1, "{events:#?}");
        // What was left stands before the end of the step.
        let of_step = events.iter().filter(|event| event["attempt"] == "a.1.1");
        let kinds: Vec<&str> = of_step.filter_map(|event| event["kind"].as_str()).collect();
        assert_eq!(kinds, ["step-outputs", "step-finished"], "{events:#?}");
        assert_eq!(survivors(&run), Vec::<u32>::new());
    }
    assert_sound(&view);
}

/// Brings a run to its end as a person would.
fn finish(repo: &crate::support::TestRepo, run: &str) {
    for _ in 0..TAKE_UPS {
        let (_, status) = newest(&repo.here());
        let words = match status.as_str() {
            "success" => return,
            "waiting" => vec!["checkpoint", "approve", run, "--option", "later"],
            "lost" => vec!["run", "--resume", run, "--rerun-lost"],
            _ => vec!["run", "--resume", run],
        };
        let taken = repo.mmm(words);
        assert!(matches!(taken.code, 0 | 3), "{status}: {taken}");
    }
    panic!("run {run} did not end");
}
