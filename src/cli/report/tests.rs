//! Problems and errors as people see them.

use crate::app::Error;
use crate::app::error::MachineError;
use crate::base::diagnostic::{Problem, TOO_MANY_PROBLEMS};
use crate::base::source::{SourceText, Span};
use crate::cli::report::{Look, error, failure, problems, summary};

fn check(source: &str, span: (usize, usize)) -> String {
    let source = SourceText::new(".mmm/specs/a.md", source);
    let found =
        Problem::error("bad", &source, Span::new(span.0, span.1), "bad value").with_label("here");
    problems(&[found], Look::default())
}

#[test]
fn problems_show_place_line_caret_and_hint() {
    let source = SourceText::new(".mmm/specs/a.md", "title: x\nownr: ada\nstatus: redy\n");
    let found = [
        Problem::warning(
            "unknown-key",
            &source,
            Span::new(9, 13),
            "unknown key `ownr`",
        )
        .with_label("did you mean `owner`?"),
        Problem::error(
            "unknown-status",
            &source,
            Span::new(27, 31),
            "unknown status `redy`",
        )
        .with_label("one of `draft`, `ready`, `done` or `dropped`")
        .with_hint("run `git mmm spec set a status=ready`"),
        Problem::in_file("not-utf8", ".mmm/specs/b.md", "the file is not UTF-8"),
    ];
    insta::assert_snapshot!(problems(&found, Look::default()), @"
    warning[unknown-key]: unknown key `ownr`
     --> .mmm/specs/a.md:2:1
      |
    2 | ownr: ada
      | ^^^^ did you mean `owner`?

    error[unknown-status]: unknown status `redy`
     --> .mmm/specs/a.md:3:9
      |
    3 | status: redy
      |         ^^^^ one of `draft`, `ready`, `done` or `dropped`
      |
      = hint: run `git mmm spec set a status=ready`

    error[not-utf8]: the file is not UTF-8
    --> .mmm/specs/b.md

    2 errors, 1 warning in 2 files
    ");
}

#[test]
fn hostile_lines_are_drawn_harmlessly() {
    insta::assert_snapshot!(check("a\u{1b}[2Jb: \u{202e}x", (6, 7)), @"
    error[bad]: bad value
     --> .mmm/specs/a.md:1:7
      |
    1 | a␛[2Jb: �x
      |       ^ here

    1 error in 1 file
    ");
    insta::assert_snapshot!(check("é: \"ü\nmore\"\n", (4, 12)), @r#"
    error[bad]: bad value
     --> .mmm/specs/a.md:1:4
      |
    1 | é: "ü
      |    ^^ here

    1 error in 1 file
    "#);
    insta::assert_snapshot!(check("", (0, 0)), @"
    error[bad]: bad value
     --> .mmm/specs/a.md:1:1
      |
    1 |
      | ^ here

    1 error in 1 file
    ");
    insta::assert_snapshot!(check("a\n", (99, 100)), @"
    error[bad]: bad value
     --> .mmm/specs/a.md:2:1
      |
    2 |
      | ^ here

    1 error in 1 file
    ");
    let long = format!("{}x{}", "a".repeat(5_000), "b".repeat(5_000));
    insta::assert_snapshot!(check(&long, (5_000, 5_001)), @"
    error[bad]: bad value
     --> .mmm/specs/a.md:1:5001
      |
    1 | ...aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaxbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb...
      |                                              ^ here

    1 error in 1 file
    ");
}

#[test]
fn a_byte_order_mark_takes_no_column() {
    insta::assert_snapshot!(check("\u{feff}ownr: ada\n", (3, 7)), @"
    error[bad]: bad value
     --> .mmm/specs/a.md:1:1
      |
    1 | ownr: ada
      | ^^^^ here

    1 error in 1 file
    ");
}

#[test]
fn the_summary_counts() {
    assert_eq!(summary(&[]), "no problems");
    let found = Problem::in_file("x", "a", "b");
    assert_eq!(summary(&[found.clone(), found]), "2 errors in 1 file");
}

#[test]
fn errors_show_their_causes_and_a_hint() {
    let machine = MachineError::file("write", "a.md", std::io::ErrorKind::StorageFull.into());
    insta::assert_snapshot!(error(&Error::from(machine), Look::default()), @"
    error: cannot write a.md: no storage space
    hint: make room on the disk, then try again: nothing was lost
    ");
    let coloured = Look {
        coloured: true,
        width: None,
    };
    assert_eq!(
        failure("a\u{7}", None, coloured),
        "\u{1b}[1m\u{1b}[31merror:\u{1b}[0m a\\u{7}\n"
    );
}

#[test]
fn problems_that_are_not_shown_are_not_counted() {
    let mut found = vec![
        Problem::in_file("unknown-key", "a", "x"),
        Problem::in_file("unknown-key", "a", "y"),
    ];
    assert_eq!(summary(&found), "2 errors in 1 file");
    let message = "2 problems are shown, 5 more are not";
    found.push(Problem::in_file(TOO_MANY_PROBLEMS, "a", message));
    assert_eq!(summary(&found), "more than 2 errors in 1 file");
}
