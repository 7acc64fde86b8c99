//! Runs, jobs and legs with a work tree of their own: what they leave, and what they do not touch.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::run::fixture::{self, assert_sound, newest, outcomes, sealed_events, told, workflow};
use crate::support::{Run, TestRepo, View, let_pass, wait_until};

/// No command takes longer.
const LIMIT: Duration = Duration::from_mins(2);

/// A project in which everything is committed.
pub(super) fn project() -> TestRepo {
    let repo = fixture::project();
    repo.write("base", "base\n");
    commit(&repo.here());
    repo
}

pub(super) fn commit(view: &View<'_>) {
    view.git(["add", "."]);
    view.git(["commit", "--quiet", "--allow-empty", "-m", "project"]);
}

/// Writes and commits a workflow.
pub(super) fn written(view: &View<'_>, jobs: &str) {
    workflow(view, "x", jobs);
    commit(view);
}

/// The job `a` with a work tree of its own.
pub(super) fn apart(isolation: &str, steps: &str) -> String {
    format!("  a:\n    isolation: {isolation}\n    steps:\n{steps}")
}

/// Where a leg of a run, or with `%run` the run itself, has its work tree.
pub(super) fn tree(view: &View<'_>, run: &str, name: &str) -> PathBuf {
    view.path().join(format!(".git/mmm/worktrees/{run}/{name}"))
}

/// What the person sees of their own: where `HEAD` is, and what is changed.
pub(super) fn own(view: &View<'_>) -> (String, String) {
    (
        view.git(["rev-parse", "HEAD", "--abbrev-ref", "HEAD"]),
        view.git(["status", "--porcelain=v2", "--untracked-files=all"]),
    )
}

pub(super) fn run(view: &View<'_>) -> Run {
    let before = own(view);
    let run = view.mmm(["run", "-w", "x", "--json"]);
    assert_eq!(own(view), before, "{run}");
    run
}

pub(super) fn branch(run: &Run) -> String {
    format!("mmm/run/{}", told(run))
}

/// The subjects of the commits of a branch that are not in `HEAD`, the first one first.
pub(super) fn subjects(view: &View<'_>, branch: &str) -> Vec<String> {
    let range = format!("HEAD..{branch}");
    let log = view.git(["log", "--reverse", "--topo-order", "--format=%s", &range]);
    log.lines().map(str::to_owned).collect()
}

pub(super) fn files(view: &View<'_>, branch: &str) -> Vec<String> {
    let names = view.git(["ls-tree", "--name-only", branch]);
    let names = names.lines().filter(|name| *name != "README");
    names.map(str::to_owned).collect()
}

/// No work tree of a run is there any more, and no branch but these.
#[track_caller]
pub(super) fn assert_tidy(view: &View<'_>, branches: &[&str]) {
    let trees = view.git(["worktree", "list"]);
    assert_eq!(trees.lines().count(), 1, "{trees}");
    let left = view.git([
        "for-each-ref",
        "--format=%(refname:short)",
        "refs/heads/mmm",
    ]);
    assert_eq!(left.lines().collect::<Vec<_>>(), branches);
    let common = view.git(["rev-parse", "--path-format=absolute", "--git-common-dir"]);
    let folder = Path::new(&common).join("mmm/worktrees");
    let entries = std::fs::read_dir(folder).map_or(0, Iterator::count);
    assert_eq!(entries, 0);
    assert_sound(view);
}

fn one_job(isolation: &str, more: &str) -> String {
    let steps = "      - run: echo 1 >one\n      \
                 - run: git add one; git commit --quiet -m own; echo 2 >two\n";
    apart(isolation, steps) + more
}

#[test]
fn a_job_is_merged_into_the_branch_of_the_run() {
    for (isolation, expected) in [
        ("worktree", vec!["own", "x: a", "Merge job a of x"]),
        ("{merge: squash}", vec!["x: a"]),
        ("{merge: rebase}", vec!["own", "x: a"]),
    ] {
        let repo = project();
        let view = repo.here();
        written(&view, &one_job(isolation, ""));
        let run = run(&view);
        run.assert_code(0);
        let branch = branch(&run);
        assert_eq!(subjects(&view, &branch), expected, "{isolation}");
        assert_eq!(files(&view, &branch), [".mmm", "base", "one", "two"]);
        assert!(!view.path().join("one").exists());
        assert!(run.stderr.contains(&branch), "{run}");
        assert_tidy(&view, &[&branch]);
        let kinds: Vec<String> = sealed_events(&view, &told(&run))
            .iter()
            .map(|event| event["kind"].as_str().unwrap_or("").to_owned())
            .filter(|kind| kind.starts_with("job-"))
            .collect();
        assert_eq!(
            kinds,
            ["job-started", "job-isolated", "job-merged", "job-finished"]
        );
    }
}

