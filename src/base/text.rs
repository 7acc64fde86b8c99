//! Small questions about text: the nearest known name, safe display, counting words.

use std::borrow::Cow;

/// The known name that was probably meant, if one is near enough.
///
/// Nearness is the Damerau-Levenshtein distance (library `strsim`), at most a third of the
/// length of the name, so that `redy` gives `ready` but `x` gives nothing; and less than that
/// length, so that something of the name is kept.
pub(crate) fn suggestion<'a>(
    found: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let length = found.chars().count();
    let limit = length.max(3) / 3;
    known
        .into_iter()
        .map(|name| {
            let distance = strsim::damerau_levenshtein(&found.to_lowercase(), &name.to_lowercase());
            (distance, name)
        })
        .filter(|(distance, _)| *distance <= limit && *distance < length)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// Whether a shell can have a variable of this name.
pub(crate) fn is_variable_name(name: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    name.bytes().all(word)
        && !name.is_empty()
        && !name.starts_with(|first: char| first.is_ascii_digit())
}

/// Most characters of a title that are shown.
const TITLE: usize = 120;

/// The text with every control character but line feed and tab made visible, and every character
/// that shows nothing or changes how others are shown.
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
    for (at, character) in text.char_indices() {
        match character {
            '\n' | '\t' => shown.push(character),
            JOINER if joins(text, at) => shown.push(character),
            _ => push_visible(&mut shown, character),
        }
    }
    Cow::Owned(shown)
}

/// Whether a character acts on what is shown instead of being shown.
fn is_hidden(character: char) -> bool {
    let plain = matches!(character, '\n' | '\t');
    !plain && (character.is_control() || is_invisible(character))
}

/// The text made visible, in one line: for everything that must not look like a line of ours.
pub(crate) fn one_line(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for (at, character) in text.char_indices() {
        match character {
            JOINER if joins(text, at) => shown.push(character),
            _ => push_visible(&mut shown, character),
        }
    }
    shown
}

/// The character that makes one sign of several.
const JOINER: char = '\u{200d}';

/// Whether the joiner at this place stands between two emoji, as in that of a family: there it
/// hides nothing.
fn joins(text: &str, at: usize) -> bool {
    let is_emoji = |character: &char| {
        matches!(character, '\u{2190}'..='\u{21ff}' | '\u{2600}'..='\u{27bf}'
            | '\u{2b00}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}')
    };
    // A variation selector belongs to what stands before it.
    let mut before = text.get(..at).unwrap_or("").chars().rev();
    let before = before.find(|character| *character != '\u{fe0f}');
    let after = text.get(at + JOINER.len_utf8()..).unwrap_or("");
    before.is_some_and(|it| is_emoji(&it)) && after.chars().next().is_some_and(|it| is_emoji(&it))
}

/// A name as it is shown: in one line, and no longer than people read.
pub(crate) fn title(text: &str) -> String {
    let mut shown = one_line(&text.chars().take(TITLE + 1).collect::<String>());
    if let Some((end, _)) = shown.char_indices().nth(TITLE) {
        let cut = shown.char_indices().nth(TITLE - 1);
        shown.truncate(cut.map_or(end, |(cut, _)| cut));
        shown.push('…');
    }
    shown
}

/// A text of at most so many characters; one that was longer says that it was.
pub(crate) fn shortened(text: &str, most: usize) -> String {
    if text.chars().nth(most).is_none() {
        return text.to_owned();
    }
    let first = text.chars().take(most.saturating_sub(1));
    first.chain(['…']).collect()
}

fn push_visible(shown: &mut String, character: char) {
    if is_invisible(character) {
        shown.extend(character.escape_unicode());
    } else if character.is_control() {
        shown.extend(character.escape_default());
    } else {
        shown.push(character);
    }
}

/// A name without the ending of a YAML file, in letters of any case; nothing where it has none.
pub(crate) fn without_ending(name: &str) -> Option<&str> {
    [".yaml", ".yml"].into_iter().find_map(|ending| {
        let (stem, found) = name.split_at_checked(name.len().checked_sub(ending.len())?)?;
        found.eq_ignore_ascii_case(ending).then_some(stem)
    })
}

