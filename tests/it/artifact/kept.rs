//! What is kept of what steps and jobs leave, and that it stays.

use crate::run::fixture::{assert_sound, newest, project, seal, sealed_events, told, workflow};
use crate::run::under_way::begin;
use crate::support::View;

/// The artifacts of a run in `list --json`, as `name files bytes`.
#[track_caller]
fn listed(view: &View<'_>, words: &[&str]) -> Vec<String> {
    let words = [&["artifact", "list", "--json"], words].concat();
    let list = view.mmm(words);
    list.assert_ok();
    let rows = list.json()["data"].as_array().cloned().unwrap_or_default();
    rows.iter()
        .map(|row| {
            let name = row["name"].as_str().unwrap_or_default();
            format!("{name} {} {}", row["files"], row["bytes"])
        })
        .collect()
}

/// The files of the artifacts of a sealed run, with their modes.
#[track_caller]
fn sealed(view: &View<'_>, run: &str) -> Vec<String> {
    let seal = seal(view, run);
    let tree = format!("{seal}^{{tree}}:.mmm/runs/{run}/artifacts");
    let format = "--format=%(objectmode) %(path)";
    let names = view.git(["ls-tree", "-r", format, &tree]);
    names.lines().map(str::to_owned).collect()
}

#[test]
fn files_of_steps_and_jobs_are_kept_by_content() {
    let repo = project();
    workflow(
        &repo.here(),
        "build",
        "  a:\n    artifacts:\n      all: [out, README]\n      one: out/app\n    steps:\n      \
         - run: mkdir -p out/deep; echo app >out/app; chmod +x out/app; echo log >out/deep/x.log; \
         echo no >out/deep/y.log; echo no >out/.hidden; ln -s deep out/again; ln -s /etc/passwd out/deep/z.log\n        \
         artifacts:\n          logs:\n            path: |\n              out/**/*.log\n              !out/**/y.log\n          \
         hidden: out/.hidden\n          none: {path: nothing/*, if-no-files-found: ignore}\n      \
         - run: rm -r out/deep/y.log; echo two >out/deep/x.log\n",
    );
    let run = repo.mmm(["run", "-w", "build", "--json"]);
    run.assert_ok();
    let run = told(&run);
    let view = repo.here();
    assert_eq!(
        sealed(&view, &run),
        [
            "100644 all/README",
            "100644 all/out/again/x.log",
            "100755 all/out/app",
            "100644 all/out/deep/x.log",
            "100644 hidden/.hidden",
            "100644 logs/again/x.log",
            "100644 logs/deep/x.log",
            "100755 one/app",
        ]
    );
    // What a step left is what it was when it ended.
    let text = |name: &str| {
        let seal = seal(&view, &run);
        view.git([
            "show",
            &format!("{seal}^{{tree}}:.mmm/runs/{run}/artifacts/{name}"),
        ])
    };
    assert_eq!(text("logs/deep/x.log"), "log");
    assert_eq!(text("all/out/deep/x.log"), "two");
    let stored: Vec<String> = sealed_events(&view, &run)
        .iter()
        .filter(|event| event["kind"] == "artifact-stored")
        .map(|event| format!("{} {} {}", event["step"], event["name"], event["files"]))
        .collect();
    assert_eq!(
        stored,
        [
            "\"1\" \"logs\" 2",
            "\"1\" \"hidden\" 1",
            "null \"all\" 4",
            "null \"one\" 1",
        ]
    );
    assert_eq!(
        listed(&view, &[]),
        ["all 4 37", "hidden 1 3", "logs 2 8", "one 1 4"]
    );
    let refs = repo.git(["for-each-ref", "refs/mmm/live"]);
    assert_eq!(refs, "");
    assert_sound(&view);
}

