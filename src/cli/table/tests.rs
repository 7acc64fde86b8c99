//! Columns as people see them.

use crate::cli::report::Look;
use crate::cli::table::{Cell, Table, shortened};
use anstyle::{AnsiColor, Style};

fn sample() -> Table {
    let mut table = Table::new(["spec", "title", "proved"]).flexible(1).right(2);
    let green = Style::new().fg_color(Some(AnsiColor::Green.into()));
    table.row([
        "login-7k3q9x2".into(),
        "Expired tokens are refused".into(),
        Cell::styled("2/2", green),
    ]);
    table.row([
        "wide-0000000".into(),
        "日本語の題名\u{1b}[2J and\nmore".into(),
        "10/12".into(),
    ]);
    table
}

#[test]
fn columns_line_up_and_pipes_get_everything() {
    insta::assert_snapshot!(sample().render(Look::default()), @r"
    spec           title                           proved
    login-7k3q9x2  Expired tokens are refused         2/2
    wide-0000000   日本語の題名\u{1b}[2J and more   10/12
    ");
}

#[test]
fn a_narrow_terminal_cuts_the_flexible_column_only() {
    let look = Look {
        coloured: false,
        width: Some(40),
    };
    insta::assert_snapshot!(sample().render(look), @r"
    spec           title              proved
    login-7k3q9x2  Expired tokens a…     2/2
    wide-0000000   日本語の題名\u{1…   10/12
    ");
}

#[test]
fn colour_does_not_move_columns() {
    let look = Look {
        coloured: true,
        width: None,
    };
    let coloured = sample().render(look);
    insta::assert_snapshot!(coloured.replace('\u{1b}', "^"), @r"
    ^[1mspec^[0m           ^[1mtitle^[0m                           ^[1mproved^[0m
    login-7k3q9x2  Expired tokens are refused         ^[32m2/2^[0m
    wide-0000000   日本語の題名\u{1b}[2J and more   10/12
    ");
}

#[test]
fn shortening_counts_columns() {
    assert_eq!(shortened("abc", 3), "abc");
    assert_eq!(shortened("abcd", 3), "ab…");
    assert_eq!(shortened("日本語", 5), "日本…");
    assert_eq!(shortened("ab cd", 4), "ab…");
}
