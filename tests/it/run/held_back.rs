//! Steps in the work tree of an isolated run never see a conflict that is kept there: they wait
//! until it is solved or given up.

use std::path::PathBuf;
use std::time::Duration;

use crate::run::fixture::{newest, outcomes, told};
use crate::run::isolation::{assert_tidy, branch, commit, project, run};
use crate::support::{Run, View, wait_until};

const LIMIT: Duration = Duration::from_mins(1);

/// Where steps tell what they saw, which no status shows.
pub(super) fn folder(view: &View<'_>) -> PathBuf {
    view.path().join(".git")
}

/// A script that tells what it finds of `base` and of the index.
pub(super) fn look(view: &View<'_>, name: &str) -> String {
    let folder = folder(view);
    format!(
        "cat base >{f}/{name}; git ls-files -u >>{f}/{name}",
        f = folder.display()
    )
}

/// What a step with such a script has seen; nothing when it has not run.
pub(super) fn seen(view: &View<'_>, name: &str) -> String {
    std::fs::read_to_string(folder(view).join(name)).unwrap_or_default()
}

/// Job `h` works in the work tree of the run and has changed `base`. While its first step still
/// runs, the steps of each of `others` end, which have changed it too, in work trees of their own.
/// `after` are the further steps of `h`, `more` further jobs, those of `others` among them for which
/// no isolation is given.
pub(super) fn written(
    view: &View<'_>,
    (h, after): (&str, &str),
    others: &[(&str, &str)],
    more: &str,
) {
    let folder = folder(view);
    let folder = folder.display();
    let begun = |(job, _): &(&str, &str)| {
        format!("          until test -e {folder}/{job}; do sleep 0.02; done\n")
    };
    let ended = |(job, _): &(&str, &str)| {
        format!(
            "          until grep -q 'step-finished\",\"attempt\":\"{job}[.]' \
             {folder}/mmm/runs/$MMM_RUN_ID/events.jsonl; do sleep 0.02; done\n"
        )
    };
    let job = |(job, isolation): &(&str, &str)| {
        if isolation.is_empty() {
            return String::new();
        }
        format!(
            "  {job}:
    isolation: {isolation}
    steps:
      - run: |
          touch {folder}/{job}
          until test -e {folder}/h; do sleep 0.02; done
          echo {job} >base
"
        )
    };
    let all = |part: &dyn Fn(&(&str, &str)) -> String| {
        let parts: Vec<String> = others.iter().map(part).collect();
        parts.concat()
    };
    let (begun, ended, jobs) = (all(&begun), all(&ended), all(&job));
    let text = format!(
        "name: x
isolation: worktree
jobs:
  h:
{h}    steps:
      - run: |
{begun}          echo h >base && git commit --quiet -am h
          touch {folder}/h
{ended}{after}{jobs}{more}"
    );
    view.write(".mmm/workflows/x.yaml", text);
    view.git([
        "config",
        "mmm.parallelJobs",
        &(others.len() + 1).to_string(),
    ]);
    commit(view);
}

/// A step that looks.
pub(super) fn looking(view: &View<'_>, name: &str) -> String {
    format!("      - run: {}\n", look(view, name))
}

/// A job in the work tree of the run that looks, and one with a work tree of its own.
pub(super) fn late_and_apart(view: &View<'_>) -> String {
    format!(
        "  late:\n    steps:\n{}  apart:\n    isolation: worktree\n    steps:\n{}",
        looking(view, "late"),
        looking(view, "apart")
    )
}

/// The work tree of a run.
pub(super) fn place(view: &View<'_>, run: &str) -> PathBuf {
    folder(view).join(format!("mmm/worktrees/{run}/%run"))
}

/// Solves the conflict that is in the work tree of a run.
pub(super) fn solve(view: &View<'_>, run: &str, text: &str) {
    let place = place(view, run);
    std::fs::write(place.join("base"), text).expect("it can be written");
    view.git(["-C", &place.display().to_string(), "add", "base"]);
}

/// Runs into the question about the conflict of `b`; what has a work tree of its own went on.
#[track_caller]
pub(super) fn asked(view: &View<'_>) -> String {
    let run = run(view);
    run.assert_code(3);
    assert_waits(&run);
    let id = told(&run);
    assert_eq!(newest(view), (id.clone(), "waiting".to_owned()));
    id
}

