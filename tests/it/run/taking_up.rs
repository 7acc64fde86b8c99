//! Taking up runs whose engine, supervisor or both are gone.

use std::io::Write;

use crate::run::fixture::{
    assert_sound, newest, outcomes, park, project, runs, sealed_events, survivors, workflow,
};
use crate::run::under_way::{begin, kill_both, signal_supervisor};
use crate::support::{Child, LIMIT, TestRepo, wait_until};

/// Two steps; the first waits for a file.
const GATED: &str = "  a:
    steps:
      - run: echo one >>trace; touch begun; while ! test -e go; do sleep 0.01; done; echo end >>trace
      - run: echo two >>trace
";

fn gated(repo: &TestRepo) -> (Child, String) {
    workflow(&repo.here(), "main", GATED);
    begin(repo, &["run", "-w", "main"])
}

/// Writes to the end of a journal.
fn append(repo: &TestRepo, run: &str, text: &str) {
    let journal = repo
        .path()
        .join(format!(".git/mmm/runs/{run}/events.jsonl"));
    let file = std::fs::OpenOptions::new().append(true).open(journal);
    let written = file.expect("opens").write_all(text.as_bytes());
    written.expect("writes");
}

#[test]
fn steps_of_a_dead_engine_end_and_count() {
    let repo = project();
    let (engine, run) = gated(&repo);
    engine.kill();
    assert_eq!(newest(&repo.here()).1, "running");
    let resume = repo.spawn(["run", "--resume", &run]);
    repo.write("go", "");
    resume.wait(LIMIT).assert_ok();
    assert_eq!(repo.read("trace"), "one\nend\ntwo\n");
}

#[test]
fn a_killed_supervisor_loses_its_steps_until_a_person_agrees() {
    let repo = project();
    let (engine, run) = gated(&repo);
    signal_supervisor(&repo, &run, "KILL");
    engine.wait(LIMIT).assert_code(3);
    assert_eq!(survivors(&run), Vec::<u32>::new());
    assert_eq!(newest(&repo.here()), (run.clone(), "lost".to_owned()));
    repo.mmm(["run", "--resume", &run]).assert_code(3);
    repo.write("go", "");
    repo.mmm(["run", "--resume", &run, "--rerun-lost"])
        .assert_ok();
    assert_eq!(repo.read("trace"), "one\none\nend\ntwo\n");
    assert_sound(&repo.here());
}

#[test]
fn both_killed_at_once() {
    let repo = project();
    let (engine, run) = gated(&repo);
    kill_both(&repo, engine, &run);
    // Whoever is killed is gone a moment later: nobody waits for the supervisor.
    wait_until(LIMIT, || newest(&repo.here()).1 == "interrupted");
    repo.mmm(["run", "--resume", &run]).assert_code(3);
    assert_eq!(survivors(&run), Vec::<u32>::new());
    repo.write("go", "");
    repo.mmm(["run", "--resume", &run, "--rerun-lost"])
        .assert_ok();
    assert_eq!(repo.read("trace"), "one\none\nend\ntwo\n");
}

#[test]
fn only_one_takes_it_up() {
    let repo = project();
    let (engine, run) = gated(&repo);
    engine.kill();
    let one = repo.spawn(["run", "--resume", &run]);
    let two = repo.spawn(["run", "--resume", &run]);
    let mut both = [one, two];
    wait_until(LIMIT, || both.iter_mut().any(Child::has_ended));
    repo.write("go", "");
    let ended = both.map(|child| child.wait(LIMIT));
    let mut codes: Vec<i32> = ended.iter().map(|run| run.code).collect();
    codes.sort_unstable();
    assert_eq!(codes, [0, 128], "{} {}", ended[0], ended[1]);
    assert!(ended.iter().any(|run| run.stderr.contains("is under way")));
    assert_eq!(repo.read("trace"), "one\nend\ntwo\n");
}

#[test]
fn looking_at_a_run_does_not_keep_others_from_it() {
    let repo = project();
    for _ in 0..6 {
        drop(std::fs::remove_file(repo.path().join("trace")));
        drop(std::fs::remove_file(repo.path().join("go")));
        let (engine, run) = gated(&repo);
        engine.kill();
        // Not before the engine is gone: it could end the run.
        repo.write("go", "");
        let watchers: Vec<Child> = (0..3).map(|_| repo.spawn(["runs"])).collect();
        let resume = repo.mmm(["run", "--resume", &run]);
        resume.assert_ok();
        for watcher in watchers {
            watcher.wait(LIMIT).assert_ok();
        }
    }
}

