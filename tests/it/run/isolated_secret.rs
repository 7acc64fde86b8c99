//! Files with a secret that steps leave in a work tree of their own: no commit has them, and they
//! are not lost.

use std::path::Path;

use crate::run::conflicts::in_conflict;
use crate::run::fixture::{newest, outcomes, told};
use crate::run::isolation::{
    apart, branch, commit, files, own, project, run, subjects, tree, written,
};
use crate::support::{Run, TestRepo, View};

pub(super) const SECRET: &str = "s3cr3t/Value+with=chars";

/// How `SECRET` is spelled in what must not be kept.
pub(super) const FORMS: [&str; 2] = ["s3cr3t", "czNjcjN0L1ZhbHVlK3dpdGg9Y2hhcn"];

/// What a step leaves: a file that is harmless, and three that are not.
const LEAK: &str =
    "echo fine >fine; echo \"$T\" >leak; printf %s \"$T\" | base64 >leak64; echo \"$T\" >>base";

fn with_secret() -> TestRepo {
    let mut repo = project();
    repo.set("TOKEN", SECRET);
    repo
}

fn step(what: &str) -> String {
    format!("      - env: {{T: '${{{{ secrets.TOKEN }}}}'}}\n        run: '{what}'\n")
}

/// A project whose job `a` leaves secrets in a work tree of its own, and does more.
fn leaking(isolation: &str, more: &str) -> TestRepo {
    let repo = with_secret();
    written(&repo.here(), &apart(isolation, &(step(LEAK) + more)));
    repo
}

/// No object has the secret, reached by a ref or not, and no file of ours outside of work trees.
#[track_caller]
pub(super) fn assert_nowhere(view: &View<'_>) {
    let script = "git cat-file --batch-all-objects --batch --buffer | grep -a -c -F -e \"$1\"; \
                  grep -r -l -a -F --exclude-dir=worktrees -e \"$1\" .git";
    for form in FORMS {
        let found = view.command("sh", &["-c", script, "sh", form]);
        assert_eq!(found.stdout, "0\n", "{form}");
    }
}

#[track_caller]
fn assert_stays(run: &Run, tree: &Path, names: &[&str]) {
    for name in names {
        let path = tree.join(name);
        assert!(path.is_file(), "{} is lost\n{run}", path.display());
        assert!(run.stderr.contains(name), "{name}: {run}");
    }
    let folder = tree.display().to_string();
    assert!(run.stderr.contains("because it holds a secret"), "{run}");
    let throw_away = format!("git worktree remove -f -f {folder}");
    assert!(run.stderr.contains(&throw_away), "{run}");
    for form in FORMS {
        assert!(!run.stderr.contains(form), "{run}");
    }
}

#[test]
fn a_job_that_leaves_a_secret_fails_and_keeps_it_to_itself() {
    for how in ["merge", "squash", "rebase", "leave"] {
        let repo = leaking(&format!("{{merge: {how}}}"), "");
        let view = repo.here();
        let run = run(&view);
        run.assert_code(1);
        let id = told(&run);
        let work = format!("mmm/work/{id}/a");
        assert_eq!(subjects(&view, &work), ["x: a"], "{how}");
        assert_eq!(files(&view, &work), [".mmm", "base", "fine"], "{how}");
        assert_eq!(view.git(["show", &format!("{work}:base")]), "base");
        let there = tree(&view, &id, "a");
        assert_stays(&run, &there, &["leak", "leak64", "base"]);
        let base = std::fs::read_to_string(there.join("base")).expect("it is there");
        assert_eq!(base, format!("base\n{SECRET}\n"));
        assert_nowhere(&view);
    }
}

#[test]
fn what_is_ignored_or_masked_by_name_alone_is_no_trouble() {
    let repo = with_secret();
    let view = repo.here();
    view.write(".gitignore", "leak*\n");
    let leaks = step("echo fine >fine; echo \"$T\" >leak");
    written(&view, &apart("worktree", &leaks));
    let run = run(&view);
    run.assert_code(0);
    assert!(files(&view, &branch(&run)).contains(&"fine".to_owned()));
    assert!(!tree(&view, &told(&run), "a").exists());
    assert_nowhere(&view);
}

#[test]
fn a_file_that_is_named_by_a_secret_is_not_committed() {
    let mut repo = project();
    repo.set("TOKEN", "s3cr3t-name");
    let view = repo.here();
    written(&view, &apart("worktree", &step("echo x >\"$T\"")));
    let run = run(&view);
    run.assert_code(1);
    assert!(!run.stderr.contains("s3cr3t"), "{run}");
    assert!(tree(&view, &told(&run), "a").join("s3cr3t-name").exists());
    assert_nowhere(&view);
}

#[test]
fn one_item_that_leaves_a_secret_does_not_stop_the_others() {
    let repo = with_secret();
    let view = repo.here();
    let jobs = format!(
        "  a:
    for-each: {{items: [1, 2, 3], max-parallel: 2}}
    isolation: {{merge: squash}}
    steps:
      - run: echo 1 >item-${{{{ item }}}}
{}        if: item == 2
",
        step("echo \"$T\" >leak")
    );
    written(&view, &jobs);
    let run = run(&view);
    run.assert_code(1);
    assert_eq!(
        files(&view, &branch(&run)),
        [".mmm", "base", "item-1", "item-3"]
    );
    let id = told(&run);
    assert_stays(&run, &tree(&view, &id, "a@2"), &["leak"]);
    for other in ["a@1", "a@3"] {
        assert!(!tree(&view, &id, other).exists());
    }
    assert_nowhere(&view);
}

