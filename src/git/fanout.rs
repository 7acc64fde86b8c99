//! The trees of notes: a folder for the first two digits of a commit's id, a file for the rest.
//!
//! Git itself makes flat, deep and mixed trees, which all are read. What is written has at least
//! one level of folders and follows deeper ones, so that a note costs two small trees and never
//! one that grows with the number of notes.

use std::collections::{BTreeMap, HashSet};

use crate::base::ids::ObjectId;
use crate::base::limits;
use crate::git::Error;
use crate::git::objects::{ObjectKind, Objects};
use crate::git::tree::{FILE, FOLDER, TreeEntry};

/// Hex digits that one level of folders takes.
const LEVEL: usize = 2;

/// What is to be added to the note of one commit.
#[derive(Clone, Debug)]
pub(super) struct Addition {
    commit: ObjectId,
    /// Notes on the same commit that stood elsewhere in the tree.
    moved: Vec<ObjectId>,
    lines: Vec<String>,
}

impl Addition {
    pub(super) fn new(commit: ObjectId, lines: Vec<String>) -> Self {
        Self {
            commit,
            moved: Vec::new(),
            lines,
        }
    }

    /// What is left of the id below this many levels.
    fn rest(&self, depth: usize) -> &str {
        self.commit.as_str().get(depth * LEVEL..).unwrap_or("")
    }

    fn merge(&mut self, other: Self) {
        self.moved.extend(other.moved);
        self.lines.extend(other.lines);
    }
}

/// Additions of this level by commit, so that none is worked on twice.
type Additions = BTreeMap<ObjectId, Addition>;

fn put(additions: &mut Additions, addition: Addition) {
    match additions.get_mut(&addition.commit) {
        Some(known) => known.merge(addition),
        None => {
            additions.insert(addition.commit.clone(), addition);
        }
    }
}

/// Adds to the notes of a tree; gives the id of the new tree.
pub(super) fn add(
    objects: &Objects,
    root: Option<&ObjectId>,
    additions: impl IntoIterator<Item = Addition>,
) -> Result<ObjectId, Error> {
    let mut merged = Additions::new();
    for addition in additions {
        put(&mut merged, addition);
    }
    fold(objects, root, merged, 0)
}

fn fold(
    objects: &Objects,
    folder: Option<&ObjectId>,
    mut additions: Additions,
    depth: usize,
) -> Result<ObjectId, Error> {
    let mut entries = match folder {
        Some(id) => objects.read_tree(id)?,
        None => Vec::new(),
    };
    if depth == 0 {
        entries = take_flat(objects, entries, &mut additions);
    }
    let mut entries: BTreeMap<Vec<u8>, TreeEntry> = entries
        .into_iter()
        .map(|entry| (entry.name.clone(), entry))
        .collect();
    let mut deeper: BTreeMap<String, Additions> = BTreeMap::new();
    for (_, mut addition) in additions {
        let rest = addition.rest(depth).to_owned();
        let front = rest.get(..LEVEL).unwrap_or(&rest).to_owned();
        let here = entries.get(rest.as_bytes()).map(|entry| entry.id.clone());
        if depth == 0
            || entries
                .get(front.as_bytes())
                .is_some_and(TreeEntry::is_folder)
        {
            if let Some(id) = here {
                entries.remove(rest.as_bytes());
                addition.moved.push(id);
            }
            put(deeper.entry(front).or_default(), addition);
        } else {
            let id = write_note(objects, here, &addition)?;
            entries.insert(rest.clone().into_bytes(), TreeEntry::new(FILE, rest, id));
        }
    }
    for (front, additions) in deeper {
        let child = entries.get(front.as_bytes());
        if let Some(strange) = child.filter(|entry| !entry.is_folder()) {
            // A file named like a folder of notes is not a note, and not ours to remove.
            return Err(Error::TreeName {
                name: strange.shown(),
                reason: "it stands where notes belong",
            });
        }
        let id = fold(objects, child.map(|entry| &entry.id), additions, depth + 1)?;
        entries.insert(
            front.clone().into_bytes(),
            TreeEntry::new(FOLDER, front, id),
        );
    }
    objects.write_tree(entries.into_values().collect())
}

