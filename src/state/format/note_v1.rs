//! Lines of notes: `<ulid> <kind> <compact JSON, keys sorted>`.
//!
//! Each line is unique and complete in itself, so that merging two notes is the union of their
//! lines. A line that this version does not know is left to a newer one, never an error.

use std::collections::HashSet;
use std::fmt::Display;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::base::ids::{ContentHash, RecordId};
use crate::base::limits::NOTE_LINE_BYTES;
use crate::model::record::{Anchor, Fact, Record, RunFact, VerdictFact};
use crate::model::run::Outcome;
use crate::state::Error;

/// The version that this module writes.
const VERSION: u32 = 1;

/// Longest workflow name that is written whole, in characters; even when each of them is escaped
/// (six bytes) the line is not full.
const NAME_CHARACTERS: usize = 20;

// The fields stand in the order of their names: that is the order in which they are written.

#[derive(Serialize, Deserialize)]
struct VerdictV1 {
    command: String,
    criterion: String,
    passed: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    run: Option<String>,
    spec: String,
    text: String,
    tree: String,
    v: u32,
}

#[derive(Serialize, Deserialize)]
struct RunV1 {
    ms: u64,
    outcome: String,
    run: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    spec: Option<String>,
    tree: String,
    v: u32,
    workflow: String,
}

#[derive(Serialize, Deserialize)]
struct AnchorV1 {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    patch: Option<String>,
    tree: String,
    v: u32,
}

#[derive(Serialize, Deserialize)]
struct VoidV1 {
    v: u32,
    void: String,
}

/// A record as one line, without its line feed.
pub(crate) fn encode(record: &Record) -> Result<String, Error> {
    let (kind, json) = match &record.fact {
        Fact::Verdict(fact) => ("verdict", json(&verdict(fact))),
        Fact::Run(fact) => ("run", json(&run(fact))),
        Fact::Anchor(fact) => ("anchor", json(&anchor(fact))),
        Fact::Void(id) => {
            let void = id.to_string();
            ("void", json(&VoidV1 { v: VERSION, void }))
        }
    };
    let line = format!("{} {kind} {json}", record.id);
    if line.len() > NOTE_LINE_BYTES {
        return Err(Error::LongLine {
            kind,
            found: line.len(),
            limit: NOTE_LINE_BYTES,
        });
    }
    Ok(line)
}

/// What the lines of a note or of a file say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Decoded {
    /// The records, in the order of their lines.
    pub(crate) records: Vec<Record>,
    /// Lines that are damaged or of a kind that this version does not know.
    pub(crate) skipped: usize,
}

/// Reads the lines of a note. Repeated and voided records are still there: see [`fold`].
pub(crate) fn decode(text: &str) -> Decoded {
    let mut decoded = Decoded::default();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        match decode_line(line) {
            Some(record) => decoded.records.push(record),
            None => decoded.skipped += 1,
        }
    }
    decoded
}

/// Reads one line; nothing when it is damaged, too long or of an unknown kind or version.
pub(crate) fn decode_line(line: &str) -> Option<Record> {
    if line.len() > NOTE_LINE_BYTES {
        return None;
    }
    let (id, rest) = line.split_once(' ')?;
    let (kind, json) = rest.split_once(' ')?;
    let fact = match kind {
        "verdict" => Fact::Verdict(read_verdict(&parse(json)?)?),
        "run" => Fact::Run(read_run(&parse(json)?)?),
        "anchor" => Fact::Anchor(read_anchor(&parse(json)?)?),
        "void" => {
            let void: VoidV1 = parse(json)?;
            Fact::Void(known(void.v, &void.void)?)
        }
        _ => return None,
    };
    Some(Record {
        id: id.parse().ok()?,
        fact,
    })
}

