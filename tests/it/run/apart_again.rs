//! Jobs with a work tree of their own that were cancelled or begin anew, and signals to supervisors.

use crate::run::fixture::{self, newest, outcomes, survivors, workflow};
use crate::run::isolation::{apart, assert_tidy, files, own, project, subjects, tree, written};
use crate::run::under_way::{begin, signal_supervisor};
use crate::support::{LIMIT, TestRepo, wait_until};

/// Where steps tell that they have come somewhere, which no status shows.
const PLACE: &str = "$(git rev-parse --path-format=absolute --git-common-dir)";

#[test]
fn a_cancelled_job_goes_on_where_it_worked() {
    for merge in ["merge", "squash", "rebase"] {
        let repo = project();
        let view = repo.here();
        let steps = format!(
            "      - run: echo 1 >one\n      \
             - run: 'touch \"{PLACE}/begun\"; test -e \"{PLACE}/go\" || sleep 475; cat one >two'\n"
        );
        written(&view, &apart(&format!("{{merge: {merge}}}"), &steps));
        let before = own(&view);
        let engine = view.spawn(["run", "-w", "x"]);
        wait_until(LIMIT, || view.path().join(".git/begun").exists());
        engine.signal("INT");
        engine.wait(LIMIT).assert_code(130);
        let (run, status) = newest(&view);
        assert_eq!(status, "cancelled");
        assert_eq!(own(&view), before);
        repo.write(".git/go", "");
        view.mmm(["run", "--resume", &run]).assert_ok();
        assert_eq!(own(&view), before);
        assert_eq!(outcomes(&view, &run), ["a/1=success", "a/2=success"]);
        let branch = format!("mmm/run/{run}");
        assert_eq!(files(&view, &branch), [".mmm", "base", "one", "two"]);
        assert_tidy(&view, &[&branch]);
    }
}

#[test]
fn a_job_that_begins_anew_has_nothing_of_what_it_did_before() {
    let repo = project();
    let view = repo.here();
    let steps =
        format!("      - run: test ! -e one; echo 1 >one\n      - run: test -e \"{PLACE}/go\"\n");
    let asks = "  b:\n    steps:\n      - checkpoint: look\n";
    written(&view, &(apart("worktree", &steps) + asks));
    view.mmm(["run", "-w", "x"]).assert_code(3);
    let run = newest(&view).0;
    repo.write(".git/go", "");
    let again = view.mmm(["run", "--resume", &run, "--from", "a"]);
    again.assert_code(3);
    let aside = format!("mmm/work/{run}/a.1");
    assert!(again.stderr.contains(&aside), "{again}");
    view.mmm(["checkpoint", "approve"]).assert_ok();
    assert_eq!(subjects(&view, &aside), ["x: a"]);
    let branch = format!("mmm/run/{run}");
    assert_eq!(files(&view, &branch), [".mmm", "base", "one"]);
    assert_tidy(&view, &[&branch, &aside]);
}

#[test]
fn a_conflict_is_asked_about_again_after_a_cancellation() {
    let repo = project();
    let view = repo.here();
    written(
        &view,
        "  a:
    for-each: [p, q]
    isolation: {merge: squash, on-conflict: ask}
    steps:
      - run: echo \"$I\" >base
        env: {I: '${{ item }}'}
",
    );
    let before = own(&view);
    view.mmm(["run", "-w", "x"]).assert_code(3);
    let run = newest(&view).0;
    view.mmm(["cancel", &run]).assert_ok();
    assert_eq!(newest(&view).1, "cancelled");
    view.mmm(["run", "--resume", &run]).assert_code(3);
    assert_eq!(newest(&view).1, "waiting");
    let place = tree(&view, &run, "%run");
    std::fs::write(place.join("base"), "both\n").expect("it can be written");
    let place = place.to_str().expect("a path");
    view.git(["-C", place, "add", "base"]);
    view.mmm(["checkpoint", "approve"]).assert_ok();
    let branch = format!("mmm/run/{run}");
    assert_eq!(view.git(["show", &format!("{branch}:base")]), "both");
    assert_eq!(own(&view), before);
    assert_tidy(&view, &[&branch]);
}

