//! The record of a transaction under way: one line of JSON, then the bytes that it measures.
//!
//! Local and short-lived, yet versioned: another version of the program may find it after a crash.

use serde::{Deserialize, Serialize};

use crate::state::layout::StatePath;

/// The version that this module writes and replays.
pub(crate) const VERSION: u32 = 1;

/// Largest record, in bytes: a transaction holds both contents of each file in memory.
pub(crate) const RECORD_BYTES: u64 = 256 * 1024 * 1024;

/// One file of a transaction; no content means no file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    /// The file.
    pub(crate) path: StatePath,
    /// What it held before.
    pub(crate) old: Option<Vec<u8>>,
    /// What it holds after.
    pub(crate) new: Option<Vec<u8>>,
}

/// What a record holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Redo {
    /// Top of the work tree that it is about.
    pub(crate) top: String,
    /// The files.
    pub(crate) changes: Vec<Change>,
}

/// Why a record cannot be replayed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unreadable {
    /// A newer version wrote it.
    Newer(u32),
    /// It is not a whole record.
    Damaged,
}

#[derive(Serialize, Deserialize)]
struct HeaderV1 {
    changes: Vec<ChangeV1>,
    top: String,
    v: u32,
}

#[derive(Serialize, Deserialize)]
struct ChangeV1 {
    new: Option<usize>,
    old: Option<usize>,
    path: String,
}

#[derive(Deserialize)]
struct AnyVersion {
    v: u32,
}

/// The bytes of a record.
pub(crate) fn encode(redo: &Redo) -> Vec<u8> {
    let header = HeaderV1 {
        changes: redo
            .changes
            .iter()
            .map(|change| ChangeV1 {
                new: change.new.as_ref().map(Vec::len),
                old: change.old.as_ref().map(Vec::len),
                path: change.path.to_string(),
            })
            .collect(),
        top: redo.top.clone(),
        v: VERSION,
    };
    let mut bytes =
        serde_json::to_vec(&header).expect("plain structs of text and numbers are always JSON");
    bytes.push(b'\n');
    for change in &redo.changes {
        for content in [&change.old, &change.new].into_iter().flatten() {
            bytes.extend_from_slice(content);
        }
    }
    bytes
}

/// Reads a record.
pub(crate) fn decode(bytes: &[u8]) -> Result<Redo, Unreadable> {
    let damaged = || Unreadable::Damaged;
    let end = bytes
        .iter()
        .position(|byte| *byte == b'\n')
        .ok_or_else(damaged)?;
    let (line, rest) = bytes.split_at(end);
    let mut rest = rest.get(1..).unwrap_or_default();
    let any: AnyVersion = serde_json::from_slice(line).map_err(|_| damaged())?;
    if any.v > VERSION {
        return Err(Unreadable::Newer(any.v));
    }
    let header: HeaderV1 = serde_json::from_slice(line).map_err(|_| damaged())?;
    let mut take = |length: Option<usize>| -> Result<Option<Vec<u8>>, Unreadable> {
        let Some(length) = length else {
            return Ok(None);
        };
        let (content, after) = rest.split_at_checked(length).ok_or_else(damaged)?;
        rest = after;
        Ok(Some(content.to_vec()))
    };
    let mut changes = Vec::with_capacity(header.changes.len());
    for change in header.changes {
        changes.push(Change {
            path: StatePath::new(change.path).map_err(|_| damaged())?,
            old: take(change.old)?,
            new: take(change.new)?,
        });
    }
    if rest.is_empty() {
        Ok(Redo {
            top: header.top,
            changes,
        })
    } else {
        Err(Unreadable::Damaged)
    }
}

#[cfg(test)]
mod tests {
    use super::{Change, Redo, Unreadable, decode, encode};
    use crate::state::layout::StatePath;

    #[test]
    fn a_record_survives_and_a_part_of_one_does_not() {
        let redo = Redo {
            top: "/srv/tree".to_owned(),
            changes: vec![
                Change {
                    path: StatePath::config(),
                    old: None,
                    new: Some(b"new\n\xff".to_vec()),
                },
                Change {
                    path: StatePath::attributes(),
                    old: Some(b"old".to_vec()),
                    new: None,
                },
            ],
        };
        let bytes = encode(&redo);
        assert_eq!(decode(&bytes), Ok(redo));
        for length in 0..bytes.len() {
            assert_eq!(
                decode(&bytes[..length]),
                Err(Unreadable::Damaged),
                "{length}"
            );
        }
        assert_eq!(decode(b"{\"v\":2}\nwhatever"), Err(Unreadable::Newer(2)));
        let outside =
            String::from_utf8_lossy(&bytes).replace(".mmm/config.toml", "../../.bashrc__");
        assert_eq!(decode(outside.as_bytes()), Err(Unreadable::Damaged));
    }
}