/// The name of a YAML file without its folder and ending.
pub(crate) fn file_stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    without_ending(name).unwrap_or(name)
}

/// Whether a character shows nothing itself, breaks lines or reorders what is read.
fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}')
}

/// `1 step`, `2 steps`: a count with its noun.
pub(crate) fn counted(count: usize, noun: &str) -> String {
    if count == 1 {
        format!("1 {noun}")
    } else {
        format!("{count} {noun}s")
    }
}

/// The names quoted and denied: `` `a` is not ``, `` neither `a` nor `b` is ``.
pub(crate) fn neither(names: &[String]) -> String {
    match names {
        [only] => format!("`{}` is not", one_line(only)),
        names => {
            let quoted = names.iter().map(|name| format!("`{}`", one_line(name)));
            format!("neither {} is", quoted.collect::<Vec<_>>().join(" nor "))
        }
    }
}

/// The names quoted and joined for a message: `` `a`, `b` or `c` ``.
pub(crate) fn one_of<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let quoted: Vec<String> = names
        .into_iter()
        .map(|name| format!("`{}`", one_line(name)))
        .collect();
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
    use super::{all_of, one_line, one_of, suggestion, title, visible};
    use std::borrow::Cow;

    #[test]
    fn suggestions_are_near_names_only() {
        let known = ["draft", "ready", "done", "dropped"];
        assert_eq!(suggestion("redy", known), Some("ready"));
        assert_eq!(suggestion("doen", known), Some("done"));
        assert_eq!(suggestion("x", known), None);
        assert_eq!(suggestion("finished", known), None);
        let short = ["a", "bc"];
        assert_eq!(suggestion("d", short), None);
        assert_eq!(suggestion("", short), None);
        assert_eq!(suggestion("xy", short), None);
        assert_eq!(suggestion("A", short), Some("a"));
        assert_eq!(suggestion("bd", short), Some("bc"));
    }

    #[test]
    fn escapes_never_reach_a_terminal() {
        assert_eq!(visible("a\u{1b}[2Jb\tc\n"), "a\\u{1b}[2Jb\tc\n");
        assert_eq!(visible("x\u{202e}y"), "x\\u{202e}y");
        assert_eq!(visible("bell\u{7}\r"), "bell\\u{7}\\r");
        assert_eq!(visible("é\u{2066}\u{85}日"), "é\\u{2066}\\u{85}日");
        assert!(matches!(visible("a\tb é 日\n"), Cow::Borrowed(_)));
        assert_eq!(
            visible("a\u{200b}b\u{2028}\u{feff}ü"),
            "a\\u{200b}b\\u{2028}\\u{feff}ü"
        );
        assert_eq!(visible("\u{e0041}"), "\\u{e0041}");
        // A joiner inside of an emoji is part of it; anywhere else it hides.
        let family =
            "\u{1f469}\u{200d}\u{1f469}\u{200d}\u{1f467} \u{2764}\u{fe0f}\u{200d}\u{1f525}";
        assert_eq!(visible(family), family);
        assert_eq!(one_line(family), family);
        assert_eq!(visible("a\u{200d}b"), "a\\u{200d}b");
        assert_eq!(one_line("\u{1f469}\u{200d}x"), "\u{1f469}\\u{200d}x");
        assert_eq!(
            one_line("\u{1f469}\u{200d}\u{202e}"),
            "\u{1f469}\\u{200d}\\u{202e}"
        );
    }

    #[test]
    fn one_line_stays_one_line() {
        assert_eq!(
            one_line("a\nb\tc\u{85}d\u{2029}\r"),
            "a\\nb\\tc\\u{85}d\\u{2029}\\r"
        );
        // What is shown already stays as it is.
        assert_eq!(one_line("a\\nb"), "a\\nb");
    }

    #[test]
    fn titles_have_an_end() {
        assert_eq!(title("a\nb"), "a\\nb");
        assert_eq!(title(&"ä".repeat(120)), "ä".repeat(120));
        assert_eq!(title(&"ä".repeat(121)), format!("{}…", "ä".repeat(119)));
        let shown = title(&"\n".repeat(100_000));
        assert_eq!(shown.chars().count(), 120);
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
