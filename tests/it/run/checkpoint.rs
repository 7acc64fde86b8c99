//! Runs that wait for a person.

use crate::run::fixture::{
    assert_sound, newest, outcomes, project, runs, sealed_file, spec, told, workflow,
};
use crate::support::{TestRepo, View};

const ASK: &str = "  a:
    steps:
      - run: echo one >>trace
      - checkpoint: review
        message: Look at ${{ spec.title }}
      - run: echo two >>trace
      - {run: echo always >>trace, if: always()}
";

fn waiting(repo: &TestRepo) -> String {
    workflow(&repo.here(), "main", ASK);
    repo.write(".gitignore", "trace\n");
    spec(&repo.here(), &["test -e trace"]);
    let run = repo.mmm(["run", "thing", "--json"]);
    run.assert_code(3);
    told(&run)
}

/// What a person sees of their own work: HEAD, index, status.
fn own(view: &View<'_>) -> (String, Vec<u8>, String) {
    let path = view.git(["rev-parse", "--path-format=absolute", "--git-path", "index"]);
    (
        view.git(["rev-parse", "HEAD", "--abbrev-ref", "HEAD"]),
        std::fs::read(path).expect("an index"),
        view.git(["status", "--porcelain=v2", "--untracked-files=all"]),
    )
}

#[test]
fn the_snapshot_holds_everything_and_touches_nothing() {
    TestRepo::each_format(|repo| {
        let view = repo.here();
        crate::run::fixture::configure(&view, "");
        workflow(&view, "main", ASK);
        spec(&view, &["true"]);
        repo.write("README", "changed\n");
        repo.write("staged", "staged\n");
        repo.git(["add", "staged"]);
        repo.write("staged", "changed again\n");
        repo.write("untracked", "new\n");
        repo.write(".env", "KEY=1\n");
        repo.write("trace", "");
        let before = own(&view);
        let run = repo.mmm(["run", "thing", "--json"]);
        run.assert_code(3);
        assert_eq!(own(&view), before);
        let json = run.json();
        let checkpoint = &json["data"][0]["checkpoint"];
        assert_eq!(checkpoint["message"], "Look at The thing works");
        let branch = checkpoint["branch"].as_str().expect("a branch");
        assert_eq!(branch, format!("mmm/checkpoint/{}/1-review", told(&run)));
        let file = |name: &str| view.git(["show", &format!("{branch}:{name}")]);
        assert_eq!(file("README"), "changed");
        assert_eq!(file("staged"), "changed again");
        assert_eq!(file("untracked"), "new");
        assert_eq!(file("trace"), "one");
        let names = view.git(["ls-tree", "-r", "--name-only", branch]);
        assert!(!names.contains(".env"), "{names}");
        assert!(run.stderr.contains(".env"), "{run}");
        repo.mmm(["checkpoint", "approve"]).assert_ok();
        assert_eq!(repo.read("trace"), "one\ntwo\nalways\n");
        assert_eq!(repo.git(["branch", "--list", "mmm/*"]), "");
        assert_sound(&view);
    });
}

#[test]
fn a_linked_worktree_is_snapshotted_as_it_is() {
    let repo = TestRepo::new();
    let view = repo.linked_worktree("side");
    crate::run::fixture::configure(&view, "");
    workflow(&view, "main", ASK);
    spec(&view, &["true"]);
    view.write("only-here", "x\n");
    let before = own(&view);
    let run = view.mmm(["run", "thing", "--json"]);
    run.assert_code(3);
    let after = own(&view);
    assert_eq!((&after.0, &after.1), (&before.0, &before.1));
    let branch = format!("mmm/checkpoint/{}/1-review", told(&run));
    assert_eq!(view.git(["show", &format!("{branch}:only-here")]), "x");
    // It goes on where it began, and nowhere else.
    crate::run::fixture::configure(&repo.here(), "");
    let elsewhere = repo.mmm(["run", "--resume", &told(&run)]);
    elsewhere.assert_code(128);
    view.mmm(["checkpoint", "approve"]).assert_ok();
}

