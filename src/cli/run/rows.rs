//! Rows of a terminal: cut to its width, and folded where there are more than its height lets in.

use std::collections::BTreeSet;

use anstyle::Style;
use unicode_width::UnicodeWidthStr;

use crate::base::text::counted;
use crate::cli::run::tree::{Node, State};
use crate::cli::table::shortened;
use crate::model::run::Outcome;

/// Columns that a title keeps before what is said of it goes.
const NARROWEST_TITLE: usize = 6;

/// Narrower terminals show nothing: a mark and one letter.
const NARROWEST: usize = 6;

/// What may be filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size {
    /// Columns of the terminal.
    pub(crate) columns: usize,
    /// Rows that the tree may have.
    pub(crate) rows: usize,
}

impl Size {
    /// What the tree may fill of a terminal: a third of the height is left to what was printed.
    pub(crate) fn of_terminal(columns: usize, height: usize) -> Self {
        let rows = if columns < NARROWEST {
            0
        } else {
            // The cursor stands below the last row.
            (height * 2 / 3).min(height.saturating_sub(1))
        };
        Self { columns, rows }
    }
}

/// One row.
#[derive(Debug)]
pub(super) struct Row<'a> {
    pub(super) indent: usize,
    pub(super) mark: &'a str,
    pub(super) title: &'a str,
    pub(super) note: String,
    pub(super) style: Style,
}

impl Row<'_> {
    /// The row as text that is narrower than the terminal: the last column stays free, for some
    /// terminals begin a new row when it is filled.
    pub(super) fn line(&self, columns: usize, coloured: bool) -> String {
        let head = self.indent + self.mark.width() + 1;
        let room = columns.saturating_sub(1 + head);
        let note_room = if self.note.is_empty() {
            0
        } else {
            self.note.width() + 2
        };
        let (style, mark) = (self.style, self.mark);
        let painted = |text: &str| {
            if coloured && !text.is_empty() && style != Style::new() {
                format!("{style}{text}{style:#}")
            } else {
                text.to_owned()
            }
        };
        let fits = self.title.width() + note_room <= room;
        let text = if fits || note_room + NARROWEST_TITLE <= room {
            let title = shortened(self.title, room - note_room);
            let gap = if self.note.is_empty() { "" } else { "  " };
            format!("{title}{gap}{}", painted(&self.note))
        } else {
            shortened(&format!("{}  {}", self.title, self.note), room)
        };
        let indent = " ".repeat(self.indent);
        format!("{indent}{} {text}", painted(mark))
    }
}

/// What is shown of a tree.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Folded {
    /// The nodes by their index, each with the indexes of its steps.
    pub(super) nodes: Vec<(usize, Vec<usize>)>,
    /// What is not shown, in words, if there is anything.
    pub(super) rest: Option<String>,
}

/// Chooses at most `room` rows, the last of which tells what is left out.
pub(super) fn fold(nodes: &[Node], room: usize) -> Folded {
    let mut items: Vec<(u32, usize, Option<usize>)> = Vec::new();
    for (at, node) in nodes.iter().enumerate() {
        items.push((node_rank(node), at, None));
        if node.state.is_at_work() {
            let active = node.steps.iter().position(|step| step.state.is_at_work());
            let next = node.steps.iter().position(|step| step.state == State::Open);
            let middle = active.or(next).unwrap_or(0);
            items.extend((0..node.steps.len()).map(|step| {
                let distance = u32::try_from(step.abs_diff(middle)).unwrap_or(u32::MAX);
                let rank = match distance {
                    0 if active.is_some() => 1,
                    _ => 10 + distance.min(900),
                };
                (rank, at, Some(step))
            }));
        }
    }
    if items.len() <= room {
        return shown(items.into_iter().map(|(_, node, step)| (node, step)), None);
    }
    items.sort_by_key(|(rank, ..)| *rank);
    let hidden = items.split_off(room.saturating_sub(1).min(items.len()));
    let rest = (room > 0).then(|| left_out(nodes, &hidden));
    let chosen: BTreeSet<_> = items
        .into_iter()
        .map(|(_, node, step)| (node, step))
        .collect();
    shown(chosen, rest)
}

/// How soon a job is left out when there is too little room; the highest first.
fn node_rank(node: &Node) -> u32 {
    match &node.state {
        State::Running(_) | State::Asking(_) => 0,
        _ if node.is_phase => 2,
        State::Over(Outcome::Failure | Outcome::Cancelled, _) => 3,
        State::Open => 1000,
        State::Over(..) => 2000,
    }
}

/// Nodes with their steps, of rows that are in order.
fn shown(rows: impl IntoIterator<Item = (usize, Option<usize>)>, rest: Option<String>) -> Folded {
    let mut nodes: Vec<(usize, Vec<usize>)> = Vec::new();
    for (node, step) in rows {
        match (step, nodes.last_mut()) {
            (Some(step), Some((last, steps))) if *last == node => steps.push(step),
            (Some(_), _) => {}
            (None, _) => nodes.push((node, Vec::new())),
        }
    }
    Folded { nodes, rest }
}

/// `12 jobs waiting, 180 done`.
fn left_out(nodes: &[Node], hidden: &[(u32, usize, Option<usize>)]) -> String {
    let (mut running, mut waiting, mut done, mut steps) = (0, 0, 0, 0);
    for (_, node, step) in hidden {
        let node = nodes.get(*node).filter(|node| !node.is_phase);
        match (step, node.map(|node| &node.state)) {
            (Some(_), _) => steps += 1,
            (None, None) => {}
            (None, Some(State::Running(_) | State::Asking(_))) => running += 1,
            (None, Some(State::Open)) => waiting += 1,
            (None, Some(State::Over(..))) => done += 1,
        }
    }
    let mut parts: Vec<String> = Vec::new();
    for (count, word) in [(running, "running"), (waiting, "waiting"), (done, "done")] {
        if count == 0 {
            continue;
        }
        parts.push(if parts.is_empty() {
            format!("{} {word}", counted(count, "job"))
        } else {
            format!("{count} {word}")
        });
    }
    if steps > 0 {
        parts.push(format!("{} more", counted(steps, "step")));
    }
    parts.join(", ")
}

#[cfg(test)]
mod tests;