#[test]
fn legs_add_to_one_artifact_and_failures_are_kept() {
    let repo = project();
    workflow(
        &repo.here(),
        "legs",
        "  a:\n    strategy: {fail-fast: false, max-parallel: 1, matrix: {n: [1, 2, 3]}}\n    \
         artifacts:\n      'own-${{ matrix.n }}': out\n    steps:\n      \
         - env: {N: '${{ matrix.n }}'}\n        run: mkdir -p out; echo $N >out/same; echo $N >out/n$N; test $N != 2\n        \
         artifacts: {reports: out/*}\n      - run: rm -r out; mkdir out; echo gone >out/last\n",
    );
    let run = repo.mmm(["run", "-w", "legs", "--json"]);
    run.assert_code(1);
    let run = told(&run);
    let view = repo.here();
    let names: Vec<String> = sealed(&view, &run)
        .iter()
        .filter_map(|line| line.split(' ').nth(1).map(str::to_owned))
        .collect();
    assert_eq!(
        names,
        [
            "own-1/last",
            // Legs without a work tree of their own share the files.
            "own-2/last",
            "own-2/n2",
            "own-2/same",
            "own-3/last",
            "reports/last",
            "reports/n1",
            "reports/n2",
            "reports/n3",
            "reports/same",
        ]
    );
    let seal = seal(&view, &run);
    let same = format!("{seal}^{{tree}}:.mmm/runs/{run}/artifacts/reports/same");
    assert_eq!(view.git(["show", &same]), "3");
}

#[test]
fn the_artifacts_of_a_live_run_survive_everything() {
    let repo = project();
    workflow(
        &repo.here(),
        "wait",
        "  a:\n    steps:\n      - run: mkdir out; for n in $(seq 60); do echo $n >out/$n; done\n        \
         artifacts: {numbers: out}\n      - checkpoint: look\n",
    );
    repo.write(".git/info/exclude", "out\n");
    repo.mmm(["run", "-w", "wait"]).assert_code(3);
    let view = repo.here();
    let (run, _) = newest(&view);
    std::fs::remove_dir_all(repo.path().join("out")).expect("removes");
    assert_eq!(listed(&view, &[]), ["numbers 60 171"]);
    // The seal of a run that waits holds them, and so does a ref of its own.
    let seal = seal(&view, &run);
    repo.git(["update-ref", "-d", &seal]);
    repo.git(["reflog", "expire", "--expire=now", "--all"]);
    repo.git(["gc", "--quiet", "--prune=now"]);
    assert_eq!(listed(&view, &[&run]), ["numbers 60 171"]);
    let get = repo.mmm(["artifact", "get", "numbers"]);
    get.assert_ok();
    assert_eq!(get.stdout.lines().count(), 60);
    assert_eq!(repo.read("numbers/60"), "60\n");
    repo.mmm(["checkpoint", "approve"]).assert_ok();
    assert_eq!(listed(&view, &[&run]), ["numbers 60 171"]);
    assert_sound(&view);
}

#[test]
fn what_ended_while_no_engine_looked_is_kept_by_the_next_one() {
    let repo = project();
    workflow(
        &repo.here(),
        "killed",
        "  a:\n    steps:\n      - run: echo made >made; touch begun; until test -e go; do sleep 0.01; done\n        \
         artifacts: {made: made}\n      - run: rm made\n",
    );
    let (engine, run) = begin(&repo, &["run", "-w", "killed"]);
    engine.kill();
    repo.write("go", "");
    repo.mmm(["run", "--resume", &run]).assert_ok();
    let view = repo.here();
    assert_eq!(listed(&view, &[&run]), ["made 1 5"]);
    assert_eq!(sealed(&view, &run), ["100644 made/made"]);
    let shown = repo.mmm(["show", &run]);
    let line = "artifact made of job a: 1 file, 5 bytes\n";
    assert!(shown.stdout.contains(line), "{shown}");
    assert_sound(&view);
}

