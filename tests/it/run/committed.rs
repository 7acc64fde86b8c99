//! `--commit` and `mmm.commit`: what a command left under `.mmm/`, and nothing else.

use crate::run::fixture::{SPEC, newest, project, spec, spec_text, told, workflow};
use crate::support::{TestRepo, View};

const MAKES: &str = "  a:\n    steps: [{run: touch made}]\n";

/// A project, committed, with a spec that `main` proves.
fn ready() -> TestRepo {
    let repo = project();
    workflow(&repo.here(), "main", MAKES);
    spec(&repo.here(), &["test -e made"]);
    repo.git(["add", "."]);
    repo.git(["commit", "--quiet", "-m", "all"]);
    repo
}

/// The subject of the last commit and its paths.
fn last(view: &View<'_>) -> Vec<String> {
    let shown = view.git(["show", "--name-only", "--format=%s", "HEAD"]);
    let lines = shown.lines().filter(|line| !line.is_empty());
    lines.map(str::to_owned).collect()
}

#[test]
fn a_run_that_ended_commits_its_ticks_and_its_evidence() {
    let repo = ready();
    repo.write("README", "changed\n");
    let run = repo.mmm(["run", "thing", "--commit", "--json"]);
    run.assert_ok();
    let id = told(&run);
    assert_eq!(
        last(&repo.here()),
        [
            "mmm: run thing-7k3q9x2: success".to_owned(),
            format!(".mmm/runs/{id}.toml"),
            SPEC.to_owned()
        ]
    );
    let head = repo.git(["rev-parse", "HEAD"]);
    assert_eq!(run.json()["data"][0]["commit"], head);
    assert_eq!(repo.git(["status", "--porcelain"]), " M README\n?? made");
    // Nothing is committed unless somebody says so.
    repo.mmm(["run", "thing"]).assert_ok();
    assert_eq!(repo.git(["rev-parse", "HEAD"]), head);
    // A run without a spec leaves nothing there.
    let alone = repo.mmm(["run", "-w", "main", "--commit"]);
    alone.assert_ok();
    assert_eq!(repo.git(["rev-parse", "HEAD"]), head);
    repo.git(["config", "mmm.commit", "true"]);
    spec(&repo.here(), &["false"]);
    let failed = repo.mmm(["run", "thing"]);
    failed.assert_code(1);
    assert!(failed.stderr.contains("committed as "), "{failed}");
    assert_eq!(last(&repo.here())[0], "mmm: run thing-7k3q9x2: failure");
}

#[test]
fn a_run_that_waits_or_is_cancelled_commits_nothing() {
    let repo = ready();
    let steps = "  a:\n    steps: [{checkpoint: look}, {run: touch made}]\n";
    workflow(&repo.here(), "main", steps);
    repo.git(["commit", "--quiet", "-am", "ask"]);
    let head = repo.git(["rev-parse", "HEAD"]);
    repo.mmm(["run", "thing", "--commit"]).assert_code(3);
    assert_eq!(repo.git(["rev-parse", "HEAD"]), head);
    let (id, _) = newest(&repo.here());
    repo.git(["config", "mmm.commit", "true"]);
    repo.mmm(["cancel", &id]).assert_ok();
    assert_eq!(repo.git(["rev-parse", "HEAD"]), head);
    repo.git(["config", "--unset", "mmm.commit"]);
    repo.mmm(["run", "thing", "--commit"]).assert_code(3);
    repo.mmm(["checkpoint", "approve", "--commit"]).assert_ok();
    let (id, _) = newest(&repo.here());
    let evidence = format!(".mmm/runs/{id}.toml");
    assert_eq!(
        last(&repo.here()),
        ["mmm: run thing-7k3q9x2: success", &evidence, SPEC]
    );
    let head = repo.git(["rev-parse", "HEAD"]);
    repo.mmm(["run", "thing"]).assert_code(3);
    repo.mmm(["checkpoint", "reject", "--commit"])
        .assert_code(1);
    assert_ne!(repo.git(["rev-parse", "HEAD"]), head);
}

#[test]
fn what_keeps_from_committing_is_told_before_anything_runs() {
    let repo = ready();
    repo.git(["config", "user.name", ""]);
    let run = repo.mmm(["run", "thing", "--commit"]);
    run.assert_code(128);
    assert!(!repo.path().join("made").exists());
    assert_eq!(crate::run::fixture::runs(&repo.here()), []);
}