#[track_caller]
fn assert_waits(run: &Run) {
    let told = "job `h` waits until the conflict of job `b` is solved";
    assert_eq!(run.stderr.matches(told).count(), 1, "{run}");
}

#[test]
fn while_a_person_is_asked() {
    for answer in ["approve", "reject", "abort"] {
        let repo = project();
        let view = repo.here();
        let ask = [("b", "{on-conflict: ask}")];
        let more = late_and_apart(&view);
        written(&view, ("", &looking(&view, "h2")), &ask, &more);
        let run = asked(&view);
        assert_eq!([seen(&view, "h2"), seen(&view, "late")], ["", ""]);
        assert_eq!(seen(&view, "apart"), "h\n");
        let shown = view.mmm(["show", &run]).stdout;
        let told = "job h (waits until the conflict of job `b` is solved)";
        assert_eq!(shown.matches("waits until").count(), 1, "{shown}");
        assert!(shown.contains(told), "{shown}");
        let (branch, left) = (format!("mmm/run/{run}"), format!("mmm/work/{run}/b"));
        if answer == "abort" {
            let place = place(&view, &run).display().to_string();
            view.git(["-C", &place, "merge", "--abort"]);
            // It is merged once more, and asked about again.
            view.mmm(["checkpoint", "approve", &run]).assert_code(3);
            assert_eq!([seen(&view, "h2"), seen(&view, "late")], ["", ""]);
            view.git(["-C", &place, "merge", "--abort"]);
        }
        let (code, base) = if answer == "approve" {
            solve(&view, &run, "both\n");
            view.mmm(["checkpoint", "approve", &run]).assert_ok();
            assert_tidy(&view, &[&branch]);
            (0, "both")
        } else {
            view.mmm(["checkpoint", "reject", &run]).assert_code(1);
            assert_tidy(&view, &[&branch, &left]);
            (1, "h")
        };
        let expected = format!("{base}\n");
        assert_eq!(seen(&view, "h2"), expected, "{answer} {code}");
        assert_eq!(seen(&view, "late"), expected, "{answer}");
        assert_eq!(view.git(["show", &format!("{branch}:base")]), base);
    }
}

#[test]
fn while_steps_solve_it() {
    let repo = project();
    let view = repo.here();
    // What has a work tree of its own begins and ends meanwhile.
    let isolation = format!(
        "
      on-conflict:
        - run: |
            until test -e {f}/apart; do sleep 0.02; done
            test ! -e {f}/h2 && test ! -e {f}/late
            echo both >base && git add base",
        f = folder(&view).display()
    );
    let more = late_and_apart(&view);
    written(
        &view,
        ("", &looking(&view, "h2")),
        &[("b", &isolation)],
        &more,
    );
    let run = run(&view);
    run.assert_ok();
    assert_waits(&run);
    assert_eq!([seen(&view, "h2"), seen(&view, "late")], ["both\n"; 2]);
    assert_tidy(&view, &[&branch(&run)]);
}

#[test]
fn while_two_conflicts_are_solved_one_after_the_other() {
    let repo = project();
    let view = repo.here();
    let ask = "{on-conflict: ask}";
    written(
        &view,
        ("", &looking(&view, "h2")),
        &[("b", ask), ("c", ask)],
        "",
    );
    let run = run(&view);
    run.assert_code(3);
    let run = told(&run);
    solve(&view, &run, "one\n");
    view.mmm(["checkpoint", "approve", &run]).assert_code(3);
    assert_eq!(seen(&view, "h2"), "");
    solve(&view, &run, "two\n");
    view.mmm(["checkpoint", "approve", &run]).assert_ok();
    assert_eq!(seen(&view, "h2"), "two\n");
    assert_tidy(&view, &[&format!("mmm/run/{run}")]);
}

