//! Who we are, in the words of git.

use crate::git::{Error, Repository};
use crate::sys;

/// A person, as commits and tags name them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    /// Their name.
    pub(crate) name: String,
    /// Their e-mail address.
    pub(crate) email: String,
    /// Their time zone, as `+0100`.
    pub(crate) zone: String,
}

impl Identity {
    /// Who stands in where git does not know the person; the address can reach nobody (RFC 2606).
    pub(crate) fn unknown() -> Self {
        Self {
            name: "unknown".to_owned(),
            email: "unknown@invalid".to_owned(),
            zone: "+0000".to_owned(),
        }
    }

    /// The line that commits and tags hold, for a time in milliseconds since the Unix epoch.
    pub(crate) fn signature(&self, at_ms: u64) -> String {
        let Self { name, email, zone } = self;
        format!("{name} <{email}> {} {zone}", at_ms / 1000)
    }
}

/// Who a commit on the person's branch is by, each as commits spell it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Signers {
    /// Whose work it is.
    pub(crate) author: String,
    /// Who makes it.
    pub(crate) committer: String,
}

/// Who `git commit` would name, at this time in milliseconds unless a variable gives another one.
///
/// Git tells the hooks of a commit who the author of that commit is: there, these variables are not
/// about ours. Such a hook is known by the index that it is given.
pub(crate) fn signers(repository: &Repository, at_ms: u64) -> Result<Signers, Error> {
    let in_hook = repository.environment().var_os("GIT_INDEX_FILE").is_some();
    let of = |role: &Role| -> Result<String, Error> {
        let names = if in_hook { role.own } else { role.all };
        let line = answer(repository, role.question, names)?;
        let parsed = parse(&line).ok_or(Error::Answer {
            command: role.question,
            found: line.clone(),
        })?;
        let date = role.all.last().filter(|name| names.contains(name));
        let given = date.and_then(|name| repository.environment().var(name));
        Ok(if given.is_some_and(|date| !date.is_empty()) {
            line
        } else {
            parsed.signature(at_ms)
        })
    };
    Ok(Signers {
        author: of(&AUTHOR)?,
        committer: of(&COMMITTER)?,
    })
}

/// One of the two that a commit names.
struct Role {
    question: &'static str,
    /// The variables that tell of them, that of the date last.
    all: &'static [&'static str],
    /// Those that are the person's choice in a hook too.
    own: &'static [&'static str],
}

const AUTHOR: Role = Role {
    question: "GIT_AUTHOR_IDENT",
    all: &["GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_AUTHOR_DATE"],
    own: &[],
};

const COMMITTER: Role = Role {
    question: "GIT_COMMITTER_IDENT",
    all: &[
        "GIT_COMMITTER_NAME",
        "GIT_COMMITTER_EMAIL",
        "GIT_COMMITTER_DATE",
    ],
    // Git itself sets only the author's variables for hooks.
    own: &["GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"],
};

/// Asks git, with the person's own variables but without the date of a commit being made.
pub(super) fn ask(repository: &Repository) -> Result<Identity, Error> {
    let line = answer(repository, COMMITTER.question, COMMITTER.own)?;
    parse(&line).ok_or(Error::Answer {
        command: COMMITTER.question,
        found: line,
    })
}

/// What `git var` says, with these variables of the person.
fn answer(
    repository: &Repository,
    question: &'static str,
    names: &[&'static str],
) -> Result<String, Error> {
    let mut invocation = repository.command(["var", question]);
    for name in names {
        if let Some(value) = repository.environment().var(name) {
            invocation = invocation.env(*name, value);
        }
    }
    let output = invocation.run()?;
    if output.exit.success() {
        return Ok(output.text().trim_end().to_owned());
    }
    let complaint = output.complaint();
    // `fatal: invalid date format: …`
    if complaint.contains("date format")
        && let Some(name) = names.iter().find(|name| name.ends_with("_DATE"))
    {
        let found = repository.environment().var(name).unwrap_or_default();
        return Err(Error::System(sys::Error::Variable {
            name,
            found: found.to_owned(),
            expected: "a date in a form that git reads",
        }));
    }
    Err(Error::MissingIdentity { complaint })
}

/// A signature as the values of git's variables: name, address and date.
pub(super) fn parts(signature: &str) -> Vec<(&'static str, &str)> {
    let Some((name, rest)) = signature.split_once(" <") else {
        return Vec::new();
    };
    let Some((email, date)) = rest.rsplit_once("> ") else {
        return Vec::new();
    };
    vec![("NAME", name), ("EMAIL", email), ("DATE", date)]
}

fn parse(line: &str) -> Option<Identity> {
    let (name, rest) = line.split_once(" <")?;
    let (email, rest) = rest.rsplit_once("> ")?;
    let (_, zone) = rest.split_once(' ')?;
    Some(Identity {
        name: name.to_owned(),
        email: email.to_owned(),
        zone: zone.to_owned(),
    })
}

impl std::fmt::Display for Identity {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} <{}>", self.name, self.email)
    }
}
