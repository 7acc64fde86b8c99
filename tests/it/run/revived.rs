//! A parked run whose folder is gone: what was sealed of it is enough to go on, in its own clone.

use crate::run::fixture::{
    assert_sound, configure, newest, outcomes, project, runs, sealed_events, workflow,
};
use crate::run::under_way::{begin, kill_both};
use crate::support::{LIMIT, TestRepo, View};

const ASK: &str = "  a:
    steps:
      - run: echo printed; echo 1 >>first
      - checkpoint: look
      - run: echo 1 >>next
      - {run: echo 1 >>always, if: always()}
";

/// A run that waits, and its folder is gone.
fn parked() -> (TestRepo, String) {
    let repo = project();
    workflow(&repo.here(), "main", ASK);
    repo.mmm(["run", "-w", "main"]).assert_code(3);
    let (run, _) = newest(&repo.here());
    remove_folders(&repo);
    (repo, run)
}

fn remove_folders(repo: &TestRepo) {
    std::fs::remove_dir_all(repo.path().join(".git/mmm/runs")).expect("a folder");
}

fn has(repo: &TestRepo, name: &str) -> bool {
    match std::fs::read_to_string(repo.path().join(name)) {
        Ok(text) => {
            assert_eq!(text, "1\n", "{name}: once");
            true
        }
        Err(_) => false,
    }
}

/// It is over, nothing of it is left to do, and nothing was lost or done twice.
fn assert_over(repo: &TestRepo, run: &str, status: &str) {
    assert_eq!(runs(&repo.here()), [(run.to_owned(), status.to_owned())]);
    assert!(has(repo, "first") && has(repo, "always"));
    assert_eq!(repo.git(["branch", "--list", "mmm/*"]), "");
    assert!(!repo.path().join(".git/mmm/runs").join(run).exists());
    let log = repo.mmm(["log", run]);
    assert!(log.stdout.contains("  | printed\n"), "{log}");
    let first = &sealed_events(&repo.here(), run)[0];
    assert_eq!(first["kind"], "run-started");
    let status = repo.mmm(["status"]);
    assert!(!status.stdout.contains("waits for you"), "{status}");
    assert_sound(&repo.here());
}

#[test]
fn it_can_be_looked_at_and_approved() {
    let (repo, run) = parked();
    let status = repo.mmm(["status"]);
    assert!(!status.stdout.contains("cannot be answered"), "{status}");
    let next = format!("next: git mmm checkpoint show {run}/1");
    assert!(status.stdout.contains(&next), "{status}");
    let shown = repo.mmm(["checkpoint", "show"]);
    let next = format!("next: git mmm checkpoint approve {run}/1");
    assert!(shown.stdout.contains(&next), "{shown}");
    let approved = repo.mmm(["checkpoint", "approve"]);
    approved.assert_ok();
    insta::assert_snapshot!(approved.filtered(&approved.stderr), @"the live record of run [ULID] is gone; taken up as it was sealed when it stood still");
    assert!(has(&repo, "next"));
    assert_over(&repo, &run, "success");
}

#[test]
fn it_can_be_rejected() {
    let (repo, run) = parked();
    repo.mmm(["checkpoint", "reject", &run]).assert_code(1);
    assert!(!has(&repo, "next"));
    assert_over(&repo, &run, "failure");
}

#[test]
fn it_can_be_cancelled() {
    let (repo, run) = parked();
    repo.mmm(["cancel", &run]).assert_ok();
    assert!(!has(&repo, "next"));
    assert_over(&repo, &run, "cancelled");
    let found = ["a/1=success", "a/2=cancelled", "a/3=skipped", "a/4=success"];
    assert_eq!(outcomes(&repo.here(), &run), found);
}

#[test]
fn resuming_it_says_that_it_waits() {
    let (repo, run) = parked();
    let refused = repo.mmm(["run", "--resume", &run]);
    refused.assert_code(3);
    assert!(
        refused
            .stderr
            .contains("waits for a person at checkpoint `look`"),
        "{refused}"
    );
    repo.mmm(["checkpoint", "approve"]).assert_ok();
    assert_over(&repo, &run, "success");
}

#[test]
fn two_that_answer_at_once_bring_it_back_once() {
    for _ in 0..3 {
        let (repo, run) = parked();
        let approve = || repo.spawn(["checkpoint", "approve", &run]);
        let both = [approve(), approve()].map(|child| child.wait(LIMIT).code);
        assert!(
            both.contains(&0) && both.iter().all(|code| [0, 128].contains(code)),
            "{both:?}"
        );
        assert!(has(&repo, "next"));
        assert_over(&repo, &run, "success");
    }
}

/// Neither goes on with the run of another clone, nor ends it.
#[track_caller]
fn assert_refused(view: &View<'_>, run: &str) {
    let wordings = [
        ["checkpoint", "approve"],
        ["checkpoint", "reject"],
        ["run", "--resume"],
    ];
    let words = wordings
        .iter()
        .map(|words| [words.as_slice(), &[run]].concat());
    for words in words.chain([vec!["cancel", run]]) {
        let refused = view.mmm(words);
        insta::allow_duplicates! {
            insta::assert_snapshot!(refused, @"
            exit code 128
            --- stderr
            error: run [ULID] is not live in this clone
            hint: run `git mmm show [ULID]` to see what it left
            ");
        }
    }
    assert_eq!(runs(view), [(run.to_owned(), "waiting".to_owned())]);
}

#[test]
fn a_run_of_another_clone_stays_as_it_is() {
    let (repo, run) = parked();
    let clone = repo.clone_to("clone", &[]);
    let refs = ["fetch", "--quiet", "origin", "refs/mmm/*:refs/mmm/*"];
    clone.git(refs);
    configure(&clone, "");
    assert_refused(&clone, &run);
    // Neither the branch of the checkpoint makes it a run of that clone.
    let branch = format!("mmm/checkpoint/{run}/1-look");
    clone.git(["branch", &branch, &format!("origin/{branch}")]);
    assert_refused(&clone, &run);
    // Also one at the path that the first one had.
    let moved = repo.outside("moved");
    std::fs::rename(repo.path(), &moved).expect("moves");
    let url = format!("file://{}", moved.display());
    let there = repo.path().to_string_lossy().into_owned();
    repo.at(&moved).git(["clone", "--quiet", &url, &there]);
    repo.git(refs);
    configure(&repo.here(), "");
    assert_refused(&repo.here(), &run);
    // The first one can go on where it is now.
    std::fs::remove_dir_all(repo.path()).expect("a folder");
    repo.at(&moved).mmm(["checkpoint", "approve"]).assert_ok();
}

#[test]
fn a_lost_run_comes_back_too_and_asks() {
    let repo = project();
    let jobs = "  a:\n    steps:\n      - run: touch begun; sleep 471\n      - {run: echo 1 >>always, if: always()}\n";
    workflow(&repo.here(), "main", jobs);
    let (engine, run) = begin(&repo, &["run", "-w", "main"]);
    kill_both(&repo, engine, &run);
    repo.mmm(["run", "--resume", &run]).assert_code(3);
    remove_folders(&repo);
    // What the protected files were is gone with the folder.
    let asks = repo.mmm(["run", "--resume", &run, "--rerun-lost"]);
    asks.assert_code(3);
    assert!(asks.stdout.contains("checkpoint edited"), "{asks}");
    repo.mmm(["cancel", &run]).assert_ok();
    assert_eq!(newest(&repo.here()), (run.clone(), "cancelled".to_owned()));
    assert_eq!(outcomes(&repo.here(), &run), ["a/1=skipped", "a/2=success"]);
    assert_sound(&repo.here());
}
