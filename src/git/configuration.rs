//! The configuration as git itself sees it, `git -c` and the environment included.

use std::fmt;

use crate::git::Error;

/// One value, with where it comes from.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The key: section and name in lower case, the subsection as written.
    pub(crate) key: String,
    /// The value; `None` for a key without `=`, which means true.
    pub(crate) value: Option<String>,
    /// `system`, `global`, `local`, `worktree` or `command`.
    pub(crate) scope: String,
    /// The place, such as `file:/home/ada/.gitconfig`.
    pub(crate) origin: String,
}

/// All values, the one that counts last.
#[derive(Clone, Default)]
pub(crate) struct Configuration {
    entries: Vec<Entry>,
}

// Values may be credentials: what is printed for debugging leaves them out.
impl fmt::Debug for Configuration {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Configuration({} entries)", self.entries.len())
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "Entry({} from {} {})",
            self.key, self.scope, self.origin
        )
    }
}

impl Configuration {
    /// Reads the answer of `git config --list -z --show-scope --show-origin`.
    pub(super) fn parse(answer: &str) -> Result<Self, Error> {
        let mut entries = Vec::new();
        let mut fields = answer.split_terminator('\0');
        while let Some(scope) = fields.next() {
            let (Some(origin), Some(pair)) = (fields.next(), fields.next()) else {
                return Err(Error::Answer {
                    command: "config --list",
                    found: scope.chars().take(80).collect(),
                });
            };
            let (key, value) = match pair.split_once('\n') {
                Some((key, value)) => (key, Some(value.to_owned())),
                None => (pair, None),
            };
            entries.push(Entry {
                key: key.to_owned(),
                value,
                scope: scope.to_owned(),
                origin: origin.to_owned(),
            });
        }
        Ok(Self { entries })
    }

    /// The entry that counts for a key.
    pub(crate) fn entry(&self, key: &str) -> Option<&Entry> {
        let key = canonical(key);
        self.entries.iter().rev().find(|entry| entry.key == key)
    }

    /// The value that counts for a key; a key without a value is `true`.
    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.entry(key)
            .map(|entry| entry.value.as_deref().unwrap_or("true"))
    }

    /// The value that counts for a key, read the way git reads booleans.
    pub(crate) fn get_bool(&self, key: &str) -> Result<Option<bool>, Error> {
        let Some(entry) = self.entry(key) else {
            return Ok(None);
        };
        let Some(value) = &entry.value else {
            return Ok(Some(true));
        };
        let lower = value.to_ascii_lowercase();
        match lower.as_str() {
            "true" | "yes" | "on" => Ok(Some(true)),
            "false" | "no" | "off" | "" => Ok(Some(false)),
            number => match number.parse::<i64>() {
                Ok(number) => Ok(Some(number != 0)),
                Err(_) => Err(Error::Setting {
                    key: entry.key.clone(),
                    found: value.clone(),
                    expected: "true or false",
                    origin: entry.origin.clone(),
                }),
            },
        }
    }

    /// All values of a key, the one that counts last.
    pub(crate) fn all(&self, key: &str) -> Vec<&str> {
        let key = canonical(key);
        self.entries
            .iter()
            .filter(|entry| entry.key == key)
            .map(|entry| entry.value.as_deref().unwrap_or("true"))
            .collect()
    }

    /// The names of the subsections of a section, sorted, each once: `a` of `hook.a.command`.
    pub(crate) fn subsections(&self, section: &str) -> Vec<&str> {
        let name = |entry: &'_ Entry| -> Option<(usize, usize)> {
            let rest = entry.key.strip_prefix(section)?.strip_prefix('.')?;
            let end = rest.rfind('.')?;
            let start = entry.key.len() - rest.len();
            Some((start, start + end))
        };
        let names = self.entries.iter().filter_map(|entry| {
            let (start, end) = name(entry)?;
            entry.key.get(start..end)
        });
        let mut names: Vec<&str> = names.collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// All entries, the ones that count last.
    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }
}

/// A key with section and name in lower case; a subsection keeps its case.
fn canonical(key: &str) -> String {
    match (key.split_once('.'), key.rsplit_once('.')) {
        (Some((section, rest)), Some((front, name))) if rest.contains('.') => {
            let subsection = front.get(section.len() + 1..).unwrap_or("");
            let (section, name) = (section.to_ascii_lowercase(), name.to_ascii_lowercase());
            format!("{section}.{subsection}.{name}")
        }
        _ => key.to_ascii_lowercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::Configuration;
    use crate::git::Error;

    fn configuration() -> Configuration {
        let text = "global\0file:/g\0user.name\nAda\0local\0file:.git/config\0core.bare\0\
                    command\0command line:\0user.name\nGrace\nH\0local\0f\0remote.Up.x.url\nu\0\
                    local\0f\0a.no\noff\0local\0f\0a.empty\n\0local\0f\0a.bad\nperhaps\0\
                    local\0f\0a.two\n2\0";
        Configuration::parse(text).expect("a list")
    }

    #[test]
    fn the_last_value_counts_and_keys_fold_as_in_git() {
        let configuration = configuration();
        assert_eq!(configuration.get("User.Name"), Some("Grace\nH"));
        assert_eq!(configuration.all("user.name"), ["Ada", "Grace\nH"]);
        assert_eq!(configuration.get("REMOTE.Up.x.URL"), Some("u"));
        assert_eq!(configuration.get("remote.up.x.url"), None);
        let entry = configuration.entry("core.bare").expect("is set");
        assert_eq!(
            (entry.scope.as_str(), entry.origin.as_str()),
            ("local", "file:.git/config")
        );
        assert_eq!(configuration.entries().len(), 8);
    }

    #[test]
    fn booleans_read_as_in_git() {
        let check = |key: &str, expected: Option<bool>| {
            assert_eq!(
                configuration().get_bool(key).expect("a boolean"),
                expected,
                "{key}"
            );
        };
        check("core.bare", Some(true));
        check("a.no", Some(false));
        check("a.empty", Some(false));
        check("a.two", Some(true));
        check("a.absent", None);
        assert!(matches!(
            configuration().get_bool("a.bad"),
            Err(Error::Setting { .. })
        ));
        assert!(Configuration::parse("global\0file\0").is_err());
    }
}
