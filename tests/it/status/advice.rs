//! The one `next:` line: whatever it says works and leads on, and `spec next` says the same.

use crate::run::fixture;
use crate::spec::project::{project, spec};
use crate::support::{Run, TestRepo, View};

const FINE: &str = "jobs:\n  a:\n    steps: [{run: 'true'}]\n";

/// The one `next:` line of an answer.
#[track_caller]
fn next_of(run: &Run) -> String {
    let lines: Vec<&str> = run
        .stdout
        .lines()
        .filter_map(|line| line.strip_prefix("next: "))
        .collect();
    assert_eq!(lines.len(), 1, "{run}");
    lines.concat()
}

#[track_caller]
fn next(view: &View<'_>) -> String {
    next_of(&view.mmm(["status"]))
}

/// Checks what is advised, and that it can be done: the exit code is that of an answer.
#[track_caller]
fn check(repo: &TestRepo, expected: &str) {
    let advised = next(&repo.here());
    assert_eq!(advised, expected);
    if advised.contains(" edit ") {
        return;
    }
    let run = repo.here().command("sh", &["-c", &advised]);
    assert!(run.code <= 3, "{advised}: {run}");
}

fn workflow(repo: &TestRepo, name: &str, text: &str) {
    repo.write(&format!(".mmm/workflows/{name}.yaml"), text);
}

#[test]
fn a_spec_that_cannot_run_is_not_advised_to() {
    let repo = project();
    let one = [("[ ] it is (ac-1)", "test -e made")];
    spec(&repo, "login-7k3q9x2", "ready", "workflow: nope\n", &one);
    check(&repo, "git mmm spec check login-7k3q9x2");
    workflow(&repo, "nope", "jobs:\n  a:\n    steps: [{rnu: 'true'}]\n");
    check(&repo, "git mmm workflow check nope");
    spec(&repo, "login-7k3q9x2", "ready", "", &one);
    check(&repo, "git mmm workflow new default");
    workflow(
        &repo,
        "default",
        "jobs:\n  a:\n    steps: [{run: touch made}]\n",
    );
    check(&repo, "git mmm run login-7k3q9x2");
    check(&repo, "git mmm spec done login-7k3q9x2");
    check(&repo, "git mmm spec new \"what will be true\"");
}

#[test]
fn what_no_run_can_prove_is_to_be_edited() {
    let repo = project();
    workflow(&repo, "default", FINE);
    spec(&repo, "login-7k3q9x2", "ready", "", &[]);
    check(&repo, "git mmm spec edit login-7k3q9x2");
    let read = [("[ ] somebody read it (ac-1)", "")];
    spec(&repo, "login-7k3q9x2", "ready", "", &read);
    check(&repo, "git mmm spec edit login-7k3q9x2");
    let both = [read[0], ("[ ] it is (ac-2)", "true")];
    spec(&repo, "login-7k3q9x2", "ready", "", &both);
    check(&repo, "git mmm run login-7k3q9x2");
    check(&repo, "git mmm spec edit login-7k3q9x2");
}

#[test]
fn a_file_that_is_not_right_comes_before_what_it_promises() {
    const SPEC: &str = ".mmm/specs/login-7k3q9x2.md";
    let repo = project();
    workflow(&repo, "default", FINE);
    let one = [("[ ] it is (ac-1)", "true")];
    spec(&repo, "login-7k3q9x2", "ready", "", &one);
    let fine = repo.read(SPEC);
    repo.write(SPEC, format!("{fine}\n- [ ] no id\n"));
    check(&repo, "git mmm spec edit login-7k3q9x2");
    // Not even what is proved can be accepted then.
    repo.write(SPEC, fine.replace("\n---\n", "\ndepends_on: [no]\n---\n"));
    repo.mmm(["spec", "verify", "login"]).assert_code(1);
    check(&repo, "git mmm spec edit login-7k3q9x2");
    repo.write(SPEC, fine.replace("format: 1", "format: 2"));
    check(&repo, "git mmm spec check login-7k3q9x2");
    repo.write(".mmm/elsewhere.md", fine);
    let place = repo.path().join(SPEC);
    std::fs::remove_file(&place).expect("removes");
    std::os::unix::fs::symlink("../elsewhere.md", &place).expect("links");
    check(&repo, "git mmm check");
}

#[test]
fn a_mere_warning_hides_nothing() {
    let repo = project();
    workflow(&repo, "default", FINE);
    spec(
        &repo,
        "login-7k3q9x2",
        "ready",
        "",
        &[("[ ] it is (ac-1)", "true")],
    );
    let config = repo.read(".mmm/config.toml");
    repo.write(".mmm/config.toml", format!("{config}colour = \"red\"\n"));
    check(&repo, "git mmm run login-7k3q9x2");
}

