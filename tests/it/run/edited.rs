//! A run goes by what was there at its start, and a step that changes that parks it.

use crate::run::fixture::{SPEC, newest, project, spec, spec_text, told, workflow};
use crate::support::{TestRepo, wait_until};
use std::time::Duration;

const LIMIT: Duration = Duration::from_mins(1);

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
    let engine = repo.spawn(["run", "-w", "main"]);
    wait_until(LIMIT, || repo.path().join("begun").exists());
    engine.signal("KILL");
    engine.wait(LIMIT);
    repo.write("go", "");
    let resumed = repo.mmm(["run", "--resume", &newest(&repo.here()).0]);
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
