//! Rows that are cut, trees that are folded.

use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthStr;

use super::{Folded, Row, Size, fold};
use crate::cli::run::tree::{Node, State};
use crate::model::run::Outcome;
use std::time::Instant;

fn line(title: &str, note: &str, columns: usize) -> String {
    let row = Row {
        indent: 2,
        mark: "✓",
        title,
        note: note.to_owned(),
        style: AnsiColor::Green.on_default(),
    };
    row.line(columns, false)
}

#[test]
fn a_row_is_narrower_than_the_terminal() {
    assert_eq!(line("Build", "3 s", 80), "  ✓ Build  3 s");
    assert_eq!(line("Build everything", "3 s", 20), "  ✓ Build eve…  3 s");
    assert_eq!(
        line("Build everything", "success  3.2 s", 20),
        "  ✓ Build everythi…"
    );
    assert_eq!(
        line("編譯所有的東西再測試", "3 s", 20),
        "  ✓ 編譯所有…  3 s"
    );
    for columns in 6..60 {
        for title in ["Build everything anew", "編譯所有的東西再測試", "", "x"] {
            for note in ["", "3 s", "success  1 h 02 m"] {
                let found = line(title, note, columns);
                assert!(found.width() < columns, "{columns}: {found:?}");
            }
        }
    }
}

#[test]
fn colour_has_no_width() {
    let row = Row {
        indent: 0,
        mark: "-",
        title: "Build",
        note: "skipped".to_owned(),
        style: Style::new().bold(),
    };
    let bold = Style::new().bold();
    assert_eq!(
        row.line(17, true),
        format!("{bold}-{bold:#} Build  {bold}skipped{bold:#}")
    );
}

#[test]
fn a_tree_leaves_room_for_what_was_printed() {
    let rows = |columns, height| Size::of_terminal(columns, height).rows;
    assert_eq!(rows(80, 24), 16);
    assert_eq!(rows(80, 3), 2);
    assert_eq!(rows(80, 1), 0);
    assert_eq!(rows(5, 24), 0);
}

/// Jobs by a letter each: `r` runs the second of its steps, `w` waits, `d` is done, `f` failed.
fn tree(jobs: &str, steps: usize) -> Vec<Node> {
    let job = |letter| {
        let state = match letter {
            'r' => State::Running(Instant::now()),
            'd' => State::Over(Outcome::Success, String::new()),
            'f' => State::Over(Outcome::Failure, String::new()),
            _ => State::Open,
        };
        let mut node = Node::new(
            "job",
            (0..steps).map(|step| (step.to_string(), "step".to_owned())),
            false,
        );
        if let (State::Running(_), Some(step)) = (&state, node.steps.get_mut(1)) {
            step.state = state.clone();
        }
        node.state = state;
        node
    };
    jobs.chars().map(job).collect()
}

fn check(jobs: &str, steps: usize, room: usize, nodes: &[(usize, &[usize])], rest: Option<&str>) {
    let expected = Folded {
        nodes: nodes
            .iter()
            .map(|(node, steps)| (*node, steps.to_vec()))
            .collect(),
        rest: rest.map(str::to_owned),
    };
    let folded = fold(&tree(jobs, steps), room);
    assert_eq!(folded, expected, "{jobs} in {room} rows");
    let rows = folded.nodes.iter().map(|(_, steps)| 1 + steps.len());
    let count = rows.sum::<usize>() + usize::from(folded.rest.is_some());
    assert!(count <= room, "{count} rows for {room}");
}

#[test]
fn what_fits_is_shown_whole() {
    check("drw", 3, 6, &[(0, &[]), (1, &[0, 1, 2]), (2, &[])], None);
    check("", 0, 0, &[], None);
}

#[test]
fn the_least_interesting_is_folded() {
    let rest = Some("1 job waiting, 1 done");
    check("drw", 3, 5, &[(1, &[0, 1, 2])], rest);
    let rest = Some("1 job waiting, 1 done, 2 steps more");
    check("drw", 3, 3, &[(1, &[1])], rest);
    let rest = Some("1 job waiting, 1 done, 3 steps more");
    check("drw", 3, 2, &[(1, &[])], rest);
    let rest = Some("1 job running, 1 waiting, 1 done, 3 steps more");
    check("drw", 3, 1, &[], rest);
    check("drw", 3, 0, &[], None);
    let rest = Some("2 jobs waiting, 3 done");
    check("ddfdww", 1, 2, &[(2, &[])], rest);
    check("wwww", 1, 3, &[(0, &[]), (1, &[])], Some("2 jobs waiting"));
    let rest = Some("8 steps more");
    check("r", 12, 6, &[(0, &[0, 1, 2, 3])], rest);
}
