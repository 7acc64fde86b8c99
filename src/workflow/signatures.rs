//! Answers that are signed: what is signed, where it is kept, and what a signature is worth.

use crate::base::ids::{ObjectId, RunId};
use crate::base::text::one_line;
use crate::git::refs::{Expected, RefUpdate};
use crate::git::signed::{self, Signature};
use crate::git::{Error as GitError, Repository};
use crate::model::run::event::{CheckpointAnswered, CheckpointOpened};
use crate::model::run::state::CheckpointState;
use crate::sys::clock::rfc3339;
use crate::workflow::{Error, Workshop};

/// Where signed answers are, each written once.
pub(crate) const REFS: &str = "refs/mmm/answers/";

/// What is signed: everything that an answer says, the text of the person last. Nothing before the
/// text has two lines, so that there is one reading of it.
pub(crate) fn text(
    run: RunId,
    opened: &CheckpointOpened,
    (answered, at_ms): (&CheckpointAnswered, u64),
) -> String {
    let number = opened.number;
    let name = one_line(&opened.name);
    let option = one_line(&answered.option);
    let text = format!(
        "Answer {option} at checkpoint {name}\n\n\
         run: {run}\ncheckpoint: {number}\nname: {name}\noption: {option}\nshown: {}\n\
         tree: {}\nwho: {}\nat: {}\n\n{}",
        answered.hash,
        answered.tree,
        one_line(&answered.who),
        rfc3339(at_ms),
        answered.message,
    );
    format!("{}\n", text.trim_end())
}

/// Signs the text of an answer and keeps it; nothing is recorded when that fails.
pub(crate) fn sign(
    shop: &Workshop<'_>,
    run: RunId,
    (text, at_ms): (&str, u64),
) -> Result<ObjectId, Error> {
    let repository = shop.repository;
    let commit = signed::sign(repository, text, at_ms).map_err(|error| match error {
        GitError::Signature { complaint } => Error::NotSigned { complaint },
        error => error.into(),
    })?;
    // One that was signed and could not be recorded any more stays, and stands for nothing.
    let name = format!("{REFS}{run}.{}", shop.identifiers.record_id());
    let update = RefUpdate {
        name,
        new: Some(commit.clone()),
        expected: Expected::Absent,
    };
    repository.refs().update(&[update], "mmm: answer")?;
    Ok(commit)
}

/// What the signature of an answer is worth; nothing when it has none.
pub(crate) fn check(
    repository: &Repository,
    run: RunId,
    checkpoint: &CheckpointState,
) -> Result<Option<Signature>, Error> {
    let answered = checkpoint.answered.as_ref();
    let Some((answered, signature)) =
        answered.and_then(|answered| Some((answered, answered.signed.as_ref()?)))
    else {
        return Ok(None);
    };
    let text = text(run, &checkpoint.opened, (answered, signature.at_ms));
    Ok(Some(signed::check(repository, &signature.commit, &text)?))
}
