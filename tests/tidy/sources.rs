//! Sources as text: found, read, and blanked where they hold no code.

use std::fs;
use std::path::{Path, PathBuf};

/// A source file.
pub(crate) struct Source {
    /// Path from the top of the repository.
    pub(crate) path: String,
    /// The text as it is.
    pub(crate) text: String,
    /// The text with comments and the content of strings blanked; the lines stay.
    pub(crate) code: String,
}

impl Source {
    /// The code without the unit tests, which stand last.
    pub(crate) fn program(&self) -> &str {
        if self.path.ends_with("/tests.rs") || self.path.contains("/tests/") {
            return "";
        }
        let end = self.code.find("#[cfg(test)]\nmod tests {");
        self.code
            .get(..end.unwrap_or(self.code.len()))
            .expect("found there")
    }

    /// The path under `src/`, for files there.
    pub(crate) fn in_src(&self) -> Option<&str> {
        self.path.strip_prefix("src/")
    }
}

pub(crate) fn top() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file under a folder, and the folders without any.
pub(crate) fn walk(folder: &Path, files: &mut Vec<PathBuf>, empty: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    let entries: Vec<PathBuf> = entries
        .map(|entry| entry.expect("readable").path())
        .collect();
    if entries.is_empty() {
        empty.push(folder.to_owned());
    }
    for path in entries {
        if path.is_dir() {
            walk(&path, files, empty);
        } else {
            files.push(path);
        }
    }
}

pub(crate) fn relative(path: &Path) -> String {
    let path = path.strip_prefix(top()).expect("under the top");
    path.to_string_lossy().into_owned()
}

pub(crate) fn sources() -> Vec<Source> {
    let (mut files, mut empty) = (Vec::new(), Vec::new());
    for folder in ["src", "tests", "benches", "fuzz/fuzz_targets"] {
        walk(&top().join(folder), &mut files, &mut empty);
    }
    files.retain(|path| path.extension().is_some_and(|extension| extension == "rs"));
    files.sort();
    let read = |path: &PathBuf| {
        let text = fs::read_to_string(path).expect("sources are UTF-8");
        Source {
            path: relative(path),
            code: code_of(&text),
            text,
        }
    };
    files.iter().map(read).collect()
}

/// Length in bytes of the comment or literal that `rest` begins with; 0 when there is none.
fn blank_length(rest: &str) -> usize {
    let to = |needle: &str, from: usize| {
        let found = rest.get(from..).and_then(|tail| tail.find(needle));
        found.map_or(rest.len(), |at| from + at + needle.len())
    };
    if rest.starts_with("//") {
        return rest.find('\n').unwrap_or(rest.len());
    }
    if rest.starts_with("/*") {
        return to("*/", 2);
    }
    let raw = rest.strip_prefix("br").or_else(|| rest.strip_prefix('r'));
    if let Some(hashes) = raw.map(|raw| raw.len() - raw.trim_start_matches('#').len())
        && raw.is_some_and(|raw| raw[hashes..].starts_with('"'))
    {
        let start = rest.find('"').expect("seen above") + 1;
        return to(&format!("\"{}", "#".repeat(hashes)), start);
    }
    if rest.starts_with('"') {
        let mut escaped = false;
        for (at, character) in rest.char_indices().skip(1) {
            match character {
                '"' if !escaped => return at + 1,
                _ => escaped = character == '\\' && !escaped,
            }
        }
        return rest.len();
    }
    if rest.starts_with("'\\") {
        return to("'", 3);
    }
    // A character in quotes; a quote alone begins a lifetime.
    let mut characters = rest.char_indices();
    match (characters.next(), characters.next(), characters.next()) {
        (Some((_, '\'')), Some(_), Some((at, '\''))) => at + 1,
        _ => 0,
    }
}

fn code_of(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    let mut after_word = false;
    while let Some(first) = rest.chars().next() {
        // The `r` that ends a word begins no raw string.
        let word = first.is_alphanumeric() || first == '_';
        let length = if after_word && word {
            0
        } else {
            blank_length(rest)
        };
        let length = if length == 0 {
            first.len_utf8()
        } else {
            length
        };
        let (taken, left) = rest.split_at(length);
        if length == first.len_utf8() {
            code.push(first);
        } else {
            code.extend(taken.chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        }
        after_word = word;
        rest = left;
    }
    code
}

pub(crate) fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// The words that follow `before` wherever it stands as a whole word.
pub(crate) fn words_after<'a>(code: &'a str, before: &str) -> Vec<&'a str> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices(before) {
        if code[..at].ends_with(is_word) {
            continue;
        }
        let tail = &code[at + before.len()..];
        let end = tail
            .find(|character| !is_word(character))
            .unwrap_or(tail.len());
        found.push(&tail[..end]);
    }
    found
}

/// Each function that has a body, with its lines from `fn` to the closing brace.
pub(crate) fn functions(code: &str) -> Vec<(String, usize)> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("fn ") {
        let name: String = code[at + 3..].chars().take_while(|c| is_word(*c)).collect();
        if name.is_empty() || code[..at].ends_with(is_word) {
            continue;
        }
        let (mut round, mut braces) = (0_i32, 0_i32);
        for (offset, character) in code[at..].char_indices() {
            match character {
                '(' | '[' => round += 1,
                ')' | ']' => round -= 1,
                '{' => braces += 1,
                '}' => braces -= 1,
                ';' if round == 0 && braces == 0 => break,
                _ => {}
            }
            if character == '}' && braces == 0 {
                found.push((name, code[at..=at + offset].lines().count()));
                break;
            }
        }
    }
    found
}

/// The checks themselves see what they look for.
#[test]
fn the_reader_of_sources_is_not_fooled() {
    let text = "let a = \"crate::x \\\" fn b() {\"; // crate::y\nr#\"fn \"c() {\"# '\"' 'a '\\'' /*\n*/ fn d(x: [u8; 2]) {\n}\nfn e();";
    let code = code_of(text);
    assert_eq!(code.lines().count(), text.lines().count());
    assert!(words_after(&code, "crate::").is_empty(), "{code}");
    assert_eq!(functions(&code), [("d".to_owned(), 2)]);
    assert_eq!(
        words_after("xcrate::a crate::b crate::{c}", "crate::"),
        ["b", ""]
    );
}