#[test]
fn every_command_that_writes_commits_in_one_style() {
    let mut repo = ready();
    repo.mmm(["workflow", "new", "other", "--commit"])
        .assert_ok();
    assert_eq!(
        last(&repo.here()),
        ["mmm: workflow new other", ".mmm/workflows/other.yaml"]
    );
    let text = spec_text(&["test -e made"]).replace("Why.", "Because.");
    let edited = repo.outside("edited");
    std::fs::write(&edited, text).expect("writes");
    repo.set("GIT_EDITOR", &format!("cp {}", edited.display()));
    repo.mmm(["spec", "edit", "thing", "--commit"]).assert_ok();
    assert_eq!(last(&repo.here()), ["mmm: spec edit thing-7k3q9x2", SPEC]);
    // What came out broken is not committed.
    std::fs::write(&edited, "no front matter\n").expect("writes");
    let head = repo.git(["rev-parse", "HEAD"]);
    let run = repo.mmm(["spec", "edit", "thing", "--commit"]);
    run.assert_code(1);
    assert!(
        run.stderr.ends_with("not committed: repair it first\n"),
        "{run}"
    );
    assert_eq!(repo.git(["rev-parse", "HEAD"]), head);
}

#[test]
fn rules_that_hide_what_a_run_leaves_are_told_before_it_runs() {
    for (rules, hidden) in [("*.toml\n", ".mmm/runs/*.toml"), ("\n.mmm/specs/\n", SPEC)] {
        let repo = project();
        workflow(&repo.here(), "main", MAKES);
        spec(&repo.here(), &["test -e made"]);
        repo.write(".gitignore", rules);
        let run = repo.mmm(["run", "thing", "--commit"]);
        run.assert_code(128);
        assert!(
            run.stderr
                .contains(&format!("`{hidden}` is ignored, and cannot be committed")),
            "{run}"
        );
        assert!(run.stderr.contains("(.gitignore:"), "{run}");
        assert_eq!(crate::run::fixture::runs(&repo.here()), []);
        repo.mmm(["run", "thing"]).assert_ok();
    }
}

#[test]
fn a_run_whose_commit_cannot_be_signed_is_told_with_the_way_to_commit_it() {
    let repo = ready();
    repo.git(["config", "commit.gpgsign", "true"]);
    repo.git(["config", "gpg.program", "/nowhere/gpg"]);
    let run = repo.mmm(["run", "thing", "--commit"]);
    run.assert_code(128);
    let (_, status) = newest(&repo.here());
    assert_eq!(status, "success");
    assert!(run.stdout.contains("1 of 1 criterion proved"), "{run}");
    let told = run.filtered(&run.stderr);
    assert!(
        told.contains(
            "error: run [ULID] is recorded, and what it left under `.mmm/` is not committed: git \
             could not sign the commit: cannot "
        ),
        "{run}"
    );
    let later = format!(
        "git add :/{SPEC} :/.mmm/runs/[ULID].toml && git -c commit.gpgsign=false commit -- \
         :/{SPEC} :/.mmm/runs/[ULID].toml`"
    );
    assert!(told.contains(&later), "{run}");
    assert!(!run.stderr.contains("commit-tree"), "{run}");
    let json = repo.mmm(["run", "thing", "--commit", "--json"]);
    json.assert_code(128);
    let envelope = json.json();
    assert_eq!(envelope["schema"], "mmm/run@1");
    assert_eq!(envelope["data"][0]["status"], "success");
    assert_eq!(
        envelope["data"][0]["run"].as_str(),
        Some(newest(&repo.here()).0.as_str())
    );
    assert_eq!(envelope["data"][0]["commit"], serde_json::Value::Null);
    let message = envelope["problems"][0]["message"].as_str().expect("is one");
    assert!(message.contains("could not sign"), "{message}");
    // The command of the hint does what it says, in a subfolder too.
    std::fs::create_dir(repo.path().join("sub")).expect("makes");
    let sub = repo.path().join("sub");
    let below = repo.at(&sub);
    let (id, _) = newest(&repo.here());
    let evidence = format!(".mmm/runs/{id}.toml");
    let paths = [format!(":/{SPEC}"), format!(":/{evidence}")];
    let paths = paths.iter().map(String::as_str);
    below.git(["add"].into_iter().chain(paths.clone()));
    let unsigned = ["-c", "commit.gpgsign=false", "commit", "-qm", "x", "--"];
    below.git(unsigned.into_iter().chain(paths));
    assert_eq!(last(&repo.here()), ["x", &evidence, SPEC]);
}
