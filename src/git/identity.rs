//! Who we are, in the words of git.

use crate::git::{Error, Repository};
use crate::sys;
use crate::sys::clock::{self, Clock};

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

/// Who we are, with the person's own variables but without the date of a commit being made. Git is
/// asked only where it would have to find something out: that takes a process.
pub(super) fn ask(repository: &Repository) -> Result<Identity, Error> {
    if let Some(identity) = written(repository)? {
        return Ok(identity);
    }
    let line = answer(repository, COMMITTER.question, COMMITTER.own)?;
    parse(&line).ok_or(Error::Answer {
        command: COMMITTER.question,
        found: line,
    })
}

/// The committer, where name and address are written down in full and in such a way that git takes
/// them as they are: it removes `<`, `>` and, at the ends, what is no part of a name.
fn written(repository: &Repository) -> Result<Option<Identity>, Error> {
    let configuration = repository.configuration()?;
    let value = |variable: &str, keys: [&str; 2]| -> Option<String> {
        let given = repository.environment().var_os(variable);
        let found = match given {
            Some(given) => given.to_str(),
            // A key without a value is an error of git's to tell.
            None => keys
                .iter()
                .find_map(|key| configuration.entry(key))
                .and_then(|entry| entry.value.as_deref()),
        };
        found.filter(|text| is_plain(text)).map(str::to_owned)
    };
    let [name_variable, email_variable] = COMMITTER.own else {
        return Ok(None);
    };
    let name = value(name_variable, ["committer.name", "user.name"]);
    let email = value(email_variable, ["committer.email", "user.email"]);
    let now = Clock::System.now_ms();
    let (Some(name), Some(email)) = (name, email) else {
        return Ok(None);
    };
    let zone = clock::local_zone(repository.environment(), now);
    Ok(zone.map(|zone| Identity { name, email, zone }))
}

/// Whether git writes this as it is.
fn is_plain(text: &str) -> bool {
    let sound = |end: Option<char>| end.is_some_and(char::is_alphanumeric);
    sound(text.chars().next())
        && sound(text.chars().next_back())
        && !text.contains(|each: char| each.is_control() || each == '<' || each == '>')
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

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;

    use super::{COMMITTER, answer, ask, parse, written};
    use crate::git::Repository;
    use crate::git::testing::{FORMATS, Sandbox};
    use crate::sys::environment::Environment;

    /// Opens it with some variables changed; an empty value of a name takes the variable away.
    fn opened(sandbox: &Sandbox, changes: &[(&str, &str)]) -> Repository {
        let kept = sandbox.environment.iter();
        let kept = kept.filter(|(name, _)| changes.iter().all(|(changed, _)| name != changed));
        let new = changes.iter().filter(|(_, value)| !value.is_empty());
        let new = new.map(|(name, value)| (OsStr::new(*name), OsStr::new(*value)));
        let environment: Environment = kept.chain(new).collect();
        Repository::discover(sandbox.work(), &environment).expect("a repository")
    }

    #[test]
    fn what_is_written_down_is_what_git_says() {
        let sandbox = Sandbox::unborn(FORMATS[0]);
        let gone = [("GIT_COMMITTER_NAME", ""), ("GIT_COMMITTER_EMAIL", "")];
        for (name, plain) in [
            ("Ada Lovelace", true),
            ("Ada  L.  King, Countess", true),
            ("Ærøskøbing Łukasz 李", true),
            ("x", true),
            ("Ada <King>", false),
            ("Ada L.", false),
            ("'Ada'", false),
            (", ", false),
        ] {
            sandbox.git(&["config", "user.name", name]);
            sandbox.git(&["config", "user.email", "ada@example.org"]);
            for zone in ["", "UTC", "UTC0", "Asia/Kolkata", "XYZ-3:30", ":bad"] {
                let changes = [gone[0], gone[1], ("TZ", zone)];
                let repository = opened(&sandbox, &changes);
                let known = written(&repository).expect("reads");
                let asked = answer(&repository, COMMITTER.question, COMMITTER.own);
                let asked = asked.ok().map(|line| parse(&line).expect("git's own line"));
                assert_eq!(ask(&repository).ok(), asked, "{name} {zone:?}");
                // Whether the machine tells its own zone is not for this test to say.
                if !plain || !zone.is_empty() {
                    let tells = plain && zone.starts_with("UTC");
                    assert_eq!(known.is_some(), tells, "{name} {zone:?}");
                }
                assert!(
                    known.is_none_or(|known| Some(known) == asked),
                    "{name} {zone:?}"
                );
            }
        }
    }

    #[test]
    fn the_committer_comes_before_the_user_and_a_variable_before_both() {
        let sandbox = Sandbox::unborn(FORMATS[0]);
        sandbox.git(&["config", "committer.name", "Robot"]);
        sandbox.git(&["config", "committer.email", "robot@example.org"]);
        sandbox.git(&["config", "user.name", "Ada"]);
        sandbox.git(&["config", "user.email", "ada@example.org"]);
        let shown = |changes: &[(&str, &str)]| {
            let repository = opened(&sandbox, changes);
            let known = written(&repository).expect("reads").expect("is plain");
            assert_eq!(ask(&repository).expect("is known"), known);
            known.to_string()
        };
        let gone = [("GIT_COMMITTER_NAME", ""), ("GIT_COMMITTER_EMAIL", "")];
        assert_eq!(shown(&gone), "Robot <robot@example.org>");
        assert_eq!(
            shown(&[("GIT_COMMITTER_NAME", "Grace"), gone[1]]),
            "Grace <robot@example.org>"
        );
        sandbox.git(&["config", "--unset", "committer.name"]);
        assert_eq!(shown(&gone), "Ada <robot@example.org>");
    }
}
