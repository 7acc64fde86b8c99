//! Verdicts on code that is in no commit yet: a local file of lines, waiting for their commit.
//!
//! Verdicts bind to a code tree. Until a commit has that tree there is nothing to note them on.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::ids::ObjectId;
use crate::base::limits::LOCK_TIMEOUT;
use crate::model::record::{Fact, Record};
use crate::state::Error;
use crate::state::format::note_v1::{self, Decoded};
use crate::state::layout::Local;
use crate::sys::files;
use crate::sys::lock::Lock;

/// Largest file of waiting verdicts that is read, in bytes.
const FILE_BYTES: u64 = 64 * 1024 * 1024;

/// Most verdicts that wait; the oldest make room, since their code is the least likely to come back.
const WAITING: usize = 10_000;

/// Adds verdicts. They are on the disk when the call returns.
pub(crate) fn append(local: &Local, records: &[Record]) -> Result<(), Error> {
    if records.is_empty() {
        return Ok(());
    }
    let _lock = Lock::take_with_folder(&local.pending_lock(), LOCK_TIMEOUT)?;
    let mut text = text(local)?;
    // A line that a crash cut short stays alone on its line, and is skipped there.
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    for record in records {
        text.push_str(&note_v1::encode(record)?);
        text.push('\n');
    }
    let surplus = text.lines().count().saturating_sub(WAITING);
    let kept: String = text.split_inclusive('\n').skip(surplus).collect();
    Ok(files::write_atomic(
        &local.pending_verdicts(),
        kept.as_bytes(),
    )?)
}

/// The verdicts that wait.
pub(crate) fn read(local: &Local) -> Result<Decoded, Error> {
    Ok(note_v1::decode(&text(local)?))
}

/// Hands over the verdicts whose code a commit has by now, and forgets them once `write` has noted
/// them; gives how many.
///
/// One look at the disk when nothing waits. `find` is given the code trees that are wanted and the
/// time of the oldest verdict, in milliseconds since the Unix epoch, and says which commit has
/// which. A death between the two leaves the verdicts in both places, where folding makes them one.
pub(crate) fn attach(
    local: &Local,
    find: impl FnOnce(&BTreeSet<ObjectId>, u64) -> Result<BTreeMap<ObjectId, ObjectId>, Error>,
    mut write: impl FnMut(&ObjectId, &ObjectId, &[Record]) -> Result<(), Error>,
) -> Result<usize, Error> {
    let waiting = read(local)?.records;
    if waiting.is_empty() {
        return Ok(0);
    }
    let wanted: BTreeSet<ObjectId> = waiting.iter().filter_map(tree).cloned().collect();
    let oldest = waiting.iter().map(|record| record.id.timestamp_ms()).min();
    let homes = find(&wanted, oldest.unwrap_or(0))?;
    if homes.is_empty() {
        return Ok(0);
    }
    let _lock = Lock::take_with_folder(&local.pending_lock(), LOCK_TIMEOUT)?;
    let text = text(local)?;
    let belongs = |line: &str, home: &ObjectId| {
        note_v1::decode_line(line.trim_end()).filter(|record| tree(record) == Some(home))
    };
    let mut attached = 0;
    for (tree, commit) in &homes {
        let ready: Vec<Record> = text
            .lines()
            .filter_map(|line| belongs(line, tree))
            .collect();
        if !ready.is_empty() {
            write(commit, tree, &ready)?;
            attached += ready.len();
        }
    }
    let waits = |line: &&str| !homes.keys().any(|tree| belongs(line, tree).is_some());
    let rest: String = text.split_inclusive('\n').filter(waits).collect();
    let path = local.pending_verdicts();
    if rest.trim().is_empty() {
        files::remove_file(&path)?;
    } else {
        files::write_atomic(&path, rest.as_bytes())?;
    }
    Ok(attached)
}

/// The code that a verdict is about.
fn tree(record: &Record) -> Option<&ObjectId> {
    match &record.fact {
        Fact::Verdict(verdict) => Some(&verdict.tree),
        _ => None,
    }
}

fn text(local: &Local) -> Result<String, Error> {
    match files::read_bytes(&local.pending_verdicts(), FILE_BYTES) {
        // A damaged line is skipped as a line; the others are still good.
        Ok(bytes) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
        Err(error) if error.is_not_found() => Ok(String::new()),
        Err(error) => Err(error.into()),
    }
}
