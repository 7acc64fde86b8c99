//! Refs through the `git` command, which knows every way of storing them; where a glance will do,
//! see [`glance`].

use crate::base::ids::ObjectId;
use crate::git::glance;
use crate::git::repository::parse_id;
use crate::git::writer::Writer;
use crate::git::{Error, Repository};
use crate::proc::command::Exit;

/// A ref with the object that it stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RefEntry {
    /// Its full name.
    pub(crate) name: String,
    /// The object.
    pub(crate) id: ObjectId,
    /// First line of the message of a commit or tag.
    pub(crate) subject: String,
}

/// What a ref must be for an update of it to happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Expected {
    /// Anything.
    #[cfg_attr(not(test), expect(dead_code, reason = "the tests make refs with it"))]
    Any,
    /// Not there.
    Absent,
    /// Exactly this.
    Is(ObjectId),
}

impl From<Option<ObjectId>> for Expected {
    fn from(found: Option<ObjectId>) -> Self {
        found.map_or(Self::Absent, Self::Is)
    }
}

/// A change of one ref.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RefUpdate {
    /// Its full name, or `HEAD` for what that stands for.
    pub(crate) name: String,
    /// What it becomes; `None` removes it.
    pub(crate) new: Option<ObjectId>,
    /// What it must be before.
    pub(crate) expected: Expected,
}

/// The refs of a repository.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Refs<'r> {
    repository: &'r Repository,
}

impl<'r> Refs<'r> {
    pub(super) fn new(repository: &'r Repository) -> Self {
        Self { repository }
    }

    /// The refs with one of these names, or below one of them.
    pub(crate) fn list(self, prefixes: &[&str]) -> Result<Vec<RefEntry>, Error> {
        let format = "--format=%(refname)%00%(objectname)%00%(contents:subject)";
        let arguments = ["for-each-ref", format, "--"];
        let arguments = arguments.into_iter().chain(prefixes.iter().copied());
        let text = self.repository.git(arguments)?.text();
        text.lines()
            .map(|line| {
                parse_entry(line).ok_or_else(|| Error::Answer {
                    command: "for-each-ref",
                    found: line.chars().take(80).collect(),
                })
            })
            .collect()
    }

    /// The name that sorts last among the refs below a folder, a moment ago. No object is read, so
    /// that it takes no longer where there are many.
    pub(crate) fn last_name(self, folder: &str) -> Result<Option<String>, Error> {
        if let Ok(last) = glance::last_name(self.repository, folder) {
            return Ok(last);
        }
        let listing = self.repository.git([
            "for-each-ref",
            "--sort=-refname",
            "--count=1",
            "--format=%(refname)",
            "--",
            folder,
        ])?;
        Ok(listing.text().lines().next().map(str::to_owned))
    }

    /// The object that a revision stands for; `None` when it stands for nothing.
    pub(crate) fn resolve(self, revision: &str) -> Result<Option<ObjectId>, Error> {
        let arguments = [
            "rev-parse",
            "--verify",
            "--quiet",
            "--end-of-options",
            revision,
        ];
        let output = self.repository.command(arguments).run()?;
        match output.exit {
            Exit::Code(0) => parse_id("rev-parse", &output.text()).map(Some),
            Exit::Code(1) => Ok(None),
            exit => Err(Error::Git {
                arguments: format!("rev-parse --verify {revision}"),
                exit,
                complaint: output.complaint(),
            }),
        }
    }

    /// What a ref stood for a moment ago: enough for one who says so when the ref is updated, where
    /// git compares it. Git is asked only where the ref is no file of its own.
    pub(crate) fn glance(self, name: &str) -> Result<Option<ObjectId>, Error> {
        match glance::object(self.repository, name) {
            Some(id) => Ok(Some(id)),
            None => self.resolve(name),
        }
    }

    /// Changes refs, all or none, and has them on the disk when it returns.
    ///
    /// [`Error::RefMoved`] when one is not what was expected: read again and retry.
    pub(crate) fn update(self, updates: &[RefUpdate], message: &str) -> Result<(), Error> {
        self.writer()?.update(updates, message)
    }

    /// Waits until no other writer of ours is at work in this repository, and keeps them out.
    pub(crate) fn writer(self) -> Result<Writer<'r>, Error> {
        Writer::take(self.repository)
    }
}

fn parse_entry(line: &str) -> Option<RefEntry> {
    let mut fields = line.splitn(3, '\0');
    let mut field = || fields.next();
    Some(RefEntry {
        name: field()?.to_owned(),
        id: field()?.parse().ok()?,
        subject: field()?.to_owned(),
    })
}

#[cfg(test)]
mod tests;
