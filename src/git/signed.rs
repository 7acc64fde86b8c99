//! Texts that a person signs, as they sign their commits.
//!
//! A signed text is the message of a commit of the empty tree without a parent: Git signs it with
//! whatever the person has set up, and `git verify-commit` checks it, now and in years.

use crate::base::ids::ObjectId;
use crate::git::commit::useful_line;
use crate::git::objects::ObjectKind;
use crate::git::repository::parse_id;
use crate::git::{Error, Repository, identity};

/// What Git says of a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Signature {
    /// It is good, and by somebody that Git can name.
    Good {
        /// The name or address.
        signer: String,
    },
    /// It is good, and nothing says whose key it is.
    UnknownKey {
        /// The fingerprint of the key.
        key: String,
    },
    /// It was good once: the signature or the key has expired or was revoked.
    Outdated {
        /// Who signed.
        signer: String,
    },
    /// It is not by whom it says, or not of this text.
    Bad,
    /// It cannot be checked here: the key or the program is missing.
    Unchecked,
}

/// Whether the person signs what they commit.
pub(crate) fn wanted(repository: &Repository) -> Result<bool, Error> {
    Ok(repository.configuration()?.get_bool("commit.gpgsign")? == Some(true))
}

/// Signs a text at this time, in milliseconds since the Unix epoch, and stores it. The object is on
/// the disk when this returns, and no ref leads to it.
pub(crate) fn sign(repository: &Repository, text: &str, at_ms: u64) -> Result<ObjectId, Error> {
    let objects = repository.objects()?;
    let tree = objects.write(ObjectKind::Tree, b"")?;
    let signature = repository.identity()?.signature(at_ms);
    let mut make = repository
        .command(["commit-tree", "-S", tree.as_str()])
        .apart(false)
        .input(text);
    for who in ["AUTHOR", "COMMITTER"] {
        for (what, value) in identity::parts(&signature) {
            make = make.env(format!("GIT_{who}_{what}"), value);
        }
    }
    let commit = match Repository::expect(&make) {
        Ok(output) => parse_id("commit-tree", &output.text())?,
        Err(Error::Git { complaint, .. }) => {
            return Err(Error::Signature {
                complaint: useful_line(&complaint),
            });
        }
        Err(error) => return Err(error),
    };
    objects.sync()?;
    Ok(commit)
}

/// What the signature under a text is worth.
pub(crate) fn check(
    repository: &Repository,
    commit: &ObjectId,
    text: &str,
) -> Result<Signature, Error> {
    let Some((ObjectKind::Commit, bytes)) = repository.objects()?.read(commit)? else {
        return Ok(Signature::Unchecked);
    };
    let raw = String::from_utf8_lossy(&bytes);
    let (head, message) = raw.split_once("\n\n").unwrap_or((&raw, ""));
    let is_signed = head
        .lines()
        .any(|line| line.starts_with("gpgsig ") || line.starts_with("gpgsig-sha256 "));
    // A good signature of another text is worth nothing here.
    if !is_signed || message.trim_end() != text.trim_end() {
        return Ok(Signature::Bad);
    }
    let mut arguments = Vec::new();
    // Without a list of keys Git does not even look whether the signature fits the text.
    let allowed = "gpg.ssh.allowedSignersFile";
    if repository.configuration()?.get(allowed).is_none() {
        arguments.extend(["-c".to_owned(), format!("{allowed}=/dev/null")]);
    }
    let format = "--format=%G?%x00%GS%x00%GK";
    for word in [
        "log",
        "--no-walk",
        "--no-color",
        format,
        commit.as_str(),
        "--",
    ] {
        arguments.push(word.to_owned());
    }
    let output = repository.git(arguments)?;
    let answer = output.text();
    let mut fields = answer.trim_end_matches('\n').split('\0');
    let word = fields.next().unwrap_or_default();
    let signer = fields.next().unwrap_or_default().to_owned();
    let key = fields.next().unwrap_or_default().to_owned();
    Ok(match word {
        "G" => Signature::Good { signer },
        "U" => Signature::UnknownKey { key },
        "X" | "Y" | "R" => Signature::Outdated { signer },
        "B" => Signature::Bad,
        _ => Signature::Unchecked,
    })
}

#[cfg(test)]
mod tests;
