//! Work of jobs that does not merge: it fails the job, or a person or steps solve it.

use crate::run::fixture::{newest, told, workflow};
use crate::run::isolation::{
    assert_tidy, branch, commit, own, project, run, subjects, tree, written,
};
use crate::support::View;

/// Two jobs that both change `base`: the work of `b` comes second and is in conflict.
pub(super) fn in_conflict(view: &View<'_>, isolation: &str) {
    let folder = view.path().join(".git");
    let jobs = format!(
        "  a:
    isolation: worktree
    steps:
      - run: until test -e {folder}/b; do sleep 0.02; done; echo a >base
  b:
    isolation: {isolation}
    steps:
      - run: |
          touch {folder}/b
          until git show mmm/run/$MMM_RUN_ID:base | grep -qx a; do sleep 0.02; done
          echo b >base
",
        folder = folder.display()
    );
    written(view, &jobs);
}

#[test]
fn a_conflict_fails_the_job() {
    let repo = project();
    let view = repo.here();
    in_conflict(&view, "worktree");
    let run = run(&view);
    run.assert_code(1);
    assert!(run.stderr.contains("in conflict: base"), "{run}");
    let (run_branch, left) = (branch(&run), format!("mmm/work/{}/b", told(&run)));
    assert_eq!(view.git(["show", &format!("{run_branch}:base")]), "a");
    assert_eq!(view.git(["show", &format!("{left}:base")]), "b");
    assert_tidy(&view, &[&run_branch, &left]);
}

/// Runs into a conflict that a person is asked about; gives the run and where the conflict is.
fn asked(view: &View<'_>) -> (String, String) {
    in_conflict(view, "{on-conflict: ask}");
    let run = run(view);
    run.assert_code(3);
    let json = run.json();
    let checkpoint = &json["data"][0]["checkpoint"];
    assert_eq!(checkpoint["name"], "conflict");
    let message = checkpoint["message"].as_str().expect("a message");
    assert!(message.contains("in 1 file: base"), "{message}");
    let place = tree(view, &told(&run), "%run");
    assert!(message.contains(&place.display().to_string()), "{message}");
    (told(&run), place.display().to_string())
}

#[test]
fn a_person_solves_a_conflict() {
    let repo = project();
    let view = repo.here();
    let (run, place) = asked(&view);
    let before = own(&view);
    // Approved before it is solved, it is asked again.
    let early = view.mmm(["checkpoint", "approve", &run]);
    early.assert_code(3);
    assert!(early.stderr.contains("still in conflict: base"), "{early}");
    std::fs::write(format!("{place}/base"), "a and b\n").expect("it can be written");
    view.git(["-C", &place, "add", "base"]);
    view.mmm(["checkpoint", "approve", &run]).assert_ok();
    assert_eq!(own(&view), before);
    let branch = format!("mmm/run/{run}");
    assert_eq!(view.git(["show", &format!("{branch}:base")]), "a and b");
    assert_eq!(newest(&view), (run, "success".to_owned()));
    assert_tidy(&view, &[&branch]);
}

#[test]
fn a_rejected_conflict_fails_the_job() {
    let repo = project();
    let view = repo.here();
    let (run, _) = asked(&view);
    view.mmm(["checkpoint", "reject", &run]).assert_code(1);
    let (branch, left) = (format!("mmm/run/{run}"), format!("mmm/work/{run}/b"));
    assert_eq!(view.git(["show", &format!("{branch}:base")]), "a");
    assert_eq!(view.git(["show", &format!("{left}:base")]), "b");
    assert_tidy(&view, &[&branch, &left]);
}

#[test]
fn a_cancelled_conflict_loses_nothing() {
    let repo = project();
    let view = repo.here();
    let (run, _) = asked(&view);
    view.mmm(["cancel", &run]).assert_ok();
    let (branch, left) = (format!("mmm/run/{run}"), format!("mmm/work/{run}/b"));
    assert_eq!(view.git(["show", &format!("{branch}:base")]), "a");
    assert_eq!(view.git(["show", &format!("{left}:base")]), "b");
    assert_tidy(&view, &[&branch, &left]);
}

#[test]
fn steps_solve_a_conflict() {
    for (script, code, expected) in [
        (
            "test \"$MMM_CONFLICTS\" = base && echo both >base && git add base",
            0,
            "both",
        ),
        ("echo both >base; git add base; exit 1", 1, "a"),
        ("exit 0", 1, "a"),
    ] {
        let repo = project();
        let view = repo.here();
        let isolation = format!("\n      on-conflict:\n        - run: {script}");
        in_conflict(&view, &isolation);
        let run = run(&view);
        run.assert_code(code);
        let branch = branch(&run);
        assert_eq!(
            view.git(["show", &format!("{branch}:base")]),
            expected,
            "{script}"
        );
        let left = format!("mmm/work/{}/b", told(&run));
        let branches: Vec<&str> = match code {
            0 => vec![&branch],
            _ => vec![&branch, &left],
        };
        assert_tidy(&view, &branches);
    }
}

