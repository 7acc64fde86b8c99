//! Checkpoints that nobody answers in time.

use crate::run::fixture::{
    checkpoints, configure, events, journal, newest, outcomes, park, project, survivors, timed,
    workflow,
};

const NEXT_DAY: &str = "2026-11-23T10:00:00Z";

fn expiring(on_timeout: &str) -> String {
    format!(
        "  a:
    steps:
      - id: ask
        checkpoint: look
        expires: 24h
        on-timeout: {on_timeout}
      - run: echo after >>trace
      - {{run: echo failed >>trace, if: failure()}}
      - run: echo \"$WHO $AT\" >>trace
        if: always()
        env:
          WHO: ${{{{ steps.ask.outputs.who }}}}
          AT: ${{{{ steps.ask.outputs.at }}}}
  b:
    needs: a
    steps:
      - run: echo b >>trace
"
    )
}

#[test]
fn one_that_expired_is_seen_by_all_and_written_by_none_who_only_read() {
    let mut repo = timed();
    let run = park(&repo, &expiring("reject"));
    assert_eq!(newest(&repo.here()).1, "waiting");
    let show = repo.mmm(["checkpoint", "show"]);
    assert!(
        show.stdout
            .contains(&format!("expires   {NEXT_DAY}, then reject\n")),
        "{show}"
    );
    repo.set("MMM_TIMESTAMP", "2026-11-23T09:59:59Z");
    assert_eq!(newest(&repo.here()).1, "waiting");
    let before = journal(&repo, &run);
    repo.set("MMM_TIMESTAMP", NEXT_DAY);
    assert_eq!(newest(&repo.here()).1, "expired");
    let list = repo.mmm(["checkpoint", "list", "--json"]).json();
    assert_eq!(list["data"][0]["expired"], true);
    assert_eq!(list["data"][0]["expires"], NEXT_DAY);
    let show = repo.mmm(["checkpoint", "show"]);
    assert!(
        show.stdout.ends_with(&format!(
            "expired: nobody answered in time\nnext: git mmm run --resume {run}\n"
        )),
        "{show}"
    );
    assert_eq!(checkpoints(&repo, &run)[0]["expired"], true);
    let status = repo.mmm(["status"]);
    assert!(
        status.stdout.ends_with(&format!(
            "expired: {run}/1 `look`\nnext: git mmm run --resume {run}\n"
        )),
        "{status}"
    );
    assert_eq!(journal(&repo, &run), before);
    // Who answers now is told, and what the clock said is written down.
    let refused = repo.mmm(["checkpoint", "approve", &run]);
    insta::assert_snapshot!(refused, @"
    exit code 128
    --- stderr
    error: checkpoint `look` of run [ULID] could be answered until 2026-11-23T10:00:00Z
    hint: run `git mmm run --resume [ULID]`: it goes on as its workflow says for this case
    ");
    let known = events(&journal(&repo, &run));
    let last = known.last().expect("an event");
    assert_eq!(
        (&last["kind"], &last["by_clock"]),
        (&"checkpoint-answered".into(), &true.into())
    );
    // It still is one that nobody answered in time, not one whose engine died.
    assert_eq!(newest(&repo.here()).1, "expired");
    let show = repo.mmm(["show", &run]);
    assert!(
        show.stdout.starts_with(&format!("run {run} expired\n")),
        "{show}"
    );
    let list = repo.mmm(["checkpoint", "list", "--json"]).json();
    assert_eq!(list["data"][0]["expired"], true);
    repo.mmm(["run", "--resume", &run]).assert_code(1);
    let list = repo.mmm(["checkpoint", "list", "--json"]).json();
    assert_eq!(list["data"], serde_json::json!([]));
    assert_eq!(repo.read("trace"), format!("failed\nexpired {NEXT_DAY}\n"));
}

#[test]
fn one_whose_engine_died_while_it_asked_expires_too() {
    let mut repo = timed();
    let run = park(&repo, &expiring("reject"));
    // It came to ask, and not to say that it stands still.
    let path = format!(".git/mmm/runs/{run}/events.jsonl");
    let journal = repo.read(&path);
    let (asked, last) = journal.trim_end().rsplit_once('\n').expect("lines");
    assert!(last.contains("\"parked\""), "{last}");
    repo.write(&path, format!("{asked}\n"));
    assert_eq!(newest(&repo.here()).1, "interrupted");
    repo.set("MMM_TIMESTAMP", NEXT_DAY);
    assert_eq!(newest(&repo.here()).1, "expired");
    let show = repo.mmm(["show", "--json"]).json();
    assert_eq!(show["data"]["status"], "expired");
    let show = repo.mmm(["show"]);
    assert!(
        show.stdout.starts_with(&format!("run {run} expired\n")),
        "{show}"
    );
    let list = repo.mmm(["checkpoint", "list", "--json"]).json();
    assert_eq!(list["data"][0]["expired"], true, "{list}");
    let runs = repo.mmm(["runs", "--status", "expired", "--json"]).json();
    assert_eq!(runs["data"][0]["run"], run.as_str());
    repo.mmm(["run", "--resume", &run]).assert_code(1);
    assert_eq!(repo.read("trace"), format!("failed\nexpired {NEXT_DAY}\n"));
}

#[test]
fn one_of_another_clone_expires_there_too() {
    let mut repo = timed();
    let run = park(&repo, &expiring("reject"));
    repo.set("MMM_TIMESTAMP", NEXT_DAY);
    let clone = repo.clone_to("clone", &[]);
    clone.git(["fetch", "--quiet", "origin", "refs/mmm/*:refs/mmm/*"]);
    configure(&clone, "");
    assert_eq!(newest(&clone), (run, "expired".to_owned()));
    let list = clone.mmm(["checkpoint", "list", "--json"]).json();
    assert_eq!(list["data"][0]["expired"], true, "{list}");
}

#[test]
fn what_follows_from_the_clock_is_what_the_workflow_says() {
    for (on_timeout, code, trace) in [
        ("reject", 1, "failed\n[END]"),
        ("approve", 0, "after\n[END]b\n"),
        ("fail", 1, "failed\n[END]"),
    ] {
        let mut repo = timed();
        let run = park(&repo, &expiring(on_timeout));
        // However late that is noticed.
        repo.set("MMM_TIMESTAMP", "2026-12-24T10:00:00Z");
        repo.mmm(["run", "--resume", &run]).assert_code(code);
        let end = format!("expired {NEXT_DAY}\n");
        assert_eq!(
            repo.read("trace"),
            trace.replace("[END]", &end),
            "{on_timeout}"
        );
        let known = &checkpoints(&repo, &run)[0];
        assert_eq!(
            (&known["who"], &known["answered"]),
            (&"expired".into(), &NEXT_DAY.into())
        );
        let show = repo.mmm(["show", &run]);
        let words = format!(", expired: nobody answered until {NEXT_DAY}\n");
        assert!(show.stdout.contains(&words), "{show}");
    }
}

#[test]
fn cancelling_one_that_expired_asks_nobody() {
    let mut repo = timed();
    let run = park(&repo, &expiring("approve"));
    repo.set("MMM_TIMESTAMP", NEXT_DAY);
    repo.mmm(["cancel", &run]).assert_ok();
    assert_eq!(newest(&repo.here()).1, "cancelled");
    assert_eq!(
        outcomes(&repo.here(), &run),
        ["a/2=skipped", "a/3=skipped", "a/4=success", "a/ask=success"]
    );
}

const FAILS: &str = "  a:
    steps:
      - checkpoint: look
        expires: 24h
        on-timeout: fail
        continue-on-error: true
      - run: echo a >>trace
  b:
    steps:
      - checkpoint: other
      - run: echo b >>trace
      - {run: echo b-always >>trace, if: always()}
  c:
    needs: b
    steps:
      - run: echo c >>trace
  d:
    needs: [a, b, c]
    if: always()
    steps:
      - run: echo d >>trace
";

#[test]
fn a_run_that_fails_by_the_clock_asks_nobody_and_runs_what_always_runs() {
    let mut repo = timed();
    let run = park(&repo, FAILS);
    repo.set("MMM_TIMESTAMP", NEXT_DAY);
    repo.mmm(["run", "--resume", &run]).assert_code(1);
    assert_eq!(repo.read("trace"), "b-always\nd\n");
    assert_eq!(newest(&repo.here()), (run.clone(), "failure".to_owned()));
    assert_eq!(
        outcomes(&repo.here(), &run),
        [
            "a/1=failure",
            "a/2=skipped",
            "b/1=skipped",
            "b/2=skipped",
            "b/3=success",
            "d/1=success"
        ]
    );
}

#[test]
fn an_engine_that_is_at_work_looks_at_the_clock_too() {
    let repo = project();
    let jobs = "  a:
    steps:
      - checkpoint: look
        expires: 1s
        on-timeout: approve
      - run: touch go
  b:
    steps:
      - run: while ! test -e go; do sleep 0.01; done
";
    workflow(&repo.here(), "main", jobs);
    let run = repo.mmm(["run", "-w", "main"]);
    run.assert_ok();
    assert!(
        run.stdout.contains("expired   checkpoint 1: approve\n"),
        "{run}"
    );
    let (run, _) = newest(&repo.here());
    assert_eq!(survivors(&run), Vec::<u32>::new());
}

#[test]
fn an_engine_that_is_at_work_fails_the_run_by_the_clock() {
    let repo = project();
    let jobs = "  a:
    steps:
      - checkpoint: look
        expires: 1s
        on-timeout: fail
      - {run: touch go, if: always()}
  b:
    steps:
      - run: while ! test -e go; do sleep 0.01; done
      - run: echo b >>trace
      - {run: echo b-failed >>trace, if: failure()}
  c:
    needs: b
    steps:
      - run: echo c >>trace
  d:
    needs: b
    if: always()
    steps:
      - run: echo d >>trace
";
    workflow(&repo.here(), "main", jobs);
    repo.mmm(["run", "-w", "main"]).assert_code(1);
    assert_eq!(repo.read("trace"), "b-failed\nd\n");
}
