//! The pager, by Git's rules.

use crate::run::fixture::{project, spec};
use crate::support::{Terminal, TestRepo};

/// A project with a spec.
fn listed() -> TestRepo {
    let repo = project();
    spec(&repo.here(), &["true"]);
    repo
}

/// Lists the specs on a terminal.
#[track_caller]
fn list(repo: &TestRepo) -> Terminal {
    let mut terminal = repo.here().on_terminal(["spec", "list"], (80, 24));
    assert_eq!(terminal.end(), 0, "{}", terminal.seen());
    terminal
}

fn is_listed(text: &str) -> bool {
    text.contains("The thing works")
}

#[test]
fn a_terminal_gets_what_the_pager_makes_of_it() {
    let mut repo = listed();
    repo.set("GIT_PAGER", "cat >paged");
    assert!(!is_listed(&list(&repo).printed()));
    assert!(is_listed(&repo.read("paged")));
    repo.set("GIT_PAGER", "sed 's/The/THE/'");
    assert!(list(&repo).seen().contains("THE thing works"));
    // Without a terminal there is none.
    let piped = repo.mmm(["spec", "list"]);
    assert!(is_listed(&piped.stdout), "{piped}");
}

#[test]
fn less_is_told_what_git_tells_it() {
    let mut repo = listed();
    repo.set(
        "GIT_PAGER",
        "echo \"LESS=$LESS LV=$LV\" >told; cat >/dev/null",
    );
    list(&repo);
    assert_eq!(repo.read("told"), "LESS=FRX LV=-c\n");
    repo.set("LESS", "M");
    list(&repo);
    assert_eq!(repo.read("told"), "LESS=M LV=-c\n");
}

#[test]
fn who_wants_no_pager_has_none() {
    let mut repo = listed();
    repo.git(["config", "core.pager", "cat >paged"]);
    let words = ["--no-pager", "mmm", "spec", "list"];
    let mut terminal = repo.here().start_on_terminal("git", &words, (80, 24));
    assert_eq!(terminal.end(), 0, "{}", terminal.seen());
    assert!(is_listed(&terminal.seen()), "{}", terminal.seen());
    repo.set("GIT_PAGER", "cat");
    assert!(is_listed(&list(&repo).seen()));
    assert!(!repo.path().join("paged").exists());
}

#[test]
fn what_fits_the_screen_waits_for_no_key() {
    // `less` goes away by itself; where it is not installed there is no pager.
    let terminal = list(&listed());
    assert!(is_listed(&terminal.seen()), "{}", terminal.seen());
}
