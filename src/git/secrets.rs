//! Whether a file looks like a secret, by its name and by how it begins.
//!
//! A guess, made to keep what is obvious out of Git: what it lets through is not thereby safe.

use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use crate::base::redact::Masker;
use crate::git::Error;
use crate::sys::{self, files};

/// How much of a file is looked at, in bytes.
const LOOKED_AT: u64 = 64 * 1024;

/// Whole names of files that hold keys or passwords.
const NAMES: &[&str] = &[
    ".env",
    ".git-credentials",
    ".htpasswd",
    ".netrc",
    ".npmrc",
    ".pgpass",
    ".pypirc",
    "_netrc",
    "id_dsa",
    "id_ecdsa",
    "id_ed25519",
    "id_rsa",
];

/// How such names begin.
const STARTS: &[&str] = &[
    ".env.",
    "credentials",
    "id_rsa",
    "service-account",
    "service_account",
];

/// How such names end.
const ENDS: &[&str] = &[
    ".jks",
    ".kdbx",
    ".key",
    ".keystore",
    ".p12",
    ".pem",
    ".pfx",
    ".ppk",
];

/// Names that look like it and hold nothing: samples for people to fill in.
const SAMPLES: &[&str] = &[".dist", ".example", ".pub", ".sample", ".template"];

/// A word that begins a token, and how many more characters of a token follow at least.
const TOKENS: &[(&str, usize)] = &[
    ("AKIA", 16),
    ("AIza", 35),
    ("ghp_", 36),
    ("gho_", 36),
    ("ghs_", 36),
    ("github_pat_", 40),
    ("glpat-", 20),
    ("npm_", 36),
    ("pypi-AgEI", 50),
    ("sk-ant-", 24),
    ("sk_live_", 20),
    ("xoxb-", 20),
    ("xoxp-", 20),
];

/// Whether the file looks like a secret.
pub(super) fn looks_secret(path: &Path) -> Result<bool, Error> {
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy().to_ascii_lowercase());
    if name.is_some_and(|name| is_secret_name(&name)) {
        return Ok(true);
    }
    let mut head = Vec::new();
    files::open_read(path)?
        .take(LOOKED_AT)
        .read_to_end(&mut head)
        .map_err(|error| sys::Error::file("read", path, error))?;
    Ok(is_secret_text(&String::from_utf8_lossy(&head)))
}

/// Whether a file, or the target of a link, holds a value that is masked.
pub(super) fn holds_masked(path: &Path, masker: &Masker) -> Result<bool, Error> {
    if masker.is_empty() {
        return Ok(false);
    }
    // It may have gone since.
    let Ok(metadata) = std::fs::symlink_metadata(path) else {
        return Ok(false);
    };
    let fail = |error| sys::Error::file("read", path, error);
    if metadata.is_symlink() {
        let target = std::fs::read_link(path).map_err(fail)?;
        return Ok(masker.finds(target.as_os_str().as_bytes()));
    }
    if !metadata.is_file() {
        return Ok(false);
    }
    let mut file = files::open_read(path)?;
    let mut bytes = Vec::new();
    loop {
        let mut piece = file.take(LOOKED_AT);
        let read = piece.read_to_end(&mut bytes).map_err(fail)?;
        file = piece.into_inner();
        if masker.finds(&bytes) {
            return Ok(true);
        }
        if read == 0 {
            return Ok(false);
        }
        // A value may begin in one piece and end in the next.
        let length = bytes.len();
        bytes.drain(..length.saturating_sub(masker.longest()));
    }
}

fn is_secret_name(name: &str) -> bool {
    let sample = SAMPLES.iter().any(|end| name.ends_with(end));
    let known = NAMES.contains(&name)
        || STARTS.iter().any(|start| name.starts_with(start))
        || ENDS.iter().any(|end| name.ends_with(end));
    known && !sample
}

fn is_secret_text(text: &str) -> bool {
    let header = text.match_indices("-----BEGIN ").any(|(at, _)| {
        let line = text
            .get(at..)
            .and_then(|rest| rest.lines().next())
            .unwrap_or("");
        line.contains("PRIVATE KEY")
    });
    header
        || TOKENS.iter().any(|(start, length)| {
            text.match_indices(start).any(|(at, _)| {
                let before = text.get(..at).and_then(|front| front.chars().next_back());
                let rest = text.get(at + start.len()..).unwrap_or("");
                let token = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-".contains(byte);
                !before.is_some_and(char::is_alphanumeric)
                    && rest.bytes().take_while(token).count() >= *length
            })
        })
}

#[cfg(test)]
mod tests {
    use super::{is_secret_name, is_secret_text};

    #[test]
    fn names_are_known() {
        let check = |name: &str, expected: bool| {
            assert_eq!(is_secret_name(name), expected, "{name}");
        };
        check(".env", true);
        check(".env.local", true);
        check(".env.example", false);
        check("server.pem", true);
        check("id_rsa", true);
        check("id_rsa.pub", false);
        check("credentials.json", true);
        check("environment.rs", false);
        check("key.rs", false);
    }

    #[test]
    fn contents_are_known() {
        let check = |text: &str, expected: bool| {
            assert_eq!(is_secret_text(text), expected, "{text}");
        };
        let token = "a1B2".repeat(9);
        check(&format!("-----BEGIN RSA {}-----\nMII", "PRIVATE KEY"), true);
        check("-----BEGIN CERTIFICATE-----\n", false);
        check("the words PRIVATE KEY in prose", false);
        check(&format!("token = ghp_{token}"), true);
        check(&format!("xghp_{token}"), false);
        check("ghp_short", false);
    }
}