#[test]
fn two_runs_at_once() {
    let repo = TestRepo::builder().real_clock().build();
    crate::run::fixture::configure(&repo.here(), "");
    workflow(
        &repo.here(),
        "main",
        "  a:\n    steps:\n      - run: echo x >>trace\n      - run: echo x >>trace\n",
    );
    let children: Vec<Child> = (0..4).map(|_| repo.spawn(["run", "-w", "main"])).collect();
    for child in children {
        child.wait(LIMIT).assert_ok();
    }
    assert_eq!(repo.read("trace"), "x\n".repeat(8));
    assert_eq!(runs(&repo.here()).len(), 4);
    assert_sound(&repo.here());
}

#[test]
fn a_torn_last_line_is_cut_off() {
    for torn in ["{", "{\"at\":1,\"event\":{\"kind\":\"step-fin"] {
        let repo = project();
        let (engine, run) = gated(&repo);
        engine.kill();
        repo.write("go", "");
        wait_until(LIMIT, || newest(&repo.here()).1 == "interrupted");
        append(&repo, &run, torn);
        assert_eq!(newest(&repo.here()).1, "interrupted");
        repo.mmm(["run", "--resume", &run]).assert_ok();
        assert_eq!(repo.read("trace"), "one\nend\ntwo\n");
        assert_eq!(outcomes(&repo.here(), &run), ["a/1=success", "a/2=success"]);
    }
}

#[test]
fn a_torn_last_line_before_an_answer_is_cut_off() {
    let repo = project();
    let run = park(
        &repo,
        "  a:\n    steps:\n      - checkpoint: look\n      - run: touch done\n",
    );
    append(&repo, &run, "{\"at\":1,");
    repo.mmm(["checkpoint", "approve"]).assert_ok();
    assert!(repo.path().join("done").exists());
}

#[test]
fn a_run_that_ended_and_was_not_sealed_is_completed() {
    let repo = project();
    let run = park(&repo, "  a:\n    steps:\n      - checkpoint: look\n");
    let end =
        "{\"at\":1795341600000,\"event\":{\"kind\":\"run-finished\",\"outcome\":\"success\"}}\n";
    append(&repo, &run, end);
    assert_eq!(newest(&repo.here()).1, "interrupted");
    repo.mmm(["run", "--resume", &run]).assert_ok();
    assert_eq!(newest(&repo.here()).1, "success");
    assert_eq!(
        sealed_events(&repo.here(), &run).last().expect("events")["kind"],
        "run-finished"
    );
    assert_eq!(repo.git(["branch", "--list", "mmm/*"]), "");
}

#[test]
fn what_dead_engines_left_is_cleared() {
    let repo = project();
    workflow(
        &repo.here(),
        "main",
        "  a:\n    steps:\n      - run: 'true'\n",
    );
    repo.mmm(["run", "-w", "main"]).assert_ok();
    let (run, _) = newest(&repo.here());
    let folder = format!(".git/mmm/runs/{run}");
    // Killed between the seal and the removal of the folder, with a checkpoint left.
    repo.write(
        &format!("{folder}/events.jsonl"),
        crate::run::fixture::sealed_file(&repo.here(), &run, "events.jsonl") + "\n",
    );
    repo.git(["branch", &format!("mmm/checkpoint/{run}/1-look")]);
    // Killed while the folder was being removed, and before the first event.
    repo.write(
        ".git/mmm/runs/.gone-01kaq9yvw0000000000000000x/out/a.1.1.log",
        "x",
    );
    repo.write(
        ".git/mmm/runs/01kaq9yvw0000000000000000x/pinned/workflow.yaml",
        "x",
    );
    assert_eq!(newest(&repo.here()), (run, "success".to_owned()));
    repo.mmm(["run", "-w", "main"]).assert_ok();
    let left = std::fs::read_dir(repo.path().join(".git/mmm/runs")).expect("a folder");
    assert_eq!(left.count(), 0);
    assert_eq!(repo.git(["branch", "--list", "mmm/*"]), "");
}

