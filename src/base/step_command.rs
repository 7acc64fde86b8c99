//! Workflow commands: lines by which a step speaks to what runs it.
//!
//! `::name key=value,key=value::message`, and the older `##[name key=value;key=value]message`.
//! Only the form is known here, with GitHub's escapes; what a command means is decided above.

use std::borrow::Cow;

/// What a line of the newer form begins with, and what ends the name and the properties of it.
pub(crate) const COLONS: &str = "::";

/// What the older form begins with, anywhere in its line.
pub(crate) const BRACKET: &str = "##[";

/// Hides a value from now on.
pub(crate) const ADD_MASK: &str = "add-mask";

/// Makes all lines plain text, until its token comes as a command.
pub(crate) const STOP_COMMANDS: &str = "stop-commands";

/// Every command; a name that is not here makes the line plain text.
const NAMES: [&str; 15] = [
    ADD_MASK,
    "add-matcher",
    "add-path",
    "debug",
    "echo",
    "endgroup",
    "error",
    "group",
    "notice",
    "remove-matcher",
    "save-state",
    "set-env",
    "set-output",
    STOP_COMMANDS,
    "warning",
];

/// A token that would not be told from something else.
const RESERVED_TOKEN: &str = "pause-logging";

/// One workflow command, unescaped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Command {
    /// Its name, in lower case; or the token that is waited for, as it was given.
    pub(crate) name: String,
    /// Its properties in their order; of a key that is there twice the last one counts.
    pub(crate) properties: Vec<(String, String)>,
    /// What stands behind it.
    pub(crate) message: String,
}

impl Command {
    /// The value of a property, whatever the case of its name.
    pub(crate) fn property(&self, name: &str) -> Option<&str> {
        let mut properties = self.properties.iter().rev();
        let found = properties.find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }
}

/// The known command of this name, whatever its case.
pub(crate) fn known(name: &str) -> Option<&'static str> {
    let mut names = NAMES.into_iter();
    names.find(|known| known.eq_ignore_ascii_case(name))
}

/// Whether a token may stop commands: it must not be empty, nor the name of a command.
pub(crate) fn is_token(token: &str) -> bool {
    !token.is_empty() && known(token).is_none() && !token.eq_ignore_ascii_case(RESERVED_TOKEN)
}

/// The command in a line without its end, if there is one; `token` is one more name.
pub(crate) fn parse(line: &str, token: Option<&str>) -> Option<Command> {
    let name_of = |found: &str| {
        let token = token.filter(|token| token.eq_ignore_ascii_case(found));
        token.or_else(|| known(found)).map(str::to_owned)
    };
    with_colons(line, name_of).or_else(|| with_brackets(line, name_of))
}

fn with_colons(line: &str, name_of: impl Fn(&str) -> Option<String>) -> Option<Command> {
    let rest = line.trim_start().strip_prefix(COLONS)?;
    let (head, message) = rest.split_once(COLONS)?;
    let (name, properties) = head.split_once(' ').unwrap_or((head, ""));
    Some(Command {
        name: name_of(name)?,
        properties: pairs(properties.trim(), ',', PROPERTY),
        message: unescape(message, MESSAGE).into_owned(),
    })
}

fn with_brackets(line: &str, name_of: impl Fn(&str) -> Option<String>) -> Option<Command> {
    let (_, rest) = line.split_once(BRACKET)?;
    let (head, message) = rest.split_once(']')?;
    let (name, properties) = head.split_once(' ').unwrap_or((head, ""));
    Some(Command {
        name: name_of(name)?,
        properties: pairs(properties, ';', BRACKETED),
        message: unescape(message, BRACKETED).into_owned(),
    })
}

/// `key=value` between separators; what has no key or no value is left out.
fn pairs(text: &str, separator: char, escapes: &[Escape]) -> Vec<(String, String)> {
    let pair = |part: &str| {
        let (key, value) = part.trim_start_matches('=').split_once('=')?;
        let value = value.trim_start_matches('=');
        let value = unescape(value, escapes).into_owned();
        (!value.is_empty()).then(|| (key.to_owned(), value))
    };
    text.split(separator).filter_map(pair).collect()
}

