//! What a run says of its criteria: only what their commands have shown.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;

use crate::run::fixture::{SPEC, configure, newest, project, spec, spec_text, workflow};
use crate::support::TestRepo;

#[test]
fn what_a_person_changes_at_a_checkpoint_is_no_change_by_verifying() {
    let repo = project();
    workflow(
        &repo.here(),
        "main",
        "  a:\n    steps: [{checkpoint: make}]\n",
    );
    spec(&repo.here(), &["test -e made"]);
    repo.mmm(["run", "thing"]).assert_code(3);
    repo.write("made", "");
    let approved = repo.mmm(["checkpoint", "approve"]);
    approved.assert_ok();
    assert!(!approved.stderr.contains("verifying changed"), "{approved}");
    // A command that does change something is still told.
    spec(&repo.here(), &["date +%N >made"]);
    let run = repo.mmm(["run", "thing"]);
    assert!(run.stderr.contains("verifying changed"), "{run}");
}

#[test]
fn a_verdict_is_of_the_code_that_its_command_tested() {
    let repo = project();
    repo.write("code", "broken\n");
    workflow(
        &repo.here(),
        "main",
        "  a:\n    steps: [{run: echo broken >code}]\n",
    );
    spec(&repo.here(), &["echo fixed >code", "grep -q fixed code"]);
    repo.git(["add", "."]);
    repo.git(["commit", "--quiet", "-m", "project"]);
    repo.mmm(["run", "thing"]).assert_ok();
    repo.write("code", "broken\n");
    let shown = repo.mmm(["spec", "show", "thing", "--json"]).json();
    let criteria = shown["data"]["criteria"]
        .as_array()
        .expect("a list")
        .clone();
    let standing = |at: usize| criteria[at]["standing"].clone();
    let seen = "passed, never seen red";
    // On this code, the second one fails: it was tested on what the first one had made.
    assert_eq!(
        (standing(0), standing(1)),
        (seen.into(), "proved, but stale".into())
    );
    repo.mmm(["spec", "done", "thing"]).assert_code(1);
    let (run, _) = newest(&repo.here());
    let evidence = repo.read(&format!(".mmm/runs/{run}.toml"));
    assert_eq!(evidence.matches("[[verdict]]").count(), 1, "{evidence}");
    assert!(evidence.contains("\n[omitted]\n"), "{evidence}");
    assert!(evidence.contains("verdicts = 1\n"), "{evidence}");
    repo.write("code", "fixed\n");
    let list = repo.mmm(["spec", "show", "thing", "--json"]).json();
    assert_eq!(list["data"]["criteria"][1]["standing"], seen, "{list}");
}

#[test]
fn a_path_that_is_not_utf_8_is_as_good_as_any() {
    let repo = TestRepo::builder().real_clock().build();
    let top = repo.outside("").join(OsStr::from_bytes(b"nu\xff"));
    fs::create_dir(&top).expect("makes");
    let view = repo.at(&top);
    view.git(["init", "--quiet"]);
    configure(&view, "");
    workflow(
        &view,
        "main",
        "  a:\n    steps:\n      - run: touch made\n      - checkpoint: look\n      - run: touch more\n",
    );
    spec(&view, &["test -e made"]);
    let run = view.mmm(["run", "thing"]);
    run.assert_code(3);
    assert!(run.stdout.contains("red       before"), "{run}");
    view.mmm(["checkpoint", "approve"]).assert_ok();
    assert!(top.join("more").exists());
    assert_eq!(newest(&view).1, "success");
    assert!(view.read(SPEC).contains("- [x]"));
}

#[test]
fn a_command_that_never_started_is_not_red() {
    let repo = project();
    workflow(&repo.here(), "main", "  a:\n    steps: [{run: 'true'}]\n");
    // More than the system takes as one argument.
    let command = format!("true {}", "x".repeat(200_000));
    let text = spec_text(&["true"]);
    let item = format!("\n- [ ] too long (ac-1aaa)\n\n  verify:\n\n  ```sh\n  {command}\n  ```\n");
    repo.write(SPEC, text + &item);
    let run = repo.mmm(["run", "thing"]);
    run.assert_code(1);
    assert!(
        run.stdout.contains("not run   after: too long (ac-1aaa)"),
        "{run}"
    );
    assert!(run.stdout.contains("Argument list too long"), "{run}");
    assert!(run.stdout.contains("1 of 2 criteria proved"), "{run}");
    let (id, status) = newest(&repo.here());
    assert_eq!(status, "failure");
    let evidence = repo.read(&format!(".mmm/runs/{id}.toml"));
    assert!(!evidence.contains("ac-1aaa"), "{evidence}");
    let shown = repo.mmm(["spec", "show", "thing", "--json"]).json();
    assert_eq!(shown["data"]["criteria"][1]["standing"], "unverified");
}

#[test]
fn a_work_tree_that_is_removed_is_told() {
    let repo = project();
    workflow(
        &repo.here(),
        "main",
        "  a:\n    steps:\n      - run: mv ../repo ../gone\n      - run: 'true'\n",
    );
    let run = repo.mmm(["run", "-w", "main"]);
    assert_ne!(run.code, 0, "{run}");
    let told = format!("{}{}", run.stdout, run.stderr);
    let folder = repo.path().display().to_string();
    assert!(
        told.contains(&format!("there is no folder {folder}")),
        "{run}"
    );
    assert!(!told.contains("install"), "{run}");
}

#[test]
fn a_working_directory_that_is_not_there_is_named_with_its_place() {
    let repo = project();
    workflow(
        &repo.here(),
        "main",
        "  a:\n    steps:\n      - run: 'true'\n        working-directory: nosuch\n",
    );
    let run = repo.mmm(["run", "-w", "main"]);
    run.assert_code(1);
    let folder = repo.path().join("nosuch");
    let expected = format!(
        "not started: `working-directory`: there is no folder {} (.mmm/workflows/main.yaml:6:28)",
        folder.display()
    );
    assert!(run.stdout.contains(&expected), "{run}");
}
