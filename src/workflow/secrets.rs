//! The values of `secrets.<NAME>`: where the person says they are, else in the environment.
//!
//! Only names that were asked for are resolved. A value is never printed, logged or written: it is
//! not in errors, and not in what is printed for debugging. Whoever takes one masks it first.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use crate::base::redact::MINIMUM_BYTES;
use crate::base::text::is_variable_name;
use crate::git;
use crate::git::Repository;
use crate::git::configuration::{Configuration, Entry};
use crate::model::expression::value::{Object, fold};
use crate::proc;
use crate::proc::command::{Exit, Invocation, Output};

/// Where Git's configuration has what is known of secrets: `mmm.secret.<name>.<source>`.
const SECTION: &str = "mmm.secret.";

/// Time that a command or a credential helper has for one secret.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Longest value, in bytes: the one that GitHub takes is 48 KB.
const VALUE_BYTES: usize = 64 * 1024;

/// Secrets that one workflow may name.
const SECRETS: usize = 1000;

/// Why a secret has no value though something says where it is.
///
/// No variant holds what a program printed: that may be the secret.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// Git failed us.
    #[error(transparent)]
    Git(#[from] git::Error),
    /// A text that no secret can be named.
    #[error("`{name}` is not a name of a secret")]
    Name {
        /// The text.
        name: String,
    },
    /// A workflow asks for more secrets than are resolved.
    #[error("{found} secrets are named, more than {SECRETS}")]
    TooMany {
        /// How many.
        found: usize,
    },
    /// A key below `mmm.secret.<name>` that means nothing.
    #[error("the Git setting `{key}` is none of `env`, `credential` and `command` ({origin})")]
    Source {
        /// The key.
        key: String,
        /// Where it is set.
        origin: String,
    },
    /// A setting without a value that makes sense.
    #[error("the Git setting `{key}` has no {expected} ({origin})")]
    Setting {
        /// The key.
        key: String,
        /// What it is to have.
        expected: &'static str,
        /// Where it is set.
        origin: String,
    },
    /// The program that is to give the secret failed.
    #[error(
        "the secret `{name}` cannot be read: the Git setting `{key}` names {what} that ended with {exit}"
    )]
    Failed {
        /// The secret.
        name: String,
        /// The key in Git's configuration.
        key: String,
        /// What failed.
        what: &'static str,
        /// How it ended.
        exit: Exit,
    },
    /// The program that is to give the secret did not run to its end.
    #[error(
        "the secret `{name}` cannot be read: {what} that the Git setting `{key}` names {trouble}"
    )]
    NotRun {
        /// The secret.
        name: String,
        /// The key in Git's configuration.
        key: String,
        /// What was run.
        what: &'static str,
        /// What happened to it.
        trouble: Trouble,
    },
    /// Git knows no password for a URL.
    #[error(
        "the secret `{name}` cannot be read: git has no credential for the URL of the Git setting `{key}`"
    )]
    NoCredential {
        /// The secret.
        name: String,
        /// The key in Git's configuration.
        key: String,
    },
    /// A value that no variable can hold.
    #[error("the secret `{name}` is {found}")]
    Value {
        /// The secret.
        name: String,
        /// What is wrong with it.
        found: &'static str,
    },
}

/// What happened to a program that did not run to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Trouble {
    /// It took too long.
    #[error("took longer than 30 s")]
    Slow,
    /// It printed too much.
    #[error("printed more than 64 KiB")]
    Loud,
    /// It could not be started or read.
    #[error("could not be run")]
    Unusable,
}

impl Error {
    /// What to do about it.
    pub(crate) fn hint(&self) -> Option<String> {
        match self {
            Self::Name { .. } => {
                Some("a name has letters, digits and `_`, and does not begin with a digit".into())
            }
            Self::Source { .. } => Some(
                "set `mmm.secret.<name>.env`, `mmm.secret.<name>.credential` or \
                 `mmm.secret.<name>.command`"
                    .into(),
            ),
            Self::Failed { key, .. } | Self::NotRun { key, .. } => Some(format!(
                "run the command of `git config {key}` by hand to see what it says"
            )),
            Self::NoCredential { key, .. } => Some(format!(
                "store one: `printf 'url=%s\\nusername=…\\npassword=…\\n' \"$(git config {key})\" \
                 | git credential approve`"
            )),
            _ => None,
        }
    }
}

/// A secret that nothing gives a value: it is the empty text, as on GitHub.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Missing {
    /// Its name as the workflow writes it.
    pub(crate) name: String,
    /// The variable that was looked for.
    pub(crate) variable: String,
    /// The Git setting that names the variable, where one does.
    pub(crate) key: Option<String>,
}

impl fmt::Display for Missing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            name,
            variable,
            key,
        } = self;
        write!(formatter, "the secret `{name}` is not set and is empty: ")?;
        match key {
            Some(key) => write!(
                formatter,
                "set the variable `{variable}`, which the Git setting `{key}` names"
            ),
            None => write!(
                formatter,
                "set the variable `{variable}`, or \
                 `git config --global mmm.secret.{name}.command '<command that prints it>'`"
            ),
        }
    }
}