#[test]
fn those_of_an_isolated_job_are_found_in_its_own_work_tree() {
    let repo = project();
    let view = repo.here();
    workflow(
        &view,
        "main",
        "  each:
    for-each: [a, b]
    isolation: worktree
    steps:
      - env: {F: '${{ item }}'}
        run: echo \"$F\" >\"$F.txt\"
        artifacts: {'out-${{ item }}': '*.txt'}
",
    );
    repo.git(["add", "."]);
    repo.git(["commit", "--quiet", "-m", "workflow"]);
    repo.mmm(["run", "-w", "main"]).assert_ok();
    for name in ["out-a", "out-b"] {
        repo.mmm(["artifact", "get", name]).assert_ok();
    }
    assert_eq!(repo.read("out-a/a.txt"), "a\n");
    assert_eq!(repo.read("out-b/b.txt"), "b\n");
}

#[test]
fn what_is_taken_over_has_its_artifacts() {
    let repo = project();
    workflow(
        &repo.here(),
        "build",
        "  a:\n    artifacts: {whole: a*}\n    steps:\n      - {run: 'echo 1 >a1', artifacts: {one: a1}}\n  \
         b:\n    needs: a\n    steps:\n      - {run: 'echo bb >b1', artifacts: {two: b1}}\n      \
         - {run: 'ls >b2; test -e go', artifacts: {three: b*}}\n  c:\n    needs: b\n    steps:\n      \
         - {run: 'echo 1 >c1', artifacts: {four: c1}}\n",
    );
    repo.mmm(["run", "-w", "build"]).assert_code(1);
    let (old, _) = newest(&repo.here());
    repo.write("go", "");
    let view = repo.here();
    let again = repo.mmm(["run", "--resume", &old, "--from", "b.2", "--json"]);
    again.assert_ok();
    let new = told(&again);
    let expected = ["four 1 2", "one 1 2", "three 2 ", "two 1 3", "whole 1 2"];
    let list = listed(&view, &[&new]);
    for (found, expected) in list.iter().zip(expected) {
        assert!(found.starts_with(expected), "{list:?}");
    }
    assert_eq!(list.len(), expected.len(), "{list:?}");
    let kept = sealed(&view, &new);
    assert!(kept.contains(&"100644 one/a1".to_owned()), "{kept:?}");
    // What runs again has left nothing yet.
    repo.mmm(["run", "--resume", &new, "--only", "a"])
        .assert_ok();
    repo.mmm(["artifact", "get", "two"]).assert_ok();
    assert_eq!(repo.read("two/b1"), "bb\n");
    // Done again whole, nothing is taken over.
    std::fs::remove_file(repo.path().join("go")).expect("removes");
    repo.mmm(["rerun", &new]).assert_code(1);
    assert_eq!(listed(&view, &[]).len(), 4);
    assert_sound(&view);
}

#[test]
fn another_clone_takes_over_what_legs_left_under_one_name() {
    let repo = project();
    workflow(
        &repo.here(),
        "build",
        "  a:\n    strategy: {matrix: {k: [1, 2]}}\n    artifacts: {both: 'f${{ matrix.k }}'}\n    \
         steps: [run: 'echo ${{ matrix.k }} >f${{ matrix.k }}']\n  \
         b: {needs: a, steps: [run: test -e go]}\n",
    );
    repo.git(["add", ".mmm"]);
    repo.git(["commit", "--quiet", "-m", "project"]);
    repo.mmm(["run", "-w", "build"]).assert_code(1);
    let (old, _) = newest(&repo.here());
    let clone = repo.clone_to("clone", &[]);
    clone.git(["fetch", "--quiet", "origin", "refs/mmm/*:refs/mmm/*"]);
    clone.write("go", "");
    clone.mmm(["rerun", &old, "--failed"]).assert_ok();
    let (new, _) = newest(&clone);
    assert_eq!(sealed(&clone, &new), ["100644 both/f1", "100644 both/f2"]);
    assert_sound(&clone);
}
