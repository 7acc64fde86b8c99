//! Conflicts that a commit must not take for solved.

use crate::git::action::Refused;
use crate::git::action::hand::Hand;
use crate::git::unmerged::{self, Stages};
use crate::sys::files;

/// Largest file in conflict that is looked into; a larger one has to be added by who solves it.
const FILE_BYTES: u64 = 16 * 1024 * 1024;

/// How git begins the first line of a conflict.
const MARKER: &str = "<<<<<<< ";

/// Refuses while a file is in conflict and nobody has solved it. Who has edited the text of one, or
/// removed the file, need not have added it.
pub(super) fn refuse(hand: &Hand<'_>) -> Result<(), Refused> {
    let stages = unmerged::stages(hand.command(&[]))?;
    if stages.is_empty() {
        return Ok(());
    }
    let top = hand.repository.top()?;
    let is_solved = |(path, stages): &(String, Stages)| {
        let file = top.join(path);
        if file.symlink_metadata().is_err() {
            return true;
        }
        // Where one side has no file, or it is no text, nothing in it tells.
        let both = stages.contains(&'2') && stages.contains(&'3');
        both && files::read_text(&file, FILE_BYTES)
            .is_ok_and(|text| !text.contains('\0') && !text.lines().any(is_marker))
    };
    let unsolved = stages.into_iter().filter(|entry| !is_solved(entry));
    let paths: Vec<String> = unsolved.map(|(path, _)| path).collect();
    if paths.is_empty() {
        return Ok(());
    }
    Err(Refused::Unsolved { paths })
}

fn is_marker(line: &str) -> bool {
    line.starts_with(MARKER)
}
