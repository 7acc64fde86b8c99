//! Who we are, in the words of git.

use crate::git::{Error, Repository};

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

/// Asks git, with the person's own variables but without the date of a commit being made.
pub(super) fn ask(repository: &Repository) -> Result<Identity, Error> {
    let mut invocation = repository.command(["var", "GIT_COMMITTER_IDENT"]);
    // Git itself sets only the author's variables for hooks; these are the person's choice.
    for name in ["GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"] {
        if let Some(value) = repository.environment().var(name) {
            invocation = invocation.env(name, value);
        }
    }
    let output = invocation.run()?;
    if !output.exit.success() {
        return Err(Error::MissingIdentity {
            complaint: output.complaint(),
        });
    }
    let text = output.text();
    parse(text.trim_end()).ok_or(Error::Answer {
        command: "var GIT_COMMITTER_IDENT",
        found: text,
    })
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