#[test]
fn what_is_taken_over_is_there_with_its_work() {
    for merge in ["merge", "squash", "rebase"] {
        let repo = project();
        let view = repo.here();
        written(
            &view,
            &format!(
                "  a:
    for-each: [p, q]
    isolation: {{merge: {merge}}}
    steps:
      - run: 'echo \"$I\" >\"f-$I\"; test \"$I\" = p -o -e \"{PLACE}/go\"'
        env: {{I: '${{{{ item }}}}'}}
  b:
    needs: a
    isolation: worktree
    steps: [run: cat f-p f-q >both]
"
            ),
        );
        let before = own(&view);
        view.mmm(["run", "-w", "x"]).assert_code(1);
        let old = newest(&view).0;
        repo.write(".git/go", "");
        view.mmm(["rerun", &old, "--failed"]).assert_ok();
        let branch = format!("mmm/run/{}", newest(&view).0);
        assert_eq!(
            files(&view, &branch),
            [".mmm", "base", "both", "f-p", "f-q"],
            "{merge}"
        );
        assert_eq!(own(&view), before);
        let (old_run, left) = (format!("mmm/run/{old}"), format!("mmm/work/{old}/a@2"));
        assert_tidy(&view, &[&old_run, &branch, &left]);
    }
}

#[test]
fn a_job_goes_on_in_the_middle_from_what_it_had_left() {
    let repo = project();
    let view = repo.here();
    let steps = format!(
        "      - run: echo 1 >one\n      - run: test -e \"{PLACE}/go\"\n      - run: cp one two\n"
    );
    written(&view, &apart("worktree", &steps));
    view.mmm(["run", "-w", "x"]).assert_code(1);
    let old = newest(&view).0;
    repo.write(".git/go", "");
    view.mmm(["run", "--resume", &old, "--from", "a.2"])
        .assert_ok();
    let branch = format!("mmm/run/{}", newest(&view).0);
    assert_eq!(files(&view, &branch), [".mmm", "base", "one", "two"]);
    assert_tidy(&view, &[&branch, &format!("mmm/work/{old}/a")]);
}

#[test]
fn the_lock_of_a_git_that_was_killed_with_its_step_is_removed() {
    let repo = project();
    let view = repo.here();
    let steps = format!(
        "      - run: |\n          \
         if test -e \"{PLACE}/go\"; then echo 1 >one; git add one; exit; fi\n          \
         touch -t 202001010000 \"$(git rev-parse --git-dir)/index.lock\"; touch \"{PLACE}/begun\"; sleep 477\n"
    );
    written(&view, &apart("worktree", &steps));
    let engine = view.spawn(["run", "-w", "x"]);
    wait_until(LIMIT, || view.path().join(".git/begun").exists());
    let run = newest(&view).0;
    signal_supervisor(&repo, &run, "KILL");
    engine.wait(LIMIT).assert_code(3);
    repo.write(".git/go", "");
    view.mmm(["run", "--resume", &run, "--rerun-lost"])
        .assert_ok();
    let branch = format!("mmm/run/{run}");
    assert_eq!(files(&view, &branch), [".mmm", "base", "one"]);
    assert_tidy(&view, &[&branch]);
}

/// A run whose first step waits, in which each step leaves a line.
fn waiting() -> (TestRepo, crate::support::Child, String) {
    let repo = fixture::project();
    workflow(
        &repo.here(),
        "main",
        "  a:\n    steps:\n      - run: touch begun; test -e go || sleep 476; echo 1 >>trace\n      \
         - run: echo 2 >>trace\n",
    );
    let (engine, run) = begin(&repo, &["run", "-w", "main"]);
    (repo, engine, run)
}

fn assert_goes_on(repo: &TestRepo, run: &str) {
    let cancelled = (run.to_owned(), "cancelled".to_owned());
    assert_eq!(newest(&repo.here()), cancelled);
    assert_eq!(survivors(run), Vec::<u32>::new());
    repo.write("go", "");
    repo.mmm(["run", "--resume", run]).assert_ok();
    assert_eq!(repo.read("trace"), "1\n2\n");
}

#[test]
fn a_signal_to_the_supervisor_cancels_the_run() {
    let (repo, engine, run) = waiting();
    signal_supervisor(&repo, &run, "TERM");
    engine.wait(LIMIT).assert_code(130);
    assert_goes_on(&repo, &run);
}

#[test]
fn a_signal_to_the_supervisor_of_a_dead_engine_cancels_the_run() {
    let (repo, engine, run) = waiting();
    engine.kill();
    signal_supervisor(&repo, &run, "TERM");
    repo.mmm(["run", "--resume", &run]).assert_code(130);
    assert_goes_on(&repo, &run);
}
