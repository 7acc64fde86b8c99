//! A commit of some paths only, whatever else is staged or changed.

use crate::base::ids::ObjectId;
use crate::base::limits;
use crate::git::identity::{self, Signers};
use crate::git::ignore::{Ignored, ignored};
use crate::git::objects::NewCommit;
use crate::git::refs::RefUpdate;
use crate::git::repository::parse_id;
use crate::git::scratch::Scratch;
use crate::git::writer;
use crate::git::{Error, Repository};

/// Commits these paths, as they are in the work tree, onto `HEAD`: nothing else that is staged
/// or changed goes in, and the index gets the same entries for these paths only.
pub(crate) fn commit_paths(
    repository: &Repository,
    paths: &[String],
    message: &str,
) -> Result<ObjectId, Error> {
    check(paths)?;
    let signers = require_ready(repository, paths)?;
    let scratch = Scratch::lasting(repository)?;
    let mut turn = repository.refs().writer()?;
    for attempt in 1..=limits::REF_TRIES {
        let head = repository.head()?.commit;
        let commit = build(
            repository,
            &scratch,
            head.as_ref(),
            paths,
            (&signers, message),
        )?;
        let update = RefUpdate {
            name: "HEAD".to_owned(),
            new: Some(commit.clone()),
            expected: head.into(),
        };
        let subject = message.lines().next().unwrap_or("");
        match turn.update(&[update], &format!("commit: {subject}")) {
            Err(Error::RefMoved { .. }) => writer::pause(attempt),
            Err(error) => return Err(error),
            Ok(()) => {
                follow(repository, paths)?;
                return Ok(commit);
            }
        }
    }
    Err(Error::RefContended {
        name: "HEAD".to_owned(),
        tries: limits::REF_TRIES,
    })
}

/// Fails where a commit of these paths could not be made now: for those who write something first.
/// Tells who it would be by.
pub(crate) fn require_ready(repository: &Repository, paths: &[String]) -> Result<Signers, Error> {
    repository.top()?;
    if let Some(operation) = repository.operation() {
        return Err(Error::OperationInProgress {
            operation: operation.as_str(),
        });
    }
    // A command that holds the index would leave it without our entries.
    let lock = repository.git_dir().join("index.lock");
    if lock.exists() {
        return Err(Error::IndexLocked { lock });
    }
    let signers = identity::signers(repository, repository.clock().now_ms())?;
    refuse_ignored(repository, paths)?;
    Ok(signers)
}

/// Makes the commit, without any ref to it.
fn build(
    repository: &Repository,
    scratch: &Scratch<'_>,
    head: Option<&ObjectId>,
    paths: &[String],
    (signers, message): (&Signers, &str),
) -> Result<ObjectId, Error> {
    let objects = repository.objects()?;
    let from = head.map_or("--empty", ObjectId::as_str);
    Repository::expect(&scratch.command(["read-tree", from]))?;
    scratch.stage_only(paths)?;
    let tree = scratch.write_tree()?;
    let before = head.map(|head| objects.commit_tree(head)).transpose()?;
    if before.as_ref() == Some(&tree) || (before.is_none() && objects.read_tree(&tree)?.is_empty())
    {
        return Err(Error::NothingToCommit);
    }
    let message = format!("{}\n", message.trim_end());
    let signed = repository.configuration()?.get_bool("commit.gpgsign")? == Some(true);
    let commit = if signed || signers.author != signers.committer {
        let mut arguments = vec!["commit-tree"];
        arguments.extend(signed.then_some("-S"));
        arguments.extend(head.iter().flat_map(|head| ["-p", head.as_str()]));
        arguments.push(tree.as_str());
        let mut make = scratch.command(arguments).apart(!signed).input(message);
        for (who, signature) in [
            ("AUTHOR", &signers.author),
            ("COMMITTER", &signers.committer),
        ] {
            for (what, value) in identity::parts(signature) {
                make = make.env(format!("GIT_{who}_{what}"), value);
            }
        }
        match Repository::expect(&make) {
            Ok(output) => parse_id("commit-tree", &output.text())?,
            Err(Error::Git { complaint, .. }) if signed => {
                return Err(Error::Signature {
                    complaint: useful_line(&complaint),
                });
            }
            Err(error) => return Err(error),
        }
    } else {
        objects.write_commit(&NewCommit {
            tree: &tree,
            parents: head.map_or(&[][..], std::slice::from_ref),
            signature: &signers.committer,
            message: &message,
        })?
    };
    objects.sync()?;
    Ok(commit)
}

/// The first line of a failed signature that says why: not the frame that git puts around it, and
/// not what is meant for programs.
pub(super) fn useful_line(complaint: &str) -> String {
    let lines = || complaint.lines().map(str::trim);
    let frame = |line: &str| {
        line.is_empty()
            || line.starts_with("[GNUPG:]")
            || line.starts_with("error: gpg failed to sign")
            || line.starts_with("fatal: failed to write commit")
            || line == "(no gpg output)"
    };
    let found = lines().find(|line| !frame(line)).or_else(|| lines().next());
    let found = found.unwrap_or_default();
    let found = ["error: ", "fatal: "]
        .iter()
        .find_map(|label| found.strip_prefix(label))
        .unwrap_or(found);
    found.trim_end_matches(':').to_owned()
}

/// Gives the person's own index the committed entries of these paths.
fn follow(repository: &Repository, paths: &[String]) -> Result<(), Error> {
    let lock = repository.git_dir().join("index.lock");
    let reset = repository
        .command([
            "reset",
            "--quiet",
            "--pathspec-from-file=-",
            "--pathspec-file-nul",
        ])
        .env("GIT_LITERAL_PATHSPECS", "1")
        .input(paths.join("\0"));
    for attempt in 1..=limits::REF_TRIES {
        match Repository::expect(&reset) {
            Err(Error::Git { complaint, .. }) if complaint.contains("index.lock") => {
                writer::pause(attempt);
            }
            result => return result.map(drop),
        }
    }
    Err(Error::IndexLocked { lock })
}

/// Refuses paths that git is told to ignore and does not know yet.
fn refuse_ignored(repository: &Repository, paths: &[String]) -> Result<(), Error> {
    match ignored(repository, paths)?.into_iter().next() {
        Some(Ignored { path, rule }) => Err(Error::Ignored { path, rule }),
        None => Ok(()),
    }
}

/// Refuses paths that could mean something else than one place below the top.
fn check(paths: &[String]) -> Result<(), Error> {
    let bad = |path: &&String| {
        let names = path.split('/');
        path.contains('\0')
            || names
                .into_iter()
                .any(|name| matches!(name, "" | "." | ".."))
    };
    match paths.iter().find(bad) {
        Some(path) => Err(Error::Path { path: path.clone() }),
        None if paths.is_empty() => Err(Error::NothingToCommit),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
