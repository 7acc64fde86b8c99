//! A run goes by what was there at its start, and a step that changes that parks it.

use crate::run::fixture::{SPEC, newest, project, spec, spec_text, told, workflow};
use crate::run::under_way::begin;
use crate::support::TestRepo;

fn start(edit: &str) -> (TestRepo, String) {
    let repo = project();
    let jobs = format!(
        "  a:\n    steps:\n      - run: {edit}\n      - run: echo two >>trace\n\
         \x20     - {{run: echo always >>trace, if: always()}}\n"
    );
    workflow(&repo.here(), "main", &jobs);
    spec(&repo.here(), &["test -e trace"]);
    repo.write(
        ".mmm/specs/thing-7k3q9x2/01j00000000000000000000000.md",
        "approved\n",
    );
    let run = repo.mmm(["run", "thing", "--json"]);
    run.assert_code(3);
    let json = run.json();
    assert_eq!(json["data"][0]["checkpoint"]["name"], "edited", "{run}");
    assert!(!repo.path().join("trace").exists(), "{run}");
    let run = told(&run);
    (repo, run)
}

const EDITS: [&str; 4] = [
    "sed -i.bak 's/test -e trace/true/' .mmm/specs/thing-7k3q9x2.md; rm .mmm/specs/*.bak",
    "echo '# x' >>.mmm/workflows/main.yaml",
    "echo 'name' >.mmm/workflows/new.yaml",
    "rm .mmm/specs/thing-7k3q9x2/*",
];

#[test]
fn an_edit_parks_and_approving_goes_on() {
    for edit in EDITS {
        let (repo, run) = start(edit);
        repo.mmm(["checkpoint", "approve"]).assert_ok();
        assert_eq!(repo.read("trace"), "two\nalways\n", "{edit}");
        assert_eq!(newest(&repo.here()), (run, "success".to_owned()));
    }
}

#[test]
fn an_edit_that_is_rejected_ends_the_run() {
    let (repo, run) = start(EDITS[0]);
    repo.mmm(["checkpoint", "reject"]).assert_code(1);
    assert_eq!(newest(&repo.here()), (run.clone(), "failure".to_owned()));
    // What was rejected is not built upon: only what always runs does.
    assert_eq!(repo.read("trace"), "always\n");
    assert!(!repo.read(SPEC).contains("- [x]"));
}

#[test]
fn an_edit_by_the_last_step_parks_too() {
    let repo = project();
    workflow(
        &repo.here(),
        "main",
        "  a:\n    steps:\n      - run: echo '#' >>.mmm/workflows/main.yaml\n",
    );
    repo.mmm(["run", "-w", "main"]).assert_code(3);
    repo.mmm(["checkpoint", "reject"]).assert_code(1);
    assert_eq!(newest(&repo.here()).1, "failure");
}

#[test]
fn an_edit_is_seen_when_the_engine_died_over_it() {
    let repo = project();
    workflow(
        &repo.here(),
        "main",
        "  a:\n    steps:\n      - run: touch begun; while ! test -e go; do sleep 0.01; done; echo '#' >>.mmm/workflows/main.yaml\n      - run: touch two\n",
    );
    let (engine, run) = begin(&repo, &["run", "-w", "main"]);
    engine.kill();
    repo.write("go", "");
    let resumed = repo.mmm(["run", "--resume", &run]);
    resumed.assert_code(3);
    assert!(!repo.path().join("two").exists(), "{resumed}");
    repo.mmm(["checkpoint", "approve"]).assert_ok();
    assert!(repo.path().join("two").exists());
}

#[test]
fn what_a_person_edits_meanwhile_changes_nothing_of_the_run() {
    let repo = project();
    let jobs = "  a:\n    steps:\n      - run: echo one >>trace\n      - checkpoint: look\n      - run: echo two >>trace\n";
    workflow(&repo.here(), "main", jobs);
    spec(&repo.here(), &["test -e trace"]);
    let run = repo.mmm(["run", "thing", "--json"]);
    run.assert_code(3);
    workflow(&repo.here(), "main", &jobs.replace("two", "other"));
    repo.write(SPEC, spec_text(&["false"]));
    let approved = repo.mmm(["checkpoint", "approve", "--json"]);
    approved.assert_ok();
    assert_eq!(repo.read("trace"), "one\ntwo\n");
    assert_eq!(
        approved.json()["data"][0]["criteria"][0]["after"],
        "success"
    );
    // What the file says now was not proved.
    assert!(repo.read(SPEC).contains("- [ ]"));
}

/// A criterion whose command edits the workflow when the file `when` is there, and then succeeds.
fn editing(when: &str) -> String {
    format!("test ! -e {when} || {{ rm {when}; echo '#' >>.mmm/workflows/main.yaml; }}")
}

