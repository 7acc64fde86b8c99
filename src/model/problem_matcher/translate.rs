//! From regular expressions as JavaScript and .NET have them to those of `regex`.

use std::iter::Peekable;
use std::str::Chars;

/// The same pattern for `regex`: what would mean something else there is written out. What it
/// does not have at all stays, so that it says so itself.
pub(super) fn translate(pattern: &str) -> String {
    let mut translated = String::with_capacity(pattern.len() * 2);
    let mut rest = pattern.chars().peekable();
    // Whether it is inside of brackets, and whether anything stands there already.
    let mut class: Option<bool> = None;
    while let Some(character) = rest.next() {
        match (character, class) {
            ('\\', _) => {
                escape(&mut rest, class.is_some(), &mut translated);
                class = class.map(|_| true);
            }
            ('[', None) => {
                class = Some(false);
                translated.push('[');
                if rest.next_if_eq(&'^').is_some() {
                    translated.push('^');
                }
            }
            (']', Some(true)) => {
                class = None;
                translated.push(']');
            }
            // What begins something inside of brackets for `regex` is itself elsewhere.
            ('[' | '&' | '~' | ']', Some(_)) => {
                translated.push('\\');
                translated.push(character);
                class = Some(true);
            }
            ('{', None) if !is_count(rest.clone()) => translated.push_str(r"\{"),
            (_, class_now) => {
                translated.push(character);
                class = class_now.map(|_| true);
            }
        }
    }
    translated
}

/// What follows a backslash. Digits, words and spaces are those of ASCII.
fn escape(rest: &mut Peekable<Chars<'_>>, in_class: bool, translated: &mut String) {
    let Some(character) = rest.next() else {
        translated.push('\\');
        return;
    };
    match character {
        'd' => translated.push_str("[0-9]"),
        'D' => translated.push_str("[^0-9]"),
        'w' => translated.push_str("[A-Za-z0-9_]"),
        'W' => translated.push_str("[^A-Za-z0-9_]"),
        's' => translated.push_str(r"[ \t\n\r\x0B\x0C]"),
        'S' => translated.push_str(r"[^ \t\n\r\x0B\x0C]"),
        'b' if in_class => translated.push_str(r"\x08"),
        'b' => translated.push_str(r"(?-u:\b)"),
        'e' => translated.push_str(r"\x1B"),
        _ if character.is_ascii_alphanumeric() => {
            translated.push('\\');
            translated.push(character);
        }
        _ => translated.push_str(&regex::escape(character.encode_utf8(&mut [0; 4]))),
    }
}

/// Whether what follows `{` makes it a count of repetitions.
fn is_count(rest: Peekable<Chars<'_>>) -> bool {
    let inside: String = rest
        .take_while(|it| it.is_ascii_digit() || matches!(it, ',' | '}'))
        .collect();
    let Some((count, _)) = inside.split_once('}') else {
        return false;
    };
    let mut numbers = count.splitn(2, ',');
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let first = numbers.next().unwrap_or("");
    !first.is_empty() && digits(first) && numbers.next().is_none_or(digits)
}

#[cfg(test)]
mod tests {
    use super::translate;

    #[test]
    fn patterns_mean_the_same() {
        let check = |pattern: &str, matching: &[&str], others: &[&str]| {
            let regex = regex::Regex::new(&translate(pattern)).expect(pattern);
            for text in matching {
                assert!(regex.is_match(text), "{pattern} {text}");
            }
            for text in others {
                assert!(!regex.is_match(text), "{pattern} {text}");
            }
        };
        check(r"^\d+$", &["12"], &["\u{663}", "x"]);
        check(r"^[^\s:]+:$", &["ab:"], &["a b:", "a\u{b}:"]);
        check(r"^[\w.-]+$", &["a.b-c_1"], &["\u{e9}"]);
        check(r"^[[]x[\]]$", &["[x]"], &["x"]);
        check(r"^[]x]$", &["]", "x"], &["[]x]"]);
        check(r"^[a&&b~~]+$", &["a&b~"], &["-"]);
        check(r"^\/a\:\<\>\%\ \-\'$", &["/a:<>% -'"], &[]);
        check(r"^a{2}b{1,}c{0,1}{x}$", &["aab{x}", "aabbc{x}"], &["ab{x}"]);
        check(r"^{a,b}}$", &["{a,b}}"], &[]);
        check(r"^(?<name>a)\u001b\x41\e$", &["a\u{1b}A\u{1b}"], &[]);
        check(r"\bab\b", &["x ab y"], &["xab"]);
        check(r"^[\b]$", &["\u{8}"], &["b"]);
        check(r"^\S\D\W$", &["ab-"], &["a1-", " b-"]);
        for pattern in ["a(?=b)", "(?<!a)b", r"(a)\1", "(", "a\\"] {
            assert!(regex::Regex::new(&translate(pattern)).is_err(), "{pattern}");
        }
    }
}
