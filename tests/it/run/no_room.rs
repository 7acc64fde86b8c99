//! Files of a run that cannot be written: what else is done goes on.

use crate::run::fixture::{
    assert_sound, newest, outcomes, project, sealed_events, survivors, workflow,
};

#[test]
fn output_that_cannot_be_kept_costs_the_output_alone() {
    let repo = project();
    workflow(
        &repo.here(),
        "main",
        "  loud:
    steps:
      - run: |
          rm -r .git/mmm/runs/*/out
          echo lost
          touch gone
  quiet:
    steps: [{run: 'until test -e gone; do :; done; touch quiet'}]
  after:
    needs: [loud, quiet]
    steps: [{run: 'test -e quiet'}]
",
    );
    let run = repo.mmm(["run", "-w", "main"]);
    run.assert_ok();
    assert_eq!(run.stderr, "");
    let (id, status) = newest(&repo.here());
    assert_eq!(status, "success");
    let expected = ["after/1=success", "loud/1=success", "quiet/1=success"];
    assert_eq!(outcomes(&repo.here(), &id), expected);
    let log = repo.mmm(["log", &id]);
    let reason = "No such file or directory (os error 2)";
    let line = format!("\n  | (5 more bytes were not kept: {reason})\n");
    assert!(run.stdout.contains(&line), "{run}");
    assert!(log.stdout.contains(&line), "{log}");
    let events = sealed_events(&repo.here(), &id);
    let end = events.iter().find(|event| event["dropped"] == 5);
    assert_eq!(end.expect("it is counted")["dropped_reason"], reason);
    assert_eq!(survivors(&id), Vec::<u32>::new());
    assert_sound(&repo.here());
}

#[test]
fn a_run_whose_folder_cannot_be_removed_is_over_all_the_same() {
    let repo = project();
    // What is in the way is removed a moment later, and then the folder too.
    let in_the_way = "mkdir -p .git/mmm/runs/.gone-$MMM_RUN_ID/in/the/way";
    workflow(
        &repo.here(),
        "main",
        &format!("  a: {{steps: [{{run: '{in_the_way}'}}]}}\n"),
    );
    let run = repo.mmm(["run", "-w", "main"]);
    run.assert_ok();
    assert_eq!(run.stderr, "");
    assert_eq!(newest(&repo.here()).1, "success");
    assert_sound(&repo.here());
    let folders = std::fs::read_dir(repo.path().join(".git/mmm/runs")).expect("a folder");
    assert_eq!(folders.count(), 0);
}