#[test]
fn without_a_commit_there_is_no_branch() {
    let repo = TestRepo::builder().unborn().build();
    crate::run::fixture::configure(&repo.here(), "");
    let run = waiting(&repo);
    assert_eq!(repo.git(["branch", "--list"]), "");
    repo.mmm(["checkpoint", "show", &run]).assert_ok();
    repo.mmm(["checkpoint", "approve", &run]).assert_ok();
}

#[test]
fn approving_goes_on_and_is_recorded() {
    let repo = project();
    let run = waiting(&repo);
    assert_eq!(newest(&repo.here()), (run.clone(), "waiting".to_owned()));
    // The seal of a run that waits is for other clones.
    assert!(sealed_file(&repo.here(), &run, "events.jsonl").contains("checkpoint-opened"));
    let list = repo.mmm(["checkpoint", "list", "--json"]).json();
    assert_eq!(list["data"][0]["checkpoint"], format!("{run}/1"));
    // There is nothing to resume.
    let resume = repo.mmm(["run", "--resume", &run]);
    assert!(matches!(resume.code, 3 | 128), "{resume}");
    assert_eq!(newest(&repo.here()).1, "waiting");
    let approve = repo.mmm([
        "checkpoint",
        "approve",
        &format!("{run}/1"),
        "-m",
        "fine by me",
    ]);
    approve.assert_ok();
    assert_eq!(repo.read("trace"), "one\ntwo\nalways\n");
    let shown = repo.mmm(["show", "--json"]).json();
    let checkpoint = &shown["data"]["checkpoints"][0];
    assert_eq!(checkpoint["answer"], "approve");
    assert_eq!(checkpoint["comment"], "fine by me");
    assert_eq!(checkpoint["who"], "Ada Lovelace <ada@example.org>");
    let evidence = repo.read(&format!(".mmm/runs/{run}.toml"));
    assert!(evidence.contains("[[approval]]"), "{evidence}");
    repo.mmm(["checkpoint", "approve", &run]).assert_code(128);
}

#[test]
fn rejecting_fails_the_run() {
    let repo = project();
    let run = waiting(&repo);
    repo.mmm(["checkpoint", "reject", "-m", "no"])
        .assert_code(1);
    assert_eq!(repo.read("trace"), "one\nalways\n");
    assert_eq!(newest(&repo.here()), (run.clone(), "failure".to_owned()));
    assert_eq!(
        outcomes(&repo.here(), &run),
        [
            "@before/ac-0aaa=failure",
            "a/1=success",
            "a/2=failure",
            "a/3=skipped",
            "a/4=success"
        ]
    );
}