/// Secrets and their values.
#[derive(Clone, Default)]
pub(crate) struct Secrets {
    /// By their folded names, with the spelling that came first.
    values: BTreeMap<String, (String, String)>,
    missing: Vec<Missing>,
}

// What is printed for debugging leaves the values out.
impl fmt::Debug for Secrets {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.values.values().map(|(name, _)| name);
        formatter.debug_set().entries(names).finish()
    }
}

impl Secrets {
    /// The value of a secret, whatever the case of its name; nothing when it was not asked for.
    #[cfg(test)]
    fn get(&self, name: &str) -> Option<&str> {
        self.values
            .get(&fold(name))
            .map(|(_, value)| value.as_str())
    }

    /// The name and the value of each, but for empty ones.
    pub(crate) fn named(&self) -> impl Iterator<Item = (&str, &str)> {
        let named = self.values.values();
        let named = named.map(|(name, value)| (name.as_str(), value.as_str()));
        named.filter(|(_, value)| !value.is_empty())
    }

    /// Every value that is not empty: what is to be masked.
    pub(crate) fn values(&self) -> impl Iterator<Item = &str> {
        let values = self.values.values().map(|(_, value)| value.as_str());
        values.filter(|value| !value.is_empty())
    }

    /// What is to be told to the person: secrets without a value, and those that are too short to
    /// be masked.
    pub(crate) fn doubts(&self) -> Vec<String> {
        let short = self.named();
        let short = short.filter(|(_, value)| value.trim().len() < MINIMUM_BYTES);
        let short = short.map(|(name, _)| {
            format!("the secret `{name}` has fewer than {MINIMUM_BYTES} bytes and is not masked")
        });
        let missing = self.missing.iter().map(ToString::to_string);
        missing.chain(short).collect()
    }

    /// The context `secrets` of expressions.
    pub(crate) fn context(&self) -> Object {
        let mut object = Object::new();
        for (name, value) in self.values.values() {
            object.set(name.as_str(), value.as_str());
        }
        object
    }
}

/// Finds the values of these secrets, and of no others.
pub(crate) fn resolve<'a>(
    repository: &Repository,
    names: impl IntoIterator<Item = &'a str>,
) -> Result<Secrets, Error> {
    let mut asked: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for name in names {
        if !is_variable_name(name) {
            let name = name.to_owned();
            return Err(Error::Name { name });
        }
        let spellings = asked.entry(fold(name)).or_default();
        if !spellings.contains(&name) {
            spellings.push(name);
        }
    }
    if asked.len() > SECRETS {
        let found = asked.len();
        return Err(Error::TooMany { found });
    }
    let mut secrets = Secrets::default();
    if asked.is_empty() {
        return Ok(secrets);
    }
    let configuration = repository.configuration()?;
    for (folded, spellings) in asked {
        let search = Search {
            repository,
            name: spellings.first().copied().unwrap_or_default(),
            spellings: &spellings,
        };
        let value = match source(configuration, &folded)? {
            Some(source) => search.of_source(&source)?,
            None => search.of_environment()?,
        };
        let value = value.unwrap_or_else(|missing| {
            secrets.missing.push(missing);
            String::new()
        });
        secrets
            .values
            .insert(folded, (search.name.to_owned(), value));
    }
    Ok(secrets)
}

/// What the person's configuration says about one secret.
struct Source<'a> {
    kind: Kind,
    key: &'a str,
    value: &'a str,
}

#[derive(Clone, Copy)]
enum Kind {
    Variable,
    Credential,
    Command,
}

/// The setting that counts for a secret: the last one, whatever its kind, as everywhere in Git.
fn source<'a>(configuration: &'a Configuration, folded: &str) -> Result<Option<Source<'a>>, Error> {
    let is_about = |entry: &&Entry| {
        let name = entry.key.get(SECTION.len()..);
        let name = name.and_then(|rest| rest.rsplit_once('.'));
        let head = entry.key.get(..SECTION.len());
        head.is_some_and(|head| head.eq_ignore_ascii_case(SECTION))
            && name.is_some_and(|(name, _)| fold(name) == folded)
    };
    let Some(entry) = configuration.entries().iter().rev().find(is_about) else {
        return Ok(None);
    };
    let (key, origin) = (entry.key.clone(), entry.origin.clone());
    let (kind, expected) = match entry.key.rsplit_once('.') {
        Some((_, "env")) => (Kind::Variable, "name of a variable"),
        Some((_, "credential")) => (Kind::Credential, "URL"),
        Some((_, "command")) => (Kind::Command, "command"),
        _ => return Err(Error::Source { key, origin }),
    };
    let value = entry.value.as_deref().unwrap_or_default().trim();
    let control = value.contains(['\n', '\0']);
    let bad = match kind {
        Kind::Variable => control || value.contains('='),
        // A password in it would be one in plain sight, and a secret in our messages.
        Kind::Credential => control || !value.contains("://"),
        Kind::Command => value.contains('\0'),
    };
    if value.is_empty() || bad {
        return Err(Error::Setting {
            key,
            expected,
            origin,
        });
    }
    let key = entry.key.as_str();
    Ok(Some(Source { kind, key, value }))
}