#[test]
fn an_isolated_run_that_leaves_a_secret_fails() {
    let repo = with_secret();
    let view = repo.here();
    view.write(
        ".mmm/workflows/x.yaml",
        format!(
            "isolation: {{into: release}}\njobs:\n  a:\n    steps:\n{}",
            step(LEAK)
        ),
    );
    commit(&view);
    let run = run(&view);
    run.assert_code(1);
    let id = told(&run);
    assert_stays(&run, &tree(&view, &id, "%run"), &["leak", "leak64", "base"]);
    assert_eq!(files(&view, &branch(&run)), [".mmm", "base", "fine"]);
    assert_eq!(view.git(["for-each-ref", "refs/heads/release"]), "");
    assert_eq!(outcomes(&view, &id), ["a/1=success"]);
    assert_eq!(newest(&view), (id, "failure".to_owned()));
    assert_nowhere(&view);
}

#[test]
fn nothing_is_merged_into_an_isolated_run_that_holds_a_secret() {
    let repo = with_secret();
    let view = repo.here();
    view.write(
        ".mmm/workflows/x.yaml",
        format!(
            "isolation: worktree\njobs:\n  a:\n    steps:\n{}  b:\n    needs: a\n    \
             isolation: worktree\n    steps: [run: echo 1 >one]\n",
            step(LEAK)
        ),
    );
    commit(&view);
    let run = run(&view);
    run.assert_code(1);
    assert_stays(
        &run,
        &tree(&view, &told(&run), "%run"),
        &["leak", "leak64", "base"],
    );
    assert_nowhere(&view);
}

#[test]
fn a_value_that_a_step_names_is_known_after_a_wait() {
    let repo = project();
    let view = repo.here();
    let say = "v=$(printf f3pe3g-Inyhr | tr A-Za-z N-ZA-Mn-za-m)";
    let steps = format!(
        "      - run: {say}; echo \"::add-mask::$v\"; echo \"$v\" >leak; git add -N leak\n      \
         - checkpoint: look\n      - run: echo 2 >two\n"
    );
    written(&view, &apart("worktree", &steps));
    let run = run(&view);
    run.assert_code(3);
    let id = told(&run);
    let before = own(&view);
    let end = view.mmm(["checkpoint", "approve"]);
    end.assert_code(1);
    assert_eq!(own(&view), before);
    assert_stays(&end, &tree(&view, &id, "a"), &["leak"]);
    let work = format!("mmm/work/{id}/a");
    assert_eq!(files(&view, &work), [".mmm", "base", "two"]);
    assert_nowhere(&view);
}

#[test]
fn a_cancelled_run_keeps_its_secret_to_itself() {
    let repo = leaking("worktree", "      - checkpoint: look\n");
    let view = repo.here();
    let run = run(&view);
    run.assert_code(3);
    let end = view.mmm(["cancel", &told(&run)]);
    assert_stays(
        &end,
        &tree(&view, &told(&run), "a"),
        &["leak", "leak64", "base"],
    );
    assert_nowhere(&view);
}

#[test]
fn a_conflict_is_not_solved_with_a_secret() {
    let repo = with_secret();
    let view = repo.here();
    let asks = "{on-conflict: ask}\n    env: {T: '${{ secrets.TOKEN }}'}";
    in_conflict(&view, asks);
    let run = run(&view);
    run.assert_code(3);
    let id = told(&run);
    let place = tree(&view, &id, "%run");
    std::fs::write(place.join("base"), "a and b\n").expect("it can be written");
    view.git(["-C", &place.display().to_string(), "add", "base"]);
    std::fs::write(place.join("leak"), SECRET).expect("it can be written");
    let early = view.mmm(["checkpoint", "approve", &id]);
    early.assert_code(3);
    assert!(
        early
            .stderr
            .contains("not merged, because it holds a secret: leak"),
        "{early}"
    );
    assert_nowhere(&view);
    std::fs::remove_file(place.join("leak")).expect("it is still there");
    view.mmm(["checkpoint", "approve", &id]).assert_ok();
    let branch = format!("mmm/run/{id}");
    assert_eq!(view.git(["show", &format!("{branch}:base")]), "a and b");
    assert_nowhere(&view);
}

#[test]
fn nothing_is_committed_for_a_run_that_is_put_aside() {
    let repo = leaking("worktree", "      - checkpoint: look\n");
    let view = repo.here();
    let run = run(&view);
    run.assert_code(3);
    let id = told(&run);
    // Sealed, it would come back, and end with its secrets known.
    let seals = view.git(["for-each-ref", "--format=%(refname)", "refs/mmm/runs"]);
    for name in seals.lines() {
        view.git(["update-ref", "-d", name]);
    }
    let journal = view.path().join(format!(".git/mmm/runs/{id}/events.jsonl"));
    std::fs::write(journal, "what?\nno\n").expect("it can be written");
    let end = view.mmm(["cancel", &id]);
    end.assert_ok();
    let there = tree(&view, &id, "a");
    for name in ["fine", "leak", "leak64"] {
        assert!(there.join(name).exists(), "{end}");
    }
    let throw_away = format!("git worktree remove -f -f {}", there.display());
    assert!(end.stderr.contains(&throw_away), "{end}");
    assert_nowhere(&view);
}
