//! Git's configuration as the `git` command sees it, read once.

use crate::git::Error;

/// One setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// `system`, `global`, `local`, `worktree` or `command`.
    pub(crate) scope: String,
    /// Where it is set, such as `file:.git/config`.
    pub(crate) origin: String,
    /// The key: section and name in lower case, the part between as written.
    pub(crate) key: String,
    /// The value; `None` when only the key stands there, which means true.
    pub(crate) value: Option<String>,
}

/// All settings, in the order in which later ones win.
#[derive(Clone, Debug, Default)]
pub(crate) struct Configuration {
    entries: Vec<Entry>,
}

impl Configuration {
    /// Takes what `git config --list -z --show-scope --show-origin` prints.
    pub(crate) fn parse(listing: &[u8]) -> Result<Self, Error> {
        let text = String::from_utf8_lossy(listing);
        let mut fields = text.split_terminator('\0');
        let mut entries = Vec::new();
        while let Some(scope) = fields.next() {
            let (Some(origin), Some(setting)) = (fields.next(), fields.next()) else {
                return Err(Error::answer("git config --list", scope, "whole entries"));
            };
            let (key, value) = match setting.split_once('\n') {
                Some((key, value)) => (key, Some(value.to_owned())),
                None => (setting, None),
            };
            entries.push(Entry {
                scope: scope.to_owned(),
                origin: origin.to_owned(),
                key: key.to_owned(),
                value,
            });
        }
        Ok(Self { entries })
    }

    /// All settings, in the order in which later ones win.
    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The setting that wins.
    pub(crate) fn entry(&self, key: &str) -> Option<&Entry> {
        let key = canonical(key);
        self.entries.iter().rev().find(|entry| entry.key == key)
    }

    /// The value that wins; a key without a value counts as not set.
    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.entry(key)?.value.as_deref()
    }

    /// The value that wins as Git's truth value.
    pub(crate) fn get_bool(&self, key: &str) -> Result<Option<bool>, Error> {
        let Some(entry) = self.entry(key) else {
            return Ok(None);
        };
        truth(entry.value.as_deref())
            .map(Some)
            .ok_or_else(|| Error::ConfigurationValue {
                key: entry.key.clone(),
                origin: entry.origin.clone(),
                found: entry.value.clone().unwrap_or_default(),
                expected: "`true` or `false`",
            })
    }

    /// Every value of a key, the one that wins last.
    pub(crate) fn all(&self, key: &str) -> Vec<&str> {
        let key = canonical(key);
        self.entries
            .iter()
            .filter(|entry| entry.key == key)
            .filter_map(|entry| entry.value.as_deref())
            .collect()
    }
}

/// The spelling that `git config --list` uses: all in lower case but the subsection.
fn canonical(key: &str) -> String {
    match (key.find('.'), key.rfind('.')) {
        (Some(first), Some(last)) if first < last => {
            let (section, rest) = key.split_at(first);
            let (subsection, name) = rest.split_at(last - first);
            format!(
                "{}{subsection}{}",
                section.to_ascii_lowercase(),
                name.to_ascii_lowercase()
            )
        }
        _ => key.to_ascii_lowercase(),
    }
}

/// What Git takes a word for: `yes`, `on`, `true` and numbers but 0, and their opposites.
fn truth(value: Option<&str>) -> Option<bool> {
    let Some(value) = value else {
        return Some(true);
    };
    match value.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" => Some(true),
        "false" | "no" | "off" | "" => Some(false),
        number => {
            // A number may carry one of Git's units; none of them turns it into 0.
            let digits = number.strip_suffix(['k', 'm', 'g']).unwrap_or(number);
            digits.parse::<i64>().ok().map(|number| number != 0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Configuration, truth};

    #[test]
    fn settings_are_read_with_scope_and_origin() {
        let listing = b"global\0file:/x\0core.bare\nfalse\0local\0file:.git/config\0core.bare\n\
            true\0local\0file:.git/config\0remote.O.x.url\na\nb\0command\0command line:\0a.flag\0";
        let configuration = Configuration::parse(listing).expect("reads");
        assert_eq!(configuration.entries().len(), 4);
        assert_eq!(configuration.get("Core.Bare"), Some("true"));
        assert_eq!(configuration.all("core.bare"), ["false", "true"]);
        assert_eq!(configuration.get("REMOTE.O.x.URL"), Some("a\nb"));
        assert_eq!(configuration.get("remote.o.x.url"), None);
        let flag = configuration.entry("a.flag").expect("is set");
        assert_eq!((flag.scope.as_str(), &flag.value), ("command", &None));
        assert_eq!(
            configuration.get_bool("a.flag").expect("a truth"),
            Some(true)
        );
        assert_eq!(configuration.get_bool("a.none").expect("unset"), None);
        assert!(configuration.get_bool("remote.O.x.url").is_err());
        assert!(Configuration::parse(b"local\0file:x\0").is_err());
    }

    #[test]
    fn truth_has_gits_words() {
        let check = |words: &[&str], expected: Option<bool>| {
            for word in words {
                assert_eq!(truth(Some(word)), expected, "{word}");
            }
        };
        check(&["true", "YES", "on", "1", "-1", "2k"], Some(true));
        check(&["false", "No", "off", "", "0"], Some(false));
        check(&["maybe", "k", "1x"], None);
        assert_eq!(truth(None), Some(true));
    }
}
