//! What differs from run to run, replaced by its kind.

/// The text with paths, hashes, ULIDs, durations and the version replaced.
///
/// Spec and criterion ids stay: the seed fixes them.
pub(super) fn apply(text: &str, root: &str) -> String {
    let text = text
        .replace(root, "[ROOT]")
        .replace(env!("CARGO_PKG_VERSION"), "[VERSION]");
    let mut shown = String::with_capacity(text.len());
    let mut word = String::new();
    for character in text.chars() {
        if character.is_ascii_alphanumeric() || character == '.' {
            word.push(character);
        } else {
            shown.push_str(&kind(&word));
            word.clear();
            shown.push(character);
        }
    }
    shown.push_str(&kind(&word));
    shown
}

/// A word as a snapshot shows it.
fn kind(word: &str) -> String {
    let (body, stops) = word.split_at(word.trim_end_matches('.').len());
    if is_duration(body) {
        return format!("[TIME]{stops}");
    }
    let parts: Vec<&str> = word.split('.').map(id).collect();
    parts.join(".")
}

/// An id or a hash as a snapshot shows it.
fn id(word: &str) -> &str {
    let hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    let base32 = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'z') && !b"ilou".contains(&byte);
    match word.len() {
        40 | 64 if word.bytes().all(hex) => "[HASH]",
        // A ULID of our times begins with the digits of its time.
        26 if word.starts_with("01") && word.bytes().all(base32) => "[ULID]",
        _ => word,
    }
}

/// `12ms`, `0.1s`, `3m`: a number with the unit of a duration at once behind it.
fn is_duration(word: &str) -> bool {
    let number = word.trim_end_matches(|character: char| character.is_ascii_alphabetic());
    let unit = word.get(number.len()..).unwrap_or("");
    matches!(unit, "ms" | "s" | "min")
        && !number.is_empty()
        && number
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.')
}

#[cfg(test)]
mod tests {
    use super::apply;

    fn check(text: &str, expected: &str) {
        assert_eq!(apply(text, "/tmp/x"), expected);
    }

    #[test]
    fn what_changes_is_replaced_and_nothing_else() {
        check("at /tmp/x/repo/a.md", "at [ROOT]/repo/a.md");
        check(
            &format!("commit {}.", "0af".repeat(13) + "1"),
            "commit [HASH].",
        );
        check("runs/01kaq9yvw0000000000000000x.toml", "runs/[ULID].toml");
        check("run 01kaq9yvw0000000000000000x", "run [ULID]");
        check("took 12ms, then 0.3s", "took [TIME], then [TIME]");
        check("login-7k3q9x2 at 10", "login-7k3q9x2 at 10");
    }
}
