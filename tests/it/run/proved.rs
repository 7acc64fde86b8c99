//! A run of a spec, from red to proved, and everything that it leaves.

use crate::run::fixture::{
    self, SPEC, assert_sound, configure, outcomes, seal, sealed_events, sealed_file, spec, told,
    workflow,
};
use crate::support::{TestRepo, View};

const BUILD: &str = "  build:\n    steps:\n      - run: touch built\n";

fn set_up(view: &View<'_>) {
    configure(view, "");
    view.write(".gitignore", "built\n");
    workflow(view, "main", BUILD);
    spec(view, &["test -e built", "true"]);
}

/// What a run of a spec leaves behind, whatever the repository is like.
#[track_caller]
fn drive(view: &View<'_>, has_commit: bool) {
    let head = has_commit.then(|| view.git(["rev-parse", "HEAD"]));
    let status = |view: &View<'_>| view.git(["status", "--porcelain", "--untracked-files=no"]);
    let before = status(view);
    let run = view.mmm(["run", "thing", "--json"]);
    run.assert_ok();
    let id = told(&run);
    let criteria = &run.json()["data"][0]["criteria"];
    assert_eq!(criteria[0]["before"], "failure");
    assert_eq!(criteria[0]["after"], "success");
    assert_eq!(criteria[1]["before"], "success");
    // Ticks and evidence, and nothing else in the work tree.
    let text = view.read(SPEC);
    assert_eq!(text.matches("- [x]").count(), 2, "{text}");
    let evidence = view.read(&format!(".mmm/runs/{id}.toml"));
    assert!(evidence.len() <= 4096, "{} bytes", evidence.len());
    assert!(evidence.contains("red_before = true"), "{evidence}");
    assert_eq!(view.git(["diff", "--cached", "--name-only"]), before);
    if let Some(head) = &head {
        assert_eq!(&view.git(["rev-parse", "HEAD"]), head);
        let note = view.git(["notes", "--ref=mmm/runs", "show", head]);
        assert_eq!(
            note.lines().filter(|line| line.contains(&id)).count(),
            1,
            "{note}"
        );
        assert!(note.lines().all(|line| line.len() <= 512));
        let log = view.git(["log", "--exclude=refs/notes/*", "--all", "--format=%s"]);
        assert_eq!(log, "first");
    }
    // The seal.
    let tag = seal(view, &id);
    assert_eq!(view.git(["cat-file", "-t", &tag]), "tag");
    assert_eq!(
        view.git(["rev-parse", &format!("{tag}^{{tree}}")]).len(),
        view.git(["hash-object", "-t", "tree", "/dev/null"]).len()
    );
    let names = view.git(["ls-tree", "-r", "--name-only", &tag]);
    for name in ["run.toml", "events.jsonl"] {
        let path = format!(".mmm/runs/{id}/{name}");
        assert!(names.lines().any(|line| line == path), "{names}");
    }
    assert!(sealed_file(view, &id, "run.toml").contains("format = 1"));
    let events = sealed_events(view, &id);
    assert_eq!(events[0]["kind"], "run-started");
    assert_eq!(events.last().expect("events")["kind"], "run-finished");
    let common = view.git(["rev-parse", "--path-format=absolute", "--git-common-dir"]);
    let runs = std::fs::read_dir(format!("{common}/mmm/runs")).expect("the folder of live runs");
    assert_eq!(runs.count(), 0);
    let fsck = view.command(
        "git",
        &["fsck", "--strict", "--no-dangling", "--no-progress"],
    );
    fsck.assert_ok();
}

#[test]
fn in_every_format() {
    TestRepo::each_format(|repo| {
        let view = repo.here();
        set_up(&view);
        drive(&view, true);
        assert_sound(&view);
    });
}

#[test]
fn in_a_linked_worktree() {
    let repo = TestRepo::new();
    let view = repo.linked_worktree("side");
    set_up(&view);
    drive(&view, true);
    // Seen from the other work tree too, where no file was written.
    assert_eq!(fixture::newest(&view).1, "success");
    assert!(!repo.path().join(".mmm").exists());
}

#[test]
fn without_a_commit() {
    let repo = TestRepo::builder().unborn().build();
    let view = repo.here();
    set_up(&view);
    drive(&view, false);
    assert_eq!(view.git(["for-each-ref", "refs/notes"]), "");
}

#[test]
fn from_a_subfolder() {
    let repo = TestRepo::new();
    set_up(&repo.here());
    repo.write("sub/file", "");
    let view = repo.at("sub");
    view.mmm(["run", "thing"]).assert_ok();
    assert!(repo.path().join("built").exists());
}

