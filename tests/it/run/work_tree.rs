//! A run goes on in the work tree that it began in, also when that was moved; nothing is recorded
//! from any other.

use crate::run::fixture::{configure, newest, outcomes, project, spec, told, workflow};
use crate::support::{Run, TestRepo, View};

const ASK: &str = "  a:
    steps:
      - checkpoint: look
      - run: echo went on >>trace
";

/// A run that waits in the main work tree.
fn waiting(view: &View<'_>) -> String {
    workflow(view, "main", ASK);
    spec(view, &["true"]);
    let run = view.mmm(["run", "thing", "--json"]);
    run.assert_code(3);
    told(&run)
}

/// A repository with the files committed and a linked work tree that has them too.
fn with_linked(repo: &TestRepo) -> (String, View<'_>) {
    repo.git(["add", "-A"]);
    repo.git(["commit", "--quiet", "-m", "project"]);
    (waiting(&repo.here()), repo.linked_worktree("side"))
}

fn next(run: &Run) -> String {
    run.json()["data"]["next"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

#[test]
fn an_answer_from_another_work_tree_is_refused_and_not_recorded() {
    for (answer, code, outcome) in [("approve", 0, "success"), ("reject", 1, "failure")] {
        let repo = project();
        let (run, side) = with_linked(&repo);
        let refused = side.mmm(["checkpoint", answer, &run]);
        refused.assert_code(128);
        let top = repo.path().display().to_string();
        assert!(
            refused
                .stderr
                .contains(&format!("run the command in {top}")),
            "{refused}"
        );
        let journal = repo.read(&format!(".git/mmm/runs/{run}/events.jsonl"));
        assert!(!journal.contains("checkpoint-answered"), "{journal}");
        assert_eq!(newest(&repo.here()), (run.clone(), "waiting".to_owned()));
        // Nobody is told to do there what cannot work there.
        let list = side.mmm(["checkpoint", "list", "--json"]).json();
        assert_eq!(list["data"][0]["here"], false);
        assert_eq!(list["data"][0]["work_tree"], top.as_str());
        let shown = side.mmm(["checkpoint", "show"]);
        let there = format!("next: git -C {top} mmm checkpoint approve {run}");
        assert!(shown.stdout.contains(&there), "{shown}");
        assert!(next(&side.mmm(["status", "--json"])).contains("checkpoint show"));
        // Where it began, what is decided is what happens.
        assert!(next(&repo.mmm(["status", "--json"])).contains("checkpoint show"));
        repo.mmm(["checkpoint", answer]).assert_code(code);
        assert_eq!(newest(&repo.here()), (run, outcome.to_owned()));
    }
}

#[test]
fn what_refuses_an_answer_comes_before_it_is_written() {
    let repo = project();
    let run = waiting(&repo.here());
    let pinned = format!(".git/mmm/runs/{run}/pinned/workflow.yaml");
    let good = repo.read(&pinned);
    repo.write(&pinned, "no workflow\n");
    repo.mmm(["checkpoint", "approve"]).assert_code(128);
    repo.write(&pinned, good);
    repo.mmm(["checkpoint", "reject"]).assert_code(1);
    assert_eq!(newest(&repo.here()).1, "failure");
}

#[test]
fn a_repository_that_was_moved_goes_on() {
    let repo = project();
    let run = waiting(&repo.here());
    let moved = repo.outside("moved");
    std::fs::rename(repo.path(), &moved).expect("moves");
    let moved = repo.at(moved);
    assert!(next(&moved.mmm(["status", "--json"])).contains("checkpoint show"));
    let approved = moved.mmm(["checkpoint", "approve"]);
    approved.assert_ok();
    assert_eq!(moved.read("trace"), "went on\n");
    assert_eq!(newest(&moved), (run.clone(), "success".to_owned()));
    assert!(outcomes(&moved, &run).contains(&"a/2=success".to_owned()));
    let spec = moved.read(".mmm/specs/thing-7k3q9x2.md");
    assert!(spec.contains("- [x]"), "{spec}");
}

#[test]
fn a_linked_work_tree_that_was_moved_goes_on_and_no_other_does() {
    let repo = project();
    repo.git(["add", "-A"]);
    repo.git(["commit", "--quiet", "-m", "project"]);
    let side = repo.linked_worktree("side");
    configure(&side, "");
    let run = waiting(&side);
    let to = repo.outside("elsewhere");
    let (from, text) = (side.path().display(), to.display());
    repo.git(["worktree", "move", &from.to_string(), &text.to_string()]);
    let refused = repo.mmm(["checkpoint", "approve"]);
    refused.assert_code(128);
    assert!(
        refused.stderr.contains(&format!("git mmm cancel {run}")),
        "{refused}"
    );
    let moved = repo.at(&to);
    moved.mmm(["checkpoint", "approve"]).assert_ok();
    assert_eq!(newest(&repo.here()), (run, "success".to_owned()));
    assert_eq!(moved.read("trace"), "went on\n");
}

#[test]
fn a_run_whose_work_tree_is_gone_can_be_cancelled() {
    let repo = project();
    repo.git(["add", "-A"]);
    repo.git(["commit", "--quiet", "-m", "project"]);
    let side = repo.linked_worktree("side");
    configure(&side, "");
    let run = waiting(&side);
    repo.git([
        "worktree",
        "remove",
        "--force",
        &side.path().display().to_string(),
    ]);
    let resumed = repo.mmm(["run", "--resume", &run]);
    resumed.assert_code(128);
    assert!(resumed.stderr.contains("which is gone"), "{resumed}");
    assert!(
        resumed.stderr.contains(&format!("git mmm cancel {run}")),
        "{resumed}"
    );
    repo.mmm(["cancel", &run]).assert_ok();
    assert_eq!(newest(&repo.here()), (run, "cancelled".to_owned()));
}
