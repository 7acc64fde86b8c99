//! Trees: read and written as bytes, so that even a tree that Git would refuse today comes back
//! as it was.

use std::cmp::Ordering;

use crate::base::ids::ObjectId;
use crate::git::Error;
use crate::git::repository::ObjectFormat;

/// Mode of a file.
pub(crate) const FILE: u32 = 0o100_644;
/// Mode of a file that can be run.
pub(crate) const EXECUTABLE: u32 = 0o100_755;
/// Mode of a symbolic link.
pub(crate) const LINK: u32 = 0o120_000;
/// Mode of a folder.
pub(crate) const FOLDER: u32 = 0o040_000;
/// Mode of a submodule: its id is a commit of another repository.
pub(crate) const SUBMODULE: u32 = 0o160_000;

/// One name in a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TreeEntry {
    /// Kind and permissions.
    pub(crate) mode: u32,
    /// The name, which need not be UTF-8.
    pub(crate) name: Vec<u8>,
    /// What it stands for.
    pub(crate) id: ObjectId,
}

impl TreeEntry {
    /// An entry.
    pub(crate) fn new(mode: u32, name: impl Into<Vec<u8>>, id: ObjectId) -> Self {
        Self {
            mode,
            name: name.into(),
            id,
        }
    }

    /// Whether it is a folder.
    pub(crate) fn is_folder(&self) -> bool {
        self.mode == FOLDER
    }

    /// Its name as text, bytes that are not UTF-8 replaced.
    pub(crate) fn shown(&self) -> String {
        String::from_utf8_lossy(&self.name).into_owned()
    }
}

/// Reads the bytes of a tree; `None` when they are damaged.
pub(super) fn parse(bytes: &[u8], format: ObjectFormat) -> Option<Vec<TreeEntry>> {
    let id_length = format.hex_length() / 2;
    let mut entries = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let space = rest.iter().position(|&byte| byte == b' ')?;
        let mode = std::str::from_utf8(rest.get(..space)?).ok()?;
        let mode = u32::from_str_radix(mode, 8).ok()?;
        rest = rest.get(space + 1..)?;
        let end = rest.iter().position(|&byte| byte == 0)?;
        let name = rest.get(..end)?.to_vec();
        rest = rest.get(end + 1..)?;
        let id = hex(rest.get(..id_length)?).parse().ok()?;
        rest = rest.get(id_length..)?;
        entries.push(TreeEntry { mode, name, id });
    }
    Some(entries)
}

/// Writes the bytes of a tree, in the order given.
pub(super) fn serialize(entries: &[TreeEntry]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in entries {
        bytes.extend_from_slice(format!("{:o} ", entry.mode).as_bytes());
        bytes.extend_from_slice(&entry.name);
        bytes.push(0);
        bytes.extend(unhex(entry.id.as_str()));
    }
    bytes
}

/// Sorts the way Git sorts: a folder as if its name ended in `/`.
pub(super) fn sort(entries: &mut [TreeEntry]) {
    entries.sort_by(order);
}

fn order(a: &TreeEntry, b: &TreeEntry) -> Ordering {
    let key = |entry: &TreeEntry| {
        let end = entry.is_folder().then_some(b'/');
        entry.name.iter().copied().chain(end).collect::<Vec<u8>>()
    };
    key(a).cmp(&key(b))
}

/// Refuses what `git fsck` would complain about.
pub(super) fn validate(entries: &[TreeEntry]) -> Result<(), Error> {
    let mut seen = std::collections::HashSet::with_capacity(entries.len());
    for entry in entries {
        let name = entry.name.as_slice();
        let reason = if name.is_empty() {
            "it is empty"
        } else if name.contains(&b'/') || name.contains(&0) {
            "it holds `/` or NUL"
        } else if matches!(name, b"." | b"..") {
            "it means another folder"
        } else if [&b".git"[..], b"git~1"]
            .iter()
            .any(|bad| name.eq_ignore_ascii_case(bad))
        {
            "it means the repository itself"
        } else if !matches!(entry.mode, FILE | EXECUTABLE | LINK | FOLDER | SUBMODULE) {
            "its mode is unknown"
        } else if !seen.insert(name) {
            "it is there twice"
        } else {
            continue;
        };
        return Err(Error::TreeName {
            name: entry.shown(),
            reason,
        });
    }
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or('0');
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}

fn unhex(text: &str) -> impl Iterator<Item = u8> {
    text.as_bytes().chunks(2).map(|pair| {
        pair.iter().fold(0_u8, |value, &digit| {
            // An `ObjectId` holds hex digits only.
            let digit = char::from(digit).to_digit(16).unwrap_or(0);
            (value << 4) | u8::try_from(digit).unwrap_or(0)
        })
    })
}
