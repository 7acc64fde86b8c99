//! Runs that are stopped at the moment at which the work of a job is merged: a filter of the
//! repository makes that moment as long as the test wants it.

use crate::run::fixture::{assert_sound, newest, project, sealed_events, workflow};
use crate::support::{Child, LIMIT, TestRepo, wait_until};

/// A repository with a file whose content passes a filter when it is written (`smudge`) or read
/// (`clean`); in such a folder, and once there is the file `armed`, that waits for `go`.
fn slow(what: &str, folder: &str, into: &str) -> TestRepo {
    let repo = project();
    let place = |name: &str| repo.outside(name).display().to_string();
    let (armed, there, go) = (place("armed"), place("there"), place("go"));
    let script = format!(
        "#!/bin/sh\ncase $PWD-$(test ! -e {armed} || echo armed) in {folder}-armed)\n\
         touch {there}; until [ -e {go} ]; do sleep 0.01; done;; esac\ncat\n"
    );
    let filter = repo.outside("filter");
    repo.write_program(&filter, &script);
    for side in ["clean", "smudge"] {
        let program = if side == what {
            place("filter")
        } else {
            "cat".to_owned()
        };
        repo.git(["config", &format!("filter.slow.{side}"), &program]);
    }
    repo.write(".gitattributes", "slow filter=slow\n");
    repo.write("slow", "one\n");
    repo.write("plain", "one\n");
    let armed = repo.outside("armed").display().to_string();
    workflow(
        &repo.here(),
        "main",
        &format!(
            "  a:
    isolation: {{into: {into}}}
    steps: [{{run: 'echo two >slow; echo two >plain; echo two >added; touch {armed}'}}]
  next:
    needs: a
    steps: [{{run: 'true'}}]
"
        ),
    );
    repo.git(["add", "--all"]);
    repo.git(["commit", "--quiet", "--message", "all"]);
    repo
}

/// Starts the run and waits until the filter waits.
fn merging(repo: &TestRepo) -> (Child, String) {
    let engine = repo.spawn(["run", "-w", "main"]);
    wait_until(LIMIT, || repo.outside("there").exists());
    let (run, _) = newest(&repo.here());
    (engine, run)
}

/// The work of the job is once on the branch, and nothing of the run is left over.
#[track_caller]
fn assert_merged(repo: &TestRepo, branch: &str) {
    let range = format!("HEAD..{branch}");
    let range = if branch == "main" { branch } else { &range };
    let log = repo.git(["log", "--format=%s", range]);
    assert_eq!(log.matches("Merge job a of main").count(), 1, "{log}");
    for file in ["slow", "plain", "added"] {
        let text = repo.git(["show", &format!("{branch}:{file}")]);
        assert_eq!(text, "two", "{file}");
    }
    assert_eq!(repo.git(["status", "--porcelain"]), "");
    let ours = repo.git(["for-each-ref", "--format=%(refname)", "refs/heads/mmm/"]);
    assert_eq!(ours, "");
    let trees = repo.git(["worktree", "list"]);
    assert_eq!(trees.lines().count(), 1, "{trees}");
    assert_sound(&repo.here());
}

#[test]
fn after_a_signal_nothing_begins_and_the_merge_is_done_once() {
    let repo = slow("clean", "*/worktrees/*", "release");
    let (engine, run) = merging(&repo);
    engine.signal("INT");
    std::fs::write(repo.outside("go"), "").expect("writes");
    engine.wait(LIMIT).assert_code(130);
    assert_eq!(newest(&repo.here()).1, "cancelled");
    let begun = sealed_events(&repo.here(), &run).into_iter();
    let begun = begun.filter(|event| event["kind"] == "step-started");
    let begun: Vec<String> = begun.map(|event| event["attempt"].to_string()).collect();
    assert_eq!(begun, ["\"a.1.1\""]);
    assert_eq!(repo.git(["status", "--porcelain"]), "");
    repo.mmm(["run", "--resume", &run]).assert_ok();
    assert_merged(&repo, "release");
}

#[test]
fn an_engine_that_is_killed_leaves_the_merge_to_the_next_one() {
    let repo = slow("clean", "*/worktrees/*", "release");
    let (engine, run) = merging(&repo);
    engine.kill();
    wait_until(LIMIT, || newest(&repo.here()).1 == "interrupted");
    assert_eq!(repo.git(["status", "--porcelain"]), "");
    let resume = repo.spawn(["run", "--resume", &run]);
    std::fs::write(repo.outside("go"), "").expect("writes");
    resume.wait(LIMIT).assert_ok();
    assert_merged(&repo, "release");
}

#[test]
fn a_git_that_brings_a_branch_forward_for_a_dead_engine_is_waited_for() {
    let mut repo = slow("smudge", "*/repo", "main");
    // As in a large repository. Nobody reads it any more: a git that writes it would end half done.
    repo.set("GIT_PROGRESS_DELAY", "0");
    let (engine, run) = merging(&repo);
    assert!(repo.path().join(".git/index.lock").exists());
    engine.kill();
    wait_until(LIMIT, || newest(&repo.here()).1 == "interrupted");
    let resume = repo.spawn(["run", "--resume", &run]);
    let lock = format!(".git/mmm/runs/{run}/engine.lock");
    let pid = resume.pid().to_string();
    wait_until(LIMIT, || repo.read(&lock).trim() == pid);
    // It comes as far as that branch meanwhile, or does not: what follows is the same.
    repo.mmm(["check"]);
    std::fs::write(repo.outside("go"), "").expect("writes");
    let resume = resume.wait(LIMIT);
    resume.assert_ok();
    assert!(!resume.stderr.contains("stays as it is"), "{resume}");
    assert_merged(&repo, "main");
}