/// Takes the notes that stand flat at the root: they move into their folders.
fn take_flat(
    objects: &Objects,
    entries: Vec<TreeEntry>,
    additions: &mut Additions,
) -> Vec<TreeEntry> {
    let length = objects.id_length();
    let mut kept = Vec::new();
    for entry in entries {
        let commit = std::str::from_utf8(&entry.name)
            .ok()
            .filter(|name| name.len() == length && !entry.is_folder())
            .and_then(|name| name.parse::<ObjectId>().ok());
        let Some(commit) = commit else {
            kept.push(entry);
            continue;
        };
        let mut addition = Addition::new(commit, Vec::new());
        addition.moved.push(entry.id);
        put(additions, addition);
    }
    kept
}

/// Writes the union of what stands here, what was moved here, and the new lines.
fn write_note(
    objects: &Objects,
    here: Option<ObjectId>,
    addition: &Addition,
) -> Result<ObjectId, Error> {
    let mut blobs = here.into_iter().chain(addition.moved.iter().cloned());
    let first = blobs.next();
    let mut text = match &first {
        Some(id) => objects.read_kind(id, ObjectKind::Blob)?,
        None => Vec::new(),
    };
    let mut known: HashSet<Vec<u8>> = lines(&text).map(<[u8]>::to_vec).collect();
    let mut more: Vec<Vec<u8>> = Vec::new();
    for id in blobs {
        let moved = objects.read_kind(&id, ObjectKind::Blob)?;
        more.extend(lines(&moved).map(<[u8]>::to_vec));
    }
    more.extend(addition.lines.iter().map(|line| line.as_bytes().to_vec()));
    let before = text.len();
    for line in more {
        if known.contains(&line) {
            continue;
        }
        if !text.is_empty() && !text.ends_with(b"\n") {
            text.push(b'\n');
        }
        text.extend_from_slice(&line);
        text.push(b'\n');
        known.insert(line);
    }
    if let Some(first) = first.filter(|_| text.len() == before) {
        return Ok(first);
    }
    if text.len() > limits::NOTE_BYTES {
        return Err(Error::NoteSize {
            commit: addition.commit.clone(),
            bytes: text.len(),
            limit: limits::NOTE_BYTES,
        });
    }
    objects.write(ObjectKind::Blob, &text)
}

fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|&byte| byte == b'\n')
        .filter(|line| !line.is_empty())
}

/// The notes on one commit, wherever in the tree they stand.
pub(super) fn find(
    objects: &Objects,
    root: &ObjectId,
    commit: &ObjectId,
) -> Result<Vec<ObjectId>, Error> {
    let mut found = Vec::new();
    let mut folder = Some(root.clone());
    let mut rest = commit.as_str();
    while let Some(id) = folder.take() {
        let (front, below) = rest.split_at(LEVEL.min(rest.len()));
        for entry in objects.read_tree(&id)? {
            if entry.is_folder() && entry.name == front.as_bytes() {
                folder = Some(entry.id);
            } else if !entry.is_folder() && entry.name == rest.as_bytes() {
                found.push(entry.id);
            }
        }
        rest = below;
    }
    Ok(found)
}

/// All notes of a tree: commit and blob, sorted by commit.
pub(super) fn list(objects: &Objects, root: &ObjectId) -> Result<Vec<(ObjectId, ObjectId)>, Error> {
    let mut found = Vec::new();
    // An id has a bounded number of digits, which bounds the depth.
    let mut folders = vec![(String::new(), root.clone())];
    while let Some((prefix, id)) = folders.pop() {
        for entry in objects.read_tree(&id)? {
            let Ok(name) = std::str::from_utf8(&entry.name) else {
                continue;
            };
            let path = format!("{prefix}{name}");
            let left = objects.id_length().saturating_sub(path.len());
            if entry.is_folder() && name.len() == LEVEL && left > 0 {
                folders.push((path, entry.id));
            } else if !entry.is_folder() && left == 0 {
                // Whatever else lies in the tree is not a note.
                found.extend(path.parse().ok().map(|commit: ObjectId| (commit, entry.id)));
            }
        }
    }
    found.sort();
    Ok(found)
}