/// The records that hold: sorted by id, each once, without those that were taken back.
///
/// The outcome does not depend on the order in which notes were merged or are read.
pub(crate) fn fold<K>(records: impl IntoIterator<Item = (K, Record)>) -> Vec<(K, Record)> {
    let mut records: Vec<(K, Record)> = records.into_iter().collect();
    // Two records with one id are a forgery or a defect; the same one must win everywhere.
    let line = |record: &Record| encode(record).unwrap_or_default();
    records.sort_by(|(_, a), (_, b)| a.id.cmp(&b.id).then_with(|| line(a).cmp(&line(b))));
    records.dedup_by(|(_, a), (_, b)| a.id == b.id);
    let void: HashSet<RecordId> = records
        .iter()
        .filter_map(|(_, record)| match record.fact {
            Fact::Void(id) => Some(id),
            _ => None,
        })
        .collect();
    records
        .retain(|(_, record)| !void.contains(&record.id) && !matches!(record.fact, Fact::Void(_)));
    records
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("plain structs of text and numbers are always JSON")
}

fn parse<T: for<'a> Deserialize<'a>>(json: &str) -> Option<T> {
    serde_json::from_str(json).ok()
}

/// Parses one field, when the version of its record is known.
fn known<T: FromStr>(version: u32, text: &str) -> Option<T>
where
    T::Err: Display,
{
    text.parse().ok().filter(|_| version == VERSION)
}

fn hash(text: &str) -> Option<ContentHash> {
    let hex = text
        .bytes()
        .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    (hex && text.len() == 64).then(|| ContentHash::new(text))
}

/// Parses a field that need not be there; one that is there must be valid.
fn optional<T: FromStr>(text: Option<&str>) -> Result<Option<T>, T::Err> {
    text.map(str::parse).transpose()
}

fn verdict(fact: &VerdictFact) -> VerdictV1 {
    VerdictV1 {
        command: fact.command_hash.to_string(),
        criterion: fact.criterion.to_string(),
        passed: fact.passed,
        run: fact.run.map(|run| run.to_string()),
        spec: fact.spec.to_string(),
        text: fact.text_hash.to_string(),
        tree: fact.tree.to_string(),
        v: VERSION,
    }
}

fn read_verdict(found: &VerdictV1) -> Option<VerdictFact> {
    Some(VerdictFact {
        spec: known(found.v, &found.spec)?,
        criterion: found.criterion.parse().ok()?,
        text_hash: hash(&found.text)?,
        command_hash: hash(&found.command)?,
        tree: found.tree.parse().ok()?,
        passed: found.passed,
        run: optional(found.run.as_deref()).ok()?,
    })
}

fn run(fact: &RunFact) -> RunV1 {
    let workflow = if fact.workflow.chars().count() > NAME_CHARACTERS {
        let cut: String = fact.workflow.chars().take(NAME_CHARACTERS - 1).collect();
        format!("{cut}…")
    } else {
        fact.workflow.clone()
    };
    RunV1 {
        ms: fact.duration_ms,
        outcome: fact.outcome.as_str().to_owned(),
        run: fact.run.to_string(),
        spec: fact.spec.as_ref().map(ToString::to_string),
        tree: fact.tree.to_string(),
        v: VERSION,
        workflow,
    }
}

fn read_run(found: &RunV1) -> Option<RunFact> {
    Some(RunFact {
        run: known(found.v, &found.run)?,
        workflow: found.workflow.clone(),
        spec: optional(found.spec.as_deref()).ok()?,
        outcome: Outcome::ALL
            .into_iter()
            .find(|outcome| outcome.as_str() == found.outcome)?,
        tree: found.tree.parse().ok()?,
        duration_ms: found.ms,
    })
}

fn anchor(fact: &Anchor) -> AnchorV1 {
    AnchorV1 {
        patch: fact.patch_id.as_ref().map(ToString::to_string),
        tree: fact.tree.to_string(),
        v: VERSION,
    }
}

fn read_anchor(found: &AnchorV1) -> Option<Anchor> {
    Some(Anchor {
        tree: known(found.v, &found.tree)?,
        patch_id: optional(found.patch.as_deref()).ok()?,
    })
}

#[cfg(test)]
mod tests;