#[test]
fn what_is_left_stays_on_the_branch_of_the_job() {
    let repo = project();
    let view = repo.here();
    written(
        &view,
        &one_job(
            "{merge: leave}",
            "  b:\n    isolation: worktree\n    steps: [run: 'true']\n",
        ),
    );
    let run = run(&view);
    run.assert_code(0);
    let left = format!("mmm/work/{}/a", told(&run));
    assert_eq!(subjects(&view, &left), ["own", "x: a"]);
    assert!(run.stderr.contains(&left), "{run}");
    assert_tidy(&view, &[&left]);
}

#[test]
fn a_failed_job_is_not_merged() {
    let repo = project();
    let view = repo.here();
    written(&view, &one_job("worktree", "      - run: 'false'\n"));
    let run = run(&view);
    run.assert_code(1);
    let left = format!("mmm/work/{}/a", told(&run));
    assert_eq!(subjects(&view, &left), ["own", "x: a"]);
    assert_tidy(&view, &[&left]);
}

#[test]
fn everything_of_a_job_is_where_it_works() {
    let repo = project();
    let view = repo.here();
    view.write("sub/.keep", "");
    view.write(".env.job", "FROM_FILE=committed\n");
    written(
        &view,
        "  a:
    isolation: worktree
    dotenv: .env.job
    steps:
      - run: test \"$PWD\" = \"$GITHUB_WORKSPACE\" && test \"$PWD\" = \"$W\" && test \"$PWD\" = \"$(git rev-parse --show-toplevel)\"
        env: {W: '${{ github.workspace }}'}
      - run: test \"$PWD\" = \"$GITHUB_WORKSPACE/sub\"
        working-directory: sub
      - run: test \"$FROM_FILE\" = committed && echo new >base
      - run: test \"$H\" != \"$(sha256sum <sub/.keep)\" && test -n \"$H\"
        env: {H: \"${{ hashFiles('base') }}\"}
      - run: test \"$GIT_DIR\" = '' && test \"$(git branch --show-current)\" = \"mmm/work/$MMM_RUN_ID/a\"
",
    );
    // What is not committed is not there.
    view.write(".env.job", "FROM_FILE=changed\n");
    run(&view).assert_code(0);
}

#[test]
fn legs_and_called_jobs_work_side_by_side() {
    let repo = project();
    let view = repo.here();
    view.write(
        ".mmm/workflows/below.yaml",
        "jobs:\n  inner:\n    steps:\n      - run: test ! -e mine-other && cp mine called\n",
    );
    written(
        &view,
        "  a:
    strategy: {matrix: {n: [1, 2]}}
    isolation: worktree
    steps:
      - run: test $(ls file-* 2>/dev/null | wc -l) -le 1; echo ${{ matrix.n }} >file-${{ matrix.n }}
  b:
    needs: a
    isolation: worktree
    steps:
      - run: cat file-1 file-2 >mine
      - workflow: below
",
    );
    let run = run(&view);
    run.assert_code(0);
    let branch = branch(&run);
    assert_eq!(view.git(["show", &format!("{branch}:called")]), "1\n2");
    assert_eq!(
        files(&view, &branch),
        [".mmm", "base", "called", "file-1", "file-2", "mine"]
    );
    assert_tidy(&view, &[&branch]);
}

#[test]
fn a_whole_run_works_apart() {
    let repo = project();
    let view = repo.here();
    let jobs =
        "  a:\n    steps: [run: echo 1 >one]\n  b:\n    needs: a\n    steps: [run: cat one >two]\n";
    view.write(
        ".mmm/workflows/x.yaml",
        format!("isolation: worktree\njobs:\n{jobs}"),
    );
    commit(&view);
    view.write("mine", "not committed\n");
    let left = run(&view);
    left.assert_code(0);
    let branch = branch(&left);
    assert_eq!(subjects(&view, &branch), ["x"]);
    assert_eq!(files(&view, &branch), [".mmm", "base", "one", "two"]);
    assert_tidy(&view, &[&branch]);
    // In words, the command that takes it over is what comes next.
    let words = view.mmm(["run", "-w", "x"]);
    let newest = newest(&view).0;
    assert!(
        words
            .stdout
            .contains(&format!("git merge mmm/run/{newest}")),
        "{words}"
    );
}

#[test]
fn the_result_goes_to_the_branch_that_is_named() {
    let repo = project();
    let view = repo.here();
    view.write(
        ".mmm/workflows/x.yaml",
        "isolation: {into: 'work/${{ run.workflow }}'}\njobs:\n  a:\n    steps: [run: echo 1 >one]\n",
    );
    commit(&view);
    run(&view).assert_code(0);
    assert_eq!(files(&view, "work/x"), [".mmm", "base", "one"]);
    assert_tidy(&view, &[]);
    // The one that is checked out moves only where nothing is changed.
    let jobs = one_job("{into: main}", "");
    written(&view, &jobs);
    view.write("base", "changed\n");
    let refused = run(&view);
    refused.assert_code(0);
    assert!(
        refused.stderr.contains("branch `main` stays as it is"),
        "{refused}"
    );
    assert_tidy(&view, &[&branch(&refused)]);
    view.git(["branch", "-D", &branch(&refused)]);
    view.git(["checkout", "base"]);
    let taken = view.mmm(["run", "-w", "x", "--json"]);
    taken.assert_code(0);
    assert_eq!(view.read("two"), "2\n");
    assert_eq!(view.git(["status", "--porcelain"]), "");
    assert_tidy(&view, &[]);
}

#[test]
fn criteria_are_verified_where_the_work_is() {
    let repo = project();
    let view = repo.here();
    workflow(&view, "main", &one_job("worktree", ""));
    // What the command leaves is neither in the way of a merge nor part of it.
    fixture::spec(&view, &["echo left >>left; test -e two"]);
    commit(&view);
    let run = view.mmm(["run", "thing", "--json"]);
    run.assert_code(0);
    let json = run.json();
    let criterion = &json["data"][0]["criteria"][0];
    assert_eq!(
        (&criterion["before"], &criterion["after"]),
        (&"failure".into(), &"success".into())
    );
    assert_tidy(&view, &[&branch(&run)]);
    assert_eq!(files(&view, &branch(&run)), [".mmm", "base", "one", "two"]);
    // Merged, it is proved.
    view.git(["stash", "--quiet", "--include-untracked"]);
    view.git(["merge", "--quiet", &branch(&run)]);
    view.git(["stash", "pop", "--quiet"]);
    let status = view.mmm(["spec", "check", "thing"]);
    assert!(status.code == 0, "{status}");
}

#[test]
fn without_a_commit_nothing_can_be_isolated() {
    let repo = TestRepo::builder().unborn().build();
    let view = repo.here();
    fixture::configure(&view, "");
    workflow(&view, "x", &one_job("worktree", ""));
    let run = view.mmm(["run", "-w", "x"]);
    insta::assert_snapshot!(run, @r"
    exit code 128
    --- stderr
    error: the workflow `x` has `isolation`, and there is no commit to start from
    hint: commit something first: run `git commit`
    ");
}

#[test]
fn a_killed_engine_loses_and_doubles_nothing() {
    let repo = project();
    let view = repo.here();
    written(
        &view,
        "  a:
    isolation: worktree
    steps:
      - run: echo 1 >>one
      - run: touch \"$DIR/here\"; until test -e \"$DIR/go\"; do sleep 0.02; done; echo 2 >>one
        env: {DIR: '${{ github.workspace }}/../..'}
      - run: echo 3 >>one
",
    );
    let before = own(&view);
    let engine = view.spawn(["run", "-w", "x", "--json"]);
    let folder = view.path().join(".git/mmm/worktrees");
    wait_until(LIMIT, || folder.join("here").exists());
    engine.kill();
    std::fs::write(folder.join("go"), "").expect("it can be written");
    let run = newest(&view).0;
    view.mmm(["run", "--resume", &run]).assert_ok();
    std::fs::remove_file(folder.join("go")).expect("it was there");
    std::fs::remove_file(folder.join("here")).expect("it was there");
    assert_eq!(own(&view), before);
    let branch = format!("mmm/run/{run}");
    assert_eq!(view.git(["show", &format!("{branch}:one")]), "1\n2\n3");
    assert_eq!(subjects(&view, &branch), ["x: a", "Merge job a of x"]);
    assert_eq!(
        outcomes(&view, &run),
        ["a/1=success", "a/2=success", "a/3=success"]
    );
    assert_tidy(&view, &[&branch]);
}

/// How many jobs of the run under way are merged, as far as it has recorded that.
fn merged(view: &View<'_>) -> usize {
    let runs = std::fs::read_dir(view.path().join(".git/mmm/runs"));
    let journals = runs.into_iter().flatten().flatten();
    let text =
        journals.filter_map(|run| std::fs::read_to_string(run.path().join("events.jsonl")).ok());
    text.map(|text| text.matches("job-merged").count()).sum()
}

/// A map over many items with a work tree each: one in ten fails, and the engine is killed.
#[test]
fn a_map_over_items_accounts_for_all_soak() {
    let (items, kills) = match std::env::var_os("MMM_SOAK") {
        Some(_) => (500_usize, 8_usize),
        None => (24, 2),
    };
    let repo = project();
    let view = repo.here();
    let list: Vec<String> = (1..=items).map(|item| item.to_string()).collect();
    written(
        &view,
        &format!(
            "  a:
    for-each: {{items: [{}], max-parallel: 4}}
    isolation: {{merge: squash}}
    steps:
      - run: echo \"$MMM_ATTEMPT\" >>item-${{{{ item }}}}
      - run: test $((${{{{ item }}}} % 10)) -ne 0
",
            list.join(", ")
        ),
    );
    let before = own(&view);
    let mut words = vec!["run".to_owned(), "-w".to_owned(), "x".to_owned()];
    for kill in 1..=kills {
        let mut engine = view.spawn(&words);
        let enough = items * kill / (kills + 2);
        wait_until(LIMIT * 5, || merged(&view) >= enough || engine.has_ended());
        // Somewhere between two merges, or in the middle of one.
        let_pass(Duration::from_millis(37) * u32::try_from(kill % 4).unwrap_or(0));
        engine.kill();
        words = vec!["run".to_owned(), "--resume".to_owned(), newest(&view).0];
    }
    view.mmm(&words).assert_code(1);
    assert_eq!(own(&view), before);
    let run = newest(&view).0;
    let branch = format!("mmm/run/{run}");
    let mut found = subjects(&view, &branch);
    found.sort();
    let fails = |item: &usize| item.is_multiple_of(10);
    let mut expected: Vec<String> = (1..=items)
        .filter(|item| !fails(item))
        .map(|item| format!("x: a@{item}"))
        .collect();
    expected.sort();
    assert_eq!(found, expected);
    for item in (1..=items).filter(|item| !fails(item)) {
        let file = view.git(["show", &format!("{branch}:item-{item}")]);
        // An attempt that the dead engine had not handed over yet has the next number.
        let own = file.strip_prefix(&format!("{run}/a@{item}.1."));
        assert!(
            own.is_some_and(|number| number.parse::<u32>().is_ok()),
            "{file}"
        );
    }
    let left: Vec<String> = (1..=items)
        .filter(fails)
        .map(|item| format!("mmm/work/{run}/a@{item}"))
        .collect();
    let mut branches: Vec<&str> = left
        .iter()
        .map(String::as_str)
        .chain([branch.as_str()])
        .collect();
    branches.sort_unstable();
    assert_tidy(&view, &branches);
}

#[test]
fn a_git_that_is_killed_at_the_end_leaves_no_work_tree() {
    let mut repo = project();
    let text = "isolation: worktree\njobs:\n  a: {steps: [{run: echo a >a}]}\n";
    repo.write(".mmm/workflows/x.yaml", text);
    commit(&repo.here());
    // What holds a commit is asked when its work tree is removed.
    let (bin, once) = (repo.outside("bin"), repo.outside("once"));
    let path = std::env::var("PATH").expect("a path");
    let once = once.display();
    let program = format!(
        "#!/bin/sh\ncase \"$*\" in *--contains=*) mkdir '{once}' 2>/dev/null && kill -9 $$;; esac\n\
         PATH='{path}' exec git \"$@\"\n"
    );
    std::fs::create_dir_all(&bin).expect("a folder");
    repo.write_program(bin.join("git"), &program);
    repo.set("PATH", &format!("{}:{path}", bin.display()));
    let run = run(&repo.here());
    run.assert_ok();
    assert!(repo.outside("once").exists(), "it was killed");
    assert_eq!(repo.git(["worktree", "list"]).lines().count(), 1, "{run}");
    assert!(!run.stderr.contains("stay"), "{run}");
}