#[test]
fn a_step_cannot_answer() {
    let repo = project();
    let run = waiting(&repo);
    workflow(
        &repo.here(),
        "sly",
        &format!("  a:\n    steps:\n      - run: git mmm checkpoint approve {run}\n"),
    );
    repo.mmm(["run", "-w", "sly"]).assert_code(1);
    let statuses: Vec<String> = runs(&repo.here())
        .into_iter()
        .map(|(_, status)| status)
        .collect();
    assert_eq!(statuses, ["failure", "waiting"]);
    let log = repo.mmm(["log"]);
    assert!(log.stdout.contains("cannot answer a checkpoint"), "{log}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_step_that_hides_cannot_answer_either() {
    let repo = project();
    let run = waiting(&repo);
    let bare = "env -i PATH=\"$PATH\" GIT_CONFIG_GLOBAL=\"$GIT_CONFIG_GLOBAL\"";
    let answer = format!("git mmm checkpoint approve {run}");
    for script in [
        format!("env -u MMM_RUN_ID -u MMM_ATTEMPT {answer}"),
        format!("{bare} {answer}"),
        // An orphan in a session of its own; its parents are dead.
        format!(
            "(setsid sh -c '{bare} setsid {answer} >answer 2>&1; touch over' &); \
             while ! test -e over; do sleep 0.01; done; cat answer; false"
        ),
    ] {
        let jobs = format!("  a:\n    steps:\n      - run: |\n          {script}\n");
        workflow(&repo.here(), "sly", &jobs);
        repo.mmm(["run", "-w", "sly"]).assert_code(1);
        let log = repo.mmm(["log"]);
        assert!(log.stdout.contains("cannot answer a checkpoint"), "{log}");
        let all = runs(&repo.here());
        let (_, status) = all.iter().find(|(known, _)| *known == run).expect("a run");
        assert_eq!(status, "waiting", "{script}");
    }
    repo.mmm(["checkpoint", "approve", &run]).assert_ok();
}

#[test]
fn a_message_that_is_too_long_fails_its_step() {
    let repo = project();
    for (bytes, code) in [(10_000, 3), (10_001, 1), (200_000, 1), (1_200_000, 1)] {
        let jobs = format!(
            "  a:\n    steps:\n      - checkpoint: look\n        message: ${{{{ env.A }}}}${{{{ env.A }}}}\n        \
             env:\n          A: {}\n      - {{run: touch always, if: always()}}\n",
            "m".repeat(bytes / 2),
        );
        let jobs = match bytes % 2 {
            0 => jobs,
            _ => jobs.replace("message: ", "message: m"),
        };
        workflow(&repo.here(), "main", &jobs);
        let run = repo.mmm(["run", "-w", "main"]);
        run.assert_code(code);
        if code == 1 {
            assert!(
                run.stdout.contains("its message has more than 10000 bytes"),
                "{run}"
            );
            assert!(repo.path().join("always").exists());
        } else {
            // The reflog of the branch has a short reason, whatever the message.
            let branch = repo.git(["branch", "--list", "mmm/*", "--format=%(refname)"]);
            let reflog = repo.git(["reflog", "show", "--format=%gs", &branch]);
            let length = reflog.len();
            assert!(length < 100, "{length} bytes");
            repo.mmm(["checkpoint", "approve"]).assert_ok();
            repo.here().command("rm", &["always"]).assert_ok();
        }
    }
}

#[test]
fn a_clock_that_stands_still_confuses_no_list() {
    // Every seal of the run has the same time, as when the clock was set back.
    let repo = TestRepo::new();
    crate::run::fixture::configure(&repo.here(), "");
    for _ in 0..4 {
        let run = waiting(&repo);
        repo.mmm(["checkpoint", "approve", &run]).assert_ok();
        assert_eq!(newest(&repo.here()), (run, "success".to_owned()));
    }
}

const TWO: &str = "  a:
    steps:
      - checkpoint: first
      - run: echo a >>trace
  b:
    steps:
      - checkpoint: second
      - run: echo b >>trace
";

#[test]
fn two_at_once_need_a_number() {
    let repo = project();
    workflow(&repo.here(), "main", TWO);
    let run = repo.mmm(["run", "-w", "main", "--json"]);
    run.assert_code(3);
    let id = told(&run);
    let unclear = repo.mmm(["checkpoint", "approve"]);
    unclear.assert_code(128);
    assert!(unclear.stderr.contains("2 checkpoints"), "{unclear}");
    // The one that was answered goes on; the run waits for the other.
    repo.mmm(["checkpoint", "approve", &format!("{id}/2")])
        .assert_code(3);
    assert_eq!(repo.read("trace"), "b\n");
    assert_eq!(newest(&repo.here()).1, "waiting");
    repo.mmm(["checkpoint", "approve"]).assert_ok();
    assert_eq!(repo.read("trace"), "b\na\n");
}

#[test]
fn a_checkpoint_lets_other_jobs_go_on() {
    let repo = project();
    workflow(
        &repo.here(),
        "main",
        "  a:\n    steps:\n      - checkpoint: look\n  b:\n    steps:\n      - run: sleep 0.3\n      - run: echo b >>trace\n",
    );
    repo.mmm(["run", "-w", "main"]).assert_code(3);
    assert_eq!(repo.read("trace"), "b\n");
}
