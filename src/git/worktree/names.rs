//! Names of folders and branches for the legs of runs.

use crate::base::ids::RunId;
use crate::git::digest::content_hash;

/// Longest name in bytes: a folder's may have 255, and Git adds a number to some.
const LONGEST: usize = 120;

/// Digits of the digest that ends a name which was too long.
const DIGITS: usize = 32;

/// The folder of the work tree that legs are merged into. No leg has this name: in theirs, two hex
/// digits follow `%`.
pub(super) const INTEGRATION: &str = "%run";

/// A name for a leg that folders and refs can have, different for different legs also where the file
/// system does not tell upper from lower case.
pub(super) fn of_leg(leg: &str) -> String {
    use std::fmt::Write as _;
    let mut name = String::with_capacity(leg.len());
    for byte in leg.bytes() {
        if byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_@+".contains(&byte) {
            name.push(char::from(byte));
        } else {
            // Writing into a text does not fail.
            let _ = write!(name, "%{byte:02x}");
        }
    }
    // Git takes `@` alone for `HEAD`, and a command a leading `-` for an option.
    if name == "@" || name.is_empty() || name.starts_with('-') {
        let first = name.chars().next().map_or(0, u32::from);
        name = format!("%{first:02x}{}", name.get(1..).unwrap_or(""));
    }
    if name.len() > LONGEST {
        let digest = content_hash(leg.as_bytes());
        let digest = digest.as_str().get(..DIGITS).unwrap_or("");
        name.truncate(LONGEST - DIGITS - 1);
        // No name of a leg that fits holds this sign.
        name = format!("{name}={digest}");
    }
    name
}

/// The branch of a leg, without `refs/heads/`.
pub(super) fn branch(run: RunId, name: &str) -> String {
    if name == INTEGRATION {
        format!("mmm/run/{run}")
    } else {
        format!("mmm/work/{run}/{name}")
    }
}

/// The full name of a branch.
pub(super) fn full(branch: &str) -> String {
    format!("refs/heads/{branch}")
}

#[cfg(test)]
mod tests {
    use super::{INTEGRATION, LONGEST, of_leg};
    use std::collections::BTreeSet;

    #[test]
    fn names_are_plain_and_differ() {
        let check = |leg: &str, expected: &str| assert_eq!(of_leg(leg), expected);
        check("test", "test");
        check("test@2+call+unit", "test@2+call+unit");
        check("@on-failure", "@on-failure");
        check("Test", "%54est");
        check("a.lock", "a%2elock");
        check("../x y", "%2e%2e%2fx%20y");
        check("%54est", "%2554est");
        check("ä", "%c3%a4");
        check("@", "%40");
        check("-x", "%2dx");
        check("", "%00");
        let long = "x".repeat(400);
        let legs = [
            &long,
            &format!("{long}y"),
            &"ä".repeat(200),
            "@{",
            "a",
            "A",
            "%run",
            "%41",
            "a@b",
            "\0",
        ];
        let names: BTreeSet<String> = legs.iter().map(|leg| of_leg(leg).to_lowercase()).collect();
        assert_eq!(names.len(), legs.len());
        assert!(names.iter().all(|name| name.len() <= LONGEST));
        assert!(!names.contains(INTEGRATION));
    }
}