#[test]
fn a_cancelled_run_gives_the_conflict_up_before_anything_cleans_up() {
    let always = |view: &View<'_>| {
        let step = format!(
            "      - {{run: '{}', if: always()}}\n",
            look(view, "always")
        );
        format!("{}{step}", looking(view, "h2"))
    };
    // While it waits for a person.
    let repo = project();
    let view = repo.here();
    written(
        &view,
        ("", &always(&view)),
        &[("b", "{on-conflict: ask}")],
        "",
    );
    let run = asked(&view);
    view.mmm(["cancel", &run]).assert_ok();
    assert_eq!([seen(&view, "h2"), seen(&view, "always")], ["", "h\n"]);
    let (branch, left) = (format!("mmm/run/{run}"), format!("mmm/work/{run}/b"));
    assert_tidy(&view, &[&branch, &left]);
    // While steps solve it.
    let repo = project();
    let view = repo.here();
    let solving = folder(&view).join("solving");
    let isolation = format!(
        "\n      on-conflict:\n        - run: touch {}; sleep 471",
        solving.display()
    );
    written(&view, ("", &always(&view)), &[("b", &isolation)], "");
    let engine = view.spawn(["run", "-w", "x"]);
    wait_until(LIMIT, || solving.exists());
    engine.signal("INT");
    engine.wait(LIMIT).assert_code(130);
    assert_eq!([seen(&view, "h2"), seen(&view, "always")], ["", "h\n"]);
}

#[test]
fn a_workflow_that_is_called_waits_too() {
    let repo = project();
    let view = repo.here();
    let part = format!(
        "name: part
jobs:
  p:
    steps:
{}  q:
    isolation: worktree
    steps:
{}",
        looking(&view, "p"),
        looking(&view, "q")
    );
    view.write(".mmm/workflows/part.yaml", part);
    let call = "      - {workflow: part, with: {}}\n";
    written(&view, ("", call), &[("b", "{on-conflict: ask}")], "");
    let run = asked(&view);
    assert_eq!([seen(&view, "p"), seen(&view, "q")], ["", ""]);
    solve(&view, &run, "both\n");
    view.mmm(["checkpoint", "approve", &run]).assert_ok();
    assert_eq!([seen(&view, "p"), seen(&view, "q")], ["both\n"; 2]);
    assert_tidy(&view, &[&format!("mmm/run/{run}")]);
}

/// Jobs in their concurrency group, and such as wait for it, wait for the end of the conflict as
/// well, and keep nobody waiting that could go on.
#[test]
fn jobs_with_a_concurrency_group_wait_too() {
    let repo = project();
    let view = repo.here();
    let more = format!(
        "  late:\n    concurrency: g\n    steps:\n{}  apart:\n    isolation: worktree\n    \
         concurrency: other\n    steps:\n{}",
        looking(&view, "late"),
        looking(&view, "apart")
    );
    let after = looking(&view, "h2");
    let ask = [("b", "{on-conflict: ask}")];
    written(&view, ("    concurrency: g\n", &after), &ask, &more);
    let run = asked(&view);
    assert_eq!([seen(&view, "h2"), seen(&view, "late")], ["", ""]);
    assert_eq!(seen(&view, "apart"), "h\n");
    solve(&view, &run, "both\n");
    view.mmm(["checkpoint", "approve", &run]).assert_ok();
    assert_eq!([seen(&view, "h2"), seen(&view, "late")], ["both\n"; 2]);
}

/// Another try is not what the run waits for, and the time of a job does not run meanwhile.
#[test]
fn neither_tries_nor_times_go_on_meanwhile() {
    let repo = project();
    let view = repo.here();
    // The conflict comes while the second step of `h` waits for its next try.
    let more = format!(
        "  b:
    isolation: {{on-conflict: ask}}
    steps:
      - run: touch {f}/b; until test -e {f}/h2; do sleep 0.02; done; echo b >base
",
        f = folder(&view).display()
    );
    let step = format!(
        "      - run: |
          until test -e {f}/b; do sleep 0.02; done
          echo h2 >base && git commit --quiet -am h2
          touch {f}/h2
          exit 1
        retry: {{attempts: 2, initial: 1h, max: 1h}}
",
        f = folder(&view).display()
    );
    written(&view, ("", &step), &[], &more);
    view.git(["config", "mmm.parallelJobs", "2"]);
    let waits = asked(&view);
    view.mmm(["cancel", &waits]).assert_ok();
    let repo = project();
    let view = repo.here();
    let isolation = "
      on-conflict:
        - run: sleep 7; echo both >base && git add base";
    written(
        &view,
        ("    timeout-minutes: 0.1\n", &looking(&view, "h2")),
        &[("b", isolation)],
        "",
    );
    let run = run(&view);
    run.assert_ok();
    assert_eq!(seen(&view, "h2"), "both\n");
    assert_eq!(
        outcomes(&view, &told(&run)),
        [
            "b/1=success",
            "b/on-conflict+1=success",
            "h/1=success",
            "h/2=success"
        ]
    );
}
