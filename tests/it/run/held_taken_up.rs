//! What is held back because of a conflict, when the run is taken up or what asks is cancelled.

use std::time::Duration;

use crate::run::fixture::{newest, outcomes, told};
use crate::run::held_back::{asked, folder, late_and_apart, looking, place, seen, solve, written};
use crate::run::isolation::{assert_tidy, commit, project, run};
use crate::support::{View, wait_until};

const LIMIT: Duration = Duration::from_mins(1);

/// The record of a run under way.
fn journal(view: &View<'_>, run: &str) -> String {
    let path = folder(view).join(format!("mmm/runs/{run}/events.jsonl"));
    std::fs::read_to_string(path).unwrap_or_default()
}

#[test]
fn after_the_engine_was_killed() {
    let repo = project();
    let view = repo.here();
    let begun = folder(&view).join("begun");
    let more = format!(
        "{}  long:\n    isolation: worktree\n    steps:\n      - run: touch {}; until test -e {}/go; do \
         sleep 0.02; done\n",
        late_and_apart(&view),
        begun.display(),
        folder(&view).display()
    );
    let ask = [("b", "{on-conflict: ask}")];
    written(&view, ("", &looking(&view, "h2")), &ask, &more);
    let engine = view.spawn(["run", "-w", "x"]);
    wait_until(LIMIT, || begun.exists());
    let (run, _) = newest(&view);
    wait_until(LIMIT, || journal(&view, &run).contains("checkpoint-opened"));
    engine.signal("KILL");
    engine.wait(LIMIT);
    repo.write(".git/go", "");
    let resumed = view.mmm(["run", "--resume", &run]);
    resumed.assert_code(3);
    assert_eq!([seen(&view, "h2"), seen(&view, "late")], ["", ""]);
    assert_eq!(seen(&view, "apart"), "h\n");
    assert_eq!(newest(&view).1, "waiting");
    solve(&view, &run, "both\n");
    view.mmm(["checkpoint", "approve", &run]).assert_ok();
    assert_eq!([seen(&view, "h2"), seen(&view, "late")], ["both\n"; 2]);
    assert_tidy(&view, &[&format!("mmm/run/{run}")]);
}

/// The engine died when the conflict was in the work tree of the run, and not yet in the record.
#[test]
fn where_the_record_does_not_have_the_conflict() {
    let repo = project();
    let view = repo.here();
    let others = [("b", "{on-conflict: ask}"), ("c", "worktree")];
    written(&view, ("", &looking(&view, "h2")), &others, "");
    let run = asked(&view);
    let known = journal(&view, &run);
    let (before, _) = known.split_once("{\"at\":").map_or(("", ""), |_| {
        let at = known.find("\"job-conflict\"").expect("there is a conflict");
        let line = known[..at].rfind('\n').map_or(0, |end| end + 1);
        known.split_at(line)
    });
    let path = folder(&view).join(format!("mmm/runs/{run}/events.jsonl"));
    std::fs::write(path, before).expect("it can be written");
    let resumed = view.mmm(["run", "--resume", &run]);
    resumed.assert_code(3);
    assert_eq!(seen(&view, "h2"), "");
    solve(&view, &run, "both\n");
    // The work of `c` does not merge either.
    view.mmm(["checkpoint", "approve", &run]).assert_code(1);
    assert_eq!(seen(&view, "h2"), "both\n");
    let reasons = view.mmm(["show", &run]).stdout;
    assert!(reasons.contains("its work does not merge"), "{reasons}");
}

/// A file of variables is read when the conflict in it is solved.
#[test]
fn with_the_conflict_in_a_file_of_variables() {
    let repo = project();
    let view = repo.here();
    let step = format!(
        "      - run: echo \"$VALUE\" >{}/h2\n",
        folder(&view).display()
    );
    let ask = [("b", "{on-conflict: ask}")];
    written(&view, ("    dotenv: [base]\n", &step), &ask, "");
    let workflow = view.read(".mmm/workflows/x.yaml");
    view.write(
        ".mmm/workflows/x.yaml",
        workflow.replace("  echo ", "  echo VALUE="),
    );
    view.write("base", "VALUE=base\n");
    commit(&view);
    let run = asked(&view);
    solve(&view, &run, "VALUE=both\n");
    view.mmm(["checkpoint", "approve", &run]).assert_ok();
    assert_eq!(seen(&view, "h2"), "both\n");
}

/// A leg whose conflict a person is asked about is cancelled because another one fails.
#[test]
fn when_another_leg_fails() {
    let repo = project();
    let view = repo.here();
    let folder = folder(&view);
    let legs = format!(
        "  m:
    for-each: {{items: [one, two], fail-fast: true}}
    isolation: {{on-conflict: ask}}
    steps:
      - run: |
          touch {folder}/m@${{{{ strategy.job-index + 1 }}}}
          until test -e {folder}/h; do sleep 0.02; done
          echo m >base
          test \"$ITEM\" = one && exit 0
          until grep -q checkpoint-opened {folder}/mmm/runs/$MMM_RUN_ID/events.jsonl; do sleep 0.02; done
          exit 1
        env: {{ITEM: '${{{{ item }}}}'}}
",
        folder = folder.display()
    )
    .replace("${{ strategy.job-index + 1 }}", "$(test $ITEM = one && echo 1 || echo 2)");
    let others = [("m@1", ""), ("n", "worktree")];
    written(&view, ("", &looking(&view, "h2")), &others, &legs);
    view.git(["config", "mmm.parallelJobs", "4"]);
    let workflow = view.read(".mmm/workflows/x.yaml");
    // What it does has no part in the conflict.
    view.write(
        ".mmm/workflows/x.yaml",
        workflow.replace("echo n >base", "echo n >n"),
    );
    commit(&view);
    let run = run(&view);
    run.assert_code(1);
    let id = told(&run);
    assert_eq!(newest(&view), (id.clone(), "failure".to_owned()));
    assert_eq!(seen(&view, "h2"), "h\n");
    let json = view.mmm(["show", &id, "--json"]).json();
    let jobs = json["data"]["jobs"].as_array().cloned().unwrap_or_default();
    let result = |id: &str| {
        let job = jobs.iter().find(|job| job["id"] == id);
        job.and_then(|job| job["result"].as_str())
            .unwrap_or("-")
            .to_owned()
    };
    assert_eq!([result("m@1"), result("m@2")], ["cancelled", "failure"]);
    assert_eq!(json["data"]["checkpoints"][0]["withdrawn"], true);
    assert_eq!(
        outcomes(&view, &id).last().map(String::as_str),
        Some("n/1=success")
    );
    let branches = [
        format!("mmm/run/{id}"),
        format!("mmm/work/{id}/m@1"),
        format!("mmm/work/{id}/m@2"),
    ];
    assert_tidy(&view, &branches.each_ref().map(String::as_str));
}

/// The work tree of the job is gone when the run is taken up: its conflict goes with it.
#[test]
fn when_what_is_in_conflict_is_gone() {
    let repo = project();
    let view = repo.here();
    let ask = [("b", "{on-conflict: ask}")];
    written(&view, ("", &looking(&view, "h2")), &ask, "");
    let run = asked(&view);
    let tree = place(&view, &run).with_file_name("b");
    std::fs::remove_dir_all(&tree).expect("it can be removed");
    view.git(["worktree", "prune"]);
    view.mmm(["checkpoint", "reject", &run]).assert_code(1);
    assert_eq!(seen(&view, "h2"), "h\n");
}