#[test]
fn what_failed_is_read_before_it_runs_again() {
    let repo = TestRepo::builder().real_clock().build();
    fixture::configure(&repo.here(), "");
    fixture::spec(&repo.here(), &["test -e made"]);
    fixture::workflow(&repo.here(), "main", "  a:\n    steps: [{run: 'true'}]\n");
    let run = repo.mmm(["run", "thing"]);
    run.assert_code(1);
    let (id, _) = fixture::newest(&repo.here());
    let log = format!("git mmm log {id}");
    assert_eq!(next_of(&run), log);
    check(&repo, &log);
    // With another workflow, another command or another code it may go well.
    let spec = "git mmm run thing-7k3q9x2";
    fixture::workflow(
        &repo.here(),
        "main",
        "  a:\n    steps: [{run: touch made}]\n",
    );
    assert_eq!(next(&repo.here()), spec);
    fixture::workflow(&repo.here(), "main", "  a:\n    steps: [{run: 'true'}]\n");
    assert_eq!(next(&repo.here()), log);
    fixture::spec(&repo.here(), &["test ! -e made"]);
    assert_eq!(next(&repo.here()), spec);
    fixture::spec(&repo.here(), &["test -e made"]);
    repo.write("code", "x");
    assert_eq!(next(&repo.here()), spec);
}

#[test]
fn a_spec_that_waits_for_ever_is_told() {
    let repo = project();
    workflow(&repo, "default", FINE);
    let one = [("[ ] it is (ac-1)", "true")];
    spec(&repo, "first-1m4c8tz", "dropped", "", &one);
    spec(
        &repo,
        "second-7k3q9x2",
        "ready",
        "depends_on:\n  - first\n",
        &one,
    );
    check(&repo, "git mmm spec edit second-7k3q9x2");
    insta::assert_snapshot!(repo.mmm(["spec", "next"]), @"
    exit code 1
    --- stderr
    second-7k3q9x2 waits for first-1m4c8tz (dropped)
    hint: run `git mmm spec edit second-7k3q9x2`
    ");
}

#[test]
fn status_and_spec_next_agree() {
    let repo = project();
    workflow(&repo, "default", FINE);
    let agree = |expected: &str| {
        assert_eq!(next(&repo.here()), expected);
        let run = repo.mmm(["spec", "next"]);
        if run.code == 0 {
            assert_eq!(next_of(&run), expected);
            let json = repo.mmm(["spec", "next", "--json"]).json();
            assert_eq!(json["data"][0]["next"], expected);
        } else {
            let hint = format!("hint: run `{expected}`");
            assert_eq!(run.stderr.lines().last(), Some(hint.as_str()), "{run}");
        }
    };
    spec(&repo, "idea-1m4c8tz", "draft", "", &[]);
    agree("git mmm spec edit idea-1m4c8tz");
    let one = [("[ ] it is (ac-1)", "test -e README")];
    spec(&repo, "idea-1m4c8tz", "draft", "", &one);
    agree("git mmm spec set idea-1m4c8tz status=ready");
    spec(&repo, "b-7k3q9x2", "ready", "", &one);
    agree("git mmm run b-7k3q9x2");
    // One that was proved once and one that never was: the more urgent one comes first.
    repo.mmm(["spec", "verify", "b"]).assert_ok();
    repo.write("code", "x");
    spec(&repo, "c-9rv4h6c", "ready", "priority: 1\n", &one);
    agree("git mmm run c-9rv4h6c");
    repo.mmm(["spec", "verify", "b"]).assert_ok();
    agree("git mmm spec done b-7k3q9x2");
}

#[test]
fn a_run_is_answered_where_it_was_started() {
    let repo = project();
    workflow(
        &repo,
        "gate",
        "jobs:\n  a:\n    steps: [{checkpoint: look}]\n",
    );
    let run = repo.mmm(["run", "-w", "gate"]);
    run.assert_code(3);
    let show = next_of(&run);
    assert!(show.starts_with("git mmm checkpoint show 01"), "{show}");
    let words: Vec<&str> = show.split(' ').skip(2).collect();
    let here = next_of(&repo.mmm(&words));
    assert!(here.starts_with("git mmm checkpoint approve 01"), "{here}");
    let other = repo.linked_worktree("side");
    repo.git(["-C", &other.path().to_string_lossy(), "status"]);
    other.write(".mmm/config.toml", repo.read(".mmm/config.toml"));
    assert_eq!(next(&other), show);
    let there = next_of(&other.mmm(&words));
    let top = repo.path().display();
    assert_eq!(there, here.replacen("git", &format!("git -C {top}"), 1));
    other.command("sh", &["-c", &there]).assert_ok();
}

#[test]
fn what_was_accepted_and_broke_comes_first() {
    let repo = project();
    workflow(
        &repo,
        "default",
        "jobs:\n  a:\n    steps: [{run: touch made}]\n",
    );
    let one = [("[ ] it is (ac-1)", "test -e made")];
    spec(&repo, "login-7k3q9x2", "ready", "", &one);
    repo.mmm(["run", "login"]).assert_ok();
    repo.mmm(["spec", "done", "login"]).assert_ok();
    spec(&repo, "other-aaaaaaa", "ready", "priority: 1\n", &one);
    std::fs::remove_file(repo.path().join("made")).expect("removes");
    repo.mmm(["spec", "verify", "login"]).assert_code(1);
    let found = repo.mmm(["spec", "next"]);
    found.assert_ok();
    assert!(
        found.stdout.starts_with("login-7k3q9x2  failing"),
        "{found}"
    );
    assert_eq!(next_of(&found), "git mmm run login-7k3q9x2");
    check(&repo, "git mmm run login-7k3q9x2");
    let list = repo.mmm(["spec", "next", "--all"]);
    assert!(!list.stdout.contains("login"), "{list}");
}