/// What is written for a character that would end something.
type Escape = (&'static str, char);

const MESSAGE: &[Escape] = &[("%0D", '\r'), ("%0A", '\n'), ("%25", '%')];

const PROPERTY: &[Escape] = &[
    ("%0D", '\r'),
    ("%0A", '\n'),
    ("%3A", ':'),
    ("%2C", ','),
    ("%25", '%'),
];

const BRACKETED: &[Escape] = &[
    ("%0D", '\r'),
    ("%0A", '\n'),
    ("%3B", ';'),
    ("%5D", ']'),
    ("%25", '%'),
];

fn unescape<'a>(text: &'a str, escapes: &[Escape]) -> Cow<'a, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        let (before, from) = rest.split_at(at);
        plain.push_str(before);
        let known = escapes
            .iter()
            .find_map(|(written, meant)| Some((from.strip_prefix(written)?, *meant)));
        // The sign alone is itself.
        let (after, meant) = known.unwrap_or_else(|| (from.get(1..).unwrap_or(""), '%'));
        plain.push(meant);
        rest = after;
    }
    plain.push_str(rest);
    Cow::Owned(plain)
}

#[cfg(test)]
mod tests {
    use super::{is_token, parse};

    /// A name, properties and a message.
    type Expected<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a str);

    fn check(line: &str, expected: Option<Expected<'_>>) {
        let found = parse(line, Some("Tok"));
        let found = found.as_ref().map(|found| {
            let properties = found.properties.iter();
            let properties: Vec<_> = properties.map(|(k, v)| (k.as_str(), v.as_str())).collect();
            (found.name.as_str(), properties, found.message.as_str())
        });
        let expected = expected.map(|(name, pairs, message)| (name, pairs.to_vec(), message));
        assert_eq!(found, expected, "{line:?}");
    }

    #[test]
    fn commands_are_read_as_github_reads_them() {
        check("", None);
        check("plain", None);
        check("::", None);
        check("::error", None);
        check("::error::", Some(("error", &[], "")));
        check(" \t::ERROR::x", Some(("error", &[], "x")));
        check("a ::error::x", None);
        check("::nonsense::x", None);
        check("::error ::a::b", Some(("error", &[], "a::b")));
        check(
            "::error file=a%3Ab%2C,line=3,=,x=,,=col=2,endLine==4::a%0Ab%25%0D%3A%0a",
            Some((
                "error",
                &[
                    ("file", "a:b,"),
                    ("line", "3"),
                    ("col", "2"),
                    ("endLine", "4"),
                ],
                "a\nb%\r%3A%0a",
            )),
        );
        check(
            "::error file=a, line=3::x",
            Some(("error", &[("file", "a"), (" line", "3")], "x")),
        );
        check("::debug::%250A%", Some(("debug", &[], "%0A%")));
        check("::tok::", Some(("Tok", &[], "")));
        // The older form stands anywhere.
        check("##[group]a%5D%3B", Some(("group", &[], "a];")));
        check(
            "x ##[error a=1;b=%2C]m",
            Some(("error", &[("a", "1"), ("b", "%2C")], "m")),
        );
        check("##[nonsense]a ##[error]b", None);
        check("##[error", None);
        check("::nonsense::##[error]x", Some(("error", &[], "x")));
        check("::debug::##[error]x", Some(("debug", &[], "##[error]x")));
    }

    #[test]
    fn the_last_of_a_key_counts_whatever_its_case() {
        let found = parse("::error File=a,file=b::x", None).expect("a command");
        assert_eq!(found.property("FILE"), Some("b"));
        assert_eq!(found.property("line"), None);
    }

    #[test]
    fn tokens_are_no_commands() {
        for (token, expected) in [
            ("", false),
            ("Error", false),
            ("pause-logging", false),
            ("x", true),
        ] {
            assert_eq!(is_token(token), expected, "{token}");
        }
    }
}
