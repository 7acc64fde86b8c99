//! Small questions about text: the nearest known name, safe display, counting words.

use std::borrow::Cow;

/// The known name that was probably meant, if one is near enough.
///
/// Nearness is the Damerau-Levenshtein distance (library `strsim`), at most a third of the
/// length of the name, so that `redy` gives `ready` but `x` gives nothing.
pub(crate) fn suggestion<'a>(
    found: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let limit = (found.chars().count().max(3)) / 3;
    known
        .into_iter()
        .map(|name| {
            let distance = strsim::damerau_levenshtein(&found.to_lowercase(), &name.to_lowercase());
            (distance, name)
        })
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// The text with every control character but line feed and tab made visible.
///
/// Text from a repository can hold terminal escapes that hide or rewrite what a person reads
/// before approving; none of them reaches a terminal.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    let plain = |byte: u8| matches!(byte, b' '..=b'~' | b'\n' | b'\t');
    // Nearly every text is plain: this is one pass, many bytes at a time, and no copy.
    if text.bytes().filter(|byte| !plain(*byte)).count() == 0 || !text.chars().any(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            character if !is_hidden(character) => shown.push(character),
            character if character.is_control() => shown.extend(character.escape_default()),
            character => shown.extend(character.escape_unicode()),
        }
    }
    Cow::Owned(shown)
}

/// Whether a character acts on what is shown instead of being shown.
fn is_hidden(character: char) -> bool {
    match character {
        '\n' | '\t' => false,
        // Right-to-left overrides and isolates reorder what is read.
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => true,
        _ => character.is_control(),
    }
}

/// `1 step`, `2 steps`: a count with its noun.
pub(crate) fn counted(count: usize, noun: &str) -> String {
    if count == 1 {
        format!("1 {noun}")
    } else {
        format!("{count} {noun}s")
    }
}

/// The names quoted and joined for a message: `` `a`, `b` or `c` ``.
pub(crate) fn one_of<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let quoted: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        None => String::new(),
        Some((only, [])) => only.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
    }
}

/// The names quoted and joined for a list: `` `a`, `b` and `c` ``.
pub(crate) fn all_of<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let quoted: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        None => String::new(),
        Some((only, [])) => only.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::{all_of, one_of, suggestion, visible};
    use std::borrow::Cow;

    #[test]
    fn suggestions_are_near_names_only() {
        let known = ["draft", "ready", "done", "dropped"];
        assert_eq!(suggestion("redy", known), Some("ready"));
        assert_eq!(suggestion("doen", known), Some("done"));
        assert_eq!(suggestion("x", known), None);
        assert_eq!(suggestion("finished", known), None);
    }

    #[test]
    fn escapes_never_reach_a_terminal() {
        assert_eq!(visible("a\u{1b}[2Jb\tc\n"), "a\\u{1b}[2Jb\tc\n");
        assert_eq!(visible("x\u{202e}y"), "x\\u{202e}y");
        assert_eq!(visible("bell\u{7}\r"), "bell\\u{7}\\r");
        assert_eq!(visible("é\u{2066}\u{85}日"), "é\\u{2066}\\u{85}日");
        assert!(matches!(visible("a\tb é 日\n"), Cow::Borrowed(_)));
    }

    #[test]
    fn lists_read_as_prose() {
        assert_eq!(one_of([]), "");
        assert_eq!(one_of(["a"]), "`a`");
        assert_eq!(one_of(["a", "b", "c"]), "`a`, `b` or `c`");
        assert_eq!(all_of(["a"]), "`a`");
        assert_eq!(all_of(["a", "b", "c"]), "`a`, `b` and `c`");
    }
}
