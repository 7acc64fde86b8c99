//! Notes: lines of text about commits.
//!
//! Never `git notes`, which loses what others write at the same time: its update of the ref
//! compares nothing. One line stands for one fact, and a line that is there is not added again,
//! so that any two versions of a note merge by taking the lines of both.

use crate::base::ids::ObjectId;
use crate::base::limits;
use crate::git::fanout::{self, Addition};
use crate::git::objects::{NewCommit, ObjectKind};
use crate::git::pack;
use crate::git::refs::RefUpdate;
use crate::git::writer;
use crate::git::{Error, Repository};

/// A notes ref as it was when somebody looked at it.
#[derive(Clone, Debug)]
pub(crate) struct Notes<'n> {
    name: &'n str,
    tip: Option<ObjectId>,
}

/// Looks at a notes ref.
pub(crate) fn look<'n>(repository: &Repository, notes_ref: &'n str) -> Result<Notes<'n>, Error> {
    Ok(Notes {
        name: notes_ref,
        tip: repository.refs().glance(notes_ref)?,
    })
}

/// Adds lines to the notes of some commits: one commit on the notes ref for all of them, on the
/// disk when the call returns. What others added since somebody looked stays.
pub(crate) fn append(
    repository: &Repository,
    notes: Notes<'_>,
    additions: &[(ObjectId, Vec<String>)],
    message: &str,
) -> Result<(), Error> {
    repository.refuse_quarantine()?;
    check(repository, additions)?;
    if additions.iter().all(|(_, lines)| lines.is_empty()) {
        return Ok(());
    }
    // Before the lock: asking who we are takes time that others would wait.
    let signature = repository
        .recorder()?
        .signature(repository.clock().now_ms());
    let Notes {
        name: notes_ref,
        mut tip,
    } = notes;
    let mut turn = repository.refs().writer()?;
    if turn.waited() {
        // Whoever was before us is likely to have moved it.
        tip = repository.refs().resolve(notes_ref)?;
    }
    for attempt in 1..=limits::REF_TRIES {
        let count = additions.iter().filter(|(_, lines)| !lines.is_empty());
        // A ref must never be on the disk before what it stands for.
        let commit = pack::write(repository, count.count(), |objects| {
            let before = tip
                .as_ref()
                .map(|tip| objects.commit_tree(tip))
                .transpose()?;
            let new = additions
                .iter()
                .filter(|(_, lines)| !lines.is_empty())
                .map(|(commit, lines)| Addition::new(commit.clone(), lines.clone()));
            let tree = fanout::add(objects, before.as_ref(), new)?;
            if before.as_ref() == Some(&tree) {
                return Ok(None);
            }
            let commit = objects.write_commit(&NewCommit {
                tree: &tree,
                parents: tip.as_slice(),
                signature: &signature,
                message: &format!("{}\n", message.trim_end()),
            })?;
            Ok(Some(commit))
        })?;
        let Some(commit) = commit else {
            return Ok(());
        };
        let update = RefUpdate {
            name: notes_ref.to_owned(),
            new: Some(commit),
            expected: tip.into(),
        };
        match turn.update(&[update], message) {
            Err(Error::RefMoved { .. }) => writer::pause(attempt),
            result => return result,
        }
        tip = repository.refs().resolve(notes_ref)?;
    }
    Err(Error::RefContended {
        name: notes_ref.to_owned(),
        tries: limits::REF_TRIES,
    })
}

/// The note on a commit.
pub(crate) fn read(
    repository: &Repository,
    notes: &Notes<'_>,
    commit: &ObjectId,
) -> Result<Option<String>, Error> {
    let Some(root) = root(repository, notes)? else {
        return Ok(None);
    };
    let objects = repository.objects()?;
    let blobs = fanout::find(objects, &root, commit)?;
    let texts = blobs.iter().map(|blob| text(repository, blob));
    let texts = texts.collect::<Result<Vec<_>, _>>()?;
    Ok((!texts.is_empty()).then(|| texts.concat()))
}

/// All notes of a ref, sorted by commit; a commit whose note stands in two places comes once.
pub(crate) fn read_all(
    repository: &Repository,
    notes_ref: &str,
) -> Result<Vec<(ObjectId, String)>, Error> {
    let Some(root) = root(repository, &look(repository, notes_ref)?)? else {
        return Ok(Vec::new());
    };
    let mut notes: Vec<(ObjectId, String)> = Vec::new();
    for (commit, blob) in fanout::list(repository.objects()?, &root)? {
        let text = text(repository, &blob)?;
        match notes.last_mut() {
            Some((last, note)) if *last == commit => note.push_str(&text),
            _ => notes.push((commit, text)),
        }
    }
    Ok(notes)
}

/// The tree of the commit that a notes ref stands for.
fn root(repository: &Repository, notes: &Notes<'_>) -> Result<Option<ObjectId>, Error> {
    let Some(tip) = &notes.tip else {
        return Ok(None);
    };
    match repository.objects()?.commit_tree(tip) {
        Err(Error::ObjectKind { found, .. }) => Err(Error::ForeignRef {
            name: notes.name.to_owned(),
            found,
        }),
        known => known.map(Some),
    }
}

/// The text of a note with a line feed at its end, so that two can be put together.
fn text(repository: &Repository, blob: &ObjectId) -> Result<String, Error> {
    let bytes = repository.objects()?.read_kind(blob, ObjectKind::Blob)?;
    let mut text = String::from_utf8_lossy(&bytes).into_owned();
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    Ok(text)
}

fn check(repository: &Repository, additions: &[(ObjectId, Vec<String>)]) -> Result<(), Error> {
    for (commit, lines) in additions {
        if commit.as_str().len() != repository.object_format().hex_length() {
            return Err(Error::MissingObject { id: commit.clone() });
        }
        for line in lines {
            let reason = if line.len() > limits::NOTE_LINE_BYTES {
                "it is too long"
            } else if line.is_empty() || line.contains(['\n', '\r', '\0']) {
                "it is not exactly one line"
            } else {
                continue;
            };
            let bytes = line.len();
            return Err(Error::NoteLine { bytes, reason });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