/// The search for one secret.
struct Search<'a> {
    repository: &'a Repository,
    name: &'a str,
    spellings: &'a [&'a str],
}

impl Search<'_> {
    fn of_source(&self, source: &Source<'_>) -> Result<Result<String, Missing>, Error> {
        let value = match source.kind {
            Kind::Variable => match self.variable(source.value)? {
                Some(value) => value,
                None => {
                    return Ok(Err(Missing {
                        name: self.name.to_owned(),
                        variable: source.value.to_owned(),
                        key: Some(source.key.to_owned()),
                    }));
                }
            },
            Kind::Credential => self.credential(source)?,
            Kind::Command => self.command(source)?,
        };
        self.check(value).map(Ok)
    }

    /// The variable of that name, as it is written or in capitals.
    fn of_environment(&self) -> Result<Result<String, Missing>, Error> {
        let capitals = self.name.to_ascii_uppercase();
        let names = self.spellings.iter().copied().chain([capitals.as_str()]);
        for name in names {
            if let Some(value) = self.variable(name)? {
                return self.check(value).map(Ok);
            }
        }
        Ok(Err(Missing {
            name: self.name.to_owned(),
            variable: self.name.to_owned(),
            key: None,
        }))
    }

    /// A variable of the person's environment that is not empty.
    fn variable(&self, name: &str) -> Result<Option<String>, Error> {
        let value = self.repository.environment().var_os(name);
        let Some(value) = value.filter(|value| !value.is_empty()) else {
            return Ok(None);
        };
        let text = value.to_str().ok_or_else(|| self.bad("not UTF-8"))?;
        Ok(Some(text.to_owned()))
    }

    /// The password that Git has for a URL. Nobody is asked: what has no answer ready has none.
    fn credential(&self, source: &Source<'_>) -> Result<String, Error> {
        let arguments = ["-c", "credential.interactive=false", "credential", "fill"];
        let invocation = self
            .repository
            .command(arguments)
            .apart(false)
            .env("GIT_TERMINAL_PROMPT", "0")
            // An empty one, unlike none, keeps git from looking for another.
            .env("GIT_ASKPASS", "")
            .env("SSH_ASKPASS", "")
            .env("GCM_INTERACTIVE", "never")
            .input(format!("url={}\n\n", source.value));
        let output = self.run(&invocation, source, "a credential helper")?;
        let text = self.text(output.stdout)?;
        let password = text.lines().find_map(|line| line.strip_prefix("password="));
        match password.filter(|password| output.exit.success() && !password.is_empty()) {
            Some(password) => Ok(password.to_owned()),
            None => Err(Error::NoCredential {
                name: self.name.to_owned(),
                key: source.key.to_owned(),
            }),
        }
    }

    /// What a command of the person prints, without the line feed at its end.
    fn command(&self, source: &Source<'_>) -> Result<String, Error> {
        let repository = self.repository;
        let folder = repository.work_tree().unwrap_or(repository.git_dir());
        let invocation = Invocation::new("sh")
            .args(["-c", source.value])
            .environment(&repository.child_environment())
            .folder(folder);
        let output = self.run(&invocation, source, "a command")?;
        if !output.exit.success() {
            return Err(Error::Failed {
                name: self.name.to_owned(),
                key: source.key.to_owned(),
                what: "a command",
                exit: output.exit,
            });
        }
        let mut text = self.text(output.stdout)?;
        if text.ends_with('\n') {
            text.pop();
            if text.ends_with('\r') {
                text.pop();
            }
        }
        Ok(text)
    }

    fn run(
        &self,
        invocation: &Invocation,
        source: &Source<'_>,
        what: &'static str,
    ) -> Result<Output, Error> {
        let invocation = invocation
            .clone()
            .timeout(TIMEOUT)
            .output_limit(VALUE_BYTES);
        invocation.run().map_err(|error| Error::NotRun {
            name: self.name.to_owned(),
            key: source.key.to_owned(),
            what,
            trouble: match error {
                proc::Error::Timeout { .. } => Trouble::Slow,
                proc::Error::Output { .. } => Trouble::Loud,
                _ => Trouble::Unusable,
            },
        })
    }

    fn text(&self, bytes: Vec<u8>) -> Result<String, Error> {
        String::from_utf8(bytes).map_err(|_| self.bad("not UTF-8"))
    }

    fn check(&self, value: String) -> Result<String, Error> {
        if value.contains('\0') {
            return Err(self.bad("text with a NUL character"));
        }
        if value.len() > VALUE_BYTES {
            return Err(self.bad("longer than 64 KiB"));
        }
        Ok(value)
    }

    fn bad(&self, found: &'static str) -> Error {
        let name = self.name.to_owned();
        Error::Value { name, found }
    }
}

#[cfg(test)]
mod tests;