#[test]
fn an_edit_by_a_criterion_before_the_workflow_parks() {
    for (answer, code, outcome, trace) in [
        ("approve", 0, "success", true),
        ("reject", 1, "failure", false),
    ] {
        let repo = project();
        workflow(
            &repo.here(),
            "main",
            "  a:\n    steps: [{run: touch trace}]\n",
        );
        spec(&repo.here(), &[&editing("edit"), "true"]);
        repo.write("edit", "");
        let run = repo.mmm(["run", "thing"]);
        run.assert_code(3);
        assert!(
            run.stdout.contains(
                "what this run goes by changed during the command of criterion `ac-0aaa`"
            ),
            "{run}"
        );
        assert!(run.stdout.contains("before: ac-0aaa / checkpoint"), "{run}");
        repo.mmm(["checkpoint", answer]).assert_code(code);
        assert_eq!(newest(&repo.here()).1, outcome);
        assert_eq!(repo.path().join("trace").exists(), trace);
    }
}

#[test]
fn an_edit_by_a_criterion_after_the_workflow_parks_too() {
    for (answer, code, outcome) in [("approve", 0, "success"), ("reject", 1, "failure")] {
        let repo = project();
        workflow(
            &repo.here(),
            "main",
            "  a:\n    steps: [{run: touch edit}]\n",
        );
        repo.write(".gitignore", "edit\n");
        spec(&repo.here(), &[&editing("edit"), "true"]);
        let run = repo.mmm(["run", "thing"]);
        run.assert_code(3);
        assert!(
            run.stdout.contains(
                "what this run goes by changed during the command of criterion `ac-0aaa`"
            ),
            "{run}"
        );
        let id = newest(&repo.here()).0;
        repo.mmm(["checkpoint", answer]).assert_code(code);
        assert_eq!(newest(&repo.here()).1, outcome);
        // What was rejected proves nothing, and is not red either.
        let evidence = repo.read(&format!(".mmm/runs/{id}.toml"));
        let passed = usize::from(answer == "approve");
        assert_eq!(
            evidence.matches("outcome = \"passed\"").count(),
            2 * passed,
            "{evidence}"
        );
        assert!(!evidence.contains("outcome = \"failed\""), "{evidence}");
        assert_eq!(repo.read(SPEC).matches("- [x]").count(), 2 * passed);
    }
}

#[test]
fn what_was_changed_at_a_checkpoint_is_tested_as_it_is() {
    let repo = project();
    workflow(
        &repo.here(),
        "main",
        "  a:\n    steps: [{run: touch edit}]\n",
    );
    repo.write(".gitignore", "edit\n");
    spec(&repo.here(), &[&editing("edit"), "test ! -e bad"]);
    repo.mmm(["run", "thing"]).assert_code(3);
    // Before the second criterion is tested, the code is changed.
    repo.write("bad", "");
    let run = repo.mmm(["checkpoint", "approve", "--json"]);
    run.assert_code(1);
    let criteria = run.json()["data"][0]["criteria"].clone();
    assert_eq!(criteria[0]["after"], "success");
    assert_eq!(criteria[1]["after"], "failure");
    let shown = repo.mmm(["spec", "show", "thing"]);
    assert!(!shown.stdout.contains("stale"), "{shown}");
}

#[test]
fn an_edit_is_told_with_the_step_that_ran_and_nobody_is_blamed() {
    let repo = project();
    let jobs = format!(
        "  a:\n    steps:\n      - {{name: The editor, run: \"{}\"}}\n",
        EDITS[1]
    );
    workflow(&repo.here(), "main", &jobs);
    repo.mmm(["run", "-w", "main"]).assert_code(3);
    let shown = repo.mmm(["checkpoint", "show"]);
    let message = "  | what this run goes by changed during step `The editor` of job `a`: \
                   .mmm/workflows/main.yaml\n";
    assert!(shown.stdout.contains(message), "{shown}");
    assert!(shown.stdout.contains("\njob       a\n"), "{shown}");
}

#[test]
fn an_edit_that_no_step_is_known_for_has_no_job() {
    let repo = project();
    let jobs = "  a:\n    steps: [{run: 'touch begun; while ! test -e go; do sleep 0.01; done'}]\n";
    workflow(&repo.here(), "main", jobs);
    let (engine, run) = begin(&repo, &["run", "-w", "main"]);
    engine.kill();
    workflow(&repo.here(), "other", jobs);
    repo.write("go", "");
    repo.mmm(["run", "--resume", &run]).assert_code(3);
    let shown = repo.mmm(["checkpoint", "show"]);
    let message = "  | what this run goes by changed, and no step is known that ran: \
                   .mmm/workflows/other.yaml\n";
    assert!(shown.stdout.contains(message), "{shown}");
    assert!(!shown.stdout.contains("job "), "{shown}");
}
