//! Commits of `git` steps: none takes a file that holds a masked value, and nothing of such a file
//! is in Git.

use crate::run::fixture::{project, told};
use crate::run::isolated_secret::{FORMS, SECRET, assert_nowhere};
use crate::run::isolation::written;
use crate::support::{Run, TestRepo, View};

/// Leaves two files with the secret, one that Git knows with it, and a harmless one.
const LEAK: &str = "      - env: {T: '${{ secrets.TOKEN }}'}
        run: |
          mkdir -p sub
          echo fine >sub/fine
          echo \"$T\" >leak
          printf %s \"$T\" | base64 >sub/leak64
          echo \"$T\" >>base
";

fn with_secret() -> TestRepo {
    let mut repo = project();
    repo.set("TOKEN", SECRET);
    repo.write("base", "base\n");
    repo
}

fn job(view: &View<'_>, steps: &str) -> Run {
    written(view, &format!("  a:\n    steps:\n{steps}"));
    view.mmm(["run", "-w", "x", "--json"])
}

fn commit(settings: &str) -> String {
    format!("      - git: {{commit: {{message: Work, {settings}}}}}\n")
}

/// The commit was refused because of these files, which are as the steps left them.
#[track_caller]
fn assert_refused(view: &View<'_>, run: &Run, files: &str) {
    run.assert_code(1);
    let shown = view.mmm(["show", &told(run)]);
    let reason = format!(
        "not started: it would commit a secret, in {files}; nothing was added or committed"
    );
    assert!(shown.stdout.contains(&reason), "{shown}");
    for form in FORMS {
        assert!(!run.stderr.contains(form), "{run}");
        assert!(!shown.stdout.contains(form), "{shown}");
    }
    assert_eq!(view.git(["log", "-1", "--format=%s"]), "project");
    assert_eq!(view.git(["diff", "--cached", "--name-only"]), "");
    let base = std::fs::read_to_string(view.path().join("base")).expect("it is there");
    assert_eq!(base, format!("base\n{SECRET}\n"));
    assert!(view.path().join("leak").exists());
    assert_nowhere(view);
}

#[test]
fn a_commit_of_everything_takes_no_secret() {
    let repo = with_secret();
    let view = repo.here();
    let run = job(&view, &format!("{LEAK}{}", commit("all: true")));
    assert_refused(&view, &run, "base, leak, sub/leak64");
}

#[test]
fn a_commit_of_paths_takes_no_secret() {
    for (paths, files) in [
        ("['**/leak*']", "leak, sub/leak64"),
        ("[base, sub]", "base, sub/leak64"),
        ("['**', '!leak']", "base, sub/leak64"),
    ] {
        let repo = with_secret();
        let view = repo.here();
        let run = job(
            &view,
            &format!("{LEAK}{}", commit(&format!("paths: {paths}"))),
        );
        assert_refused(&view, &run, files);
    }
}

#[test]
fn a_commit_of_paths_in_a_folder_takes_no_secret() {
    let repo = with_secret();
    let view = repo.here();
    let place = "    defaults: {run: {working-directory: sub}}\n";
    let leak = LEAK.replace("mkdir -p sub", "cd ..");
    let steps = format!("{leak}{}{place}", commit("paths: ['../base', 'leak*']"));
    view.write("sub/kept", "kept\n");
    let run = job(&view, &steps);
    assert_refused(&view, &run, "base, sub/leak64");
}

#[test]
fn a_value_that_a_step_masked_is_not_committed() {
    let repo = project();
    let view = repo.here();
    let say = "      - run: |
          v=$(printf f3pe3g-Inyhr | tr A-Za-z N-ZA-Mn-za-m)
          echo \"::add-mask::$v\"
          echo \"$v\" >leak
";
    let run = job(&view, &format!("{say}{}", commit("all: true")));
    run.assert_code(1);
    assert_eq!(view.git(["log", "-1", "--format=%s"]), "project");
    assert!(view.path().join("leak").exists());
    assert_nowhere(&view);
}

#[test]
fn what_is_staged_with_a_secret_is_not_committed() {
    let repo = with_secret();
    let view = repo.here();
    let stage = "      - run: git add leak; rm leak\n";
    let run = job(&view, &format!("{LEAK}{stage}{}", commit("all: false")));
    run.assert_code(1);
    let shown = view.mmm(["show", &told(&run)]);
    assert!(shown.stdout.contains("a secret, in leak; "), "{shown}");
    assert_eq!(view.git(["log", "-1", "--format=%s"]), "project");
    assert_eq!(view.git(["diff", "--cached", "--name-only"]), "leak");
}

#[test]
fn what_holds_no_secret_is_committed_beside_one() {
    for (settings, before) in [
        ("paths: ['sub/f*']", ""),
        ("all: false", "      - run: git add sub/fine\n"),
        (
            "all: true",
            "      - run: git checkout base; rm leak sub/leak64\n",
        ),
    ] {
        let repo = with_secret();
        let view = repo.here();
        let run = job(&view, &format!("{LEAK}{before}{}", commit(settings)));
        run.assert_ok();
        let show = ["show", "--format=%s", "--name-only"];
        assert_eq!(view.git(show), "Work\n\nsub/fine", "{settings}");
        assert_nowhere(&view);
    }
}
