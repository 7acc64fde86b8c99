//! Colour follows Git's settings, and no terminal means no questions.

use std::io::pipe;

use crate::run::fixture::{project, spec};
use crate::support::{LIMIT, TestRepo, wait_until};

/// A project with a spec, whose list is printed without a pager.
fn listed() -> TestRepo {
    let mut repo = project();
    spec(&repo.here(), &["true"]);
    repo.set("GIT_PAGER", "cat");
    repo
}

/// What `spec list` prints on a terminal.
fn on_terminal(repo: &TestRepo) -> String {
    let mut terminal = repo.here().on_terminal(["spec", "list"], (80, 24));
    assert_eq!(terminal.end(), 0, "{}", terminal.seen());
    assert!(terminal.seen().contains("The thing works"));
    terminal.printed()
}

#[test]
fn a_terminal_is_coloured_unless_somebody_minds() {
    let mut repo = listed();
    repo.git(["config", "color.ui", "auto"]);
    assert!(on_terminal(&repo).contains("\u{1b}["));
    let piped = repo.mmm(["spec", "list"]);
    assert!(!piped.stdout.contains('\u{1b}'), "{piped}");
    repo.set("NO_COLOR", "1");
    assert!(!on_terminal(&repo).contains('\u{1b}'));
}

#[test]
fn a_terminal_that_knows_no_colours_gets_none() {
    let mut repo = listed();
    repo.set("TERM", "dumb");
    assert!(!on_terminal(&repo).contains('\u{1b}'));
}

#[test]
fn what_is_always_coloured_is_so_in_a_pipe() {
    let mut repo = listed();
    repo.set("NO_COLOR", "1");
    repo.git(["config", "color.ui", "always"]);
    let piped = repo.mmm(["spec", "list"]);
    assert!(piped.stdout.contains("\u{1b}["), "{piped}");
    repo.git(["config", "color.ui", "never"]);
    assert!(!on_terminal(&repo).contains('\u{1b}'));
}

#[test]
fn nothing_is_asked_without_a_terminal() {
    let repo = listed();
    for (words, code) in [
        (&["spec", "new"][..], 129),
        (&["spec", "done", "thing"], 1),
        (&["checkpoint", "approve"], 128),
        (&["run"], 129),
        (&["init"], 0),
        (&["spec", "drop", "thing"], 0),
    ] {
        // A pipe that stays open and holds nothing: whoever reads from it waits for ever.
        let (reader, writer) = pipe().expect("a pipe");
        let mut child = repo.here().spawn_reading(words, reader.into());
        wait_until(LIMIT, || child.has_ended());
        drop(writer);
        child.wait(LIMIT).assert_code(code);
    }
}