#[test]
fn a_second_run_is_never_red_and_replaces_the_evidence() {
    let repo = TestRepo::new();
    let view = repo.here();
    set_up(&view);
    let first = told(&view.mmm(["run", "thing", "--json"]));
    let second = view.mmm(["run", "thing", "--json"]);
    second.assert_ok();
    let second = told(&second);
    assert!(first < second);
    let files = std::fs::read_dir(repo.path().join(".mmm/runs")).expect("evidence");
    let names: Vec<_> = files.flatten().map(|entry| entry.file_name()).collect();
    assert_eq!(names, [format!("{second}.toml").as_str()]);
    assert!(
        !repo
            .read(&format!(".mmm/runs/{second}.toml"))
            .contains("red_before = true")
    );
    let list: Vec<String> = fixture::runs(&view)
        .into_iter()
        .map(|(run, _)| run)
        .collect();
    assert_eq!(list, [second, first]);
}

#[test]
fn committed_evidence_stays() {
    let repo = TestRepo::new();
    let view = repo.here();
    set_up(&view);
    let first = told(&view.mmm(["run", "thing", "--json"]));
    repo.git(["add", "."]);
    repo.git(["commit", "--quiet", "-m", "second"]);
    let second = told(&view.mmm(["run", "thing", "--json"]));
    for run in [first, second] {
        assert!(repo.path().join(format!(".mmm/runs/{run}.toml")).exists());
    }
}

#[test]
fn a_criterion_that_fails_is_not_ticked() {
    let repo = fixture::project();
    let view = repo.here();
    workflow(&view, "main", BUILD);
    spec(&view, &["test -e built", "test -e other"]);
    let run = view.mmm(["run", "thing", "--json"]);
    run.assert_code(1);
    let text = view.read(SPEC);
    assert!(text.contains("- [x] criterion number 0"), "{text}");
    assert!(text.contains("- [ ] criterion number 1"), "{text}");
    assert_eq!(run.json()["data"][0]["status"], "failure");
    let evidence = view.read(&format!(".mmm/runs/{}.toml", told(&run)));
    assert!(evidence.contains("outcome = \"failure\""), "{evidence}");
}

#[test]
fn a_workflow_that_fails_proves_nothing() {
    let repo = fixture::project();
    let view = repo.here();
    workflow(&view, "main", "  build:\n    steps:\n      - run: exit 7\n");
    spec(&view, &["true"]);
    let run = view.mmm(["run", "thing", "--json"]);
    run.assert_code(1);
    assert!(!view.read(SPEC).contains("- [x]"));
    assert_eq!(
        outcomes(&view, &told(&run)),
        ["@before/ac-0aaa=success", "build/1=failure"]
    );
}

#[test]
fn a_tick_of_a_criterion_that_changed_meanwhile_is_not_made() {
    let repo = fixture::project();
    let view = repo.here();
    // The criterion is edited while the run is under way, by its own verification.
    workflow(&view, "main", BUILD);
    spec(
        &view,
        &["test -e built && sed -i.bak s/holds/stands/ .mmm/specs/thing-7k3q9x2.md"],
    );
    view.mmm(["run", "thing"]).assert_code(3);
    view.mmm(["checkpoint", "approve"]).assert_ok();
    let text = view.read(SPEC);
    assert!(text.contains("- [ ] criterion number 0 stands"), "{text}");
}

#[test]
fn evidence_names_steps_as_they_are_written_also_of_legs_and_called_jobs() {
    let repo = fixture::project();
    spec(&repo.here(), &["true"]);
    let jobs = "  a:
    strategy: {matrix: {n: [1]}}
    steps: [{name: 'Part ${{ matrix.n }}', run: 'true'}]
  b:
    steps: [{name: All, id: call, workflow: other}]
";
    workflow(&repo.here(), "main", jobs);
    let called = "  unit: {steps: [{name: Inside, run: 'true'}]}\n";
    workflow(&repo.here(), "other", called);
    let run = repo.mmm(["run", "thing", "--json"]);
    run.assert_ok();
    let evidence = repo.read(&format!(".mmm/runs/{}.toml", told(&run)));
    for (job, step) in [
        ("a@1", "Part ${{ matrix.n }}"),
        ("b", "All"),
        ("b+call+unit", "Inside"),
    ] {
        let written = format!("job = \"{job}\"\nname = \"{step}\"\n");
        assert!(evidence.contains(&written), "{written} in {evidence}");
    }
}
