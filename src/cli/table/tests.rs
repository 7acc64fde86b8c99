//! Columns as people see them.

use crate::cli::report::Look;
use crate::cli::table::{Cell, PART, Table, shortened};
use anstyle::{AnsiColor, Style};

fn sample() -> Table<'static> {
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

#[test]
fn all_parts_of_a_long_table_have_the_same_columns() {
    let rows = 3 * PART + 1;
    let number = |row: usize| format!("{}", row * 1000);
    let title = |row: usize| {
        if row == 2 * PART {
            "é and the widest"
        } else {
            "é"
        }
    };
    let mut table = Table::new(["n", "title", "last"]).right(0);
    let red = Style::new().fg_color(Some(AnsiColor::Red.into()));
    for row in 0..rows {
        table.row([
            number(row).into(),
            title(row).into(),
            Cell::styled("x", red),
        ]);
    }
    let look = Look {
        coloured: true,
        width: None,
    };
    let drawn = table.render(look);
    let mut lines = drawn.lines();
    assert_eq!(
        lines
            .next()
            .map(|line| line.replace('\u{1b}', "^"))
            .as_deref(),
        Some("     ^[1mn^[0m  ^[1mtitle^[0m             ^[1mlast^[0m")
    );
    for row in 0..rows {
        let line = format!("{:>6}  {:16}  {red}x{red:#}", number(row), title(row));
        assert_eq!(lines.next(), Some(line.as_str()));
    }
    assert_eq!(lines.next(), None);
}