/// The supervisor that an engine has just started, stopped before it does anything more.
#[cfg(target_os = "linux")]
fn stop_supervisor(repo: &TestRepo, engine: &Child) -> String {
    let list = format!("/proc/{0}/task/{0}/children", engine.pid());
    let mut found = String::new();
    wait_until(LIMIT, || {
        let children = std::fs::read_to_string(&list).unwrap_or_default();
        let supervisor = children.split_whitespace().find(|pid| {
            let words = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            String::from_utf8_lossy(&words).contains("\0supervise\0")
        });
        supervisor.unwrap_or_default().clone_into(&mut found);
        !found.is_empty()
    });
    repo.here().command("kill", &["-STOP", &found]).assert_ok();
    found
}

/// Whether a process has the lock on this file.
#[cfg(target_os = "linux")]
fn is_held(path: &std::path::Path) -> bool {
    use rustix::fs::{FlockOperation, flock};
    std::fs::File::open(path)
        .is_ok_and(|file| flock(&file, FlockOperation::NonBlockingLockShared).is_err())
}

#[cfg(target_os = "linux")]
#[test]
fn a_supervisor_that_starts_late_starts_nothing() {
    for _ in 0..5 {
        let repo = project();
        workflow(
            &repo.here(),
            "main",
            // Whoever is stopped late has not done everything by then.
            "  a:\n    steps:\n      - run: |\n          until test -e go; do sleep 0.01; done\n          \
             echo one >>trace\n      - run: echo two >>trace\n",
        );
        let engine = repo.spawn(["run", "-w", "main"]);
        let late = stop_supervisor(&repo, &engine);
        let (run, _) = newest(&repo.here());
        let folder = format!(".git/mmm/runs/{run}");
        let journal = || repo.read(&format!("{folder}/events.jsonl"));
        wait_until(LIMIT, || journal().contains("job-started"));
        engine.kill();
        // Stopped before it took its lock, it is not waited for; after that, it is. It may not have
        // said so in the file yet.
        let held = is_held(&repo.path().join(&folder).join("supervisor.lock"));
        repo.write("go", "");
        let mut resume = repo.spawn(["run", "--resume", &run]);
        wait_until(LIMIT, || held || resume.has_ended());
        // It may be gone by now, as whoever took the run up ends what it finds.
        repo.here().command("kill", &["-CONT", &late]);
        resume.wait(LIMIT).assert_ok();
        let gone = || !std::path::Path::new(&format!("/proc/{late}/cmdline")).exists();
        let zombie = || {
            std::fs::read_to_string(format!("/proc/{late}/stat"))
                .is_ok_and(|stat| stat.contains(") Z "))
        };
        wait_until(LIMIT, || gone() || zombie());
        assert_eq!(repo.read("trace"), "one\ntwo\n");
        assert_eq!(newest(&repo.here()), (run.clone(), "success".to_owned()));
        assert_sound(&repo.here());
    }
}

#[test]
fn what_a_step_left_while_no_engine_looked_is_there_for_the_next_step() {
    let repo = project();
    workflow(
        &repo.here(),
        "left",
        "  a:\n    steps:\n      - id: one\n        run: 'echo v=1 >>$GITHUB_OUTPUT; touch begun; until test -e go; do sleep 0.01; done'\n      \
         - env: {V: '${{ steps.one.outputs.v }}'}\n        id: two\n        run: test \"$V\" = 1\n",
    );
    let (engine, run) = begin(&repo, &["run", "-w", "left"]);
    engine.kill();
    repo.write("go", "");
    repo.mmm(["run", "--resume", &run]).assert_ok();
    assert_eq!(
        outcomes(&repo.here(), &run),
        ["a/one=success", "a/two=success"]
    );
}

#[test]
fn a_failure_further_up_counts_after_a_checkpoint_too() {
    // `last` stands before what it needs, as it may.
    let repo = project();
    let jobs = "  last: {needs: [middle, ask], steps: [{run: touch ran}]}
  middle: {needs: first, if: always(), steps: [{run: 'true'}]}
  first: {steps: [{run: 'false'}]}
  ask: {steps: [{checkpoint: look}]}
";
    workflow(&repo.here(), "main", jobs);
    repo.mmm(["run", "-w", "main"]).assert_code(3);
    repo.mmm(["checkpoint", "approve"]).assert_code(1);
    assert!(!repo.path().join("ran").exists());
}