/// In a run that is isolated as a whole too, what is in conflict is never committed as it is.
#[test]
fn a_conflict_in_an_isolated_run_is_solved_before_anything_is_committed() {
    let repo = project();
    let view = repo.here();
    let folder = view.path().join(".git");
    view.write(
        ".mmm/workflows/x.yaml",
        format!(
            "isolation: worktree
jobs:
  a:
    steps:
      - run: |
          until test -e {folder}/b; do sleep 0.02; done
          echo a >base && git add base && git commit --quiet -m a
          touch {folder}/a
  b:
    isolation: {{on-conflict: ask}}
    steps:
      - run: |
          touch {folder}/b
          until test -e {folder}/a; do sleep 0.02; done
          echo b >base
  c:
    needs: a
    isolation: worktree
    steps: [run: echo c >c]
",
            folder = folder.display()
        ),
    );
    commit(&view);
    let run = run(&view);
    run.assert_code(3);
    let (id, branch) = (told(&run), branch(&run));
    let place = folder.join(format!("mmm/worktrees/{id}/%run"));
    std::fs::write(place.join("base"), "both\n").expect("it can be written");
    let place = place.display().to_string();
    view.git(["-C", &place, "add", "base"]);
    view.mmm(["checkpoint", "approve", &id]).assert_ok();
    assert_eq!(view.git(["show", &format!("{branch}:base")]), "both");
    assert_eq!(view.git(["show", &format!("{branch}:c")]), "c");
    let all = view.git(["log", "-p", "--cc", &branch, "--", "base"]);
    assert!(!all.contains("<<<<"), "{all}");
    assert_tidy(&view, &[&branch]);
}

/// Two jobs are in conflict with a third one: the second question comes after the first answer.
#[test]
fn conflicts_are_solved_one_after_the_other() {
    let repo = project();
    let view = repo.here();
    let folder = view.path().join(".git");
    let late = |job: &str| {
        format!(
            "  {job}:
    isolation: {{on-conflict: ask}}
    steps:
      - run: |
          touch {folder}/{job}
          until git show mmm/run/$MMM_RUN_ID:base | grep -qx a; do sleep 0.02; done
          echo {job} >base
",
            folder = folder.display()
        )
    };
    let first = format!(
        "  a:
    isolation: worktree
    steps:
      - run: |
          until test -e {folder}/b && test -e {folder}/c; do sleep 0.02; done
          echo a >base
",
        folder = folder.display()
    );
    view.git(["config", "mmm.parallelJobs", "3"]);
    written(&view, &format!("{first}{}{}", late("b"), late("c")));
    let run = run(&view);
    run.assert_code(3);
    let (id, branch) = (told(&run), branch(&run));
    let place = folder.join(format!("mmm/worktrees/{id}/%run"));
    for (text, code) in [("one", 3), ("two", 0)] {
        std::fs::write(place.join("base"), text).expect("it can be written");
        view.git(["-C", &place.display().to_string(), "add", "base"]);
        view.mmm(["checkpoint", "approve", &id]).assert_code(code);
    }
    assert_eq!(view.git(["show", &format!("{branch}:base")]), "two");
    assert_eq!(subjects(&view, &branch).len(), 6);
    assert_tidy(&view, &[&branch]);
}

#[test]
fn a_person_solves_a_conflict_of_a_submodule() {
    let repo = project();
    let view = repo.here();
    let commits = ["one", "two", "three"].map(|text| {
        view.git(["commit", "--quiet", "--allow-empty", "-m", text]);
        view.git(["rev-parse", "HEAD"])
    });
    let link = |commit: &str| format!("160000,{commit},lib");
    view.write(
        ".gitmodules",
        "[submodule \"lib\"]\n\tpath = lib\n\turl = ./lib\n",
    );
    view.git(["add", ".gitmodules"]);
    view.git(["update-index", "--add", "--cacheinfo", &link(&commits[0])]);
    let step = |commit: &str| {
        let link = link(commit);
        let moved = format!("git update-index --cacheinfo {link} && git commit -qm moved");
        format!(
            "    isolation: {{on-conflict: ask}}\n    steps: [run: '{moved}; touch $GITHUB_JOB']\n"
        )
    };
    let jobs = format!("  a:\n{}  b:\n{}", step(&commits[1]), step(&commits[2]));
    workflow(&view, "x", &jobs);
    view.git(["add", ".mmm"]);
    view.git(["commit", "--quiet", "-m", "a submodule"]);
    std::fs::create_dir(view.path().join("lib")).expect("a folder");
    let run = run(&view);
    run.assert_code(3);
    let message = run.json()["data"][0]["checkpoint"]["message"].to_string();
    assert!(message.contains("in 1 file: lib"), "{message}");
    view.mmm(["checkpoint", "approve"]).assert_code(3);
    let place = tree(&view, &told(&run), "%run").display().to_string();
    view.git([
        "-C",
        &place,
        "update-index",
        "--cacheinfo",
        &link(&commits[2]),
    ]);
    view.mmm(["checkpoint", "approve"]).assert_ok();
    let branch = branch(&run);
    assert_eq!(
        view.git(["rev-parse", &format!("{branch}:lib")]),
        commits[2]
    );
    assert_eq!(subjects(&view, &branch).len(), 6);
    assert_tidy(&view, &[&branch]);
}
