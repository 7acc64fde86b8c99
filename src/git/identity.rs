//! Who writes commits and tags.

use std::fmt;

use crate::git::Error;

/// A name and an email, as commits and tags hold them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    /// The name.
    pub(crate) name: String,
    /// The email.
    pub(crate) email: String,
}

impl Identity {
    /// Takes what `git var GIT_COMMITTER_IDENT` prints: `Name <email> seconds zone`.
    pub(crate) fn parse(line: &str) -> Option<Self> {
        let (person, _) = line.rsplit_once('>')?;
        let (name, email) = person.rsplit_once('<')?;
        Some(Self {
            name: name.trim().to_owned(),
            email: email.trim().to_owned(),
        })
    }

    /// The line of a commit or tag: the identity with a time in UTC.
    pub(crate) fn stamped(&self, seconds: u64) -> Result<String, Error> {
        for part in [&self.name, &self.email] {
            if part.contains(['<', '>', '\n', '\0']) {
                return Err(Error::Text {
                    found: part.clone(),
                    what: "a name or email",
                });
            }
        }
        Ok(format!("{self} {seconds} +0000"))
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} <{}>", self.name, self.email)
    }
}

#[cfg(test)]
mod tests {
    use super::Identity;

    #[test]
    fn identities_are_read_and_written() {
        let check = |line: &str, expected: Option<&str>| {
            let found = Identity::parse(line).map(|identity| identity.to_string());
            assert_eq!(found.as_deref(), expected, "{line}");
        };
        check("Ada L <ada@x.org> 1 +0000", Some("Ada L <ada@x.org>"));
        check("A <> 1 +0100", Some("A <>"));
        check("nobody", None);
        let ada = Identity::parse("Ada <a@x> 1 +0000").expect("an identity");
        assert_eq!(ada.stamped(7).expect("fits in a line"), "Ada <a@x> 7 +0000");
        let odd = Identity {
            name: "a\nb".to_owned(),
            ..ada
        };
        assert!(odd.stamped(7).is_err());
    }
}
